"""Teach a small language model with flashcards, live, in a terminal.

From Python: `from flashcards import Deck, Run, Training`. They are loaded when they are used first,
so that the command line starts without torch.
"""

import importlib
from typing import TYPE_CHECKING

from flashcards.base.version import __version__

if TYPE_CHECKING:
    from flashcards.from_python.deck import Deck
    from flashcards.from_python.run import Run
    from flashcards.from_python.training import Training

__all__ = ["Deck", "Run", "Training", "__version__"]

_MODULES = {"Deck": "deck", "Run": "run", "Training": "training"}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'flashcards' has no attribute {name!r}")
    return getattr(importlib.import_module(f"flashcards.from_python.{_MODULES[name]}"), name)
