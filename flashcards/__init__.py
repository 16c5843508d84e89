"""Teach a small language model with flashcards, live, in a terminal."""

__version__ = "0.1.0"
