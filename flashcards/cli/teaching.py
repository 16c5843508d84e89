"""Commands that teach and ask: the app, the same without a screen, a question to a saved run."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from flashcards.cli.arguments import COMMON, OK, RUNS, Add, fail, positive, until

if TYPE_CHECKING:
    from flashcards.runs.goal import Goal


PLAIN = "the lesson as lines of text: for screen readers, pipes and logs"


def play(parsed: argparse.Namespace) -> int:
    """The app."""
    if parsed.plain:
        return _plain(parsed)
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        return fail(
            "the screen needs a terminal; without one use --plain or `flashcards train DECK`"
        )
    # Textual waits this long to tell the escape key from a sequence; its own 100 ms can be felt.
    os.environ.setdefault("ESCDELAY", "50")
    from flashcards.app.app import FlashcardsApp
    from flashcards.trainer.request import LessonRequest

    request = LessonRequest(
        deck=parsed.deck or _first_deck(),
        seed=parsed.seed,
        speed=parsed.speed,
        runs=parsed.runs,
        device=parsed.device,
        until=_pause(parsed),
    )
    app = FlashcardsApp(request, theme=parsed.theme)
    app.run()
    return app.return_code or OK


def _plain(parsed: argparse.Namespace) -> int:
    from flashcards.plain.lesson import teach
    from flashcards.trainer.request import LessonRequest

    request = LessonRequest(
        deck=parsed.deck or _first_deck(),
        seed=parsed.seed,
        speed=parsed.speed,
        runs=parsed.runs,
        device=parsed.device,
        until=_pause(parsed),
    )
    return teach(request)


def train(parsed: argparse.Namespace) -> int:
    """The same training without a screen."""
    if [parsed.deck, parsed.resume, parsed.branch].count(None) != 2:
        print(
            "flashcards train: name a DECK, or a run with --resume RUN or --branch RUN --at STEP",
            file=sys.stderr,
        )
        return 2
    is_changed = (parsed.rate, parsed.order_seed, parsed.without) != (None, None, None)
    if (parsed.branch is None) != (parsed.at is None) or (parsed.branch is None and is_changed):
        print(
            "flashcards train: --branch RUN and --at STEP go together; --rate, --order-seed and "
            "--without go with them",
            file=sys.stderr,
        )
        return 2
    if parsed.deck is None and parsed.shuffled:
        print("flashcards train: a run is shuffled from its start, or never", file=sys.stderr)
        return 2
    from flashcards.trainer.headless import train as train_headless
    from flashcards.trainer.opening import LessonError
    from flashcards.trainer.request import LessonRequest

    request = LessonRequest(
        deck=parsed.deck or "",
        seed=parsed.seed,
        speed=parsed.speed or "full",
        runs=parsed.runs,
        device=parsed.device,
        resume=parsed.resume,
        is_shuffled=parsed.shuffled,
        branch_of=parsed.branch,
        branch_step=parsed.at or 0,
        branch_seed=parsed.order_seed,
        learning_rate_factor=parsed.rate,
        without_prompt=parsed.without,
        order=parsed.order,
    )
    try:
        return train_headless(request, _goal(parsed), is_json=parsed.json, is_plain=parsed.plain)
    except LessonError as error:
        return fail(str(error))


def ask(parsed: argparse.Namespace) -> int:
    """What a saved run's model answers."""
    from flashcards.trainer.headless import ask as ask_now
    from flashcards.trainer.headless import ask_past
    from flashcards.trainer.opening import LessonError

    ask_run = ask_past if parsed.past else ask_now
    try:
        return ask_run(parsed.folder, parsed.prompt, parsed.runs, parsed.at, is_json=parsed.json)
    except LessonError as error:
        return fail(str(error))


def register(add: Add) -> None:
    """Name these commands and their arguments."""
    command = add("play", play, COMMON, RUNS)
    command.add_argument("deck", nargs="?", metavar="DECK", help="a deck's path or name")
    command.add_argument("--theme", metavar="NAME", help="a theme of Textual's, say textual-light")

    command.add_argument(
        "--until",
        type=until,
        action="append",
        default=[],
        metavar="seen=1.0|unseen=0.95|step=N",
        help="pause there, with the verdict",
    )
    command.add_argument("--plain", action="store_true", help=PLAIN)

    command = add("train", train, COMMON, RUNS)
    command.add_argument("deck", nargs="?", metavar="DECK", help="a deck's path or name")
    command.add_argument("--resume", metavar="RUN", help="go on with a run")
    command.add_argument("--branch", metavar="RUN", help="leave a run at a step: a run of its own")
    command.add_argument(
        "--at", type=positive(int, or_zero=True), metavar="STEP", help="where it branches"
    )
    command.add_argument(
        "--rate", type=positive(float), metavar="F", help="times the learning rate, in the branch"
    )
    command.add_argument(
        "--order-seed", type=int, metavar="K", help="shuffle the branch's cards by another seed"
    )
    command.add_argument(
        "--without", metavar="PROMPT", help="the branch is not taught the cards with this prompt"
    )
    command.add_argument(
        "--shuffled",
        action="store_true",
        help="shuffle the answers among the cards first: what is left can only be memorised",
    )
    command.add_argument(
        "--order",
        choices=("shuffled", "hardest", "boxes", "deck"),
        help="in which order cards are taught (shuffled)",
    )
    command.add_argument("--seconds", type=positive(float), metavar="S", help="training time")
    command.add_argument("--steps", type=positive(int), metavar="N", help="from the run's start")
    command.add_argument(
        "--until",
        type=until,
        action="append",
        default=[],
        metavar="seen=1.0|unseen=0.95|step=N",
        help="stop when this share is right, confirmed on all cards",
    )
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object at the end")
    form.add_argument("--plain", action="store_true", help=PLAIN)

    command = add("ask", ask, RUNS)
    command.add_argument("folder", metavar="RUN", help="a run's path or name")
    command.add_argument("prompt", metavar="PROMPT")
    command.add_argument("--at", type=positive(int, or_zero=True), metavar="STEP")
    command.add_argument("--past", action="store_true", help="of every saved state, oldest first")
    command.add_argument("--json", action="store_true", help="one JSON object")


def _goal(parsed: argparse.Namespace) -> Goal:
    from flashcards.runs.goal import goal_of

    limits = {"step": parsed.steps, "seconds": parsed.seconds}
    parts = {name: number for name, number in limits.items() if number is not None}
    return goal_of((parts | dict(parsed.until)).items(), needs_both=True)


def _pause(parsed: argparse.Namespace) -> Goal | None:
    from flashcards.runs.goal import goal_of

    return goal_of(parsed.until, needs_both=True) if parsed.until else None


def _first_deck() -> str:
    return "apple"
