"""Asking, pinning and asking the past: what is answered, and that it changes nothing."""

from pathlib import Path

import pytest

from flashcards.plain import ask
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.goal import Goal
from flashcards.runs.recording import Recording
from flashcards.runs.values import BetQuestion, PastAnswer
from flashcards.trainer.opening import open_learner
from flashcards.trainer.questions.handler import placed
from tests import told
from tests.golden import check_words
from tests.trainer.lessons import Script, run_lesson


def test_a_prompt_that_is_nearly_a_card_says_which_and_what_that_is(deck: Path) -> None:
    asked = (
        ("france", "France", "seen"),
        ("  Frânce! ", "France", "seen"),
        ("EGYPT", "Egypt", "held_out"),
        ("France", "", "new"),
        ("Narnia", "", "new"),
    )
    script: Script = [
        (16, cmd.Ask(request=i, prompt=prompt)) for i, (prompt, *_) in enumerate(asked)
    ]
    _, watched = run_lesson(deck, goal=Goal(step=20), script=script)
    events = watched.of(ev.PromptAnswered)
    for said, (prompt, near, stamp) in zip(events, asked, strict=True):
        assert (said.near_duplicate, said.near_stamp) == (near, stamp)
        assert (said.near_times_seen > 0) == (stamp == "seen")
        assert said.stamp == ("seen" if prompt == "France" else "new")


def test_zero_padding_makes_a_near_duplicate_and_other_signs_do_not(tmp_path: Path) -> None:
    deck = tmp_path / "sums.deck"
    deck.write_text("1+2 :: 3\n1-2 :: -1\n")
    prompts = ["01 + 2", "1*2"]
    script: Script = [(4, cmd.Ask(request=i, prompt=p)) for i, p in enumerate(prompts)]
    _, watched = run_lesson(deck, goal=Goal(step=8), script=script)
    assert [said.near_duplicate for said in watched.of(ev.PromptAnswered)] == ["1+2", ""]


def test_a_pinned_prompt_is_answered_at_once_and_at_every_exam(deck: Path) -> None:
    script: Script = [(0, cmd.Pin(prompt=" France ")), (0, cmd.Pin(prompt="Narnia"))]
    _, watched = run_lesson(deck, goal=Goal(step=60), script=script)
    assert [e.prompt for e in watched.of(ev.PromptPinned)] == ["France", "Narnia"]
    exams = sorted({e.step for e in watched.of(ev.ExamTaken)})
    for prompt in ("France", "Narnia"):
        answers = [e for e in watched.of(ev.PinAnswered) if e.prompt == prompt]
        assert [e.step for e in answers] == exams
    france = [e for e in watched.of(ev.PinAnswered) if e.prompt == "France"]
    assert (france[0].mark, france[-1].mark, france[-1].answer) == ("wrong", "right", "Paris")
    assert {e.mark for e in watched.of(ev.PinAnswered) if e.prompt == "Narnia"} == {None}


def test_a_ninth_pin_takes_the_place_of_the_oldest(deck: Path) -> None:
    prompts = [f"land {i}" for i in range(cmd.MAX_PINS + 1)]
    script: Script = [(0, cmd.Pin(prompt=p)) for p in [*prompts, "land 8"]]
    opened, watched = run_lesson(deck, goal=Goal(step=4), script=script)
    assert [e.prompt for e in watched.of(ev.PromptUnpinned)] == ["land 0"]
    assert list(opened.keeper.state.pins) == prompts[1:]


def test_pins_are_known_again_when_a_run_goes_on_and_unpinned_ones_are_not(deck: Path) -> None:
    script: Script = [
        (0, cmd.Pin(prompt="France")),
        (0, cmd.Pin(prompt="Peru")),
        (4, cmd.Unpin(prompt="Peru")),
        (4, cmd.Unpin(prompt="never pinned")),
    ]
    part, watched = run_lesson(deck, goal=Goal(step=9), script=script)
    assert len(watched.of(ev.PromptUnpinned)) == 1
    rest, resumed = run_lesson(
        deck, deck.parent, goal=Goal(step=34), resume=str(part.keeper.folder.path)
    )
    assert {e.prompt for e in resumed.of(ev.PinAnswered)} == {"France"}
    assert [e.prompt for e in resumed.of(ev.PromptPinned)] == ["France"]
    logged = [e for e in rest.keeper.folder.events() if isinstance(e, ev.PinAnswered)]
    assert resumed.of(ev.PinAnswered) == [e for e in logged if e.prompt == "France"]
    steps = [answer.step for answer in rest.keeper.state.pins["France"].answers.items]
    assert steps == sorted(set(steps))
    assert steps[0] == 0 < 9 < steps[-1]


@pytest.mark.slow
def test_each_keyframe_answers_and_the_newest_model_last(deck: Path) -> None:
    script: Script = [(32, cmd.AskPast(request=5, prompt=" France "))]
    _, watched = run_lesson(deck, goal=Goal(step=60), script=script)
    replies = watched.of(ev.PastAnswered)
    assert [len(reply.answers) for reply in replies] == list(range(1, len(replies) + 1))
    assert [reply.n_left for reply in replies] == list(range(len(replies) - 1, -1, -1))
    last = replies[-1]
    assert (last.request, last.prompt) == (5, "France")
    assert [a.step for a in last.answers[:7]] == [0, 1, 2, 4, 8, 16, 32]
    assert last.answers[-1].step == last.step
    assert last.answers[-1].answer == "Paris" != last.answers[0].answer
    steps = [reply.step for reply in replies]  # one state an update: no two replies at one step
    assert len(set(steps)) == len(steps)


