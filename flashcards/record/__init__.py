"""A run as a film: the real play screen painted from the run folder, offline. Knows no torch."""
