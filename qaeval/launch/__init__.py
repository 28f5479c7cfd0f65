"""The start of a run: what a user says becomes objects, what may cost is looked at first, then all is asked."""
