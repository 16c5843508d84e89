"""The deck doctor: what is in a deck, what can be learned from it, and what to change."""
