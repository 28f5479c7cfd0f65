"""Numbers in words: from digits to how they are said, and back."""
