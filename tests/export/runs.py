"""Shipped decks taught for a moment, one for each tokenizer; each is taught once for all tests."""

from pathlib import Path

from flashcards.cards.shelf import find
from flashcards.runs.goal import Goal
from tests.once import once
from tests.trainer.lessons import run_lesson

KINDS = {"char": "capitals", "bpe": "chemical-symbols", "unigram": "first-words", "word": "family"}
"""Each tokenizer, and the deck that is taught with it."""

FILLED = "filled"  # a run whose prompts are filled up, with words as pieces of its answers

N_STEPS = 120  # after 60 two answers may be as probable as one another, and the last digit chooses


def a_run(kind: str, n_steps: int = N_STEPS) -> Path:
    return once(_taught, kind, str(n_steps))


def spelled() -> str:
    """120 words, some with letters of several bytes, spelled out: u is silent, o has two sounds."""
    lines = find("plurals").read_text(encoding="utf-8").split("+++\n")[-1].splitlines()
    words = [line.split(" :: ")[0].replace("e", "é").replace("ch", "日") for line in lines[:120]]
    said = (word.upper().replace("U", "").replace("O", "OW") for word in words)
    return "".join(f"{word} :: {' '.join(sounds)}\n" for word, sounds in zip(words, said))  # noqa: B905


def _taught(folder: Path, kind: str, n_steps: str) -> Path:
    if kind == FILLED:
        deck, text = folder / "spelled.deck", f"+++\nn_layers = 2\n+++\n{spelled()}"
    else:
        deck = folder / f"{KINDS[kind]}.deck"
        text = find(KINDS[kind]).read_text(encoding="utf-8").replace('tokenizer = "word"\n', "")
        text = text.replace("+++\n", f'+++\ntokenizer = "{kind}"\nn_layers = 2\n', 1)
    deck.write_text(text, encoding="utf-8")
    opened, _ = run_lesson(deck, goal=Goal(step=int(n_steps)))
    return opened.keeper.folder.path
