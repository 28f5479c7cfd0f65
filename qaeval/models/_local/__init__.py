"""What the local engines share: weights, words, and how a recogniser answers."""
