"""Texts: normalise and count them, and read replies: what was said, when, and what kind of reply it is.

``normalising`` and ``numbers`` are what the profiles are made of; ``replies`` finds what a reply says, ``labels``,
``times``, ``events`` and ``answers`` read it; imports point this way only.
"""
