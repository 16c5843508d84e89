"""A second deck on the screen: the first one's scores, and the keys against forgetting."""

import math
from pathlib import Path

import msgspec
import pytest
from textual.widgets import OptionList

from flashcards.app.decks.picker import DecksScreen
from flashcards.app.life.life_actions import is_part_chosen, sentence
from flashcards.app.run.earlier_runs import EarlierRuns
from flashcards.app.stage.talking import is_obeyed
from flashcards.app.widgets.bars import ScoreBars
from flashcards.app.widgets.charts import ShareChart, turning_points
from flashcards.runs import commands as cmd, events as ev, values as val
from flashcards.runs.marks import pack
from flashcards.wording import facts
from flashcards.wording.before import learned_before
from tests import told
from tests.app.lesson import correction, folded, lesson, marks_of, started
from tests.app.script import Stage, on_stage
from tests.golden import check_words, words

BEGAN, CARDS = 1284, 1284 * 32


def began(
    name: str = "Plurals of nouns", *, earlier: tuple[str, ...] = ("English past tense",)
) -> ev.ChapterBegan:
    start = started(2052, 948, deck="many", name=name)
    return ev.ChapterBegan(
        step=BEGAN, start=start, file="0001-many.deck", earlier=earlier, after_cards=CARDS
    )


def exam(k: int, *, kept: float | None = None) -> ev.ExamTaken:
    """After `k` updates of the second deck; `kept` of the first is right, else it falls."""
    fallen = 0.95 / (1 + math.exp((k - 12) / 2.5)) if kept is None else kept
    learned = 0.98 / (1 + math.exp((42 - k) / 6))
    return told.exam(
        BEGAN + k,
        (int(200 * learned), 200),
        (int(195 * learned), 200),
        cards_taught=CARDS + 32 * k,
        is_full=False,
        earlier=(
            val.ChapterScore(
                deck="English past tense",
                seen=val.Score(int(100 * fallen), 100),
                unseen=val.Score(int(94 * fallen), 100),
            ),
        ),
    )


def second(upto: int = 60, *, kept: float | None = None) -> list[ev.AnyEvent]:
    return [
        *lesson(),
        began(),
        *(exam(k, kept=kept) for k in range(0, upto + 1, 3)),
        ev.DeckMarked(step=BEGAN + upto, marks=pack(marks_of(3000))),
        ev.CorrectionMeasured(
            step=BEGAN + upto, correction=correction("many cat", "cats", "cated")
        ),
    ]


def row_of(stage: Stage, text: str) -> str:
    return next((row for row in stage.rows() if text in row), "")


async def test_a_card_of_the_first_deck_that_is_rehearsed_is_named_and_its_share() -> None:
    remedy = ev.RemedyChanged(step=BEGAN, rehearsal=0.1, n_learned=211_000)
    happened = [*second(kept=0.9)]
    happened.insert(len(lesson()) + 1, remedy)
    old = correction("ring", "rang", "rang")
    old = msgspec.structs.replace(old, rehearsed="English past tense")
    happened.append(ev.CorrectionMeasured(step=BEGAN + 60, correction=old))
    async with on_stage(happened) as stage:
        assert row_of(stage, "old: English past…")
        assert stage.app.session.state.remedies.rehearsal == 0.1
        assert facts.rehearsed(0.1) in " ".join(" ".join(stage.rows()).split())


async def test_an_adapter_that_is_off_lets_the_old_model_answer() -> None:
    happened = [
        *second(),
        ev.RemedyChanged(step=BEGAN + 60, learns="adapter", n_learned=18_944),
        ev.AdapterSwitched(step=BEGAN + 60, is_on=False),
        ev.RunPaused(step=BEGAN + 60),
        exam(60, kept=0.95),
    ]
    async with on_stage(happened) as stage:
        assert "95 %" in row_of(stage, "↩ English past tense")
        assert "94 % were right, then 0 %, now 95 %" in row_of(stage, "“English past tense”: ")
        assert stage.app.session.state.remedies.is_adapter_off


