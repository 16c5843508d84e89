"""The state of a chapter in which rewards teach, or somebody votes: folded from events."""

import msgspec

from flashcards.runs import events, measured, values
from flashcards.runs.history import History
from flashcards.runs.rewards import Exploit, JudgeFacts, RewardCounts

N_EXPLOITS_KEPT = 40
NOTHING = 0.01  # A mean reward below this share is none: what is never done can't be reinforced

N_GROUPS_TO_TELL = 256  # Groups of tries before it is said that there is nothing to reward


class RewardState(msgspec.Struct):
    """The state of a chapter in which rewards teach.

    Attributes:
        switches: The steps after which `practice` was changed.
        total: Counts since the chapter began; `last` those between the last two reports. None
            after going back, until the next report.
        rewards, rights: Over time, of each report: mean reward of a try, share of tries right.
        judged: Over time, of each exam: share of the never taught prompts (of the seen ones where
            none are) to whose greedy answer the judge gave the full reward. The truth beside it are
            the exam's scores.
        exploits: The last ones shown: (step, exploit), the same answer to a prompt once.
        tries: Those shown last; None before any.
    """

    judge: JudgeFacts
    practice: values.Practice = "rewarded"
    switches: list[int] = []
    total: RewardCounts | None = msgspec.field(default_factory=RewardCounts)
    last: RewardCounts | None = None
    rewards: History = msgspec.field(default_factory=History)
    rights: History = msgspec.field(default_factory=History)
    judged: History = msgspec.field(default_factory=History)
    exploits: list[tuple[int, Exploit]] = []
    tries: measured.TriesRewarded | None = None

    @property
    def found_nothing(self) -> bool:
        if self.total is None or self.total.n_groups < N_GROUPS_TO_TELL:
            return False
        mean = self.total.mean_reward
        return mean is not None and mean < NOTHING

    def switch(self, step: int, practice: values.Practice) -> None:
        if practice != self.practice:
            self.practice = practice
            self.switches.append(step)

    def report(self, step: int, total: RewardCounts) -> None:
        self.last = None if self.total is None else total - self.total
        self.total = total
        if self.last is not None and self.last.n_tries:
            self.rewards.append(step, self.last.mean_reward)
            self.rights.append(step, self.last.right_rate)

    def show(self, tries: measured.TriesRewarded) -> None:
        self.tries = tries
        known = {(exploit.prompt, exploit.guess) for _, exploit in self.exploits}
        for exploit in tries.exploits:
            if (exploit.prompt, exploit.guess) not in known:
                self.exploits.append((tries.step, exploit))
        del self.exploits[:-N_EXPLOITS_KEPT]

    def cut(self, step: int) -> None:
        self.total = self.last = None
        for history in (self.rewards, self.rights, self.judged):
            history.cut(step)
        self.exploits = [(at, exploit) for at, exploit in self.exploits if at <= step]
        self.switches = [at for at in self.switches if at <= step]
        if self.tries is not None and self.tries.step > step:
            self.tries = None


class VoteState(msgspec.Struct):
    """The votes of a chapter.

    Attributes:
        last: The newest one; None after going back beyond it.
        first_step: Updates made before the first vote.
        truth_before: Share right of the cards never taught (of those seen, where none are) by the
            last exam before it; None without one.
        steps: Of every vote for one of two, updates made before it.
        for_wrong: The same of votes that preferred a wrong answer to a right one.
        truth: Over time, the same share since the first vote.
    """

    first_step: int
    truth_before: float | None = None
    last: events.VoteCast | None = None
    steps: list[int] = []
    for_wrong: list[int] = []
    truth: History = msgspec.field(default_factory=History)

    def cast(self, vote: events.VoteCast) -> None:
        self.last = vote
        if vote.choice == "neither":
            return
        self.steps.append(vote.step)
        is_true = vote.is_left_true, vote.is_right_true
        preferred, other = is_true if vote.choice == "left" else is_true[::-1]
        if other and not preferred:
            self.for_wrong.append(vote.step)

    def cut(self, step: int) -> bool:
        """Forget what came after this step; whether any vote is left."""
        self.steps = [at for at in self.steps if at < step]
        self.for_wrong = [at for at in self.for_wrong if at < step]
        self.truth.cut(step)
        if self.last is not None and self.last.step >= step:
            self.last = None
        return bool(self.steps)
