"""Written forms: one way to write what is said, by language."""
