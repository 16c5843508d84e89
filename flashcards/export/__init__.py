"""A run for other programs: its model, and its numbers."""
