"""Cards taught to a model that has read: the run goes through both chapters, to the bit."""

import itertools
from pathlib import Path

import pytest
import torch

from flashcards.cards.text import ReadBefore
from flashcards.cli import main
from flashcards.plain.narrator import Narrator
from flashcards.report.story import gather
from flashcards.runs.commands import Ask, Pin, SetRemedy
from flashcards.runs.events import ChapterBegan, ExamTaken, RemedyChanged, StepsTaken
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.recording import Recording
from flashcards.runs.values import DeckNote
from flashcards.trainer.opening import LessonError, open_learner
from flashcards.trainer.rehearsed_cards import RehearsedCards
from tests.golden import check_words, raises_words
from tests.reading.texts import write_text
from tests.trainer.chapter_runs import teach_after, write_coins
from tests.trainer.kept import contents, copy_of
from tests.trainer.lessons import Chapter, run_lesson

READ_STEPS, CARD_STEPS = 25, 30
LAST = READ_STEPS + CARD_STEPS


def read(path: Path) -> Path:
    return copy_of(_read_text, path)


def _read_text(path: Path) -> Path:
    opened, _ = run_lesson(
        write_text(path), script=[(4, Pin(prompt="Nobody"))], goal=Goal(step=READ_STEPS)
    )
    return opened.keeper.folder.path


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Chapter:
    """Coins after the little text, with an adapter for a while."""
    path = tmp_path_factory.mktemp("read")
    return teach_after(
        read(path),
        write_coins(path),
        script=[
            (READ_STEPS + 3, Ask(request=1, prompt="Sweden")),
            (READ_STEPS + 10, SetRemedy(rehearsal=0.5, learns="adapter")),
            (READ_STEPS + 20, SetRemedy(learns="all")),
        ],
        steps=CARD_STEPS,
    )


@pytest.mark.slow
def test_cards_are_taught_to_the_model_that_has_read(tmp_path: Path) -> None:
    parent = read(tmp_path)
    before = contents(parent)
    learner = open_learner(parent).learner
    later = teach_after(parent, write_coins(tmp_path), steps=3)
    assert later.hashes[READ_STEPS] == learner.weights_sha256()
    assert contents(parent) == before
    training = later.opened.training
    assert training.learner.tokenizer_model == learner.tokenizer_model
    deck = training.deck
    assert (deck.n_own, len(deck.cards), deck.has_earlier_cards) == (8, 8, False)
    (text,) = deck.earlier
    assert isinstance(text, ReadBefore)
    own = later.opened.keeper.folder
    assert text.windows.cards.path == own.path / "deck" / "0000-little.deck"
    (began,) = (event for event in own.events() if isinstance(event, ChapterBegan))
    assert (began.step, began.earlier, began.n_added, began.n_removed) == (
        READ_STEPS,
        ("A little text",),
        8,
        len(text.windows.cards),
    )
    assert (began.notes, began.n_in_both) == ((), 0)


@pytest.mark.slow
def test_exams_ask_the_text_on_and_begin_where_reading_ended(later: Chapter) -> None:
    exams = [e for e in later.opened.keeper.folder.events() if isinstance(e, ExamTaken)]
    of_text = [e for e in exams if not e.earlier]
    of_cards = [e for e in exams if e.earlier]
    last, first = of_text[-1], of_cards[0]
    assert last.step == first.step == READ_STEPS
    (earlier,) = first.earlier
    # so few windows that both kinds of exam ask all that are kept back
    assert (earlier.deck, earlier.unseen) == ("A little text", last.unseen)
    assert earlier.seen.total > 1_000
    (now,) = of_cards[-1].earlier
    assert now.seen.total == earlier.seen.total
    lowest = min(exam.earlier[0].seen.right for exam in of_cards)
    assert lowest < earlier.seen.right  # what it read is forgotten
    assert now.seen.right > lowest  # until it is rehearsed
    (chapter,) = later.opened.keeper.state.life.earlier
    assert (chapter.is_text, chapter.name, chapter.seen) == (True, "A little text", now.seen)
    assert chapter.n_cards_to_know is None
    assert chapter.seen_before == last.seen


