"""Any keys, clicks, sizes and events, in any order, with a scripted teacher: nothing fails."""

import asyncio
import os
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import msgspec
import platformdirs
import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from textual import events
from textual.geometry import Size
from textual.screen import ModalScreen

import flashcards.cards.shelf as shelf_module
from flashcards.app.lesson.lesson_actions import QuitScreen
from flashcards.app.rooms import KEYS
from flashcards.app.widgets.dialog import ChoiceScreen
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.events import AnyEvent
from flashcards.trainer.scaling import scaling_client
from tests import told
from tests.app import recorded
from tests.app.asked import answered, changed, rivals
from tests.app.card_rows import reply
from tests.app.lesson import correction, lesson, started
from tests.app.script import ScriptedTeacher, Stage, on_stage
from tests.app.test_scaling import Measuring, measured
from tests.waiting import PATIENCE_S

SIZES = ((80, 24), (120, 40), (60, 20), (40, 12), (30, 8), (200, 60), (30, 40), (160, 8))
BOUND = tuple(sorted({key for binding in KEYS for key in binding.keys}))
COMMANDS = tuple(key.id for key in KEYS if not key.keys and key.id not in ("edit", "picture"))
TEXT_KEYS = (
    *"cswyd5xé中/",
    *("enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "home", "end"),
    *("pageup", "pagedown", "delete", "backspace", "ctrl+s", "ctrl+p", "ctrl+c", "ctrl+end"),
    *("ctrl+a", "ctrl+u", "ctrl+z", "f1", "f2", "f3", "f4", "f8", "space"),
)
any_key = st.sampled_from(BOUND) | st.sampled_from(TEXT_KEYS)
OPENERS = (*"adsenprbq", "question_mark", "colon")
DECK = "+++\nheld_out = 0.2\n+++\n" + "".join(f"{n} + 1 :: {n + 1}\n" for n in range(12))

N_TAUGHT, N_NEVER_SEEN = 9, 3
TAUGHT, UNSEEN = (N_TAUGHT, N_TAUGHT), (0, N_NEVER_SEEN)


def start(root: Path) -> ev.RunStarted:
    return started(
        *(N_TAUGHT, N_NEVER_SEEN), deck="sums", folder="r", deck_path=str(root / "sums.deck")
    )


def happenings(root: Path) -> dict[str, list[AnyEvent]]:
    """What a trainer may say at any time, by name; each is said at step 1,300."""
    step = 1300
    exam = told.exam(step, TAUGHT, UNSEEN, cards_taught=40_000, unseen_loss_nats=2.0)
    ended = told.ended("memorised", TAUGHT, UNSEEN, step=step)
    before = start(root)
    return {
        "corrected": [ev.CorrectionMeasured(step=step, correction=correction())],
        "examined": [exam],
        "ended": [exam, ended, ev.RunPaused(step=step)],
        "paused": [ev.RunPaused(step=step)],
        "played": [ev.RunPlayed(step=step)],
        "diverged": [ev.RunDiverged(step=step)],
        "edited": [msgspec.structs.replace(changed(0), start=before)],
        "rewound": [
            ev.RunResumed(step=900, start=before),
            ev.RunRewound(step=900, from_step=step, factor=0.5),
        ],
        "explaining": [
            ev.SpeedChanged(step=step, speed="explain"),
            ev.PhaseEntered(step=step, phase="model", correction=correction(), is_held=True),
        ],
        "walking": [*[e for e in recorded.events() if isinstance(e, ev.PhaseEntered)][:3]],
        "pinned": [
            ev.PromptPinned(step=step, prompt="sing"),
            ev.PinAnswered(
                step=step, prompt="sing", answer="sang", probability=0.5, piece_mark="right"
            ),
        ],
        "unpinned": [ev.PromptUnpinned(step=step, prompt="sing")],
        "marked": [ev.BookmarkSet(step=step, text="a word", at_step=100)],
        "failed": [ev.TrainerFailed(step=step, text="the disk is full")],
    }


NAMES = tuple(happenings(Path()))


def answer(teacher: ScriptedTeacher, question: cmd.AnyCommand) -> None:
    match question:
        case cmd.Ask(prompt=prompt, request=request):
            teacher.say(answered(request, prompt, "sang"), rivals(request, "sang", None, "sang"))
        case cmd.ListCards():
            teacher.say(reply(question, 12, step=1300))
        case cmd.LookInside(request=request):
            teacher.say(msgspec.structs.replace(recorded.inside(), request=request))
        case cmd.TeachCard(request=request):
            teacher.say(ev.TeachingRefused(step=1300, request=request, text="It is full."))
        case cmd.SetSpeed(speed=speed):
            teacher.say(ev.SpeedChanged(step=1300, speed=speed))
        case cmd.Pause():
            teacher.say(ev.RunPaused(step=1300))
        case cmd.Play():
            teacher.say(ev.RunPlayed(step=1300))
        case cmd.CutTexts(request=request, texts=texts):
            cuts = tuple(tuple(text) for text in texts)
            teacher.say(ev.TextsCut(step=1300, request=request, cuts=cuts))
        case cmd.GoTo(step=step):
            teacher.say(ev.StepReached(step=step, target=step, is_arrived=True))
        case _:
            pass


class AnyKeys(RuleBasedStateMachine):
    root: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.on_stage: AbstractAsyncContextManager[Stage] | None = None
        self.done: list[str] = []
        self.n_answered: dict[ScriptedTeacher, int] = {}
        self.stage = self.runner.run(self.open())

    async def open(self) -> Stage:
        happened: list[AnyEvent] = [
            event
            for event in lesson(4, N_TAUGHT, N_NEVER_SEEN)
            if not isinstance(event, ev.RunStarted)
        ]
        happened.insert(1, start(self.root))
        deck = str(self.root / "sums.deck")
        self.on_stage = on_stage(happened, runs=self.root / "runs", deck=deck, is_drawn=True)
        return await self.on_stage.__aenter__()

    @property
    def is_running(self) -> bool:
        return self.stage.app.is_running and not self.stage.app._exit

    @rule(key=any_key)
    def press(self, key: str) -> None:
        self.do(key)

    @rule(id_=st.sampled_from(COMMANDS))
    def choose(self, id_: str) -> None:
        """A command of the palette, as it does nothing behind a dialog."""
        if not isinstance(self.stage.app.screen, ModalScreen):
            self.runner.run(self.stage.app.run_action(f"do('{id_}')"))
        self.do()

    @rule(key=any_key)
    def press_twice(self, key: str) -> None:
        self.do(key, key)

    @rule(keys=st.lists(any_key, min_size=3, max_size=8))
    def burst(self, keys: list[str]) -> None:
        self.do(*keys)

    @rule(key=any_key)
    def press_and_escape(self, key: str) -> None:
        self.do(key, "escape")

    @rule(opener=st.sampled_from(OPENERS), keys=st.lists(any_key, max_size=3))
    def open_dialog(self, opener: str, keys: list[str]) -> None:
        self.do("escape", opener)
        self.do(*keys)

    @rule(view=st.sampled_from("12345678"))
    def show_view(self, view: str) -> None:
        self.do("escape", view)

    @rule(size=st.sampled_from(SIZES))
    def resize(self, size: tuple[int, int]) -> None:
        self.stage.app.post_message(events.Resize(Size(*size), Size(*size)))
        self.do()

    @rule(x=st.integers(0, 79), y=st.integers(0, 23), times=st.sampled_from((1, 1, 2)))
    def click(self, x: int, y: int, times: int) -> None:
        for _ in range(times):
            for kind in (events.MouseDown, events.MouseUp):
                self.stage.app.post_message(
                    kind(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y)
                )
        self.do()

    @rule(name=st.sampled_from(NAMES))
    def happen(self, name: str) -> None:
        self.stage.teachers[-1].say(*happenings(self.root)[name])
        self.do()

    @rule()
    def answer(self) -> None:
        for teacher in (*self.stage.teachers, *self.stage.machines):
            for question in teacher.sent[self.n_answered.get(teacher, 0) :]:
                answer(teacher, question)
            self.n_answered[teacher] = len(teacher.sent)
        self.do()

    def do(self, *keys: str) -> None:
        self.done.append(" ".join(keys) or "(something else)")
        for key in keys:
            self.stage.app.simulate_key(key)
        try:
            self.runner.run(self.rest())
        except BaseException as error:
            error.add_note(f"after {self.done}")  # what replaying may not find again
            raise

    async def rest(self) -> None:
        app = self.stage.app
        for _ in range(3):
            for _ in range(8):
                await asyncio.sleep(0)
            if self.is_running:
                app.call_later(app.paint)
        if app._exception is not None:
            raise app._exception
        if not self.is_running and not app.session.is_leaving:
            raise AssertionError("it ended by itself")
        if not self.is_running:
            await self.close()
            self.stage = await self.open()
            self.done.clear()
        kinds = [
            (type(s), s.question if isinstance(s, ChoiceScreen) else "")
            for s in self.stage.app.screen_stack
            if isinstance(s, ModalScreen)
        ]
        assert len(kinds) == len(set(kinds)), f"two dialogs of a kind: {kinds}"

    def teardown(self) -> None:
        self.runner.run(self.leave())
        self.runner.close()

    async def leave(self) -> None:
        app = self.stage.app
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self.is_running:
                    is_asked = isinstance(app.screen, QuitScreen | ChoiceScreen)
                    for key in ("2", "escape") if is_asked else ("escape", "q"):
                        app.simulate_key(key)
                        for _ in range(20):
                            await asyncio.sleep(0)
                    await asyncio.sleep(0.001)
        except TimeoutError as error:
            error.add_note(f"{app.screen_stack} after {self.done}")
            raise
        finally:
            await self.close()

    async def close(self) -> None:
        assert self.on_stage is not None
        on_stage, self.on_stage = self.on_stage, None
        await on_stage.__aexit__(None, None, None)


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of the test's own for everything that is written, and nobody else's processes."""
    for name in ("STATE", "DATA", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda *_, **__: str(tmp_path / "own"))
    monkeypatch.setattr(shelf_module, "shipped", lambda: tmp_path / "shipped")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.setattr(scaling_client, "measure", Measuring(measured(2)))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "capitals.deck").write_text("France :: Paris\n", "utf-8")
    (tmp_path / "sums.deck").write_text(DECK, "utf-8")
    monkeypatch.setattr(AnyKeys, "root", tmp_path, raising=False)


@pytest.mark.slow
def test_any_keys_do_no_harm() -> None:
    """As many examples as FLASHCARDS_ANY_KEYS says, others each time; without it the same four."""
    n_examples = os.environ.get("FLASHCARDS_ANY_KEYS")
    run_state_machine_as_test(
        AnyKeys,
        settings=settings(
            max_examples=int(n_examples or 4),
            stateful_step_count=50,
            deadline=None,
            database=None,
            derandomize=n_examples is None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
