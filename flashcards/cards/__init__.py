"""What is taught: cards, decks, their text format and its errors. Knows no torch and no screen."""
