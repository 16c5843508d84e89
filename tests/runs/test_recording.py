"""A recording: any step's state is the fold of what happened by then, whatever befell the log."""

import random
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, strategies as st

from flashcards.runs import cursor, events as ev, recording as recordings
from flashcards.runs.cursor import read_run
from flashcards.runs.events import AnyEvent, RunResumed
from flashcards.runs.folder import RunFolder
from flashcards.runs.recording import CardCounts, Recording
from flashcards.runs.state import RunState
from tests.app.lesson import correction, folded, lesson, started
from tests.app.test_broken import BROKE_AT, broken
from tests.written_run import info_of


def folder_of(path: Path) -> RunFolder:
    path.mkdir(exist_ok=True)
    return RunFolder(path, info_of("d"))


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return folder_of(tmp_path / "run")


@pytest.fixture
def _dense(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot every few lines, and blocks that end within lines."""
    monkeypatch.setattr(recordings, "SNAPSHOT_EVERY_BYTES", 2_000)
    monkeypatch.setattr(recordings, "SNAPSHOT_MOST_BYTES", 2_000)
    monkeypatch.setattr(cursor, "BLOCK_BYTES", 700)


def write(folder: RunFolder, happened: list[AnyEvent], mode: str = "ab") -> None:
    with folder.log_path.open(mode) as file:
        file.writelines(map(ev.encode, happened))


def in_order(happened: list[AnyEvent]) -> list[AnyEvent]:
    return sorted(happened, key=lambda event: event.step)


def happened_in(folder: RunFolder) -> list[AnyEvent]:
    return [_here(folder, event) for event in read_run(folder.log_path)]


def _here(folder: RunFolder, event: AnyEvent) -> AnyEvent:
    path = str(folder.path)
    if isinstance(event, ev.RunStarted):
        return msgspec.structs.replace(event, folder=path)
    if isinstance(event, RunResumed):
        return msgspec.structs.replace(event, start=_here(folder, event.start))
    return event


def expected(folder: RunFolder, step: int) -> RunState:
    state = RunState()
    for event in happened_in(folder):
        if event.step <= step:
            state.fold(event)
    return state


def known(state: RunState) -> bytes:
    """Everything in a state; NaN is itself."""
    return msgspec.msgpack.encode(state)


@pytest.mark.usefixtures("_dense")
def test_any_step_is_the_fold_of_what_happened_by_then(folder: RunFolder) -> None:
    write(folder, in_order(lesson()))
    recording = Recording.open(folder)
    assert recording.last_step == 1284
    assert len(recording.snapshots) > 5
    for step in (0, 1, 10, 500, 1243, 1244, 1284, 9999):
        assert known(recording.state_at(step)) == known(expected(folder, step)), step
    assert recording.state_at(-1).start is None


@pytest.mark.usefixtures("_dense")
def test_a_break_is_at_the_same_step_live_and_in_every_recorded_state(folder: RunFolder) -> None:
    happened = broken()
    write(folder, happened)
    recording = Recording.open(folder)
    assert len(recording.snapshots) > 5
    live = folded(happened)
    assert [m.step for m in recording.markers if m.kind == "diverged"] == [BROKE_AT]
    assert recording.state.markers == live.markers
    assert recording.state.steps == live.steps
    for step in (800, 812, 833, 900, 1001):
        assert recording.state_at(step).steps == expected(folder, step).steps, step
    write(folder, [RunResumed(step=800, start=started())])
    recording.refresh()
    assert recording.state.steps.broken is None
    assert not [m for m in recording.markers if m.kind == "diverged"]


@pytest.mark.usefixtures("_dense")
def test_what_a_resume_undid_is_in_no_state(folder: RunFolder) -> None:
    dice = random.Random(7)
    step = 0
    write(folder, [started()])
    recording = Recording.open(folder)
    for _ in range(60):
        for _ in range(dice.randrange(12)):
            step += dice.randrange(4)
            told = correction(prompt=str(step), times_seen=dice.randrange(99))
            write(folder, [ev.CorrectionMeasured(step=step, correction=told)])
            write(folder, [ev.StateSaved(step=step, file=f"{dice.random()}")])
        if dice.random() < 0.5:
            recording.refresh()
        step = dice.randrange(max(0, step - 30), step + 1)
        write(folder, [RunResumed(step=step, start=started())])
    recording.refresh()
    for at in range(0, step + 5, 3):
        assert known(recording.state_at(at)) == known(expected(folder, at)), at
    assert known(recording.state) == known(expected(folder, step + 5))
    assert list(recording.events()) == happened_in(folder)
    assert known(recording.state) == known(Recording.open(folder).state)


def test_the_state_by_so_many_cards_is_that_of_the_last_step(folder: RunFolder) -> None:
    write(folder, in_order(lesson()))
    recording = Recording.open(folder)
    assert recording.counts.cards_at(700) == 700 * 32
    for n_cards, step in ((0, 0), (31, 0), (700 * 32, 700), (701 * 32 - 1, 700), (99_999, 9999)):
        assert known(recording.state_by(n_cards)) == known(expected(folder, step)), n_cards
    write(folder, [RunResumed(step=600, start=started())])
    recording.refresh()
    assert recording.counts.last == 600 * 32
    assert known(recording.state_by(700 * 32)) == known(expected(folder, 9999))


def test_it_reads_on_and_leaves_a_torn_line_until_it_is_whole(folder: RunFolder) -> None:
    write(folder, [started()])
    recording = Recording.open(folder)
    assert not recording.refresh()
    line = ev.encode(ev.RunPaused(step=5))
    with folder.log_path.open("ab") as file:
        file.write(line[:10])
    assert not recording.refresh()
    with folder.log_path.open("ab") as file:
        file.write(line[10:])
    assert recording.refresh()
    assert recording.last_step == 5
    assert recording.state.liveness == "paused"


def test_a_log_that_was_cut_or_replaced_is_read_anew(folder: RunFolder) -> None:
    write(folder, [started(), ev.RunPaused(step=5), ev.RunPlayed(step=9)])
    recording = Recording.open(folder)
    write(folder, [started(seed=8), ev.RunPaused(step=3)], "wb")
    assert recording.refresh()
    assert recording.last_step == 3
    write(folder, [started(seed=9), *lesson(), ev.RunPaused(step=2000)], "wb")
    assert recording.refresh()
    assert recording.last_step == 2000
    assert recording.state.start is not None
    assert recording.state.start.seed == 7


def test_lines_that_are_no_events_are_left_out(folder: RunFolder) -> None:
    write(folder, [started()])
    with folder.log_path.open("ab") as file:
        file.write(b"\x00\xff garbage\n{}\n" + b'{"kind":"DeckMarked","step":1,"marks":"AAAA"}\n')
        file.write(b'{"kind":"RunPaused","step":99999999999999999999}\n')
        file.write(b'{"kind":"RunPaused","step":-3}\n')
    write(folder, [ev.RunPaused(step=4)])
    recording = Recording.open(folder)
    assert recording.last_step == 4
    assert recording.state_at(4).liveness == "paused"


BATCHES = st.lists(st.integers(1, 64), min_size=1, max_size=60)


def counted(batches: list[int], every: int = 1) -> tuple[CardCounts, list[int]]:
    """Each update's cards, counted after every so many; and how many there were at each step."""
    counts, taught = CardCounts(), [0]
    for step, n_cards in enumerate(batches, 1):
        taught.append(taught[-1] + n_cards)
        if step % every == 0:
            counts.count(step, taught[-1])
    return counts, taught


@given(BATCHES)
def test_counted_after_every_update_each_step_is_exact_both_ways(batches: list[int]) -> None:
    counts, taught = counted(batches)
    for step, n_cards in enumerate(taught):
        assert counts.cards_at(step) == n_cards
        wanted = step if step < len(batches) else None
        assert counts.step_at(n_cards) == wanted
        assert counts.step_at(n_cards + batches[min(step, len(batches) - 1)] - 1) == wanted


def test_counts_of_equal_batches_are_the_ends_of_a_line() -> None:
    counts, taught = counted([32] * 5000 + [1] * 70 + [32] * 10, every=10)
    assert [counts.cards_at(step) for step in range(5081)] == taught


@given(BATCHES, st.integers(0, 60))
def test_what_is_cut_did_not_happen(batches: list[int], step: int) -> None:
    counts, taught = counted(batches)
    counts.cut(step)
    last = min(step, len(batches))
    assert counts.last == taught[last]
    assert [counts.cards_at(k) for k in range(last + 1)] == taught[: last + 1]


def test_a_count_that_cannot_be_is_left_out() -> None:
    counts, _ = counted([8, 8, 8])
    counts.count(2, 99)
    counts.count(7, 3)
    assert counts.last == 24
