"""Events and commands: every kind goes out as one line and comes back the same."""

from typing import get_args

import msgspec
import pytest

from flashcards.runs import commands, events as ev
from flashcards.runs.commands import AnyCommand, Ask, Pause, Play, SetSpeed, Step
from flashcards.runs.run_files import json_line
from flashcards.runs.values import AnswerPiece, Change, Correction, GuessPiece
from tests import told

START = told.started(n_taught=3, n_held_out=1)
CORRECTION = Correction(
    card_index=2,
    prompt="sing",
    answer="sang",
    section="irregular",
    times_seen=31,
    n_cards=1,
    history="wwnr",
    guess=(GuessPiece("s", 0.9), GuessPiece("ang", 0.25)),
    piece_mark="right",
    pieces=(AnswerPiece("s", 0.9, True, 0.95), AnswerPiece("⏎", 0.0, False, 0.5)),
    error_nats=0.0,
    change=Change(
        probability_before=0.36,
        probability_after=0.52,
        gradient_norm=1.5,
        relative_change=0.0002,
        n_parameters=190_000,
    ),
)


@pytest.mark.parametrize(
    "event",
    [
        START,
        ev.CorrectionMeasured(step=4, correction=CORRECTION),
        told.steps(9, cards_taught=144, train_seconds=0.25),
        told.exam(9, (1, 3), (0, 1), cards_taught=144, seen_loss_nats=0.0, unseen_loss_nats=None),
        ev.DeckMarked(step=9, marks="eJwDAAAAAAE="),
        told.ended("understood", (3, 3), (1, 1), step=9),
        ev.RunDiverged(step=9),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_is_one_line_and_comes_back_the_same(event: ev.AnyEvent) -> None:
    line = ev.encode(event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert ev.decode(line) == event


@pytest.mark.parametrize(
    "command",
    [Play(), Pause(), Step(n_cards=5), SetSpeed(speed="brisk"), Ask(request=1, prompt="a\nb")],
    ids=lambda command: type(command).__name__,
)
def test_a_command_is_one_line_and_comes_back_the_same(command: AnyCommand) -> None:
    line = json_line(command)
    assert line.count(b"\n") == 1
    assert commands.decode(line) == command


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b'{"kind":"Nothing"}', b'{"kind":"Step","n'])
def test_a_line_that_is_no_event_is_a_decode_error(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        ev.decode(line)


def test_every_kind_of_event_has_a_step_and_a_name_of_its_own() -> None:
    kinds = list(get_args(ev.AnyEvent))
    assert len({kind.__struct_config__.tag for kind in kinds}) == len(kinds)
    assert all("step" in kind.__struct_fields__ for kind in kinds)
