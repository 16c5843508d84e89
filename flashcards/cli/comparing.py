"""`flashcards compare` and `verify`: two saved runs side by side; a run and its repetition."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from flashcards.base.language import tr
from flashcards.cli import arguments as args
from flashcards.runs.cursor import read_all
from flashcards.runs.events import RunStarted
from flashcards.runs.folder import RunFolder
from flashcards.runs.values import Knowledge, Score
from flashcards.runs.verdict import fraction, percent
from flashcards.terminal.output import print_json, print_line
from flashcards.terminal.progress import loading_torch, progress
from flashcards.wording import facts, races
from flashcards.wording.comparison import Comparison, Side

if TYPE_CHECKING:
    from flashcards.trainer.again.mismatch import Mismatch, MismatchKind
    from flashcards.trainer.again.verifying import Verification


def compare(parsed: argparse.Namespace) -> int:
    """Compare two runs: what they share, where they differ, their scores."""
    first, second = (args.find_run(parsed, name) for name in parsed.folders)
    try:
        return (
            _race(parsed, first, second)
            if parsed.screen
            else _print_comparison(parsed, first, second)
        )
    except OSError as error:
        return args.fail(f"a run's log can't be read: {error.strerror or error}")


def _print_comparison(parsed: argparse.Namespace, first: Path, second: Path) -> int:
    from flashcards.app.race.replay import named_comparison

    with progress("reading two runs", is_told=True):
        comparison = named_comparison(first, second)
    if parsed.json:
        report = msgspec.to_builtins(comparison)
        sides = {"one": comparison.first, "other": comparison.second}
        for (name, side), verdict in zip(sides.items(), verdicts(comparison), strict=True):
            report[name]["verdict"] = verdict
            report[name]["what"] = facts.branch(side.change) if side.parent else ""
        report |= {"shares": races.shared(comparison), "differs": races.different(comparison)}
        print_json(report)
    else:
        for line in written(comparison):
            print_line(line)
    return args.OK


def _race(parsed: argparse.Namespace, first: Path, second: Path) -> int:
    from flashcards.cli.runs import look

    folders = RunFolder.open(first), RunFolder.open(second)
    for folder in folders:
        if next(read_all(folder.log_path, [RunStarted]), None) is None:
            return args.fail(
                f"{folder.path.name} can't be shown: its log doesn't say which deck was taught"
            )
    from flashcards.app.race.replay import RaceReplay

    return look(parsed, folders[0], lambda: RaceReplay(folders[0], second, parsed.speed), "race")


def written(comparison: Comparison) -> list[str]:
    first, second = comparison.first, comparison.second
    lines = [f"A  {_side(first)}", f"B  {_side(second)}", ""]
    if shares := races.shared(comparison):
        lines.append(f"the same     {'; '.join(shares)}")
    if differs := races.different(comparison):
        lines.append(f"different    {'; '.join(differs)}")
    if not comparison.is_of_newcomer:
        lines.append(f"they part    {_parting(comparison)}")
    answer = comparison.answer
    if answer is not None:
        answers = f"A {answer.first_guess or '(nothing)'}, B {answer.second_guess or '(nothing)'}"
        if not answer.first_guess and not answer.second_guess:
            answers = "right in one of them only"
        prompt = answer.prompt or f"card {answer.card_index + 1:,}"
        lines.append(f"first answer that differs: step {answer.step:,}, {prompt}: {answers}")
    if comparison.at_equal_cards is not None:
        lines += [
            "",
            f"{'at equal cards':<16}{'step':>9}{'cards':>11}{'taught':>20}{'never taught':>20}",
        ]
        sides = (("A", comparison.first), ("B", comparison.second))
        for (name, side), at in zip(sides, comparison.at_equal_cards, strict=True):
            row = f"{name:<16}{at.step:>9,}{at.cards_taught:>11,}"
            lines.append(f"{row}{_score(at.seen):>20}{_score(at.unseen):>20}")
            lines += _knowledge(at.known, is_later=bool(side.before))
    lines += [
        "",
        *(
            f"{name}  {verdict or 'no verdict yet'}"
            for name, verdict in zip("AB", verdicts(comparison), strict=True)
        ),
    ]
    return lines


def _knowledge(known: Knowledge | None, *, is_later: bool) -> list[str]:
    if known is None:
        return []
    before = facts.knew_before(known.cards, is_later=is_later)
    return [f"   {before} {facts.what_else(known)}".rstrip()]


def verdicts(comparison: Comparison) -> tuple[str, str]:
    first, second = (
        "" if side.verdict is None else facts.verdict(side.verdict)
        for side in (comparison.first, comparison.second)
    )
    return first, second


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


def _score(score: Score) -> str:
    if score.rate is None:
        return "none"
    return f"{percent(score.rate)} {fraction(score)}"


def verify(parsed: argparse.Namespace) -> int:
    """Repeat a run and check that every number comes out the same."""
    path = args.find_run(parsed)
    with loading_torch():
        from flashcards.trainer.again.verifying import verify as verify_run
    try:
        with progress(f"repeating {path.name}", is_told=True) as display:
            verification = verify_run(path, display.at)
    except OSError as error:
        return args.fail(f"the run can't be read: {error.strerror or error}")
    if parsed.json:
        print_json({**msgspec.to_builtins(verification), "is_same": verification.is_same})
    else:
        for line in sentences_of(verification):
            print_line(line)
    return args.OK if verification.is_same else args.WRONG_INPUT


def sentences_of(verification: Verification) -> list[str]:
    if verification.is_exact:
        compared = tr(
            "{run}: {numbers:,} numbers and {states:,} saved states compared, up to step {step:,}",
            run=verification.run,
            numbers=verification.n_numbers,
            states=verification.n_states,
            step=verification.last_step,
        )
    else:
        compared = tr(
            "{run}: the deck, the log and {states:,} saved states checked, {exams:,} exams asked "
            "again, up to step {step:,}",
            run=verification.run,
            states=verification.n_states,
            exams=verification.n_exams,
            step=verification.last_step,
        )
    lines = []
    if verification.problem:
        lines.append(
            tr(
                "{run}: not repeated to its end. {problem}",
                run=verification.run,
                problem=verification.problem,
            )
        )
    if verification.n_different:
        n = verification.n_different
        n_shown = len(verification.differences)
        listed = tr(" (listed: {n_shown:,})", n_shown=n_shown) if n > n_shown else ""
        lines.append(compared + tr(", differences: {n:,}", n=n) + listed + ":")
    elif not verification.problem:
        lines.append(
            compared
            + (tr(", all the same to the bit") if verification.is_exact else tr(", all the same"))
            + "."
        )
    lines += [
        "  " + tr("step {step:,}: {what}", step=difference.step, what=sentence_of(difference))
        for difference in verification.differences
    ]
    if not verification.is_exact:
        lines.append(
            tr(
                "This machine rounds differently from the one that made the run ({elsewhere}). So "
                "no update was made again. What happened between two saved states is not checked.",
                elsewhere=verification.elsewhere,
            )
        )
    return lines


DIFFERENCES: dict[MismatchKind, str] = {
    "value": "{what} is {was} in the run, {now} when repeated",
    "only_in_log": "{what} is in the log, but does not happen when repeated",
    "missing_in_log": "{what} happens when repeated, but is not in the log",
    "out_of_order": "{what} is in the wrong place of the log",
    "damaged_line": "{what} of the log can't be read",
    "summary": "{what} is {was}, but {now} in the log",
    "weights": "the weights saved in {what} are up to {by} away from those when repeated",
    "unnamed_weights": "{what} is not in the log, and its weights are up to {by} away from those "
    "when repeated",
    "unreached_state": "{what} is saved at a step that the log never reaches",
    "damaged_state": "the saved state {what} is damaged",
    "asked_again": "{what} is {was} in the run, {now} when the saved state is asked again",
    "other_marks": "{what} is {was} in the log, but {now} by the marks of the same exam",
    "other_end": "{what} is {was}, but {now} by the last exam before it in the log",
    "other_state": "{what} is {was} in the log, {now} in the saved state",
    "gone_line": "{what} is missing in the log: the next saved state counts on from it",
    "cut_log": "{what} has {now} bytes; it had {was} when summary.json was written: lines are gone",
    "another_deck": "{what} is not the deck that the run began with",
    "unnamed_state": "the saved state {what} is not in the log",
    "state_part": "what is saved in {what} is not the same when repeated",
}


def sentence_of(difference: Mismatch) -> str:
    text = DIFFERENCES[difference.kind]
    by = ""
    if difference.by is not None:
        by = f"{difference.by:.3g}"  # as the log writes numbers
        if difference.kind == "value":
            text = "{what} is {was} in the run, {now} when repeated ({by} apart)"
    return tr(text, what=difference.what, was=difference.was, now=difference.now, by=by)


def register(add: args.Add) -> None:
    command = add("compare", compare, *args.SCREEN)
    command.option("folders", "RUN", "two runs' names or paths", nargs=2)
    command.one_of(
        json="print one JSON object",
        screen="show the two runs as a race on the screen; it opens at its end, the arrow keys go "
        "back, and space plays it from the step shown",
    )
    speed = "with --screen: how many times as fast as the first run (1)"
    command.number("--speed", "N", speed, 1.0)

    add("verify", verify, args.RUN, args.JSON, args.RUNS, args.LANGUAGE)
