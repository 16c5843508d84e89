"""Whether a lesson can be opened, as far as that is known before torch is loaded: for seconds."""

from __future__ import annotations

import msgspec

from flashcards.base.errors import UserError
from flashcards.cards.shelf import DeckNotFound, find
from flashcards.runs.catalog import find_run, runs_root
from flashcards.trainer.request import LessonRequest


def with_paths(request: LessonRequest) -> LessonRequest:
    """The request with its runs named by their paths.

    Raises:
        UserError: the deck or a run is not there, in the words of `open_lesson`, which says
            everything else.
    """
    runs = {
        field: name
        for field in ("resume", "after", "branch_of")
        if (name := getattr(request, field)) is not None
    }
    try:
        if not runs or "after" in runs:
            find(request.deck)
        root = runs_root(request.runs)
        return msgspec.structs.replace(
            request, **{field: str(find_run(root, name)) for field, name in runs.items()}
        )
    except DeckNotFound as error:
        raise UserError(str(error)) from error
    except OSError:  # to be said when it is opened
        return request