def test_a_paused_lesson_answers_for_its_past_too_and_skips_what_is_damaged(deck: Path) -> None:
    part, _ = run_lesson(deck, goal=Goal(step=9))
    folder = part.keeper.folder.path
    (damaged,) = (folder / "keyframes").glob("00000004-*")
    damaged.write_bytes(damaged.read_bytes()[:-5])
    script: Script = [
        (9, cmd.Pause()),
        (9, cmd.AskPast(request=1, prompt="France")),
        (10, cmd.Stop()),
    ]
    _, watched = run_lesson(deck, deck.parent, script=script, resume=str(folder))
    assert [a.step for a in watched.of(ev.PastAnswered)[-1].answers] == [0, 1, 2, 8, 9]


@pytest.mark.slow
def test_a_state_from_before_a_change_answers_with_its_pieces(deck: Path) -> None:
    taught = cmd.TeachCard(request=1, prompt="Oz", answer="Zürß-Zürß")
    script: Script = [(8, taught), (32, cmd.AskPast(request=2, prompt="Oz"))]
    opened, watched = run_lesson(deck, goal=Goal(step=60), script=script)
    past = watched.of(ev.PastAnswered)[-1].answers
    for answer in past[:6]:
        then = open_learner(opened.keeper.folder.path, answer.step)
        assert then.learner.step == answer.step
        assert then.learner.answer("Oz").text == answer.answer
        assert then.learner.answer("Oz").probability == pytest.approx(answer.probability, rel=1e-4)
    assert open_learner(opened.keeper.folder.path, 4).learner.n_pieces < (
        opened.training.learner.n_pieces
    )


def test_a_new_question_to_the_past_takes_the_place_of_the_old(deck: Path) -> None:
    script: Script = [
        (16, cmd.AskPast(request=1, prompt="France")),
        (16, cmd.AskPast(request=2, prompt="Peru")),
    ]
    _, watched = run_lesson(deck, goal=Goal(step=34), script=script)
    assert {reply.request for reply in watched.of(ev.PastAnswered)} == {2}


def test_an_empty_answer_is_said_to_be_nothing() -> None:
    silent = told.answered(1240, "x", "", request=0, probability=0.4)
    check_words("ask: nothing", ask.answer_line(silent))
    check_words("ask: nothing in the past", ask.past_line(PastAnswer(8, "", 0.4)))


def test_texts_are_cut_as_the_lessons_tokenizer_cuts_them(tmp_path: Path) -> None:
    deck = tmp_path / "words.deck"
    deck.write_text('+++\ntokenizer = "word"\n+++\nbig dog :: gros chien\nred cat :: chat rouge\n')
    script: Script = [(1, cmd.CutTexts(request=7, texts=("big cat", "é dog", "")))]
    _, watched = run_lesson(deck, goal=Goal(step=3), script=script)
    (cut,) = watched.of(ev.TextsCut)
    assert cut.request == 7
    # the words that were taught are pieces; what was not is bytes, and is named
    assert cut.cuts == (("big", " cat"), ("<0xC3>", "<0xA9>", " dog"), ())
    assert cut.unlearned == ("é",)


def test_a_bet_is_settled_by_the_exam_that_was_taken(deck: Path) -> None:
    question = BetQuestion(kind="score", side="seen", at_step=6)
    script: Script = [
        (2, cmd.PlaceBet(bet=question, share=0.4)),
        (2, cmd.PlaceBet(bet=question, choice="right")),
        (24, cmd.Stop()),
    ]
    opened, watched = run_lesson(deck, script=script, goal=Goal(step=24))
    (placed,) = watched.of(ev.BetPlaced)
    assert (placed.step, placed.share) == (2, 0.4)
    recording = Recording.open(opened.keeper.folder)
    (bet,) = recording.state.bets
    exam = next(exam for exam in watched.of(ev.ExamTaken) if exam.step >= 6)
    assert bet.outcome is not None
    assert (bet.outcome.step, bet.outcome.score) == (exam.step, exam.seen)
    assert [marker.step for marker in recording.markers if marker.kind == "bet"] == [exam.step]
    assert recording.state_at(3).bets[0].is_open


def test_a_bet_that_is_none_is_refused_and_words_are_made_safe() -> None:
    assert placed(cmd.PlaceBet(bet=BetQuestion(kind="score"), choice="right"), 3) is None
    assert placed(cmd.PlaceBet(bet=BetQuestion(kind="score"), share=float("nan")), 3) is None
    assert placed(cmd.PlaceBet(bet=BetQuestion(kind="rate"), choice="right"), 3) is None
    hostile = BetQuestion(kind="answer", prompt="a\x1b[31m" + "b" * 9_000)
    bet = placed(cmd.PlaceBet(bet=hostile, choice="wrong", hands=(3, -1, 9, 9, 9)), 3)
    assert bet is not None
    assert "\x1b" not in bet.bet.prompt
    assert len(bet.bet.prompt) == 300
    assert bet.hands == (3, 0)
