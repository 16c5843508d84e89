"""Decks and their cards: text format, errors, split, audit. Knows no torch and no screen."""
