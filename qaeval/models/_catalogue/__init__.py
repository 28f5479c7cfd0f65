"""The parts of `qaeval.models.catalogue`: an entry, how its fields are checked, and how it is shown."""
