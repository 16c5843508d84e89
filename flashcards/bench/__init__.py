"""Measures this program on this machine: `flashcards bench`. Drives it from outside, as a user."""
