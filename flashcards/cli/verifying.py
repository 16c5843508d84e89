"""`flashcards verify`: repeat a run and say whether it comes out the same."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, assert_never

from flashcards.base.language import tr
from flashcards.cli import arguments as args
from flashcards.terminal.output import print_json, print_line
from flashcards.terminal.progress import loading_torch, progress

if TYPE_CHECKING:
    from flashcards.trainer.again.verifying import Mismatch, Verification


def verify(parsed: argparse.Namespace) -> int:
    """Repeat a run and check that every number comes out the same."""
    import msgspec

    path = args.find_run(parsed)
    with loading_torch():
        from flashcards.trainer.again.verifying import verify as verify_run
    try:
        with progress(f"repeating {path.name}") as shown:
            found = verify_run(path, shown.at)
    except OSError as error:
        return args.fail(f"the run can't be read: {error.strerror or error}")
    if parsed.json:
        print_json({**msgspec.to_builtins(found), "is_same": found.is_same})
    else:
        for line in _sentences(found):
            print_line(line)
    return args.OK if found.is_same else args.WRONG_INPUT


def _sentences(found: Verification) -> list[str]:
    """What was compared, and what differs; each difference on its own line."""
    from flashcards.trainer.again.tolerance import TOLERANCE

    compared = tr(
        "{run}: {numbers:,} numbers and {states:,} saved states compared, up to step {step:,}",
        run=found.run,
        numbers=found.n_numbers,
        states=found.n_states,
        step=found.last_step,
    )
    lines = []
    if found.problem:
        lines.append(
            tr("{run}: not repeated to its end. {problem}", run=found.run, problem=found.problem)
        )
    if found.n_different:
        n, n_shown = found.n_different, len(found.differences)
        listed = tr(" (listed: {n_shown:,})", n_shown=n_shown) if n > n_shown else ""
        lines.append(compared + tr(", differences: {n:,}", n=n) + listed + ":")
    elif not found.problem:
        lines.append(
            compared
            + (tr(", all the same to the bit") if found.is_exact else tr(", all the same"))
            + "."
        )
    lines += [
        "  " + tr("step {step:,}: {what}", step=difference.step, what=said(difference))
        for difference in found.differences
    ]
    if not found.is_exact:
        lines.append(
            tr(
                "This machine rounds otherwise than the one that made the run ({elsewhere}). So "
                "each saved state was gone on from to the next; numbers may differ by "
                "{tolerance:.0%}, and words are not compared.",
                tolerance=TOLERANCE,
                elsewhere=found.elsewhere,
            )
        )
    return lines


def _counted(n: int, one: str, many: str) -> str:
    return one if n == 1 else many


def said(difference: Mismatch) -> str:
    """One difference, as the end of a sentence."""
    what, was, now = difference.what, difference.was, difference.now
    by = "" if difference.by is None else f"{difference.by:.3g}"  # as the log writes numbers
    match difference.kind:
        case "value" if by:
            return tr(
                "{what} is {was} in the run, {now} when repeated ({by} apart)",
                what=what,
                was=was,
                now=now,
                by=by,
            )
        case "value":
            return tr(
                "{what} is {was} in the run, {now} when repeated", what=what, was=was, now=now
            )
        case "only_in_log":
            return tr("{what} is in the log, but does not happen when repeated", what=what)
        case "missing_in_log":
            return tr("{what} happens when repeated, but is not in the log", what=what)
        case "out_of_order":
            return tr("{what} is in the wrong place of the log", what=what)
        case "damaged_line":
            return tr("{what} of the log can't be read", what=what)
        case "summary":
            return tr("{what} is {was}, but {now} in the log", what=what, was=was, now=now)
        case "index":
            return tr("{what} does not fit the log", what=what)
        case "weights":
            return tr(
                "the weights saved in {what} are up to {by} away from those when repeated",
                what=what,
                by=by,
            )
        case "unnamed_weights":
            return tr(
                "{what} is not in the log, and its weights are up to {by} away from those when "
                "repeated",
                what=what,
                by=by,
            )
        case "unreached_state":
            return tr("{what} is saved at a step that the log never reaches", what=what)
        case "damaged_state":
            return tr("the saved state {what} is damaged", what=what)
        case "state_part":
            return tr("what is saved in {what} is not the same when repeated", what=what)
        case _:
            assert_never(difference.kind)


def register(add: args.Add) -> None:
    add("verify", verify, args.RUN, args.JSON, args.RUNS, args.LANGUAGE)
