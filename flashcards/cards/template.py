"""The text of a new deck, and of a new program that makes one: what someone begins with."""

from __future__ import annotations

import json

DECK = """\
+++
name = {name}
# held_out = 0.1    asks a tenth of the cards and never teaches it
+++
# A card is a line: what is asked, then :: with spaces around it, then
# the answer.
#   cat :: chat | minou   teaches chat; minou is right, too
#   ? horse :: cheval     with ? in front: asked, never taught
#   seven ::: sept        is taught in both directions
#   [animals]             begins a section
# Lines like this one are notes. Write your cards in place of these
# five, and save: a lesson that goes on takes them up at once.

one :: un
two :: deux
three :: trois
four :: quatre
five :: cinq
"""

PROGRAM = '''\
"""Makes the deck {name}: flashcards generate {file}

Runs on its own, without the files around it. What it prints is shown, and is no card.
"""

DECK = {{"name": {name}, "held_out": 0.2}}  # the deck's front matter


def cards():
    """Yield the cards: what is asked, then the answer; more answers count as right, too."""
    for a in range(10):
        for b in range(10):
            yield f"{{a}}x{{b}}", a * b
'''


def deck_text(name: str) -> str:
    """A deck of five cards that explains the format in its comments."""
    return DECK.format(name=_quoted(name))


def program_text(name: str, file: str) -> str:
    """A Python program whose `cards` yields a hundred cards."""
    return PROGRAM.format(name=_quoted(name), file=file)


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
