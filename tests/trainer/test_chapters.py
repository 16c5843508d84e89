"""A run taught another deck: both decks in one folder, exact to the bit wherever it is opened."""

import json
from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.report.story import gather
from flashcards.runs import events as ev
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.goal import Goal
from flashcards.trainer import versions
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.opening import LessonError, open_learner
from tests.decks import write_capitals
from tests.golden import check_words
from tests.trainer.chapter_runs import (
    COINS,
    FIRST_STEPS,
    LATER_STEPS,
    SCRIPT,
    copied,
    first_chapter,
    resumed,
    teach_after,
    write_coins,
)
from tests.trainer.kept import contents
from tests.trainer.lessons import Chapter, run_lesson

LAST = FIRST_STEPS + LATER_STEPS


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Chapter:
    path = tmp_path_factory.mktemp("life")
    return teach_after(first_chapter(path), write_coins(path), script=SCRIPT)


def test_the_second_chapter_begins_where_the_first_ended(tmp_path: Path) -> None:
    parent = first_chapter(tmp_path)
    before = contents(parent)
    sha = open_learner(parent).learner.weights_sha256()
    later = teach_after(parent, write_coins(tmp_path), steps=3)
    assert later.hashes[FIRST_STEPS] == sha
    assert contents(parent) == before
    info = later.opened.keeper.folder.info
    assert (info.deck, info.chapter) == ("coins", 1)
    log = later.opened.keeper.folder.events()
    (branched,) = (event for event in log if isinstance(event, ev.RunBranched))
    (began,) = (event for event in log if isinstance(event, ev.ChapterBegan))
    assert branched.step == began.step == FIRST_STEPS
    assert (branched.change.after, branched.start.deck) == ("Coins", "capitals")
    assert (began.earlier, began.start.deck) == (("Some capitals",), "coins")
    assert (began.start.n_taught, began.start.n_held_out) == (len(COINS), 1)
    assert (began.in_both, began.n_in_both) == (("France", "Poland", "Kenya", "Japan"), 4)


def test_an_earlier_deck_is_asked_in_every_exam_and_forgotten(later: Chapter) -> None:
    exams = [e for e in later.opened.keeper.folder.events() if isinstance(e, ev.ExamTaken)]
    of_first = [e for e in exams if not e.earlier]
    of_second = [e for e in exams if e.earlier]
    assert of_first[-1].step <= FIRST_STEPS == of_second[0].step
    assert of_second[0].seen.total == 0
    assert of_second[0].unseen.total == 1
    for exam in of_second:
        (earlier,) = exam.earlier
        assert (earlier.deck, earlier.seen.total, earlier.unseen.total) == ("Some capitals", 10, 2)
    state = later.opened.keeper.state
    (chapter,) = state.life.earlier
    assert chapter.name == "Some capitals"
    assert (chapter.since_step, chapter.until_step) == (0, FIRST_STEPS)
    assert chapter.seen_before is not None
    assert chapter.seen_rates.points[-1][0] == LAST
    assert state.exams.seen_rates.points[0][0] == FIRST_STEPS


def test_rehearsed_cards_are_the_first_decks_and_the_shown_card_says_so(later: Chapter) -> None:
    times_seen = later.opened.training.ledger.times_seen
    deck = later.opened.training.deck
    parent = open_learner(later.parent)
    before = parent.ledger.times_seen
    (cards,) = deck.chapters
    again = [times_seen[i] - before[i - cards.start] for i in cards]
    is_never_seen = [deck.cards[i].is_never_seen for i in cards]
    assert sum(again) > 0
    assert all(n == 0 for n, held in zip(again, is_never_seen, strict=True) if held)
    measured = later.watched.of(ev.CorrectionMeasured)
    for event in measured:
        correction = event.correction
        is_first = correction.card_index in cards
        assert correction.rehearsed == ("Some capitals" if is_first else "")


def test_a_quarter_rehearsed_is_a_quarter_of_the_cards(tmp_path: Path) -> None:
    later = teach_after(first_chapter(tmp_path), write_coins(tmp_path), steps=20, rehearsal=0.25)
    deck, ledger = later.opened.training.deck, later.opened.training.ledger
    own = sum(ledger.times_seen[: deck.n_own])
    total = 20 * later.opened.training.learner.settings.batch_size
    assert total - own == total // 4
    (recipe,) = {
        (e.rehearsal, e.learns) for e in later.watched.of(ev.RecipeChanged) if e.step >= FIRST_STEPS
    }
    assert recipe == (0.25, "all")


def test_the_remedies_are_in_the_log_with_what_they_change(later: Chapter) -> None:
    told = [(e.rehearsal, e.learns) for e in later.watched.of(ev.RemedyChanged)]
    assert told == [(0.25, "all"), (0.25, "last_layer"), (0.0, "adapter"), (0.5, "all")]
    recipes = [(e.rehearsal, e.learns) for e in later.watched.of(ev.RecipeChanged)]
    assert recipes == [(0.0, "all"), *told]
    numbers = [e.n_learned for e in later.watched.of(ev.RemedyChanged)]
    assert numbers[0] == numbers[3] == later.opened.training.learner.n_parameters
    assert 0 < numbers[2] < numbers[1] < numbers[0]


def test_the_adapter_off_gives_the_old_scores_back_and_teaching_puts_it_on(later: Chapter) -> None:
    log = later.opened.keeper.folder.events()
    switched = [e for e in log if isinstance(e, ev.AdapterSwitched)]
    assert [e.is_on for e in switched] == [False, True, False, True]
    at = [i for i, e in enumerate(log) if isinstance(e, ev.AdapterSwitched)]

    def exam_after(place: int) -> ev.ExamTaken:
        return next(e for e in log[place:] if isinstance(e, ev.ExamTaken))

    off, on, again = (exam_after(place) for place in at[:3])
    assert off == again
    assert off != on


