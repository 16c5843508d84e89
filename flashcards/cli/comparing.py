"""`flashcards compare`: two saved runs beside each other, in words and numbers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.cli.arguments import OK, RUNS, Add, fail, positive

if TYPE_CHECKING:
    from flashcards.runs.comparison import AtEqualCards, Comparison, Side
    from flashcards.runs.values import Score


def compare(parsed: argparse.Namespace) -> int:
    """Say what two runs share, where they part, and how they score at equal cards taught."""
    from flashcards.runs import catalog
    from flashcards.runs.folder import RunError

    root = Path(parsed.runs) if parsed.runs else catalog.default_root()
    try:
        one, other = (catalog.find_run(root, name) for name in parsed.folders)
        return _race(parsed, one, other) if parsed.screen else _told(parsed, one, other)
    except RunError as error:
        return fail(str(error))
    except BrokenPipeError:  # whoever reads the words has enough
        raise
    except OSError as error:
        return fail(f"a run's log can't be read: {error.strerror or error}")


def _told(parsed: argparse.Namespace, one: Path, other: Path) -> int:
    """In words, or as JSON."""
    import msgspec

    from flashcards.app.race.first_answer import named_comparison
    from flashcards.cards.printable import printable

    comparison = named_comparison(one, other)
    if parsed.json:
        print(msgspec.json.encode(comparison).decode())
    else:
        for line in written(comparison):
            print(printable(line))
    return OK


def _race(parsed: argparse.Namespace, one: Path, other: Path) -> int:
    """On the screen."""
    from flashcards.cli.watching import look
    from flashcards.runs.events import RunStarted
    from flashcards.runs.folder import RunFolder
    from flashcards.runs.log import read_all

    folders = RunFolder.open(one), RunFolder.open(other)
    for folder in folders:
        if next(read_all(folder.log_path, [RunStarted]), None) is None:
            return fail(f"{folder.path.name} can't be shown: its log doesn't say what was taught")
    from flashcards.app.race.replay import RaceReplay

    return look(parsed, folders[0], lambda: RaceReplay(folders[0], other, parsed.speed), "race")


def written(comparison: Comparison) -> list[str]:
    """The lines for a person."""
    one, other = comparison.one, comparison.other
    lines = [f"A  {_side(one)}", f"B  {_side(other)}", ""]
    if comparison.shares:
        lines.append(f"the same     {'; '.join(comparison.shares)}")
    if comparison.differs:
        lines.append(f"different    {'; '.join(comparison.differs)}")
    lines.append(f"they part    {_parting(comparison)}")
    answer = comparison.answer
    if answer is not None:
        said = f"A {answer.one or '(nothing)'}, B {answer.other or '(nothing)'}"
        if not answer.one and not answer.other:
            said = "right in one of them only"
        prompt = answer.prompt or f"card {answer.card_index + 1:,}"
        lines.append(f"first answer that differs: step {answer.step:,}, {prompt}: {said}")
    if comparison.at_equal_cards is not None:
        lines += [
            "",
            f"{'at equal cards':<16}{'step':>9}{'cards':>11}{'seen':>20}{'never seen':>20}",
        ]
        for name, at in zip("AB", comparison.at_equal_cards, strict=True):
            lines.append(_at(name, at))
    lines += [
        "",
        f"A  {one.verdict or 'no verdict yet'}",
        f"B  {other.verdict or 'no verdict yet'}",
    ]
    return lines


def _parting(comparison: Comparison) -> str:
    step, until = comparison.parted_step, comparison.same_until_step
    if step is None:
        if until is None:
            return "their logs have no step in common to compare"
        return f"never: both logs say the same up to step {until:,}"
    before = "" if until is None else f" (the same up to step {until:,})"
    what = comparison.parted_what.replace(" | ", " in A, ")
    return f"at step {step:,}{before}: {what}" + (" in B" if " in A, " in what else "")


def _side(side: Side) -> str:
    return f"{side.run}   step {side.step:,}, {side.cards_taught:,} cards taught"


def _at(name: str, at: AtEqualCards) -> str:
    row = f"{name:<16}{at.step:>9,}{at.cards_taught:>11,}"
    return row + f"{_score(at.seen):>20}{_score(at.unseen):>20}"


def _score(score: Score) -> str:
    if score.rate is None:
        return "none"
    return f"{score.rate:.1%} {score.right:,}/{score.total:,}".replace("%", " %")


def register(add: Add) -> None:
    """Name this command and its arguments."""
    command = add("compare", compare, RUNS)
    command.add_argument("folders", nargs=2, metavar="RUN", help="two runs' paths or names")
    how = command.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="one JSON object")
    how.add_argument(
        "--screen",
        action="store_true",
        help="a race on the screen, which needs no torch: it opens at the end, where both curves "
        "are whole; arrow keys go back in it, space plays it from the step that is looked at, "
        "at the end from the start",
    )
    command.add_argument(
        "--speed",
        type=positive(float),
        default=1.0,
        metavar="N",
        help="with --screen: times the pace the first run had (1)",
    )
    command.add_argument(
        "--theme", metavar="NAME", help="with --screen: a theme of Textual's, say textual-light"
    )
