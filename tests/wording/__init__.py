"""Tests of `flashcards/wording`: every sentence, once, in a file for each language."""
