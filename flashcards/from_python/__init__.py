"""Decks, lessons and saved runs for programs and notebooks: the names that stay.

`from flashcards import Deck, Run, Training` gives them. Every error is a
`flashcards.base.errors.UserError`, whose message is a sentence.
"""
