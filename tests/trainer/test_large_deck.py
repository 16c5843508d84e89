"""A deck that stays in its file is taught as the same deck in memory, and its run asks for it."""

from pathlib import Path

import msgspec
import pytest

from flashcards.cards import loading
from flashcards.cards.large import DeckChangedError, LargeDeck
from flashcards.cards.loading import load_large
from flashcards.cards.shelf import load
from flashcards.learner.order import CardOrder
from flashcards.runs import events as ev
from flashcards.runs.commands import AnyCommand, ListCards, SetOrder, Stop, TakeDeck
from flashcards.runs.folder import LARGE_FORMAT, RunError, RunFolder
from flashcards.runs.goal import Goal
from flashcards.trainer import exams, ledger
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.checkpoints import Restorer
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.opening import LessonError, open_lesson
from flashcards.trainer.questions.listing import Listing
from flashcards.trainer.request import LessonRequest
from tests.trainer.lessons import Clock, ScriptedInbox, run_lesson

N_STEPS = 12
TEXT = "+++\nheld_out = 0.2\nn_layers = 1\nwidth = 32\n+++\n" + "".join(
    f"{i // 10}+{i % 10} :: {i // 10 + i % 10}{' | x' if i % 7 == 0 else ''}\n" for i in range(100)
)


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(loading, "LARGE_BYTES", 1_000)
    path = tmp_path / "sums.deck"
    path.write_text(TEXT, "utf-8")
    return path


