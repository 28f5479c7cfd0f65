"""What and when: labelled events in what a reply says."""
