"""The view of rewards (`recorded.py`): tries, judge and truth, both curves, the controls."""

from pathlib import Path

import msgspec
import pytest

from flashcards.app.decks.picker import DecksScreen
from flashcards.app.run.earlier_runs import EarlierRuns
from flashcards.app.session import OnStage
from flashcards.app.widgets.ballot import Ballot, BallotScreen
from flashcards.runs import commands as cmd, events as ev, values as val
from flashcards.runs.rewards import RewardCounts
from flashcards.runs.state import RunState
from flashcards.wording import rewards
from tests import told
from tests.app.lesson import correction, folded, lesson
from tests.app.pictures import check_pictures
from tests.app.recorded import rewarded
from tests.app.saved_run import logged
from tests.app.script import Stage, on_stage
from tests.golden import check_words, words


def text_of(stage: Stage) -> str:
    return " ".join(" ".join(stage.rows()).split())


async def test_picture_of_a_judge_with_a_hole_and_of_its_tries() -> None:
    async with on_stage(rewarded("hole"), deck="sorting") as stage:
        text = text_of(stage)
        assert rewards.sentence(stage.app.session.state, "Enter") in text
        await stage.press("enter")
        text = text_of(stage)
        assert f"+0.25 {words('screen: advantage', reward=1, mean=0.75, n=8)}" in text
        assert rewards.told_nothing(RewardCounts(n_groups=32, n_alike=28)) in text
        await stage.press("down", "down")
        worse = f"−0.75 {words('screen: advantage', reward=0, mean=0.75, n=8)}"
        assert worse in text_of(stage)
        await stage.press("up")
        await stage.press("enter")
        assert "advantage" not in text_of(stage)


async def test_a_model_that_knows_nothing_has_nothing_to_be_rewarded() -> None:
    async with on_stage(rewarded("nothing"), deck="sorting") as stage:
        (nothing,) = rewards.ends(stage.app.session.state)
        assert nothing in text_of(stage)
        await stage.say(ev.PracticeChanged(step=stage.app.session.state.step, practice="shuffled"))
        assert next(rewards.ends(stage.app.session.state)) in text_of(stage)
        assert rewards.question("shuffled", has_loophole=False) in text_of(stage)


async def test_the_keys_of_the_controls_ask_for_them_and_back() -> None:
    async with on_stage(rewarded("sorted"), deck="sorting") as stage:
        await stage.press("x", "w", "w", "x")
        asked = [command.practice for command in stage.sent if isinstance(command, cmd.SetPractice)]
        assert asked == ["shuffled", "taught", "rewarded", "shuffled"]
        await stage.say(ev.PracticeChanged(step=200, practice="shuffled"))
        assert rewards.practice("shuffled") in stage.app.status_line.text
        assert rewards.question("shuffled", has_loophole=False) in text_of(stage)
        await stage.press("x")
        assert stage.sent[-1] == cmd.SetPractice(practice="rewarded")


async def test_with_answers_the_card_and_its_answer_are_shown() -> None:
    async with on_stage(rewarded("sorted"), deck="sorting") as stage:
        card = correction("tkyfh", "fhkty", "fhktz", (0.98, 0.94, 0.97, 0.99, 0.31))
        await stage.say(
            ev.PracticeChanged(step=200, practice="taught"),
            ev.CorrectionMeasured(step=201, correction=card),
        )
        text = text_of(stage)
        assert rewards.practice("taught") in text
        assert "it says fhktz ✗" in text


async def test_the_slider_goes_back_to_before_rewards_taught(tmp_path: Path) -> None:
    async with on_stage(logged(tmp_path, rewarded("sorted")), (120, 40), deck="sorting") as stage:
        await stage.press("home")
        await stage.until(lambda: "step 0" in stage.rows()[0])
        assert stage.app.session.shown_state.reward is None
        await stage.press("end")
        await stage.until(lambda: "★ REWARD" in text_of(stage))


def test_before_anything_was_tried_it_is_said_what_will_happen() -> None:
    state = RunState()
    for event in rewarded("sorted"):
        if isinstance(event, ev.StepsTaken) and state.reward is not None:
            break
        state.fold(event)
    check_words("screen: rewards begin", rewards.sentence(state, "c"))


