"""When: times, spans and words with times in what a reply says."""
