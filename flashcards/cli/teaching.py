"""`flashcards play` and `flashcards train`: teach a deck, on the screen or without it."""

from __future__ import annotations

import argparse
import functools
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from flashcards.cards.shelf import first_deck
from flashcards.cli import arguments as args
from flashcards.runs.catalog import find_run, runs_root
from flashcards.runs.commands import LEARNING_RATE_FACTORS
from flashcards.runs.goal import Goal, goal_of
from flashcards.runs.values import Learns
from flashcards.terminal.progress import loading_torch

if TYPE_CHECKING:
    from flashcards.trainer.request import LessonRequest
    from flashcards.trainer.team.workers import Workers

LEARNS: dict[str | None, Learns | None] = {
    None: None,
    "last-layer": "last_layer",
    "adapter": "adapter",
}


def play(parsed: argparse.Namespace) -> int:
    """Teach a deck on the screen; `flashcards DECK` is short for it."""
    if parsed.predict and not parsed.plain:
        return args.fail("--predict needs --plain; on the screen B bets", args.USAGE)
    if not parsed.plain:
        args.require_terminal("without one use --plain, or `flashcards train DECK`")
    request = _request(parsed, deck=parsed.deck or first_deck(), until=_pause(parsed))
    if parsed.plain:
        from flashcards.trainer.request import with_paths

        bets_fd = sys.stdin.fileno() if parsed.predict else None
        goal = request.until or Goal()
        request = with_paths(request)
        return _headless(parsed, goal, request, is_played=True, bets_fd=bets_fd)
    return _show(request, parsed)


def _show(request: LessonRequest, parsed: argparse.Namespace) -> int:
    """Open the screen. Raises UserError: no deck has this name, or the trainer can't be told it."""
    from flashcards.app.app import FlashcardsApp
    from flashcards.trainer.request import encode

    encode(request)  # before the screen is there
    if not request.is_read:
        args.run_unless_deck(parsed, request.deck)
    return args.run_app(FlashcardsApp(request, theme=parsed.theme, is_debugging=parsed.debug))


def teach(parsed: argparse.Namespace) -> int:
    """Teach another deck to the model of a run, on the screen or without."""
    after = str(find_run(runs_root(parsed.runs), parsed.after))
    return _shown_or_not(_request(parsed, order_seed=parsed.seed, after=after), parsed)


def _request(parsed: argparse.Namespace, **fields: Any) -> LessonRequest:
    """The lesson that is asked for: options that are called as a field of it, and what is said."""
    from flashcards.trainer.request import LessonRequest

    given = {name: value for name, value in vars(parsed).items() if value is not None}
    if "only" in parsed:
        given |= {"rehearsal": parsed.rehearse, "learns": LEARNS[parsed.only]}
    if "model" in given:
        from flashcards.cli.model_choice import path_of

        given["model"] = path_of(given["model"])
    given |= {"settings": dict(given.get("set", ())), "until": None, **fields}
    return LessonRequest(**{k: v for k, v in given.items() if k in LessonRequest.__struct_fields__})


def _mistake_in(parsed: argparse.Namespace) -> str:
    """Say which options don't go together; "" when all do."""
    is_remedied = (parsed.rehearse, parsed.only) != (None, None)
    if (parsed.after is not None and parsed.deck is None) or (is_remedied and not parsed.after):
        return "--after RUN needs a DECK to teach then; --rehearse and --only need --after"
    if [parsed.deck, parsed.resume, parsed.branch].count(None) != 2:
        return "one of these is needed: a DECK, --resume RUN, or --branch RUN with --at STEP"
    is_changed = (parsed.rate, parsed.order_seed, parsed.without) != (None, None, None)
    if (parsed.branch is None) != (parsed.at is None) or (parsed.branch is None and is_changed):
        return (
            "--branch RUN needs --at STEP; --at, --rate, --order-seed and --without need --branch"
        )
    if parsed.deck is None and parsed.shuffled:
        return "--shuffled needs a DECK: a run can't be shuffled after it has begun"
    if parsed.seed is not None and parsed.deck is None:
        return (
            "--seed needs a DECK: a run keeps its seed; --order-seed shuffles a branch by another"
        )
    if parsed.set and (parsed.deck is None or parsed.after is not None):
        return "--set and --size are for a new model: they need a DECK, and no --after"
    if parsed.ask is not None and parsed.deck is None:
        return "--ask needs a DECK: a run goes on being asked as it was"
    if parsed.model is not None and (parsed.deck is None or parsed.after is not None):
        return "--model begins a run: it needs a DECK, and no --after"
    return ""


def train(parsed: argparse.Namespace) -> int:
    """Teach a deck without a screen, or go on with a run."""
    if mistake := _mistake_in(parsed):
        return args.fail(mistake, args.USAGE)
    from flashcards.trainer.request import with_paths

    request = _request(
        parsed,
        deck=parsed.deck or "",
        order_seed=parsed.seed,
        speed=parsed.speed or "full",
        is_shuffled=parsed.shuffled,
        branch_of=parsed.branch,
        branch_step=parsed.at or 0,
        branch_seed=parsed.order_seed,
        learning_rate_factor=parsed.rate,
        without_prompt=parsed.without,
    )
    goal = _goal(parsed)
    if args.rank() is None:
        request = with_paths(request)
        return _headless(parsed, goal, request)
    with loading_torch():
        from flashcards.trainer.team.start import train_together

    return train_together(request, functools.partial(_headless, parsed, goal))


