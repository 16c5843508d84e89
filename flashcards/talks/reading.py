"""Reads the file of a talk, and finds its decks. Loads nothing of cards before it is asked to."""

from __future__ import annotations

from pathlib import Path

from flashcards.errors import UserError
from flashcards.talks.talk import Problem, Talk


def read_talk(path: Path) -> tuple[Talk, list[Problem]]:
    """The talk, with decks as paths or names that exist, and its mistakes by line.

    A deck is looked for beside the talk first.
    Raises UserError: the file can't be read.
    """
    from flashcards.cards.shelf import DeckNotFound, find, is_there
    from flashcards.language import LANGUAGES
    from flashcards.talks.parsing import MAX_PROBLEMS, parse_talk
    from flashcards.talks.talk import Teach, with_decks

    try:
        sheet, problems = parse_talk(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path} can't be read: {reason}") from error
    if sheet.language and sheet.language not in LANGUAGES:
        said = f"no language is called {sheet.language!r}; there are: {', '.join(LANGUAGES)}"
        problems.append(Problem(1, said))
    decks: dict[str, str] = {}
    for cue in sheet.cues:
        if len(problems) >= MAX_PROBLEMS:
            break
        for directive in cue.directives:
            if not isinstance(directive, Teach) or directive.deck in decks:
                continue
            beside = path.parent / directive.deck
            try:
                decks[directive.deck] = str(
                    find(str(beside) if is_there(beside) else directive.deck)
                )
            except DeckNotFound as error:
                problems.append(Problem(directive.line, str(error)))
    return with_decks(sheet, decks), sorted(problems, key=lambda problem: problem.line)