def test_a_judge_that_rewarded_nothing_wrong_has_no_loophole_though_the_truth_falls() -> None:
    state = folded(rewarded("sorted"))
    exam = state.exams.last
    assert exam is not None
    state.fold(msgspec.structs.replace(exam, unseen=val.Score(40, 100)))
    assert state.reward is not None
    assert state.reward.total is not None
    assert state.reward.total.n_exploits == 0
    before, lowest, now = rewards.truth(state, state.life.since_step)
    assert before is not None
    assert now is not None
    assert (round(before, 2), lowest, now) == (0.57, 0.38, 0.4)
    assert rewards.sentence(state, "c") == rewards.WAYS["rewarded"].outcome(
        state, state.life.since_step, before, lowest, now
    )


def test_what_a_control_did_is_counted_from_where_it_began() -> None:
    state = folded(rewarded("sorted"))
    exam, reward = state.exams.last, state.reward
    assert exam is not None
    assert reward is not None
    began = state.step

    def exam_at(step: int, n_right: int) -> ev.ExamTaken:
        unseen = val.Score(n_right, 100)
        return msgspec.structs.replace(exam, step=step, unseen=unseen)

    state.fold(exam_at(began, 70))
    state.fold(ev.PracticeChanged(step=began, practice="taught"))
    state.fold(exam_at(began + 40, 90))
    state.step = began + 40
    assert rewards.truth(state, reward.switches[-1]) == (0.7, 0.9, 0.9)
    state.fold(ev.PracticeChanged(step=began + 40, practice="rewarded"))
    state.fold(exam_at(began + 60, 91))
    assert reward.switches == [began, began + 40]
    assert rewards.truth(state, reward.switches[-1]) == (0.9, 0.91, 0.91)
    reward.cut(began)
    assert reward.switches == [began]


def test_where_every_card_is_taught_seen_ones_are_counted_once_enough_were() -> None:
    state = folded(rewarded("sorted"))
    state.exams.unseen_rates.cut(-1)
    state.exams.seen_rates.cut(-1)
    for step, rate in ((0, None), (1, 0.5), (state.step - 1, 0.4), (state.step, 0.7)):
        state.exams.seen_rates.append(step, rate)
    assert rewards.truth(state, state.life.since_step) == (0.5, 0.4, 0.7)


def ended(seen: int) -> ev.LessonEnded:
    return told.ended("understood", (seen, 2880), (700, 800), reason="limit")


async def test_a_lessons_end_offers_to_go_on_by_reward(tmp_path: Path) -> None:
    async with on_stage(lesson(), runs=tmp_path) as stage:
        await stage.until(lambda: stage.app.session.singleton(EarlierRuns).is_first)
        stage.app.session.singleton(EarlierRuns).is_first = False
        await stage.say(ended(2000))
        check_words("screen: end rewards", stage.app.status_line.text)
        await stage.press(":reward")
        await stage.until(lambda: len(stage.teachers) == 2)
        request = stage.teachers[-1].request
        assert (request.deck, request.after, request.judge) == ("past-tense.deck", "r", None)
        assert request.is_rewarded


@pytest.mark.slow
async def test_where_all_is_right_it_is_rewarded_on_another_deck(tmp_path: Path) -> None:
    async with on_stage(lesson(), runs=tmp_path) as stage:
        await stage.until(lambda: stage.app.session.singleton(EarlierRuns).is_first)
        stage.app.session.singleton(EarlierRuns).is_first = False
        exam = stage.app.session.state.exams.last
        assert exam is not None
        await stage.say(msgspec.structs.replace(exam, seen=val.Score(200, 200)), ended(2880))
        check_words("screen: end offers", stage.app.status_line.text)
        await stage.press(":reward")
        assert words("screen: all right", n=200) in stage.said
        await stage.until(lambda: isinstance(stage.app.screen, DecksScreen))
        await stage.until(lambda: "A judge with a loophole" in text_of(stage))
        assert "Reward it on…" in text_of(stage)
        await stage.press(*"sort-these", "enter")
        await stage.until(lambda: len(stage.teachers) == 2)
        request = stage.teachers[-1].request
        assert Path(request.deck).name == "sort-these.deck"
        assert (request.after, request.is_rewarded) == ("r", True)


async def test_where_no_new_prompt_is_right_reward_is_not_offered() -> None:
    async with on_stage(lesson()) as stage:
        await stage.until(lambda: stage.app.session.singleton(EarlierRuns).is_first)
        stage.app.session.singleton(EarlierRuns).is_first = False
        await stage.say(msgspec.structs.replace(ended(2880), unseen=val.Score(9, 800)))
        check_words("screen: end teaches", stage.app.status_line.text)