async def test_the_first_decks_bar_and_curve_fall_as_exams_come() -> None:
    async with on_stage([*lesson(), began(), exam(0)]) as stage:
        assert stage.app.session.state.card.now is None, "it is of the chapter before"
        assert not any("sing" in row for row in stage.rows())
        bars = stage.app.screen.query_one(ScoreBars)
        assert bars.size.height == 3
        assert "94 %" in row_of(stage, "↩ English")
        assert stage.app.screen.query_one(ShareChart).display
        # no remedy is offered before anything is lost
        check_words("screen: nothing forgotten", stage.app.status_line.text)
        await stage.say(exam(24))
        assert " 0 %" in row_of(stage, "↩ English")
        check_words("screen: forgotten", stage.app.status_line.text)


async def test_that_prompts_are_in_both_decks_is_said_under_the_lesson_and_hides_nothing() -> None:
    both = msgspec.structs.replace(began(), n_in_both=2, in_both=("cat", "dog"))
    async with on_stage([*lesson(), both, exam(0)]) as stage:
        assert stage.said == []
        assert stage.app.status_line.text == facts.in_both_decks(both)
        assert "…" not in stage.app.status_line.text, "both are named"
        await stage.say(exam(24))
        assert row_of(stage, "╍ old: “English past tense” 0 %")
        check_words("screen: forgotten", stage.app.status_line.text)


def test_of_many_prompts_in_both_decks_dots_stand_for_the_others() -> None:
    for n, has_more in ((1, False), (2, False), (3, True)):
        both = msgspec.structs.replace(began(), n_in_both=n, in_both=("cat", "dog")[:n])
        assert facts.in_both_decks(both).startswith(f"{n} prompt{'s' if n > 1 else ''} ha")
        assert ("…" in facts.in_both_decks(both)) is has_more


@pytest.mark.parametrize("unseen", [(0, 0), (195, 200)])
async def test_at_the_end_it_is_said_first_what_became_of_the_first_deck(
    unseen: tuple[int, int],
) -> None:
    over = told.ended("memorised", (200, 200), unseen, step=BEGAN + 60)
    async with on_stage([*second(), over]) as stage:
        sentence = " ".join(" ".join(stage.rows()[-4:]).split())
        assert "It has forgotten “English past tense”: 94 % were right, now none." in sentence
        # of a deck of which nothing is kept back there is nothing more to say
        assert ("It has understood" in sentence) == bool(unseen[1])


async def test_a_command_that_is_typed_is_named_as_one() -> None:
    async with on_stage(second()) as stage:
        check_words("screen: forgotten", stage.app.status_line.text)
        assert "Press : and type rehearse" in stage.app.status_line.text


@pytest.mark.parametrize("is_full", [False, True])
async def test_view_3_is_about_the_deck_that_is_taught_from_its_own_beginning(
    is_full: bool,
) -> None:
    async with on_stage(second(), is_full=is_full) as stage:
        await stage.press("3")
        assert not any("English past tense" in row for row in stage.rows())
        chart = stage.app.screen.query_one("#answers", ShareChart)
        assert chart.showing is not None
        assert chart.showing.begin == "this deck begins"
        assert all(0 <= line.points[0][0] <= 60 for line in chart.showing.lines if line.points)
        axis = "".join(part for part, _ in chart.draw(chart.showing, 76, 9)[-1])
        assert axis.strip().startswith("this deck begins")


async def test_a_first_chapter_looks_as_before_and_is_offered_another_deck_at_its_end() -> None:
    async with on_stage(lesson()) as stage:
        assert stage.app.screen.query_one(ScoreBars).size.height == 2
        assert not stage.app.screen.query_one(ShareChart).display
        await stage.until(lambda: stage.app.session.singleton(EarlierRuns).is_first)
        stage.app.session.singleton(EarlierRuns).is_first = False
        await stage.say(told.ended("understood", (2880, 2880), (741, 800)))
        check_words("screen: end offers", stage.app.status_line.text)


