"""Shipped decks taught for a moment, one for each tokenizer; each is taught once for all tests."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from flashcards.cards.shelf import find
from flashcards.runs.goal import Goal
from tests.trainer.lessons import run_lesson

KINDS = {"char": "capitals", "bpe": "chemical-symbols", "unigram": "first-words", "word": "family"}
"""Each tokenizer, and the deck that is taught with it."""

N_STEPS = 120
"""After 60 two answers may be as probable as one another, and the last digit chooses."""


@functools.cache
def a_run(kind: str, n_steps: int = N_STEPS) -> Path:
    """The folder of a run whose tokenizer is of this kind."""
    folder = Path(tempfile.mkdtemp(prefix="flashcards-export-"))
    deck = folder / f"{KINDS[kind]}.deck"
    text = find(KINDS[kind]).read_text(encoding="utf-8").replace('tokenizer = "word"\n', "")
    deck.write_text(
        text.replace("+++\n", f'+++\ntokenizer = "{kind}"\nn_layers = 2\n', 1), encoding="utf-8"
    )
    opened, _ = run_lesson(deck, folder / "runs", goal=Goal(step=n_steps))
    return opened.keeper.folder.path
