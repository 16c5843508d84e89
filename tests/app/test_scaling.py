"""The screen that shows what more data does, with a scripted measurement and with the real one."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest
from textual.widgets import Static

from flashcards.app.memory.scaling_screen import InContextScreen, ScalingScreen, ScalingSheet
from flashcards.charts.scaling_chart import conclusion
from flashcards.cli import main
from flashcards.runs import commands as cmd, events as ev, scaling
from flashcards.runs.folder import RunFolder
from flashcards.runs.values import Score
from flashcards.trainer.scaling import scaling_client
from flashcards.trainer.scaling.scaling_client import ScalingFailed, in_context, measure
from tests import told
from tests.app.lesson import lesson, started
from tests.app.pictures import check_pictures
from tests.app.saved_run import a_run
from tests.app.script import Stage, on_stage, said_by
from tests.decks import write_capitals, write_sums
from tests.golden import check_words, words

START = scaling.ScalingStarted(
    deck="past-tense",
    name="Past tense",
    seed=1,
    n_steps=1000,
    batch_size=32,
    n_taught=2880,
    n_held_out=800,
    n_parameters=190_336,
    shares=(0.05, 0.1, 0.25, 0.5, 1.0),
)
SCORES = ((0.05, 144, 144, 96), (0.1, 288, 288, 232), (0.25, 720, 719, 480), (0.5, 1440, 1431, 640))


def measured(n_points: int) -> list[scaling.AnyScalingFact]:
    points = [
        scaling.ScalingPoint(share=share, n_cards=n, seen=Score(seen, n), unseen=Score(unseen, 800))
        for share, n, seen, unseen in (*SCORES, (1.0, 2880, 2851, 744))
    ]
    return [START, *points[:n_points]]


class Measuring:
    """Yields what it is given, then waits to be closed, or fails."""

    def __init__(self, happened: list[scaling.AnyScalingFact], failure: str = "") -> None:
        self.happened = happened
        self.failure = failure
        self.asked: list[tuple[Path, int, bool]] = []
        self.is_closed = False

    async def __call__(
        self, run: Path, seed: int, *, is_diverse: bool
    ) -> AsyncGenerator[scaling.AnyScalingFact, None]:
        self.asked.append((run, seed, is_diverse))
        try:
            for fact in self.happened:
                yield fact
            if self.failure:
                raise ScalingFailed(self.failure)
            await asyncio.Event().wait()
        finally:
            self.is_closed = True


async def opened(stage: Stage, monkeypatch: pytest.MonkeyPatch, measuring: Measuring) -> None:
    monkeypatch.setattr(scaling_client, "measure", measuring)
    await stage.press(":scaling")
    assert isinstance(stage.app.screen, ScalingScreen)
    await stage.settle()


async def test_the_lesson_waits_until_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    measuring = Measuring(measured(1))
    async with on_stage(lesson()) as stage:
        await opened(stage, monkeypatch, measuring)
        assert measuring.asked == [(Path("r"), 7, False)]
        assert stage.sent == [cmd.Pause()]
        await stage.press("escape")
        await stage.until(lambda: measuring.is_closed)
        assert stage.sent == [cmd.Pause(), cmd.Play()]


def title(stage: Stage) -> str:
    return str(stage.app.screen.query_one(".dialog-title", Static).content)


@pytest.mark.parametrize(
    "measuring", [Measuring(measured(1)), Measuring(measured(5)), Measuring([], "a reason")]
)
async def test_the_title_asks_and_says_how_the_waiting_lesson_goes_on(
    monkeypatch: pytest.MonkeyPatch, measuring: Measuring
) -> None:
    async with on_stage(lesson()) as stage:
        await opened(stage, monkeypatch, measuring)
        hint = words("screen: more cards, waiting")
        assert title(stage) == f"past-tense: {words('screen: more cards')}   {hint}"


@pytest.mark.parametrize(("width", "is_named"), [(80, False), (120, True)])
async def test_a_title_that_has_no_room_for_the_decks_name_is_the_question(
    monkeypatch: pytest.MonkeyPatch, width: int, *, is_named: bool
) -> None:
    name = "Turn it round after an exclamation mark"
    happened = [
        msgspec.structs.replace(event, name=name) if isinstance(event, ev.RunStarted) else event
        for event in lesson()
    ]
    async with on_stage(happened, (width, 24)) as stage:
        await opened(stage, monkeypatch, Measuring(measured(1)))
        hint = words("screen: more cards, waiting")
        asked = f"{words('screen: more cards')}   {hint}"
        assert title(stage) == (f"“{name}”: {asked}" if is_named else asked)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (ev.RunPaused(step=1284), "screen: more cards, still paused"),
        (told.ended("memorised", (9, 9), (0, 9), step=1284), "screen: more cards, over"),
    ],
)
async def test_the_title_says_what_a_lesson_does_that_was_not_learning(
    monkeypatch: pytest.MonkeyPatch, event: ev.AnyEvent, said: str
) -> None:
    async with on_stage([*lesson(), event]) as stage:
        await opened(stage, monkeypatch, Measuring(measured(1)))
        assert title(stage).endswith(words(said))


async def test_a_lesson_that_was_paused_stays_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage([*lesson(), ev.RunPaused(step=1284)]) as stage:
        await opened(stage, monkeypatch, Measuring([]))
        assert "waits" not in title(stage)
        await stage.press("escape")
        assert stage.sent == []


async def test_points_come_as_they_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    happened = [*measured(2), scaling.ScalingWent(share=0.25, n_cards=720, step=340)]
    async with on_stage(lesson()) as stage:
        await opened(stage, monkeypatch, Measuring(happened))
        lines = stage.lines(ScalingSheet)
        rows = [line.split() for line in lines if "%" in line.split()[1:2]]
        assert rows[0][:8] == ["5", "%", "144", "100", "%", "12", "%", rows[0][7]]
        assert rows[2] == ["25", "%", "720", "…", "…"]
        assert words("screen: trial", lesson=3, n=5, step=340) in lines
        assert rows[4] == ["100", "%"]
        assert not any("More data" in line for line in lines)


async def test_all_points_looks_as_it_should(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(lesson()) as stage:
        await opened(stage, monkeypatch, Measuring(measured(5)))
        points = [fact for fact in measured(5) if isinstance(fact, scaling.ScalingPoint)]
        assert conclusion(START, points) in stage.text(ScalingSheet)
        await check_pictures(stage, "scaling")


DRAWN = msgspec.structs.replace(START, shares=(1.0,), alike=scaling.Kind("ending", "e"), n_seeds=3)


def drawn(*right: int) -> list[scaling.ScalingPoint]:
    return [
        scaling.ScalingPoint(
            share=1.0,
            n_cards=415,
            seen=Score(415, 415),
            unseen=Score(n, 800),
            draw="narrow" if place < 3 else "wide",
            alike=Score(190, 200),
        )
        for place, n in enumerate(right)
    ]


async def test_d_shows_narrow_and_wide_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[scaling.AnyScalingFact] = [DRAWN, *drawn(200, 160, 240, 700)]
    happened.append(scaling.ScalingWent(share=1.0, n_cards=415, step=340, draw="wide"))
    async with on_stage(lesson()) as stage:
        measuring = Measuring(happened)
        await opened(stage, monkeypatch, measuring)
        await stage.press("d")
        await stage.settle()
        assert [asked[2] for asked in measuring.asked] == [False, True]
        rows = [line.split() for line in stage.lines(ScalingSheet)]
        (narrow,) = (row for row in rows if row[:2] == ["one", "kind"])
        assert narrow[2:9] == ["415", "100", "%", "25", "%", "20–30", "%"]
        assert ["all", "kinds", "415", "…", "…"] in rows
        assert words("screen: trial", lesson=5, n=6, step=340) in stage.lines(ScalingSheet)


@pytest.mark.parametrize(
    ("right", "key", "values"),
    [
        ((200, 160, 240, 700, 720, 710), "screen: kinds help", {"wide": "89 %", "narrow": "25 %"}),
        ((200, 160, 240, 230, 720, 710), "scaling: no difference", {}),
        ((700, 720, 710, 200, 160, 240), "screen: one kind", {}),
        ((8, 6, 9, 40, 41, 39), "screen: kinds alike", {"wide": "5 %", "narrow": "1 %"}),
        ((40, 41, 39, 8, 6, 9), "screen: kinds alike", {"wide": "1 %", "narrow": "5 %"}),
        ((790, 791, 789, 760, 761, 762), "screen: kinds alike", {"wide": "95 %", "narrow": "99 %"}),
        ((8, 6, 9, 9, 11, 10), "scaling: no difference", {}),  # ranges that touch
        ((9, 11, 10, 8, 6, 9), "scaling: no difference", {}),
    ],
)
def test_the_ranges_decide_what_follows_from_the_draws(
    right: tuple[int, ...], key: str, values: dict[str, str]
) -> None:
    check_words(key, conclusion(DRAWN, drawn(*right)), **values)
    assert conclusion(DRAWN, drawn(*right)[:5]) == ""


async def test_where_no_card_is_kept_back_measuring_says_how_to_keep_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measuring = Measuring([])
    monkeypatch.setattr(scaling_client, "measure", measuring)
    async with on_stage([started(n_held_out=0)]) as stage:
        await stage.press(":scaling")
        assert words("screen: none to measure") in said_by(stage.app)
        assert (measuring.asked, stage.sent) == ([], [])


async def test_what_cannot_be_measured_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    measuring = Measuring([], "Every card of Some deck is taught, so there is nothing to measure")
    async with on_stage(lesson()) as stage:
        await opened(stage, monkeypatch, measuring)
        failed = words("screen: unmeasured", why=measuring.failure)
        assert failed in stage.text(ScalingSheet)


@pytest.mark.parametrize(
    ("few", "many", "key", "values"),
    [
        (0, 790, "screen: more helps", {"many": "99 %", "few": "0 %"}),
        (0, 3, "screen: more overlaps", {}),
        (700, 100, "screen: more harms", {}),
        (0, 38, "screen: more alike", {"many": "5 %", "few": "0 %"}),
        (0, 40, "screen: more helps", {"many": "5 %", "few": "0 %"}),
    ],
)
def test_the_intervals_decide_what_is_said(
    few: int, many: int, key: str, values: dict[str, str]
) -> None:
    points = [
        scaling.ScalingPoint(share=s, n_cards=n, seen=Score(n, n), unseen=Score(right, 800))
        for s, n, right in ((0.05, 144, few), (1.0, 2880, many))
    ]
    start = msgspec.structs.replace(START, shares=(0.05, 1.0))
    check_words(key, conclusion(start, points), **values)
    assert conclusion(START, points) == ""


ROWS = [
    "                  in the prompt",
    "  cards      taught   never taught",
    "      0     1 of 16      3 of 16",
]


async def test_cards_in_the_prompt_come_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    async def in_context(run: Path) -> AsyncGenerator[str, None]:
        assert run == Path("r")
        for row in ROWS:
            yield row
        raise ScalingFailed("a reason")

    monkeypatch.setattr(scaling_client, "in_context", in_context)
    async with on_stage(lesson()) as stage:
        await stage.press(":in_context")
        await stage.settle()
        assert isinstance(stage.app.screen, InContextScreen)
        assert stage.sent == [cmd.Pause()]
        text = str(stage.app.screen.query_one("#lines", Static).content)
        assert text.splitlines() == [*ROWS, words("screen: unmeasured", why="a reason")]
        await stage.press("escape")
        assert stage.sent == [cmd.Pause(), cmd.Play()]


def a_run_of(deck: Path, root: Path) -> Path:
    run = a_run(root)
    (run / "deck" / "0000-past-tense.deck").unlink()
    (run / "deck" / "0000-past-tense.deck").write_bytes(deck.read_bytes())
    assert RunFolder.open(run).deck_path().name == "0000-past-tense.deck"
    return run


@pytest.mark.slow
@pytest.mark.pair
async def test_the_real_child_measures_the_runs_deck(tmp_path: Path) -> None:
    run = a_run_of(write_sums(tmp_path), tmp_path / "runs")
    happened = [fact async for fact in measure(run, 2, n_steps=3)]
    start, last = happened[0], happened[-1]
    assert isinstance(start, scaling.ScalingStarted)
    assert (start.seed, start.n_steps) == (2, 3)
    assert isinstance(last, scaling.ScalingPoint)
    assert last.n_cards == start.n_taught


@pytest.mark.slow
@pytest.mark.pair
async def test_the_real_child_asks_with_cards_in_the_prompt(tmp_path: Path) -> None:
    deck, root = write_capitals(tmp_path), tmp_path / "runs"
    assert main(["train", str(deck), "--steps", "3", "--runs", str(root)]) == 0
    (run,) = root.iterdir()
    lines = [line async for line in in_context(run)]
    assert "".join(lines[:2]).startswith(words("screen: in context", deck="Some capitals", step=3))
    assert words("screen: in prompt") in " ".join(lines[-4:])


@pytest.mark.slow
@pytest.mark.pair
async def test_closing_early_kills_the_real_child(tmp_path: Path) -> None:
    run = a_run_of(write_sums(tmp_path), tmp_path / "runs")
    facts = measure(run, 1, n_steps=1_000_000)
    assert isinstance(await anext(facts), scaling.ScalingStarted)
    await facts.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(facts)
    children = Path("/proc/self/task").glob("*/children")
    pids = [pid for file in children for pid in file.read_text().split()]
    commands = [Path(f"/proc/{pid}/cmdline") for pid in pids]
    assert not any(b"1000000" in c.read_bytes() for c in commands if c.exists())


async def test_before_anything_is_measured_it_says_what_will_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with on_stage(lesson()) as stage:
        await opened(stage, monkeypatch, Measuring([]))
        screen = "\n".join(stage.rows())
        assert words("screen: more cards") in screen
        assert "waking the model" in screen
