"""Which: the option that a reply chooses, and the verdict of a judge."""
