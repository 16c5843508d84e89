"""Whatever happens to a run: going on with it is the run that was never interrupted, `verify` finds
no difference, and a time machine comes to every model that there was."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from flashcards.learner.learner import Learner
from flashcards.learner.study import Adjustment
from flashcards.runs import commands as cmd
from flashcards.runs.events import AnyEvent, RunRewound
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.values import ORDERS
from flashcards.trainer.again.reaching import learner_at
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.checkpoints import Restorer
from flashcards.trainer.opening import OpenedLesson, open_lesson
from flashcards.trainer.request import LessonRequest
from tests.decks import write_capitals
from tests.trainer.lessons import Clock, ScriptedInbox

Script = list[tuple[int, cmd.AnyCommand]]

COMMANDS: Sequence[cmd.AnyCommand] = (
    *(
        cmd.SetLearningRate(factor=2.0),
        cmd.SetLearningRate(factor=0.25),
        cmd.SetLearningRate(factor=1.0),
    ),
    *(cmd.SetSpeed(speed="brisk"), cmd.SetSpeed(speed="explain"), cmd.SetSpeed(speed="full")),
    *(cmd.SetOrder(order=name) for name in ORDERS),
    *(cmd.Pin(prompt="Egypt"), cmd.Pin(prompt="France"), cmd.Unpin(prompt="France")),
    *(
        cmd.Ask(request=1, prompt="France"),
        cmd.TeachCard(request=2, prompt="Chad", answer="Ndjamena"),
    ),
    *(cmd.TeachCard(request=3, prompt="Egypt", answer="Cairo"), cmd.TakeDeck(text="")),
)
"""An empty deck stands for the first one without its last card."""

LOOKING = (cmd.Ask, cmd.Pause, cmd.Play)
CHANGES: list[dict[str, object]] = [
    {},
    {"branch_seed": 5},
    {"learning_rate_factor": 0.5},
    {"without_prompt": "Peru"},
]


class Killed(Exception):  # noqa: N818
    """The process ended in the middle of an update."""


class AnyHistory(RuleBasedStateMachine):
    """A run, and what was asked of it: its commands by the step at which they were given.

    `hashes`: of the weights after each step. `is_other`: more happened than its script says.
    """

    def __init__(self) -> None:
        super().__init__()
        self._temporary = tempfile.TemporaryDirectory()
        self._folder = Path(self._temporary.name)
        self._deck = write_capitals(self._folder)
        (self._folder / "copies").mkdir()
        self._untouched = Path(shutil.copy(self._deck, self._folder / "copies" / self._deck.name))
        self._runs = self._folder / "runs"
        self._all: list[Path] = []
        self._script: Script = []
        self._hashes: dict[int, str] = {}
        self._step = 0
        self._is_branch = self._is_other = False

    @initialize(is_shuffled=st.booleans(), is_slow=st.booleans())
    def begin(self, is_shuffled: bool, is_slow: bool) -> None:
        self._first = LessonRequest(
            deck=str(self._deck),
            runs=str(self._runs),
            speed="slow" if is_slow else "full",
            is_shuffled=is_shuffled,
        )
        self._teach(self._first, [(2, cmd.Stop())])

    @rule(
        n_steps=st.integers(1, 6),
        commands=st.lists(st.sampled_from(COMMANDS), max_size=2),
        ends=st.sampled_from(["stopped", "killed", "at its goal"]),
        duty=st.sampled_from([1.0, 0.5]),
    )
    def go_on(self, n_steps: int, commands: list[cmd.AnyCommand], ends: str, duty: float) -> None:
        self._go_on(self._asked(resume=str(self._all[-1]), duty=duty), n_steps, commands, ends)

    @rule(
        tenths=st.integers(0, 10),
        n_steps=st.integers(0, 4),
        command=st.sampled_from(COMMANDS),
        change=st.sampled_from(CHANGES),
    )
    def branch(
        self, tenths: int, n_steps: int, command: cmd.AnyCommand, change: dict[str, object]
    ) -> None:
        """From any step; left before its first update, too, and with something different."""
        if self._is_other:
            change = {}  # the deck may have lost the card that is to be left out
        self._step = tenths * self._step // 10
        self._script = [(step, given) for step, given in self._script if step <= self._step]
        self._is_branch, self._is_other = True, self._is_other or bool(change)
        parent = str(self._all[-1])
        request = self._asked(branch_of=parent, branch_step=self._step, **change)
        self._go_on(request, n_steps, [command], "stopped")

    @precondition(lambda self: not self._is_other and not self._first.is_shuffled)
    @rule()
    def teach_another_deck(self) -> None:
        self._is_other = True
        other = self._folder / "colours.deck"
        other.write_text("red :: rot\nFrance :: Paris\nblue :: blau\n", "utf-8")
        self._teach(
            self._asked(deck=str(other), after=str(self._all[-1])), [(self._step + 3, cmd.Stop())]
        )

    @precondition(lambda self: not self._is_other)
    @rule()
    def break_and_go_back(self) -> None:
        """The state before the rate was raised, unless the model withstands it."""
        self._is_other = True
        first = self._step
        script: Script = [(first, cmd.SetLearningRate(factor=1024.0)), (first + 5, cmd.Rewind())]
        script.append((first + 6, cmd.Stop()))
        self._teach(self._asked(resume=str(self._all[-1])), script)

    def teardown(self) -> None:
        try:
            for run in self._all:
                found = verify(run)
                assert found.is_same, (found.problem, found.differences)
            if self._all:
                for step in (0, self._step // 3, self._step):
                    again = learner_at(self._all[-1], step).learner
                    assert (again.step, again.weights_sha256()) == (step, self._hashes[step])
                self._check_uninterrupted()
        finally:
            self._temporary.cleanup()

    def _check_uninterrupted(self) -> None:
        """The run without its restarts, and without what only looks."""
        if self._is_other:
            return  # a script by steps can't say that
        interrupted = Restorer(RunFolder.open(self._all[-1])).restore()
        hashes = dict(self._hashes)
        deck, runs = str(self._untouched), str(self._folder / "whole")
        given = [(at, one) for at, one in self._script if not isinstance(one, LOOKING)]
        whole = self._teach(
            msgspec.structs.replace(self._first, deck=deck, runs=runs),
            [*given, (self._step, cmd.Stop())],
        )
        assert whole is not None
        assert self._hashes == hashes
        assert whole.training.order.position == interrupted.order.position
        if not self._is_branch:  # what was examined where the branch left stays known
            assert whole.training.ledger.to_bytes() == interrupted.ledger.to_bytes()
            assert whole.training.accounts.to_bytes() == interrupted.accounts.to_bytes()

    def _asked(self, **asked: object) -> LessonRequest:
        return LessonRequest(**{"deck": "", "runs": str(self._runs), **asked})  # type: ignore[arg-type]

    def _go_on(
        self, request: LessonRequest, n_steps: int, commands: list[cmd.AnyCommand], ends: str
    ) -> None:
        first, last = self._step, self._step + n_steps
        given: Script = [(first, self._meant(command)) for command in commands]
        given += [(first, cmd.Pause()), (first, cmd.Play())]  # a pause saves what was asked for
        self._script += given
        script: Script = [*given, (last, cmd.Stop())] if ends == "stopped" else [*given]
        self._teach(
            request,
            script,
            goal=Goal(step=last) if ends == "at its goal" else None,
            killed_at=last if ends == "killed" else None,
        )

    def _meant(self, command: cmd.AnyCommand) -> cmd.AnyCommand:
        if not isinstance(command, cmd.TakeDeck):
            return command
        lines = self._untouched.read_text("utf-8").splitlines()[:-1]
        return msgspec.structs.replace(command, text="\n".join(lines))

    def _teach(
        self,
        request: LessonRequest,
        script: Script,
        *,
        goal: Goal | None = None,
        killed_at: int | None = None,
    ) -> OpenedLesson | None:
        """The lesson when it has ended; None when it was killed."""
        clock = Clock()
        inbox = ScriptedInbox(clock, script)
        goes_on = request.resume or request.branch_of or request.after
        inbox.step = self._step if goes_on else 0
        adjust = Learner.adjust

        def adjusted(learner: Learner, *args: object, **kwargs: object) -> Adjustment:
            self._hashes[learner.step] = learner.weights_sha256()
            made = adjust(learner, *args, **kwargs)  # type: ignore[arg-type]
            self._hashes[learner.step] = learner.weights_sha256()
            inbox.step = learner.step
            if learner.step == killed_at:
                raise Killed
            return made

        def watch(event: AnyEvent) -> None:
            if isinstance(event, RunRewound):
                inbox.put(cmd.Stop())

        opened = open_lesson(request, inbox=inbox, watch=watch, goal=goal, clock=clock)
        folder = opened.keeper.folder
        if folder.path not in self._all and folder.path.parent == self._runs:
            self._all.append(folder.path)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Learner, "adjust", adjusted)
            try:
                opened.lesson.run()
            except Killed:
                return None
            finally:
                opened.keeper.close()
                self._step = RunFolder.open(folder.path).state_files()[-1][0]
                self._hashes = {k: sha for k, sha in self._hashes.items() if k <= self._step}
        return opened


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(
    max_examples=6,
    stateful_step_count=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
