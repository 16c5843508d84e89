"""Stills at random moments: decks that can be taught, and answers that the events give."""

from pathlib import Path
from random import Random

import pytest

from flashcards.cards.format import parse
from flashcards.runs import events as ev, values
from flashcards.runs.marks import pack
from tests.golden import check_words
from tests.told import answered, exam, started, steps
from tests.written_run import written_run
from tools import made_decks, moments, still_questions as questions
from tools.made_decks import KINDS, Kind, MadeDeck, make_deck
from tools.still_questions import Moment, Question, Seen, question_of


@pytest.mark.parametrize("kind", KINDS)
def test_a_made_deck_is_read_without_an_error_and_the_same_every_time(kind: Kind) -> None:
    for seed in range(6):
        deck = make_deck(Random(seed), kind)
        assert deck == make_deck(Random(seed), kind)
        read = parse(deck.text.encode(), "made.deck")
        assert read.deck is not None
        assert all(each.level == "warning" for each in read.diagnostics), read.diagnostics
        assert len(read.deck.cards) == len(deck.cards) >= 25
        assert bool(read.deck.never_seen) == bool(deck.held_out)
        assert made_decks.new_prompts(Random(seed), deck)


def test_about_half_of_the_cards_have_the_common_answer() -> None:
    deck = make_deck(Random(1), "common")
    n_common = sum(answer == deck.common for _, answer in deck.cards)
    assert 0.35 < n_common / len(deck.cards) < 0.65


@pytest.mark.parametrize(("number", "text"), [(4, "IV"), (1994, "MCMXCIV"), (2000, "MM")])
def test_roman_numbers(number: int, text: str) -> None:
    assert made_decks.roman(number) == text


CARDS = tuple((f"p{i}", "none" if i % 2 else f"a{i}") for i in range(60))
DECK = MadeDeck("common", "Beasts", CARDS, 0.5, has_rule=False, common="none")
START = started(
    name="Beasts", n_taught=30, n_held_out=30, held_out=pack(bytes([0] * 30 + [1] * 30))
)


def logged(runs: Path, *happened: ev.AnyEvent) -> Path:
    run = written_run(runs, "beasts", DECK.text.encode())
    log = run.open_log()
    for event in happened:
        log.append(event)
    log.close()
    run.release()
    return run.path


def moment_of(
    runs: Path, *happened: ev.AnyEvent, text: str = "", beside: float | None = None, **seen: str
) -> Moment:
    """The run with these events, seen so; `beside`: with a twin that was taught this share."""
    run = logged(runs, START, *happened)
    if beside is not None:
        n_cards = round(beside * 32 * happened[-1].step)
        logged(run / "twin", exam(5, (1, 30), (0, 30), cards_taught=n_cards))
    where = Seen(**seen)  # type: ignore[arg-type]
    return Moment.read(runs, where, DECK, DECK, "look", text, happened[-1].step)


def answer(question: Question | None) -> str:
    assert question is not None
    return question.answer


def test_a_prompt_that_was_asked_was_taught_or_not_and_is_right_or_not(tmp_path: Path) -> None:
    prompts = (
        ("p1", "seen", ("none",), "moment: taught"),
        ("p2", "held_out", ("a2",), "moment: kept back"),
        ("p99", "new", (), "moment: of no card"),
    )
    for prompt, stamp, right, key in prompts:
        reply = answered(40, prompt, "none", stamp=stamp, correct_answers=right, times_seen=3)
        text = "it says none (50 % sure)"
        moment = moment_of(tmp_path / prompt, reply, text=text, dialog="ask", asked=prompt)
        check_words(key, answer(questions.asked_was_it_taught(moment)))
        assert answer(questions.asked_how_sure(moment)).startswith("50 %")


def test_what_happened_after_the_step_on_the_screen_is_not_known(tmp_path: Path) -> None:
    later = exam(300, (30, 30), (30, 30))
    happened = (exam(100, (15, 30), (1, 30)), steps(120), later)
    moment = moment_of(tmp_path, *happened, text="Beasts  step 120  LIVE", view="memory")
    assert moment.step == 120
    check_words("moment: too early", answer(questions.memory_or_understanding(moment)))
    assert moment.now.exams.last == later


@pytest.mark.parametrize(
    ("seen", "unseen", "expected"),
    [
        ((30, 30), (0, 30), "Memory"),
        ((30, 30), (30, 30), "Understanding"),
        ((9, 30), (0, 30), "To"),
    ],
)
def test_memory_or_understanding(
    tmp_path: Path, seen: tuple[int, int], unseen: tuple[int, int], expected: str
) -> None:
    moment = moment_of(tmp_path, exam(100, seen, unseen), view="memory")
    assert answer(questions.memory_or_understanding(moment)).startswith(expected)


def test_cards_never_seen_are_right_because_one_answer_is_common(tmp_path: Path) -> None:
    marks = bytes([3] * 30 + [3 if CARDS[i][1] == "none" else 1 for i in range(30, 60)])
    asked = (exam(100, (30, 30), (15, 30)), ev.DeckMarked(step=100, marks=pack(marks)))
    text = "always saying it scores as much"
    moment = moment_of(tmp_path / "common", *asked, text=text, view="lesson")
    assert "same answer, none" in answer(questions.why_half_is_right(moment))
    asked = (exam(100, (30, 30), (30, 30)), ev.DeckMarked(step=100, marks=pack(bytes([3] * 60))))
    moment = moment_of(tmp_path / "all", *asked, text=text, view="lesson")
    assert questions.why_half_is_right(moment) is None


