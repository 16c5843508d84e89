"""Whatever happens to a run: going on with it is the run that was never interrupted, `verify` finds
no difference, and a time machine comes to every model that there was."""

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
from flashcards.runs.values import ORDERS, BetQuestion
from flashcards.trainer.again.traveller import learner_at
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.checkpoints import Restorer
from flashcards.trainer.opening import OpenedLesson, open_lesson
from flashcards.trainer.request import LessonRequest
from tests.decks import write_capitals
from tests.trainer.lessons import Clock, Script, ScriptedInbox

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

LOOKS: Sequence[cmd.AnyCommand] = (
    *(cmd.Ask(request=9, prompt="Narnia"), cmd.AskPast(request=9, prompt="Peru")),
    *(cmd.ListCards(request=9, sort="hardest", filter="a"), cmd.LookInside(request=9)),
    *(cmd.CutTexts(request=9, texts=("France",)), cmd.SetBookmark(step=1, text="here")),
    cmd.PlaceBet(bet=BetQuestion(kind="score", side="seen", at_step=1), share=0.4),
    *(cmd.Pause(), cmd.Play()),  # a pause saves what was asked for
)
"""What changes nothing that is learned, done whenever the run goes on."""
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
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.deck = write_capitals(self.folder)
        (self.folder / "copies").mkdir()
        self.untouched = Path(shutil.copy(self.deck, self.folder / "copies" / self.deck.name))
        self.runs = self.folder / "runs"
        self.made: list[Path] = []
        self.script: Script = []
        self.hashes: dict[int, str] = {}
        self.step = 0
        self.is_branch = self.is_other = False

    @initialize(is_shuffled=st.booleans(), is_slow=st.booleans())
    def begin(self, is_shuffled: bool, is_slow: bool) -> None:
        self.first = LessonRequest(
            deck=str(self.deck),
            runs=str(self.runs),
            speed="slow" if is_slow else "full",
            is_shuffled=is_shuffled,
        )
        self.teach(self.first, [(2, cmd.Stop())])

    @rule(
        n_steps=st.integers(1, 6),
        commands=st.lists(st.sampled_from(COMMANDS), max_size=2),
        ends=st.sampled_from(["stopped", "killed", "at its goal"]),
        duty=st.sampled_from([1.0, 0.5]),
    )
    def go_on(self, n_steps: int, commands: list[cmd.AnyCommand], ends: str, duty: float) -> None:
        self.teach_on(self.wished(resume=str(self.made[-1]), duty=duty), n_steps, commands, ends)

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
        if self.is_other:
            change = {}  # the deck may have lost the card that is to be left out
        self.step = tenths * self.step // 10
        self.script = [(step, given) for step, given in self.script if step <= self.step]
        self.is_branch, self.is_other = True, self.is_other or bool(change)
        parent = str(self.made[-1])
        request = self.wished(branch_of=parent, branch_step=self.step, **change)
        self.teach_on(request, n_steps, [command], "stopped")

    @precondition(lambda self: not self.is_other and not self.first.is_shuffled)
    @rule()
    def teach_another_deck(self) -> None:
        self.is_other = True
        other = self.folder / "colours.deck"
        other.write_text("red :: rot\nFrance :: Paris\nblue :: blau\n", "utf-8")
        self.teach(
            self.wished(deck=str(other), after=str(self.made[-1])), [(self.step + 3, cmd.Stop())]
        )

    @precondition(lambda self: not self.is_other)
    @rule()
    def break_and_go_back(self) -> None:
        """The state before the rate was raised, unless the model withstands it."""
        self.is_other = True
        first = self.step
        script: Script = [(first, cmd.SetLearningRate(factor=1024.0)), (first + 5, cmd.Rewind())]
        script.append((first + 6, cmd.Stop()))
        self.teach(self.wished(resume=str(self.made[-1])), script)

    def teardown(self) -> None:
        try:
            for run in self.made:
                found = verify(run)
                assert found.is_same, (found.problem, found.differences)
            if self.made:
                for step in (0, self.step // 3, self.step):
                    again = learner_at(self.made[-1], step).learner
                    assert (again.step, again.weights_sha256()) == (step, self.hashes[step])
                self.check_uninterrupted()
        finally:
            self.temporary.cleanup()

    def check_uninterrupted(self) -> None:
        """The run without its restarts, and without what only looks."""
        if self.is_other:
            return  # a script by steps can't say that
        interrupted = Restorer(RunFolder.open(self.made[-1])).restore()
        hashes = dict(self.hashes)
        deck, runs = str(self.untouched), str(self.folder / "whole")
        given = [(at, one) for at, one in self.script if type(one) not in map(type, LOOKS)]
        whole = self.teach(
            msgspec.structs.replace(self.first, deck=deck, runs=runs),
            [*given, (self.step, cmd.Stop())],
        )
        assert whole is not None
        assert self.hashes == hashes
        assert whole.training.order.position == interrupted.order.position
        if not self.is_branch:  # what was examined where the branch left stays known
            assert whole.training.ledger.to_bytes() == interrupted.ledger.to_bytes()
            assert whole.training.accounts.to_bytes() == interrupted.accounts.to_bytes()

    def wished(self, **asked: object) -> LessonRequest:
        return LessonRequest(**{"deck": "", "runs": str(self.runs), **asked})  # type: ignore[arg-type]

    def teach_on(
        self, request: LessonRequest, n_steps: int, commands: list[cmd.AnyCommand], ends: str
    ) -> None:
        first, last = self.step, self.step + n_steps
        given: Script = [(first, self.meant(command)) for command in commands]
        given += [(first, command) for command in LOOKS]
        self.script += given
        script: Script = [*given, (last, cmd.Stop())] if ends == "stopped" else [*given]
        self.teach(
            request,
            script,
            goal=Goal(step=last) if ends == "at its goal" else None,
            killed_at=last if ends == "killed" else None,
        )

    def meant(self, command: cmd.AnyCommand) -> cmd.AnyCommand:
        if not isinstance(command, cmd.TakeDeck):
            return command
        lines = self.untouched.read_text("utf-8").splitlines()[:-1]
        return msgspec.structs.replace(command, text="\n".join(lines))

    def teach(
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
        inbox.step = self.step if goes_on else 0
        adjust = Learner.adjust

        def adjusted(learner: Learner, *args: object, **kwargs: object) -> Adjustment:
            self.hashes[learner.step] = learner.weights_sha256()
            made = adjust(learner, *args, **kwargs)  # type: ignore[arg-type]
            self.hashes[learner.step] = learner.weights_sha256()
            inbox.step = learner.step
            if learner.step == killed_at:
                raise Killed
            return made

        def watch(event: AnyEvent) -> None:
            if isinstance(event, RunRewound):
                inbox.put(cmd.Stop())

        opened = open_lesson(request, inbox=inbox, watch=watch, goal=goal, clock=clock)
        folder = opened.keeper.folder
        if folder.path not in self.made and folder.path.parent == self.runs:
            self.made.append(folder.path)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Learner, "adjust", adjusted)
            try:
                opened.lesson.run()
            except Killed:
                return None
            finally:
                opened.keeper.close()
                self.step = RunFolder.open(folder.path).state_files()[-1][0]
                self.hashes = {k: sha for k, sha in self.hashes.items() if k <= self.step}
        return opened


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(
    max_examples=6,
    stateful_step_count=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
