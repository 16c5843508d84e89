"""Cards from other programs into decks, and decks into what other programs read."""
