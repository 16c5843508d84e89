"""The lesson: its pace, its commands, its ends; and that looking never changes what is learned."""

from pathlib import Path

import pytest

from flashcards.runs import commands, commands as cmd, events as ev
from flashcards.runs.catalog import read_summary
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.marks import RIGHT, unpack
from flashcards.runs.recording import Recording
from flashcards.runs.state import RunState
from flashcards.runs.values import PHASES, CommonAnswer, Score
from flashcards.trainer import exams
from flashcards.trainer.pace import PHASE_S
from flashcards.trainer.teaching import Teaching
from tests.app.lesson import folded
from tests.decks import CAPITALS, write_sums
from tests.trainer.lessons import Clock, Script, ScriptedInbox, run_lesson


@pytest.fixture
def is_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lesson that gives up after half a nominal second without progress."""
    monkeypatch.setattr(exams, "PATIENCE_MIN_S", 0.5)
    monkeypatch.setattr(exams, "PATIENCE_FACTOR", 0.5)


@pytest.mark.slow
@pytest.mark.usefixtures("is_impatient")
def test_a_lesson_without_a_limit_ends_when_nothing_gets_better(deck: Path) -> None:
    _, watched = run_lesson(deck, goal=Goal())
    (ended,) = watched.of(ev.LessonEnded)
    assert ended.reason == "no_progress"
    assert (ended.seen.right, ended.seen.total) == (10, 10)
    assert (ended.unseen.right, ended.unseen.total) == (0, 2)
    assert ended.verdict_kind == "too_early"


def test_a_goal_of_seen_cards_is_reached_on_all_cards(deck: Path) -> None:
    opened, watched = run_lesson(deck, goal=Goal(seen=1.0))
    (ended,) = watched.of(ev.LessonEnded)
    assert ended.reason == "until"
    assert ended.seen.right == ended.seen.total == len(CAPITALS)
    assert opened.training.memory.cards_taught < 1200


@pytest.mark.slow
def test_marks_of_few_cards_come_with_every_exam_and_into_the_log_now_and_then(deck: Path) -> None:
    """Else the wall of cards says something else than the scores beside it."""
    opened, watched = run_lesson(deck, goal=Goal(step=120))
    marked = {marks.step for marks in watched.of(ev.DeckMarked)}
    assert {exam.step for exam in watched.of(ev.ExamTaken)} <= marked
    log = Recording.open(opened.keeper.folder).events()
    assert len(marked) > sum(isinstance(event, ev.DeckMarked) for event in log)


def test_the_log_holds_what_was_watched_and_folds_to_the_same_state(deck: Path) -> None:
    opened, watched = run_lesson(deck, goal=Goal(step=12))
    logged = opened.keeper.folder.events()
    told = ev.PhaseEntered | ev.DeckMarked  # some marks are for whoever watches alone
    kept = [e for e in logged if not isinstance(e, ev.DeckMarked)]
    assert kept == [e for e in watched.events if not isinstance(e, told)]
    assert all(e in watched.events for e in logged)
    state = folded(logged)
    assert state.step == 12
    assert state.cards_taught == opened.training.memory.cards_taught
    assert isinstance(logged[0], ev.RunStarted)
    assert watched.of(ev.DeckMarked)


def test_the_start_tells_which_answer_is_right_for_many_cards(tmp_path: Path) -> None:
    path = tmp_path / "x.deck"
    lines = [f"{'? ' * (i > 8)}{i} :: {'yes' if i % 3 else i}" for i in range(1, 13)]
    path.write_text("\n".join(lines), "utf-8")
    _, watched = run_lesson(path, goal=Goal(step=1))
    (start,) = watched.of(ev.RunStarted)
    assert start.common == CommonAnswer("yes", Score(6, 8), Score(2, 4))


def test_where_no_answer_is_common_none_is_told(deck: Path) -> None:
    _, watched = run_lesson(deck, goal=Goal(step=1))
    assert watched.of(ev.RunStarted)[0].common is None


def test_the_lessons_time_is_that_of_the_wall_without_its_pauses(deck: Path) -> None:
    """Cards that are explained stand three seconds each; how long a pause is counts for nothing."""
    script: Script = [
        (0, cmd.SetSpeed(speed="explain")),
        (2, cmd.Pause()),
        (2, cmd.Play()),
        (4, cmd.Stop()),
    ]
    opened, watched = run_lesson(deck, script=script)
    times = {event.step: event.lesson_seconds for event in watched.of(ev.StepsTaken)}
    card_s = sum(PHASE_S.values())
    assert times[1] is not None
    assert times[2] == pytest.approx(times[1] + card_s)
    assert times[3] == pytest.approx(times[1] + 2 * card_s)  # the card that was paused stood on
    again = RunState()
    for event in opened.keeper.folder.events():
        again.fold(event)
    saved = opened.training.memory.lesson_seconds  # with what came after the last report
    assert 3 * card_s <= again.lesson_seconds <= saved <= again.lesson_seconds + card_s
    assert again.train_seconds == 0  # no time passes while this clock's updates are made


def test_a_run_from_before_lessons_were_timed_goes_on_from_its_training_time(deck: Path) -> None:
    opened, _ = run_lesson(deck, goal=Goal(step=2))
    memory = opened.training.memory
    memory.train_seconds, memory.lesson_seconds = 40.0, 0.0
    Teaching(opened.training, opened.keeper, lambda: 0.0).count_time()
    assert memory.lesson_seconds == 40.0


def test_explaining_enters_the_six_phases_in_order_and_knows_more_in_each(deck: Path) -> None:
    script: Script = [(0, cmd.SetSpeed(speed="explain")), (1, cmd.Stop())]
    _, watched = run_lesson(deck, script=script)
    phases = watched.of(ev.PhaseEntered)
    assert [p.phase for p in phases] == list(PHASES)
    facts = ("guess", "pieces", "change")
    known = [[fact for fact in facts if getattr(p.correction, fact) is not None] for p in phases]
    assert known == [[], [], ["guess"], ["guess", "pieces"], ["guess", "pieces"], [*facts]]
    (measured,) = watched.of(ev.CorrectionMeasured)
    assert (measured.step, measured.correction.n_cards) == (1, 1)


def test_a_card_takes_three_seconds_to_explain(deck: Path) -> None:
    inbox = ScriptedInbox(Clock(), [(3, cmd.Stop())])
    opened, _ = run_lesson(deck, speed="explain", inbox=inbox)
    assert opened.training.learner.step == 3
    assert inbox.clock() == pytest.approx(9.0, abs=1.0)


def test_a_step_pauses_and_teaches_one_card(deck: Path) -> None:
    script: Script = [(2, cmd.Step()), (3, cmd.Stop())]
    opened, watched = run_lesson(deck, script=script)
    before = [e for e in watched.of(ev.CorrectionMeasured) if e.correction.n_cards == 1]
    assert opened.training.learner.step == 3
    assert [e.step for e in before] == [3]
    assert [e.n_cards for e in watched.of(ev.StepsAsked)] == [1]


@pytest.mark.parametrize(("phase", "n_taught"), [("error", 1), ("repeat", 2)])
def test_a_step_in_the_middle_of_a_card_ends_it(deck: Path, phase: str, n_taught: int) -> None:
    inbox = ScriptedInbox(Clock(), [])
    asked: list[ev.AnyEvent] = []

    def react(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.PhaseEntered) and event.phase == phase and not asked:
            asked.append(event)
            inbox.put(cmd.Step())
        if isinstance(event, ev.StepsAsked):
            inbox.script.append((99, cmd.Stop()))

    opened, _ = run_lesson(deck, speed="explain", react=react, inbox=inbox)
    assert opened.training.learner.step == n_taught


def test_a_pause_makes_no_update_and_a_play_goes_on(deck: Path) -> None:
    script: Script = [(4, cmd.Pause()), (5, cmd.Stop())]
    opened, watched = run_lesson(deck, script=script)
    assert opened.training.learner.step == watched.of(ev.RunPaused)[0].step
    script = [(4, cmd.Pause()), (4, cmd.Play()), (9, cmd.Stop())]
    opened, watched = run_lesson(deck, script=script)
    assert len(watched.of(ev.RunPlayed)) == 1
    assert opened.training.learner.step >= 9


def test_a_prompt_is_answered_with_its_stamp(deck: Path) -> None:
    prompts = ["France", " Egypt ", "Atlantis\x1b[31m"]
    script: Script = [(10, cmd.Ask(request=i, prompt=p)) for i, p in enumerate(prompts)]
    _, watched = run_lesson(deck, goal=Goal(step=12), script=script)
    events = watched.of(ev.PromptAnswered)
    assert [(a.request, a.stamp) for a in events] == [(0, "seen"), (1, "held_out"), (2, "new")]
    assert events[0].times_seen > 0
    assert events[1].correct_answers == ("Cairo",)
    assert "\x1b" not in events[2].prompt
    assert events[0].nearest[0] == "France"
    assert "Egypt" not in events[1].nearest
    assert events[2].nearest == (), "no card shares half of its letters"


def test_the_learning_rate_is_changed_logged_and_kept_in_bounds(deck: Path) -> None:
    script: Script = [
        (2, cmd.SetLearningRate(factor=0.5)),
        (3, cmd.SetLearningRate(factor=float("inf"))),
        (4, cmd.SetLearningRate(factor=1e9)),
    ]
    _, watched = run_lesson(deck, goal=Goal(step=5), script=script)
    assert [e.factor for e in watched.of(ev.LearningRateChanged)] == [0.5, 1024.0]


def test_a_lesson_opens_slowly_and_ends_up_at_full_speed(deck: Path) -> None:
    script: Script = [(20, cmd.Stop())]
    _, watched = run_lesson(deck, script=script, speed=None)
    speeds = [(e.step, e.speed) for e in watched.of(ev.SpeedChanged)]
    assert speeds == [(0, "explain"), (2, "slow"), (5, "brisk"), (15, "full")]


def test_a_chosen_speed_ends_the_opening(deck: Path) -> None:
    script: Script = [(1, cmd.SetSpeed(speed="full")), (20, cmd.Stop())]
    _, watched = run_lesson(deck, script=script, speed=None)
    assert [e.speed for e in watched.of(ev.SpeedChanged)] == ["explain", "full"]


@pytest.mark.slow
def test_updates_spread_over_a_minute_are_the_same_run(deck: Path) -> None:
    stop: Script = [(24, cmd.Stop())]
    _, fast = run_lesson(deck, deck.parent / "fast", script=stop, is_noted=True)
    clock = Clock()
    inbox = ScriptedInbox(clock, [(0, cmd.SetSpeed(speed="full", n_in_minute=20)), *stop])
    _, spread = run_lesson(deck, deck.parent / "spread", inbox=inbox, is_noted=True)
    assert clock.now_s == pytest.approx(60.0)  # 20 of the updates; then at full speed
    assert spread.hashes == fast.hashes
    assert spread.of(ev.SpeedChanged) == fast.of(ev.SpeedChanged)


def test_a_run_that_diverges_keeps_everything(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LEARNING_RATE_FACTORS", (0.0, 1e38))
    script: Script = [(3, cmd.SetLearningRate(factor=1e38))]
    opened, watched = run_lesson(deck, script=script, goal=Goal(step=100))
    assert len(watched.of(ev.RunDiverged)) == 1
    (ended,) = watched.of(ev.LessonEnded)
    assert ended.reason == "diverged"
    assert 3 <= opened.training.learner.step < 100
    folder = RunFolder.open(opened.keeper.folder.path)
    assert read_summary(folder).step == ended.step
    assert next(folder.states())[0] == ended.step


@pytest.mark.slow
def test_exams_of_a_larger_deck_ask_a_fixed_sample_and_the_end_asks_all(tmp_path: Path) -> None:
    deck = write_sums(tmp_path, 40)
    opened, watched = run_lesson(deck, goal=Goal(step=8))
    first, *_, last = watched.of(ev.ExamTaken)
    n_taught, n_held_out = len(opened.training.deck.taught), len(opened.training.deck.never_seen)
    assert n_taught + n_held_out == 1600
    assert (first.is_full, first.unseen.total) == (False, min(400, n_held_out))
    assert (last.is_full, last.unseen.total) == (True, n_held_out)
    settings = opened.training.learner.settings
    assert last.seen.total == sum(settings.batch_size_at(step) for step in range(8)) == 8 * 8


def test_a_lesson_ends_with_the_marks_of_the_exam_that_ended_it(tmp_path: Path) -> None:
    deck = tmp_path / "five.deck"
    cards = "one :: un\ntwo :: deux\nthree :: trois\nfour :: quatre\nfive :: cinq\n"
    deck.write_text(f"+++\nn_layers = 1\nwidth = 32\n+++\n{cards}", "utf-8")
    _, watched = run_lesson(deck, goal=Goal())
    (ended,) = watched.of(ev.LessonEnded)
    assert ended.seen == Score(5, 5)
    last = watched.of(ev.DeckMarked)[-1]
    assert last.step == ended.step
    assert unpack(last.marks, 5) == bytes([RIGHT]) * 5


@pytest.mark.slow
def test_a_card_taught_alone_between_batches_is_counted_at_its_own_step(deck: Path) -> None:
    script: Script = [(5, cmd.Step(n_cards=1)), (1_000, cmd.Play())]
    opened, watched = run_lesson(deck, script=script, goal=Goal(step=60))
    batch_size_at, n_cards = opened.training.learner.settings.batch_size_at, 0
    counts = Recording.open(opened.keeper.folder).counts
    (alone,) = [recipe.step for recipe in watched.of(ev.RecipeChanged) if recipe.is_single]
    assert alone > 0
    for step in range(61):
        assert counts.cards_at(step) == n_cards, step
        n_cards += 1 if step == alone else batch_size_at(step)


def test_it_pauses_at_the_step_with_its_verdict_and_goes_on_when_played(deck: Path) -> None:
    inbox = ScriptedInbox(Clock(), [(21, cmd.Stop())])

    def react(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.LessonEnded):
            inbox.put(cmd.Play())

    opened, watched = run_lesson(deck, inbox=inbox, react=react, until=Goal(step=7))
    assert [(end.step, end.reason) for end in watched.of(ev.LessonEnded)] == [(7, "limit")]
    assert opened.training.learner.step > 7


def test_a_card_taught_by_hand_comes_at_once_in_another_order(deck: Path) -> None:
    script: Script = [
        (4, cmd.SetOrder(order="boxes")),
        (20, cmd.TeachCard(request=1, prompt="Sweden", answer="Stockholm")),
        (40, cmd.Stop()),
    ]
    opened, _ = run_lesson(deck, script=script)
    index = [card.prompt for card in opened.training.deck.cards].index("Sweden")
    assert opened.training.order.name == "boxes"
    assert opened.training.ledger.times_seen[index] >= 15


def test_an_order_chosen_while_a_card_is_held_holds_from_the_next_card_on(deck: Path) -> None:
    script: Script = [(0, cmd.NextPhase()), (0, cmd.SetOrder(order="deck")), (1, cmd.Stop())]
    _, watched = run_lesson(deck, script=script)
    data = [e for e in watched.of(ev.PhaseEntered) if e.phase == "data"]
    (changed,) = watched.of(ev.OrderChanged)
    assert changed.step in (0, data[0].step + 1)


def test_a_bookmark_is_logged_where_it_was_set_with_the_step_it_marks(deck: Path) -> None:
    script: Script = [
        (4, cmd.SetBookmark(step=4, text="now")),
        (6, cmd.SetBookmark(step=2, text="then\x1b[31m")),
        (7, cmd.SetBookmark(step=10**12)),
        (8, cmd.Stop()),
    ]
    opened, watched = run_lesson(deck, script=script)
    first, second, third = watched.of(ev.BookmarkSet)
    assert (first.text, first.at_step) == ("now", None)
    assert second.at_step == 2
    assert second.step > 4
    assert "\x1b" not in second.text
    assert third.at_step is None
    marked = [m for m in Recording.open(opened.keeper.folder).markers if m.kind == "bookmark"]
    assert [m.step for m in marked] == sorted([first.step, 2, third.step])