async def test_keys_ask_for_remedies_and_the_adapter_comes_off_and_on() -> None:
    async with on_stage(second()) as stage:
        await stage.press(":rehearse")
        assert stage.sent[-1] == cmd.SetRemedy(rehearsal=0.1)
        await stage.say(ev.RemedyChanged(step=BEGAN + 60, rehearsal=0.1, n_learned=211_000))
        assert facts.rehearsed(0.1) in stage.app.status_line.text
        await stage.press(":rehearse")
        assert stage.sent[-1] == cmd.SetRemedy(rehearsal=0.5)
        await stage.press(":rehearse")
        assert stage.sent[-1] == cmd.SetRemedy(rehearsal=0.0)
        await stage.press(":learns")
        assert stage.sent[-1] == cmd.SetRemedy(learns="last_layer")
        assert words("screen: last layer") in stage.said
        await stage.press(":learns")
        assert stage.sent[-1] == cmd.SetRemedy(learns="adapter")
        n_sent = len(stage.sent)
        await stage.press(":adapter")
        assert len(stage.sent) == n_sent
        await stage.say(ev.RemedyChanged(step=BEGAN + 60, learns="adapter", n_learned=18_944))
        await stage.press(":adapter")
        assert stage.sent[-1:] == [cmd.SwitchAdapter(is_on=False)]
        await stage.say(ev.AdapterSwitched(step=BEGAN + 60, is_on=False), exam(60, kept=0.95))
        assert "now 95 %." in stage.app.status_line.text
        await stage.press(":adapter")
        assert stage.sent[-1:] == [cmd.SwitchAdapter(is_on=True)]


def brought(**changes: object) -> list[ev.AnyEvent]:
    """The first lesson of a brought model."""
    start = {"base": "SmolLM2-135M", "n_parameters": 134_500_000, "n_learned": 460_800, **changes}
    return [told.started(n_taught=50, n_held_out=20, **start), told.exam(0, (28, 50), (3, 20))]


@pytest.mark.parametrize("learned", ["adapter", "last_layers", "all"])
async def test_the_adapter_of_a_brought_model_comes_off_in_its_first_lesson(learned: str) -> None:
    n_learned = 134_500_000 if learned == "all" else 460_800
    async with on_stage(brought(chosen={"learned": learned}, n_learned=n_learned)) as stage:
        await stage.press(":adapter")
        if learned != "adapter":
            assert stage.sent == []
            assert words("screen: no adapter") in stage.said
            return
        assert stage.sent[-1:] == [cmd.SwitchAdapter(is_on=False)]
        await stage.say(ev.AdapterSwitched(step=0, is_on=False), ev.RunPaused(step=0))
        off = facts.adapter(is_on=False, is_brought=True)
        assert stage.app.status_line.text.startswith(off)
        await stage.press(":adapter")
        assert stage.sent[-1:] == [cmd.SwitchAdapter(is_on=True)]
        await stage.press(":learns")
        assert stage.sent[-1:] == [cmd.SwitchAdapter(is_on=True)], "that is chosen once"


def test_a_talk_does_not_wait_for_an_adapter_that_is_not_there() -> None:
    off = cmd.SwitchAdapter(is_on=False)
    assert not is_obeyed(off, folded(brought()))
    assert is_obeyed(off, folded([*brought(), ev.AdapterSwitched(step=0, is_on=False)]))
    assert is_obeyed(off, folded(brought(chosen={"learned": "all"})))