def test_a_large_deck_is_taught_as_the_same_deck_in_memory(
    deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, watched = run_lesson(deck, tmp_path / "large", goal=Goal(step=N_STEPS))
    assert isinstance(large.training.deck, LargeDeck)
    monkeypatch.setattr(loading, "LARGE_BYTES", 1_000_000)
    small, _ = run_lesson(deck, tmp_path / "small", goal=Goal(step=N_STEPS))
    assert not isinstance(small.training.deck, LargeDeck)
    assert large.training.learner.weights_sha256() == small.training.learner.weights_sha256()
    assert (
        large.training.ledger.to_bytes()[: 4 * 100] == small.training.ledger.to_bytes()[: 4 * 100]
    )
    exam = watched.of(ev.ExamTaken)[-1]
    assert exam.unseen.total == len(large.training.deck.never_seen)
    assert not watched.of(ev.DeckMarked)  # millions of marks are not logged

    monkeypatch.setattr(loading, "LARGE_BYTES", 1_000)
    path = large.keeper.folder.path
    assert large.keeper.folder.info.format == LARGE_FORMAT
    assert [file.name for file in (path / "deck").iterdir()] == ["0000-sums.deck.large"]
    assert verify(path).differences == ()
    with large.keeper.folder.deck_version("").open("rb") as file:
        assert len(file.read()) < 1_000


def test_a_run_goes_on_with_the_very_deck_it_was_taught(deck: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    first, _ = run_lesson(deck, runs, goal=Goal(step=4))
    folder = first.keeper.folder
    resumed, _ = run_lesson(deck, runs, goal=Goal(step=6), resume=folder.path.name)
    assert resumed.training.learner.step == 6
    deck.write_text(TEXT.replace("3+3 :: 6", "3+3 :: 7"), "utf-8")
    with pytest.raises(RunError, match="the deck was changed since the run began"):
        Restorer(RunFolder.open(folder.path)).restore()
    deck.unlink()
    with pytest.raises(RunError, match="no such file"):
        Restorer(RunFolder.open(folder.path)).restore()


def test_a_deck_that_changes_while_it_is_taught_ends_the_lesson_with_a_sentence(
    deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flashcards.cards.large.N_CARDS_KEPT", 1)
    monkeypatch.setattr("flashcards.learner.windows.N_WINDOWS_KEPT", 1)

    def change(event: ev.AnyEvent) -> None:
        if event.step == 1:
            deck.write_text(TEXT + "x :: y\n", "utf-8")

    with pytest.raises(DeckChangedError, match="was changed while its cards were read"):
        run_lesson(deck, tmp_path / "runs", goal=Goal(step=9), react=change)
    (run,) = (tmp_path / "runs").glob("2*")
    assert RunFolder.open(run).state_files()


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (LessonRequest(deck="", is_shuffled=True), "can't be shuffled"),
        (LessonRequest(deck="", order="hardest"), "shuffled order alone"),
        (LessonRequest(deck="", settings={"evenness": 0.5}), "leave it at 0"),
    ],
)
def test_what_a_large_deck_cannot_do_is_said(
    deck: Path, tmp_path: Path, request_: LessonRequest, said: str
) -> None:
    request = msgspec.structs.replace(request_, deck=str(deck), runs=str(tmp_path / "runs"))
    with pytest.raises(LessonError, match=said):
        open_lesson(
            request,
            inbox=ScriptedInbox(Clock(), []),
            watch=lambda event: None,
            on_stage=lambda stage: None,
        )
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


def test_a_large_deck_takes_no_other_order_and_no_other_version(deck: Path, tmp_path: Path) -> None:
    script: list[tuple[int, AnyCommand]] = [
        (2, SetOrder(order="boxes")),
        (3, TakeDeck(text="a :: b")),
        (4, Stop()),
    ]
    opened, watched = run_lesson(deck, tmp_path / "runs", script=script)
    said = [event.text for event in watched.of(ev.TeachingRefused)]
    assert said == [
        "A deck this large is taught in shuffled order alone.",
        "A deck this large is taught as it is: its cards stay.",
    ]
    assert opened.training.order.name == "shuffled"


def test_the_list_of_a_large_deck_leaves_out_what_was_not_asked(deck: Path) -> None:
    large = load_large(deck)
    kept = CardLedger(100)
    kept.studied([7, 30], bytes((1, 3)), 1)
    listing = Listing(large, kept, lambda: 0.0)
    page = listing.page(ListCards(request=1, sort="hardest", n_rows=10), 1)
    assert [row.card_index for row in page.rows] == [7, 30]
    page = listing.page(ListCards(request=1, sort="deck", n_rows=10, filter=" 3+4 "), 1)
    assert [row.prompt for row in page.rows] == ["3+4"]


def test_exams_ask_the_cards_that_are_taught_first(
    deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exams, "N_LARGE_SAMPLE", 20)
    monkeypatch.setattr(exams, "N_SAMPLE", 10)
    opened, watched = run_lesson(deck, tmp_path / "runs", goal=Goal(step=8))
    examiner = exams.Examiner(opened.training, opened.lesson._teaching._updates.tools.cost)
    first = CardOrder(load(deck)[0].taught, 1).next(20)
    assert list(examiner.taught) == first
    assert list(examiner.taught_sample) == first[:10]
    last = watched.of(ev.ExamTaken)[-1]
    assert (last.seen.total, last.unseen.total, last.is_full) == (20, 20, False)


def test_a_ledger_of_millions_of_cards_is_saved_small(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = CardLedger(100_000)
    kept.studied([7, 99_999], bytes((1, 3)), 1)
    plain = kept.to_bytes()
    monkeypatch.setattr(ledger, "PLAIN_CARDS", 1_000)
    packed = kept.to_bytes()
    assert len(packed) < 2_000
    assert CardLedger.from_bytes(packed, 100_000).to_bytes() == packed
    monkeypatch.undo()
    assert CardLedger.from_bytes(plain, 100_000).to_bytes() == plain
    monkeypatch.setattr(ledger, "PLAIN_CARDS", 1_000)
    with pytest.raises(ValueError, match="not of 50000 cards"):
        CardLedger.from_bytes(packed, 50_000)
    with pytest.raises(ValueError, match="damaged"):
        CardLedger.from_bytes(packed[:-5], 100_000)
