"""`flashcards verify`: repeat a run and say whether it comes out the same."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flashcards.cli import arguments as args
from flashcards.output import print_json, print_line
from flashcards.progress import loading_torch, progress

if TYPE_CHECKING:
    from flashcards.trainer.again.verifying import Verification


def verify(parsed: argparse.Namespace) -> int:
    """Repeat a run and check that every number comes out the same."""
    import msgspec

    path = args.find_run(parsed)
    with loading_torch():
        from flashcards.trainer.again.verifying import verify as verify_run
    path = args.find_run(parsed)
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
    from flashcards.trainer.again.verifying import TOLERANCE

    noun = "saved state" if found.n_states == 1 else "saved states"
    compared = (
        f"{found.n_numbers:,} numbers and {found.n_states:,} {noun} of {found.last_step:,} steps"
    )
    within = f"within {TOLERANCE:.0%}, not to the bit ({found.elsewhere})"
    lines = []
    if found.problem:
        lines.append(f"{found.run}: could not be repeated to its end. {found.problem}")
    if found.n_different:
        lines.append(f"{found.run}: {found.n_different:,} differ of {compared}. The first:")
        for difference in found.differences:
            by = "" if difference.by is None else f", by {difference.by:.3g}"
            lines.append(
                f"  step {difference.step:,}: {difference.what} was {difference.was}, "
                f"is {difference.now}{by}"
            )
    elif not found.problem:
        how = "all the same to the bit" if found.is_exact else f"all the same {within}"
        lines.append(f"{found.run}: {compared}, {how}.")
    if not found.is_exact and found.n_different:
        lines.append(f"compared {within}")
    return lines


def register(add: args.Add) -> None:
    add("verify", verify, args.RUN, args.JSON, args.RUNS, args.LANGUAGE)