def test_a_model_of_our_own_that_was_exported_and_brought_gets_an_adapter_as_others() -> None:
    start = {"base": "my-capitals", "n_parameters": 1000, "n_learned": 1000}
    remedy = ev.RemedyChanged(step=BEGAN + 60, learns="adapter", n_learned=100)
    again = msgspec.structs.replace(
        began(), start=told.started(n_taught=50, n_held_out=20, **start)
    )
    state = folded([*lesson(), again, remedy])
    assert state.has_adapter
    assert not is_part_chosen(state)


async def test_t_chooses_the_deck_that_this_model_is_taught_next(tmp_path: Path) -> None:
    async with on_stage(lesson(), runs=tmp_path) as stage:
        await stage.press("s")
        picker = stage.app.screen
        assert isinstance(picker, DecksScreen)
        await stage.until(lambda: bool(picker.query_one(OptionList).options))
        picker.dismiss("/decks/many.deck")
        await stage.until(lambda: len(stage.teachers) == 2)
        request = stage.teachers[-1].request
        assert (request.deck, request.resume) == ("/decks/many.deck", None)
        start = stage.teachers[0].happened[1]
        assert isinstance(start, ev.RunStarted)
        assert request.after == start.folder


async def test_relearning_says_how_many_cards_it_took() -> None:
    happened = [*lesson(), began("English past tense"), *(exam(k) for k in range(0, 61, 3))]
    async with on_stage(happened) as stage:
        state = stage.app.session.state
        assert state.life.earlier[0].n_cards_to_know is not None
        assert state.exams.n_cards_to_know == 32 * 54
        check_words("screen: relearned", stage.app.status_line.text, again="1,728")


def test_a_race_is_offered_only_where_none_is_on() -> None:
    state = folded(second())
    state.life.earlier[-1].is_text = True
    keys = {"rehearse": "R", "learns": "P", "adapter": "A", "branch": "Press b"}
    said = sentence(state, keys)
    offered = f" {learned_before('English past tense', is_text=True).offer('Press b')}"
    assert said.endswith(offered)
    assert sentence(state, keys, is_racing=True) == said.removesuffix(offered)


def test_a_talk_has_its_own_plan_so_that_no_remedy_is_offered() -> None:
    state = folded(second())
    assert sentence(state, {}) == facts.kept_of(state.life.earlier[-1])
    state.remedies.learns, state.remedies.n_learned = "adapter", 900
    assert sentence(state, {}).endswith(facts.learning("adapter", 900))


def test_old_cards_that_were_never_away_did_not_come_back() -> None:
    state = folded([*second(), exam(63, kept=0.9)])
    state.remedies.rehearsal = 0.5
    for since_step, begins in ((state.life.since_step, "“"), (state.life.since_step + 9, "Taught")):
        state.remedies.since_step = since_step
        assert sentence(state, {}).startswith(begins)


def test_where_another_deck_begins_is_marked_on_the_curve() -> None:
    state = folded(second())
    (mark,) = turning_points(state)
    assert (mark.step, mark.word) == (state.life.since_step, "this deck begins")


@pytest.mark.parametrize(
    ("shares", "now", "way"),
    [
        ((0.0, 0.01), 0.01, "100 % were right, now 1 %."),
        ((0.2, 0.6), 0.6, "100 % were right, then 20 %, now 60 %."),
        ((0.97, 1.0), 1.0, "100 % were right, then 97 %, now 100 %."),
    ],
)
def test_the_least_score_of_an_old_deck_is_told_where_it_came_back(
    shares: tuple[float, ...], now: float, way: str
) -> None:
    chapter = folded(second()).life.earlier[-1]
    chapter.seen_before, chapter.seen = val.Score(100, 100), val.Score(round(100 * now), 100)
    chapter.seen_rates = type(chapter.seen_rates)()
    for i, share in enumerate(shares):
        chapter.seen_rates.append(chapter.until_step + i, share)
    sentence = facts.kept_of(chapter)
    assert sentence.endswith(f": {way}")
    assert sentence.startswith("It forgets") == (len(shares) == 2 and now < 0.1)
