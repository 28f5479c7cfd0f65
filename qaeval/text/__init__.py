"""Texts: normalise and count them, and read replies: what was said, when, and what kind of reply it is."""