@pytest.mark.slow
def test_windows_of_the_text_are_rehearsed_beside_the_cards(later: Chapter) -> None:
    told = [(e.rehearsal, e.learns) for e in later.watched.of(RemedyChanged)]
    assert told == [(0.5, "adapter"), (0.5, "all")]
    training = later.opened.training
    rehearsal, (text,) = RehearsedCards(training), training.deck.earlier
    assert isinstance(text, ReadBefore)
    drawn = [rehearsal.windows(step, 32) for step in range(LAST, LAST + 4)]
    assert [len(windows) for windows in drawn] == [16] * 4
    assert set().union(*drawn) <= set(text.windows.taught)
    assert drawn[0] != drawn[1]
    assert drawn[0] == RehearsedCards(training).windows(LAST, 32)
    assert (rehearsal.windows(LAST, 1), rehearsal.cards(LAST, 32)) == ([], [])
    # an update has as many of both as it has cards without
    counts = [(e.step, e.cards_taught) for e in later.watched.of(StepsTaken)]
    sizes = {(b - a) / (t - s) for (s, a), (t, b) in itertools.pairwise(counts) if s > READ_STEPS}
    assert sizes == {training.learner.settings.batch_size}


@pytest.mark.slow
def test_the_gradient_is_of_the_mean_over_all_pieces_of_both(later: Chapter) -> None:
    learner, (text,) = later.opened.training.learner, later.opened.training.deck.earlier
    assert isinstance(text, ReadBefore)
    encoding, windows = learner.windows_of(text.windows), text.windows.taught[:3]
    alone, both = learner.study((0, 1)), learner.study((0, 1), windows, encoding)
    assert (both.loss_nats, both.marks) == (alone.loss_nats, alone.marks)
    nats, n_pieces = learner.read_again(windows, encoding)
    assert n_pieces > 100
    n_asked = len(alone.batch.targets)
    mean = (alone.loss * n_asked + nats) / (n_asked + n_pieces)
    plain = torch.autograd.grad(mean, learner.parameters)
    for one, other in zip(learner.gradients_of(both), plain, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-6)


@pytest.mark.slow
def test_letters_that_it_never_read_are_said_as_bytes_and_named(tmp_path: Path) -> None:
    deck = tmp_path / "greek.deck"
    deck.write_text("alpha :: α\nbeta :: β\ngamma :: γ\n", encoding="utf-8")
    later = teach_after(read(tmp_path), deck, steps=60)
    (began,) = (e for e in later.opened.keeper.folder.events() if isinstance(e, ChapterBegan))
    (note,) = began.notes
    assert note == DeckNote("unlearned", ("α", "β", "γ"))
    assert later.opened.training.learner.answer("beta").text == "β"


def test_a_card_longer_than_the_model_holds_is_one_sentence(tmp_path: Path) -> None:
    deck = tmp_path / "long.deck"
    short = "".join(f"{i} :: {i}\n" for i in range(40))  # so that a batch has room for less
    deck.write_text(short + "𐍈" * 600 + " :: " + "𐍈" * 40 + "\n", encoding="utf-8")
    parent = read(tmp_path)
    before = contents(tmp_path / "runs")
    with raises_words(LessonError, "train: a long card after a text"):
        teach_after(parent, deck)
    assert contents(tmp_path / "runs") == before


@pytest.mark.slow
def test_it_is_told_what_it_read_and_what_it_is_taught(
    later: Chapter,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = RunFolder.open(later.path)
    recording = Recording.open(folder)
    assert recording.state_at(READ_STEPS - 1).is_reading
    assert not recording.state_at(READ_STEPS).is_reading
    narrator, lines = Narrator(), []
    for i, event in enumerate(folder.events()):
        lines += narrator.tell(event, 10.0 * i)
    assert any(line.endswith("Another deck: Coins.") for line in lines)
    (line,) = [line for line in lines if line.startswith("Every exam")]
    check_words("line: an earlier deck", line)
    assert any("“A little text”: " in line and " were right, now " in line for line in lines)
    story = gather(later.path)
    assert (story.state.is_reading, story.state.n_cards) == (False, 8)
    monkeypatch.chdir(tmp_path)
    for command in (["report"], ["replay", "--plain"], ["verify"]):
        assert main([*command, str(later.path)]) == 0, command
    runs = ["--runs", str(later.path.parent)]
    assert main(["runs", *runs]) == 0
    coins = later.path / "deck" / "0001-coins.deck"
    assert main(["check", str(coins), "--after", later.parent.name, *runs]) == 0
    assert "Coins" in capsys.readouterr().out