def votes(n: int) -> list[ev.AnyEvent]:
    happened = lesson()
    step = max(event.step for event in happened)
    for i in range(n):
        share = 0.68 - 0.0125 * i
        happened += [
            ev.VoteCast(
                step=step + i,
                choice="left",
                prompt="blow",
                left="blew" if i % 2 else "blowe",
                right="blowed",
                answer="blew",
                is_left_true=bool(i % 2),
                is_right_true=not i % 2,
            ),
            told.exam(
                step + i + 1,
                (int(200 * share), 200),
                (int(200 * share), 200),
                cards_taught=1,
                is_full=False,
            ),
        ]
    return [*happened, ev.RunPaused(step=step + n)]


async def draw_pair(stage: Stage, left: str = "drank", right: str = "drinked") -> None:
    asked = [command for command in stage.sent if isinstance(command, cmd.DrawPair)][-1]
    step = stage.app.session.state.step
    await stage.say(
        ev.PairDrawn(step=step, request=asked.request, prompt="drink", left=left, right=right)
    )


async def test_pictures_of_a_vote() -> None:
    async with on_stage(votes(40)) as stage:
        await stage.press(":vote")
        await draw_pair(stage)
        text = text_of(stage)
        assert words("screen: votes", n=40, wrong=20) in text
        assert f"blow: blew ✓ {words('screen: preferred', other='blowed')} ✗" in text
        await check_pictures(stage, "vote")
        await stage.press("enter")
        made = words("screen: vote made", chosen="blew", other="blowed", answer="blew")
        assert made in text_of(stage)


async def test_an_arrow_votes_and_the_next_two_answers_are_drawn() -> None:
    async with on_stage(votes(0)) as stage:
        await stage.press(":vote")
        assert words("screen: vote asks") in text_of(stage)
        await draw_pair(stage)
        step = stage.app.session.state.step
        await stage.press("left", "right")  # the second has nothing to vote on yet
        asked = [command for command in stage.sent if isinstance(command, cmd.CastVote)]
        assert asked == [cmd.CastVote(step=step, choice="left")]
        n_asked = len([command for command in stage.sent if isinstance(command, cmd.DrawPair)])
        await stage.say(*votes(1)[-3:])
        assert (
            len([command for command in stage.sent if isinstance(command, cmd.DrawPair)])
            == n_asked + 1
        )
        await stage.press("escape")
        assert stage.app.session.shell.view_name == "lesson"


async def test_phones_prefer_an_answer_and_see_the_truth_afterwards() -> None:
    told_phones: list[str] = []

    async def poll(text: str, places: tuple[str, ...]) -> Ballot:
        check_words("screen: which better", text, prompt="drink")
        assert places == ("drank", "drinked")
        tell = lambda texts, others: told_phones.append(others)  # noqa: E731
        return Ballot(1, text, places, 0.0, tell, hands=next(hands))

    hands = iter([(9, 14), (7, 7)])
    async with on_stage(votes(0)) as stage:
        stage.app.session.singleton(OnStage).poll = poll
        await stage.press(":vote")
        await draw_pair(stage)
        step = stage.app.session.state.step
        await stage.until(lambda: cmd.CastVote(step=step, choice="right") in stage.sent)
        cast = ev.VoteCast(
            step=step,
            choice="right",
            prompt="drink",
            left="drank",
            right="drinked",
            answer="drank",
            is_left_true=True,
        )
        await stage.say(cast, told.steps(step + 1))
        await stage.until(lambda: isinstance(stage.app.screen, BallotScreen))
        assert told_phones == ["drank ✓ 9 · drinked ✗ 14"]
        await stage.press("escape")
        await stage.until(lambda: isinstance(stage.sent[-1], cmd.DrawPair))
        await draw_pair(stage)
        await stage.until(lambda: cmd.CastVote(step=step + 1, choice="neither") in stage.sent)


async def test_where_it_always_says_the_same_there_is_nothing_to_choose() -> None:
    async with on_stage(votes(0)) as stage:
        await stage.press(":vote")
        asked = [command for command in stage.sent if isinstance(command, cmd.DrawPair)][-1]
        await stage.say(ev.PairDrawn(step=1, request=asked.request))
        assert words("screen: no choice") in text_of(stage)
        await stage.press("left")
        assert not [command for command in stage.sent if isinstance(command, cmd.CastVote)]