def _headless(
    parsed: argparse.Namespace,
    goal: Goal,
    request: LessonRequest,
    workers: Workers | None = None,
    **played: Any,
) -> int:
    from flashcards.cli.leaving import prune_runs

    with loading_torch():
        from flashcards.plain.headless import train as train_headless

    is_json = "json" in parsed and parsed.json
    is_plain = parsed.plain
    options = {"is_json": is_json, "is_plain": is_plain, **played}
    code = train_headless(request, goal, workers=workers, **options)
    prune_runs(parsed.runs, is_error=is_json)
    return code


def read(parsed: argparse.Namespace) -> int:
    """Read a text, guessing each next letter, with the screen or without."""
    request = _request(parsed, deck=parsed.file, is_read=True, speed="full")
    return _shown_or_not(request, parsed)


def reward(parsed: argparse.Namespace) -> int:
    """Teach a model by rewards for what it tries; the answers are hidden."""
    request = _request(parsed, order_seed=parsed.seed, speed="full", is_rewarded=True)
    return _shown_or_not(request, parsed)


def _shown_or_not(request: LessonRequest, parsed: argparse.Namespace) -> int:
    """Begin this chapter on the screen; without it where that was asked for, by a form or a limit,
    or where there is no terminal."""

    is_shown = sys.stdout.isatty() and sys.stdin.isatty()
    if not is_shown or parsed.json or parsed.plain or parsed.steps or parsed.seconds:
        request = msgspec.structs.replace(request, speed="full")
        return _headless(parsed, _goal(parsed), request)
    return _show(msgspec.structs.replace(request, until=_pause(parsed)), parsed)


def _remedies(command: args.Parser, *, is_required: bool = False) -> None:
    command.option(
        "--after",
        "RUN",
        "teach DECK to the model of this run, and ask what it was taught before on",
        required=is_required,
    )
    command.option(
        "--rehearse",
        "SHARE",
        "with --after: draw this share of the cards from those taught before",
        type=args.share,
    )
    command.choice(
        "--only",
        "with --after: change only the last layer, or only an adapter beside the model",
        "last-layer",
        "adapter",
    )


def _goal(parsed: argparse.Namespace) -> Goal:
    limits = {"step": parsed.steps, "seconds": parsed.seconds}
    parts = {name: number for name, number in limits.items() if number is not None}
    return goal_of((parts | dict(parsed.until)).items(), needs_both=True)


def _pause(parsed: argparse.Namespace) -> Goal | None:
    return goal_of(parsed.until, needs_both=True) if parsed.until else None


def _lesson(parser: args.Parser) -> None:
    parser.option("deck", "DECK", "a deck's name or path", nargs="?")
    args.add_speed(parser)
    args.add_until(parser)
    args.add_settings(parser, is_one=True)


def register(add: args.Add) -> None:
    common = (_lesson, args.ASK, args.MODEL, args.DEVICE, args.RUNS, args.LANGUAGE)
    plain = "tell the lesson in lines of text, for screen readers, pipes and logs"
    command = add("play", play, *common, args.SEED, args.THEME, args.DEBUG)
    command.flag("--plain", plain)
    predict = "with --plain: first ask how many will be right, and say in the end how many are"
    command.flag("--predict", predict)

    with_screen = (args.ASK, args.ORDER_SEED, args.DEVICE, *args.SCREEN)
    command = add("teach", teach, *with_screen)
    command.option("deck", "DECK", "the deck's name or path")
    _remedies(command, is_required=True)
    args.add_until(command)
    _add_ends(command, plain)

    command = add("read", read, args.SEED, args.MODEL, args.DEVICE, *args.SCREEN)
    command.option("file", "FILE", "a text file, or the name of a text that is shipped")
    args.add_until(command)
    _add_ends(command, plain)

    command = add("reward", reward, args.MODEL, *with_screen)
    command.option("deck", "DECK", "the deck's name or path; its answers are hidden")
    command.option("--after", "RUN", "reward the model of this run; else an untaught one")
    command.option(
        "--judge",
        "JUDGE",
        "answers, sorted, sum, in-order, an expression over prompt and answer, or a program's "
        "path ending in .py (the deck's own, or answers)",
    )
    command.choice(
        "--practice",
        "begin with a control: rewards shuffled, or the same cards with their answers",
        "rewarded",
        "shuffled",
        "taught",
    )
    args.add_until(command)
    _add_ends(command, plain)

    command = add("train", train, *common, args.ORDER_SEED)
    command.choice(
        "--order",
        "the order in which cards are taught (shuffled)",
        "shuffled",
        "hardest",
        "boxes",
        "deck",
    )
    shuffled = "shuffle the answers among the cards first, so that they can only be memorised"
    command.flag("--shuffled", shuffled)
    _remedies(command)
    command.option("--resume", "RUN", "go on with this run")
    command.option("--branch", "RUN", "begin a new run from a step of this one; needs --at")
    command.count("--at", "STEP", "the step to branch at", or_zero=True)
    command.option("--rate", "F", "in the branch: times the learning rate", type=_rate)
    command.option("--order-seed", "K", "in the branch: shuffle by another seed", type=args.seed)
    command.option("--without", "PROMPT", "in the branch: leave out the cards with this prompt")
    _add_ends(command, plain)


def _rate(text: str) -> float:
    """A factor that the screen and a talk can set, too."""
    factor = args.positive(float)(text)
    low, high = LEARNING_RATE_FACTORS
    if not low <= factor <= high:
        raise argparse.ArgumentTypeError(f"{text} is not from 1/1024 to 1024")
    return factor


def _add_ends(command: args.Parser, plain: str) -> None:
    command.count("--steps", "N", "stop at this step")
    command.number("--seconds", "S", "stop after this training time")
    command.one_of(json=args.JSON_AT_END, plain=plain)
