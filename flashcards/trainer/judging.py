"""The judge of a deck in force, whatever its kind: rules and answers here, programs elsewhere."""

from __future__ import annotations

from pathlib import Path

import msgspec

from flashcards.cards.card import Deck, JudgeSpec
from flashcards.cards.diagnostics import quoted
from flashcards.cards.expression import Expression
from flashcards.cards.judges import Asked, Judge, JudgeError, judge_of
from flashcards.cards.printable import printable
from flashcards.runs.begun import was_begun_from
from flashcards.runs.files import decode_json
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.rewards import JudgeFacts

N_TRIES = 8
"""Tries of each prompt: of 4, 8 and 16, with 256 in all, none was better (experiments.md)."""

N_PROBED = 8

N_VALUED = 100
"""Cards of which at least one answer must have a value: what has none earns 0, and if that were
all of them, a mistake in the expression would look like a model that never gets one right."""


def judge_for(deck: Deck) -> Judge:
    """Who rewards the tries at this deck's cards.
    Raises JudgeError: nobody, or nobody who can be asked here."""
    assert deck.judge is not None
    if deck.judge.kind != "program":
        return judge_of(deck.judge)
    from flashcards.trainer.judge_program import ProgramJudge

    return ProgramJudge(deck.judge)


def probe(deck: Deck) -> None:
    """Ask the judge about some of the deck's own answers, and about none.
    Raises JudgeError: it fails, or is an expression that has a value for none of them."""
    cards = deck.cards[:N_PROBED]
    tries = [Asked(c.prompt, said, c.answers) for c in cards for said in (c.answer, "")]
    judge_for(deck)(tries)
    if deck.judge is None or deck.judge.kind != "expression":
        return
    expression, why = Expression(deck.judge.text), ""
    for card in deck.cards[:N_VALUED]:
        why = expression.why_no_value(card.prompt, card.answer)
        if not why:
            return
    raise JudgeError(
        f"the judge {quoted(deck.judge.text)} fails at every answer of the deck: {printable(why)}"
    )


def facts_of(deck: Deck) -> JudgeFacts | None:
    """Facts about the deck's judge; None where answers teach."""
    if deck.judge is None:
        return None
    return JudgeFacts(kind=deck.judge.kind, text=deck.judge.text, n_tries=N_TRIES)


def judge_in(folder: RunFolder, file: str) -> JudgeSpec | None:
    """Who gives the rewards for this version of a run's deck; None where answers teach.

    A program is run only for a run that was begun here: another's folder may hold anything.
    Raises RunError: what says it is damaged.
    """
    saved, program = folder.judge(file)
    if saved is None:
        return None
    try:
        spec = decode_json(saved, JudgeSpec)
    except msgspec.DecodeError as error:
        raise RunError(f"{program.with_suffix('.json')} is damaged: {error}") from error
    info = folder.info
    is_ours = spec.kind == "program" and was_begun_from(info.run, info.deck_path)
    return msgspec.structs.replace(spec, path=str(program) if is_ours else "")


def save_judge(folder: RunFolder, file: str, spec: JudgeSpec) -> None:
    """Keep the judge of a version of the deck in the run folder, with its program.
    Raises OSError: it can't be read or written."""
    program = Path(spec.path).read_bytes() if spec.kind == "program" else None
    bare = msgspec.structs.replace(spec, path="")
    folder.save_judge(file, msgspec.json.encode(bare), program)


def kept_in(folder: Path, file: str, spec: JudgeSpec) -> JudgeSpec:
    if spec.kind != "program":
        return spec
    path = folder / "deck" / f"{file[:4]}.judge.py"
    return msgspec.structs.replace(spec, path=str(path))