@pytest.mark.slow
def test_the_first_deck_taught_again_is_a_third_chapter_with_its_own_cards(later: Chapter) -> None:
    third = teach_after(later.path, write_capitals(later.path.parent), steps=20)
    deck = third.opened.training.deck
    assert (deck.n_own, [len(cards) for cards in deck.chapters]) == (12, [12, 8])
    assert [card.prompt for card in deck.own.cards if card.is_never_seen] == ["Egypt", "Kenya"]
    assert third.opened.keeper.folder.earlier_versions(third.opened.training.memory.deck_file) == (
        "0000-capitals.deck",
        "0001-coins.deck",
    )
    verification = verify(third.path)
    assert verification.differences == ()
    assert verification.is_same
    state = third.opened.keeper.state
    assert [chapter.name for chapter in state.life.earlier] == ["Some capitals", "Coins"]


@pytest.mark.slow
def test_a_deck_saved_in_the_second_chapter_is_a_version_of_that_deck(tmp_path: Path) -> None:
    from flashcards.runs.commands import TeachCard

    coins = write_coins(tmp_path)
    card = TeachCard(request=1, prompt="Malta", answer="lira")
    later = teach_after(
        first_chapter(tmp_path), coins, script=[(FIRST_STEPS + 5, card)], steps=20, rehearsal=0.1
    )
    deck = later.opened.training.deck
    assert (deck.n_own, len(deck.cards), len(deck.earlier)) == (9, 21, 1)
    assert verify(later.path).is_same
    loaded = versions.load_version(
        later.opened.keeper.folder, later.opened.training.memory.deck_file
    )
    assert [c.id for c in loaded.cards] == [c.id for c in deck.cards]


def test_a_seed_is_of_the_order_in_the_chapter_and_a_run_keeps_its_own(
    later: Chapter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    for command, seed in (("teach", []), ("train", ["--seed", "1"]), ("teach", ["--seed", "5"])):
        words = ["--after", str(later.parent), "--steps", "2", "--json", "--runs", str(tmp_path)]
        assert main([command, str(write_coins(tmp_path)), *words, *seed]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert [one["order_seed"] for one in told] == [1, 1, 5]
    hashes = [one["weights_sha256"] for one in told]
    assert hashes[0] == hashes[1] != hashes[2]
    assert main(["train", "--resume", told[0]["run"], "--seed", "5", "--steps", "50"]) == 2
    check_words("train: a seed for a run", capsys.readouterr().err)


def test_what_cannot_follow_is_one_sentence_and_leaves_nothing_behind(tmp_path: Path) -> None:
    wide = write_capitals(tmp_path, n_layers=2, width=64)  # such a model has room for less
    parent = run_lesson(wide, tmp_path / "runs", goal=Goal(step=1))[0].keeper.folder.path
    before = contents(tmp_path / "runs")
    long = tmp_path / "long.deck"
    short = "".join(f"{i} :: {i}\n" for i in range(40))  # so that a batch has room for less
    long.write_text(f"{short}{'😀' * 600} :: {'😀' * 40}\n", encoding="utf-8")  # 4 bytes each
    info = parent / "run.json"
    kept = info.read_bytes()
    cases = {
        "this card is 2,562 pieces long; the model can hold": (long, b"{", b"{"),
        "shuffled": (write_coins(tmp_path), b'"is_shuffled":false', b'"is_shuffled":true'),
        "newer flashcards": (write_coins(tmp_path), b'"format":8', b'"format":9'),
    }
    for sentence, (deck, old, new) in cases.items():
        assert old in kept
        info.write_bytes(kept.replace(old, new))
        with pytest.raises(LessonError, match=sentence):
            teach_after(parent, deck)
        info.write_bytes(kept)
        assert contents(tmp_path / "runs") == before, sentence
    with pytest.raises(LessonError, match="no deck"):
        teach_after(parent, tmp_path / "none.deck")
    assert contents(tmp_path / "runs") == before


@pytest.mark.parametrize(
    "hostile",
    [
        b"[]",
        b"{",
        b'["../../etc/passwd"]',
        b'["0000-capitals.deck",7]',
        b"[" + b'"a",' * 80 + b'"a"]',
    ],
)
def test_a_hostile_list_is_one_sentence(later: Chapter, tmp_path: Path, hostile: bytes) -> None:
    run = copied(later.path, tmp_path)
    (listed,) = (run / "deck").glob("*.after.json")
    listed.write_bytes(hostile)
    with pytest.raises(RunError):
        versions.load_version(RunFolder.open(run), "0001-coins.deck")
    with pytest.raises(LessonError):
        open_learner(run)


def test_a_page_of_a_later_chapter_names_the_command_that_teaches_it_again(later: Chapter) -> None:
    told = gather(later.path)
    assert told.share == (
        f"flashcards train coins.deck --after {later.parent.name} --steps {LATER_STEPS}"
    )
    assert [record.prompt for record in told.cards] == [*COINS, "Japan"]


def test_without_a_sound_state_nothing_is_taught(later: Chapter, tmp_path: Path) -> None:
    run = copied(later.path, tmp_path)
    for step, state in RunFolder.open(run).state_files():
        if step >= FIRST_STEPS:
            state.write_bytes(b"damaged")
    with pytest.raises(LessonError, match=f"--after {later.parent.name}"):
        resumed(run, LAST + 5)
    assert (run / "events.jsonl").read_bytes() == (later.path / "events.jsonl").read_bytes()
