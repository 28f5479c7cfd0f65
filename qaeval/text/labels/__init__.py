"""What: names of vocabularies, ages, keys and tempi in what a reply says."""