@pytest.mark.parametrize(("beside", "expected"), [(0.1, "No, the twin has had"), (1.0, "Yes, ")])
def test_a_twin_is_compared_fairly_when_it_was_taught_as_much(
    tmp_path: Path, beside: float, expected: str
) -> None:
    happened = (exam(100, (30, 30), (9, 30)), steps(100))
    moment = moment_of(tmp_path, *happened, beside=beside, view="memory")
    assert answer(questions.is_twin_fair(moment)).startswith(expected)
    assert "0 % (0/30)" in answer(questions.what_is_the_twin(moment))


def test_a_card_that_is_not_on_the_screen_yet_is_not_asked_about(tmp_path: Path) -> None:
    card = values.Correction(
        card_index=3, prompt="p3", answer="none", section="", times_seen=0, n_cards=1
    )
    happened = (steps(100), ev.CorrectionMeasured(step=101, correction=card))
    texts = {
        "step 100  p3 → none\n  DATA The card is cut.": True,
        "step 100  p33\n  DATA The card is cut.": False,
        "step 100  p3 → none\n DATA ▸ MODEL\n  MODEL It works.": False,  # the keys are ahead of it
    }
    for i, (text, is_asked) in enumerate(texts.items()):
        runs = tmp_path / str(i)
        moment = moment_of(runs, *happened, text=text, view="update", phase="data")
        assert moment.read_on()
        assert (questions.phase_data(moment) is not None) == is_asked


def test_a_second_deck_and_what_is_left_of_the_first(tmp_path: Path) -> None:
    began = ev.ChapterBegan(step=100, start=started(name="Other"), file="x", earlier=("Beasts",))
    left = values.ChapterScore(deck="Beasts", seen=values.Score(3, 30), unseen=values.Score(0, 30))
    happened = (exam(90, (30, 30), (0, 30)), began, exam(150, (1, 4), (0, 1), earlier=(left,)))
    moment = moment_of(tmp_path, *happened, text="Beasts", view="lesson")
    check_words("moment: forgotten", answer(questions.which_was_forgotten(moment)))
    check_words("moment: the deck of now", answer(questions.which_deck_now(moment)))


@pytest.mark.parametrize(
    ("said", "mark", "expected"),
    [
        ("torax", "≈ nearly", "nearly right, one slip"),
        ("fizul", "✗ wrong", "wrong; taught 2 times"),
    ],
)
def test_a_guess_is_asked_about_where_its_mark_is_shown(
    tmp_path: Path, said: str, mark: str, expected: str
) -> None:
    card = values.Correction(
        card_index=0,
        prompt="p0",
        answer="torar",
        section="",
        times_seen=2,
        n_cards=32,
        guess=tuple(values.GuessPiece(letter, 0.5) for letter in said),
        piece_mark="nearly",
    )
    measured = ev.CorrectionMeasured(step=100, correction=card)
    before, after = (
        moment_of(tmp_path / str(i), measured, steps(100), text=text, view="lesson")
        for i, text in enumerate(("it says", f"it says {mark}"))
    )
    assert questions.is_the_answer_right(before) is None
    assert f"“{said}”: {expected}" in answer(questions.is_the_answer_right(after))


def test_what_broke_the_model_and_what_can_be_done(tmp_path: Path) -> None:
    happened: tuple[ev.AnyEvent, ...] = (
        exam(40, (30, 30), (0, 30)),
        *(steps(step) for step in range(40, 60)),
        ev.LearningRateChanged(step=60, factor=64.0),
        ev.RunDiverged(step=61),
    )
    moment = moment_of(tmp_path, *happened, view="lesson")
    asked = question_of(moment, Random(1))
    assert asked is not None
    assert "gone wrong" in asked.text
    assert "×64" in asked.answer
    assert "type rewind" in asked.answer


def test_a_dialog_hides_what_one_could_ask_otherwise(tmp_path: Path) -> None:
    moment = moment_of(tmp_path, exam(100, (30, 30), (0, 30)), dialog="more data")
    asked = question_of(moment, Random(1))
    assert asked is not None
    assert asked.answer.endswith("The lesson waits.")


@pytest.mark.slow
@pytest.mark.monkey
def test_a_still_of_the_real_program_comes_with_a_question_and_its_answer(tmp_path: Path) -> None:
    for seed in range(20):
        try:
            still = moments.take(Random(seed), tmp_path / str(seed))
        except moments.DrawnAgainError:
            continue
        moments.write(tmp_path, [still], [])
        assert still.picture.size in ((1440, 864), (2160, 1440))
        assert len(set(still.picture.convert("L").resize((60, 30)).tobytes())) > 5
        assert still.question.text in (tmp_path / "questions.md").read_text(encoding="utf-8")
        assert still.question.answer not in (tmp_path / "questions.md").read_text(encoding="utf-8")
        return
    pytest.fail("no draw gave a still")
