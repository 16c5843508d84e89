"""Whatever happens to a run: one that was interrupted is the same, `verify` finds no difference,
and a time machine comes to every model that there was."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from flashcards.learner.learner import Learner
from flashcards.runs import commands as cmd, pruning
from flashcards.runs.events import AnyEvent, RunRewound, VoteCast
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.state import RunState
from flashcards.runs.values import ORDERS, BetQuestion
from flashcards.trainer.again.traveller import learner_at
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.checkpoints import Restorer
from flashcards.trainer.opening import OpenedLesson, open_lesson
from flashcards.trainer.request import LessonRequest
from tests.app.possible import check, faults
from tests.decks import write_capitals
from tests.reading.texts import write_text
from tests.trainer.kept import as_if_elsewhere
from tests.trainer.lessons import Clock, Script, ScriptedInbox, noted

COMMANDS: Sequence[cmd.AnyCommand] = (
    cmd.SetLearningRate(factor=2.0),
    cmd.SetLearningRate(factor=0.25),
    cmd.SetLearningRate(factor=1.0),
    cmd.SetRemedy(learns="adapter"),
    cmd.SetRemedy(learns="last_layer"),
    cmd.SetRemedy(rehearsal=0.25),
    cmd.SetRemedy(rehearsal=0.5, learns="all"),
    cmd.SetPractice(practice="shuffled"),
    cmd.SetPractice(practice="taught"),
    cmd.SetSpeed(speed="brisk"),
    cmd.SetSpeed(speed="explain"),
    cmd.SetSpeed(speed="full"),
    *(cmd.SetOrder(order=name) for name in ORDERS),
    cmd.Pin(prompt="Egypt"),
    cmd.Pin(prompt="France"),
    cmd.Unpin(prompt="France"),
    cmd.Ask(request=1, prompt="France"),
    cmd.TeachCard(request=2, prompt="Chad", answer="Ndjamena"),
    cmd.TeachCard(request=3, prompt="Egypt", answer="Cairo"),
    cmd.TakeDeck(text=""),
    cmd.CastVote(step=0, choice="left"),
)
"""An empty deck stands for the first one without its last card; a vote is about the step it is cast
at."""

LOOKS: Sequence[cmd.AnyCommand] = (
    cmd.Ask(request=9, prompt="Narnia"),
    cmd.AskPast(request=9, prompt="Peru"),
    cmd.ListCards(request=9, sort="hardest", filter="a"),
    cmd.LookInside(request=9),
    cmd.CutTexts(request=9, texts=("France",)),
    cmd.SetBookmark(step=1, text="here"),
    cmd.PlaceBet(bet=BetQuestion(kind="score", side="seen", at_step=1), share=0.4),
    cmd.Pause(),
    cmd.Play(),  # a pause saves what was asked for
)  # what changes nothing that is learned, done whenever the run goes on
ENDS = st.sampled_from(["stopped", "killed", "at its goal"])
CHANGES: list[dict[str, object]] = [
    {},
    {"branch_seed": 5},
    {"learning_rate_factor": 0.5},
    {"without_prompt": "Peru"},
]


class Killed(Exception):  # noqa: N818
    """The process ended in the middle of an update."""


@dataclass
class Chapter:
    """A deck the run was taught from a step on, and what was asked of it meanwhile."""

    first: int
    request: LessonRequest
    script: Script = field(default_factory=list)


class AnyHistory(RuleBasedStateMachine):
    """A run, and the commands that were given at each step.
    `hashes`: of the weights after each step. `is_other`: more happened than its scripts say."""

    def __init__(self) -> None:
        super().__init__()
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.deck = write_capitals(self.folder)
        write_capitals(self.copies)
        self.runs = self.folder / "runs"
        self.made: list[Path] = []
        self.chapters: list[Chapter] = []
        self.hashes: dict[int, str] = {}
        self.step = 0
        self.is_killed = self.is_branch = self.is_other = False

    @property
    def copies(self) -> Path:
        copies = self.folder / "copies"
        copies.mkdir(exist_ok=True)
        return copies

    @initialize(kind=st.sampled_from(["cards", "shuffled cards", "a text"]), is_slow=st.booleans())
    def begin(self, kind: str, is_slow: bool) -> None:
        if kind == "a text":
            self.deck = write_text(self.folder)
            write_text(self.copies)
        speed = "slow" if is_slow else "full"
        is_shuffled = kind == "shuffled cards"
        first = self.wished(deck=str(self.deck), speed=speed, is_shuffled=is_shuffled)
        self.chapters.append(Chapter(0, first))
        self.teach(first, [(2, cmd.Stop())])

    @invariant()
    def every_state_can_be(self) -> None:
        state = RunState()
        for event in RunFolder.open(self.made[-1]).events() if self.made else ():
            state.fold(event)
            check(faults(state, is_recorded=True))

    @rule(
        n_steps=st.integers(1, 6),
        commands=st.lists(st.sampled_from(COMMANDS), max_size=2),
        ends=ENDS,
        duty=st.sampled_from([1.0, 0.5]),
    )
    def go_on(self, n_steps: int, commands: list[cmd.AnyCommand], ends: str, duty: float) -> None:
        if ends == "killed":  # a vote is an update, and may be lost as one
            commands = [command for command in commands if not isinstance(command, cmd.CastVote)]
        request = self.wished(resume=str(self.made[-1]), duty=duty)
        self.teach_on(request, self.step + n_steps, commands, ends)

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
        if self.is_other or self.chapters[1:] or self.deck.name != "capitals.deck":
            change = {}  # there may be no card that can be left out
        self.step = tenths * self.step // 10
        while self.chapters[1:] and self.chapters[-1].first > self.step:
            self.chapters.pop()
        last = self.chapters[-1]
        last.script = [
            (step, given)
            for step, given in last.script
            if step + isinstance(given, cmd.CastVote) <= self.step
        ]
        self.is_branch, self.is_other = True, self.is_other or bool(change)
        parent = str(self.made[-1])
        request = self.wished(branch_of=parent, branch_step=self.step, **change)
        self.teach_on(request, self.step + n_steps, [command], "stopped")

    @precondition(lambda self: not self.chapters[0].request.is_shuffled)
    @rule(n_steps=st.integers(0, 4), ends=ENDS, is_rewarded=st.booleans())
    def teach_another_deck(self, n_steps: int, ends: str, is_rewarded: bool) -> None:
        if self.is_killed:  # which step it was at is known when it has gone on
            self.go_on(1, [], "stopped", duty=1.0)
        name = f"chapter{len(self.chapters)}.deck"
        cards = "red :: der\nba :: ab\nFrance :: Paris\ncab :: abc\n"
        for folder in (self.folder, self.copies):
            (folder / name).write_text(f'+++\njudge = "sorted"\n+++\n{cards}', "utf-8")
        deck, after = str(self.folder / name), str(self.made[-1])
        request = self.wished(deck=deck, after=after, is_rewarded=is_rewarded)
        self.chapters.append(Chapter(self.step, request))
        self.teach_on(request, self.step + n_steps, [], ends)

    @rule()
    def leave(self) -> None:
        """Only few of its states stay."""
        folder = RunFolder.open(self.made[-1])
        folder.acquire()
        pruning.thin(folder)
        folder.release()

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
                verification = verify(run)
                assert verification.is_same, (verification.problem, verification.differences)
            if self.made:
                for step in (0, self.step // 3, self.step):
                    again = learner_at(self.made[-1], step).learner
                    assert (again.step, again.weights_sha256()) == (step, self.hashes[step])
                self.check_uninterrupted()
            for run in self.made:
                as_if_elsewhere(RunFolder.open(run))
                verification = verify(run)
                assert verification.is_same, (verification.problem, verification.differences)
        finally:
            self.temporary.cleanup()

    def check_uninterrupted(self) -> None:
        """The run without its restarts, and without what only looks."""
        if self.is_other:
            return  # scripts by steps can't say that
        interrupted = Restorer(RunFolder.open(self.made[-1])).restore()
        hashes = dict(self.hashes)
        ends = [*(chapter.first for chapter in self.chapters[1:]), self.step]
        whole: OpenedLesson | None = None
        for chapter, last in zip(self.chapters, ends, strict=True):
            self.step = chapter.first
            request = msgspec.structs.replace(
                chapter.request,
                deck=str(self.copies / Path(chapter.request.deck).name),
                runs=str(self.folder / "whole"),
                after=str(whole.keeper.folder.path) if whole else None,
            )
            given = [one for one in chapter.script if type(one[1]) not in map(type, LOOKS)]
            whole = self.teach(request, [*given, (last, cmd.Stop())])
            assert whole is not None
        assert whole is not None
        assert self.hashes == hashes
        assert whole.training.order.position == interrupted.order.position
        if not self.is_branch:  # what was examined where the branch left stays known
            assert whole.training.ledger.to_bytes() == interrupted.ledger.to_bytes()
            assert whole.training.accounts.to_bytes() == interrupted.accounts.to_bytes()
            assert whole.training.memory.reward == interrupted.memory.reward

    def wished(self, **asked: object) -> LessonRequest:
        return LessonRequest(**{"deck": "", "runs": str(self.runs), **asked})  # type: ignore[arg-type]

    def teach_on(
        self, request: LessonRequest, last: int, commands: list[cmd.AnyCommand], ends: str
    ) -> None:
        """Killed where it begins, it is not even examined."""
        first = self.step
        given: Script = [(first, self.meant(command)) for command in commands]
        given += [(first, command) for command in LOOKS]
        self.chapters[-1].script += given
        script: Script = [*given, (last, cmd.Stop())] if ends == "stopped" else [*given]
        goal = Goal(step=max(first + 1, last) - (first if request.after else 0))
        self.teach(
            request,
            script,
            goal=goal if ends == "at its goal" else None,
            killed_at=last if ends == "killed" else None,
        )

    def meant(self, command: cmd.AnyCommand) -> cmd.AnyCommand:
        if isinstance(command, cmd.CastVote):
            return msgspec.structs.replace(command, step=self.step)
        if not isinstance(command, cmd.TakeDeck):
            return command
        lines = (self.copies / self.deck.name).read_text("utf-8").splitlines()[:-1]
        return msgspec.structs.replace(command, text="\n".join(lines))

    def teach(
        self,
        request: LessonRequest,
        script: Script,
        *,
        goal: Goal | None = None,
        killed_at: int | None = None,
    ) -> OpenedLesson | None:
        clock = Clock()
        inbox = ScriptedInbox(clock, script)
        inbox.step = self.step

        def learned(learner: Learner) -> None:
            inbox.step = learner.step
            if learner.step == killed_at:
                raise Killed

        def watch(event: AnyEvent) -> None:
            if isinstance(event, RunRewound):
                inbox.put(cmd.Stop())

        opened = open_lesson(request, inbox=inbox, watch=watch, goal=goal, clock=clock)
        folder = opened.keeper.folder
        if folder.path not in self.made and folder.path.parent == self.runs:
            self.made.append(folder.path)
        self.is_killed = killed_at is not None
        try:
            with noted(self.hashes, learned):
                if killed_at is None or killed_at > self.step:
                    opened.lesson.run()
        except Killed:
            return None
        finally:
            opened.keeper.close()
            self.step = RunFolder.open(folder.path).state_files()[-1][0]
            self.hashes = {k: sha for k, sha in self.hashes.items() if k <= self.step}
        return opened


TestAnyHistory = pytest.mark.slow(AnyHistory.TestCase)
TestAnyHistory.settings = settings(
    max_examples=4,
    stateful_step_count=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "is_rewarded"), [("cards", True), ("a text", False)])
def test_a_chapter_that_is_killed_as_it_begins(kind: str, is_rewarded: bool) -> None:
    changed = cmd.SetPractice(practice="shuffled") if is_rewarded else cmd.SetRemedy(rehearsal=0.5)
    votes: list[cmd.AnyCommand] = [cmd.CastVote(step=0, choice="left")] if kind == "cards" else []
    card: cmd.AnyCommand = cmd.TeachCard(request=2, prompt="Chad", answer="Ndjamena")
    history = AnyHistory()
    history.begin(kind, is_slow=False)
    history.go_on(2, [cmd.SetLearningRate(factor=2.0), *votes], "stopped", 1.0)
    history.teach_another_deck(0, "killed", is_rewarded)
    history.go_on(3, [changed], "killed", 1.0)
    history.go_on(3, votes or [card], "stopped", 1.0)
    history.go_on(2, [], "killed", 1.0)
    history.leave()
    history.go_on(3, [cmd.SetRemedy(learns="adapter")], "stopped", 1.0)
    events = RunFolder.open(history.made[-1]).events()
    assert sum(isinstance(event, VoteCast) for event in events) == 2 * len(votes)
    history.teardown()


@pytest.mark.monkey
@pytest.mark.slow
def test_many_histories() -> None:
    run_state_machine_as_test(
        AnyHistory, settings=settings(TestAnyHistory.settings, max_examples=40)
    )
