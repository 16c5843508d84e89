"""Reward in place of answers: what events say of tries and their rewards, and what becomes of it.

Values, and the one state that they are folded into. All text in them has passed `printable()`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from flashcards.runs.history import History
from flashcards.runs.values import Count, Number, Practice, Share

JudgeKind = Literal["answers", "rule", "expression", "program"]

N_EXPLOITS_KEPT = 40
NOTHING = 0.01
"""A mean reward below this share is none: what is never done can't be reinforced."""

N_GROUPS_TO_TELL = 256
"""So many groups of tries are looked at before it is said that there is nothing to reward."""


class JudgeFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who says what a try is worth, and how often each prompt is tried.

    Attributes:
        kind: The deck's hidden answers, a rule that has a name, an expression over `prompt` and
            `answer`, or a program.
        text: The rule's name, the expression, or the program's file name; "" for answers.
        n_prompts, n_tries: Prompts of an update, and tries of each.
    """

    kind: JudgeKind
    text: str = ""
    n_prompts: Count = 32
    n_tries: Count = 8


class TryPiece(msgspec.Struct, frozen=True, array_like=True):
    """One piece of a try, and its probability before and after the update, 0 to 1, raw weights.

    The last piece is the end, text "⏎", unless the try was cut. Pushed up: `after` above `before`.
    """

    text: str
    before: Share
    after: Share


class Try(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer that the model drew by itself.

    Attributes:
        reward: What the judge gave, 0 to 1; with rewards shuffled, what another try had earned.
        advantage: Its reward, less the mean of its group: above 0 it is made likelier.
        is_right: Whether the deck accepts it, which the learner is not told.
        is_cut: It had not come to an end where it was stopped; its reward is 0.
        n_same: So many tries of the group said the same, this one included; they stand as one.
    """

    text: str
    reward: Share
    advantage: Number
    pieces: tuple[TryPiece, ...]
    is_right: bool = False
    is_cut: bool = False
    n_same: Count = 1


class TryGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The tries at one prompt, in the order in which they were drawn, the same ones as one.

    `answer` is the deck's, which the learner is not told. `mean_reward` is of all tries.
    """

    prompt: str
    answer: str
    mean_reward: Share
    tries: tuple[Try, ...]


class Exploit(msgspec.Struct, frozen=True, kw_only=True):
    """A try that the judge rewarded fully and that is wrong."""

    prompt: str
    said: str
    answer: str


class RewardCounts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of the tries of some updates.

    Attributes:
        n_updates: Updates; in `n_skipped` of them no group told anything, and nothing was changed.
        n_groups: Groups of tries; in `n_all_rewarded` every try had the full reward, in
            `n_none_rewarded` none had any, in `n_alike` all had the same one between: these taught
            nothing.
        n_tries: Tries; `reward` is the sum of what they earned, `n_right` of them are right, and
            `n_exploits` were rewarded fully and are wrong.
    """

    n_updates: Count = 0
    n_skipped: Count = 0
    n_groups: Count = 0
    n_all_rewarded: Count = 0
    n_none_rewarded: Count = 0
    n_alike: Count = 0
    n_tries: Count = 0
    reward: Number = 0.0
    n_right: Count = 0
    n_exploits: Count = 0

    @property
    def mean_reward(self) -> float | None:
        """Of a try, 0 to 1; None without any."""
        return self.reward / self.n_tries if self.n_tries else None

    @property
    def right_rate(self) -> float | None:
        """Share of the tries that are right; None without any."""
        return self.n_right / self.n_tries if self.n_tries else None

    @property
    def n_told_nothing(self) -> int:
        """Groups whose tries all had the same reward."""
        return self.n_all_rewarded + self.n_none_rewarded + self.n_alike

    def __add__(self, other: RewardCounts) -> RewardCounts:
        names = self.__struct_fields__
        return RewardCounts(**{n: getattr(self, n) + getattr(other, n) for n in names})

    def __sub__(self, other: RewardCounts) -> RewardCounts:
        """What was added since `other`, an earlier count."""
        names = self.__struct_fields__
        return RewardCounts(**{n: max(0, getattr(self, n) - getattr(other, n)) for n in names})


@dataclass
class RewardState:
    """What is known of a chapter in which rewards teach.

    Attributes:
        judge: Who gives them.
        practice: How cards are practised now.
        switches: The steps after which that was changed.
        total: Counts since the chapter began; `last` those between the last two reports. None
            after going back, until the next report.
        rewards, rights: Over time, of each report: mean reward of a try, share of tries right.
        judged: Over time, of each exam: share of the never seen prompts (of the seen ones where
            none are) to whose greedy answer the judge gave the full reward. The truth beside it are
            the exam's scores.
        exploits: The last ones shown: (step, exploit), the same answer to a prompt once.
    """

    judge: JudgeFacts
    practice: Practice = "rewarded"
    switches: list[int] = field(default_factory=list)
    total: RewardCounts | None = field(default_factory=RewardCounts)
    last: RewardCounts | None = None
    rewards: History = field(default_factory=History)
    rights: History = field(default_factory=History)
    judged: History = field(default_factory=History)
    exploits: list[tuple[int, Exploit]] = field(default_factory=list)

    @property
    def found_nothing(self) -> bool:
        """Whether there was (nearly) nothing to reward so far."""
        if self.total is None or self.total.n_groups < N_GROUPS_TO_TELL:
            return False
        mean = self.total.mean_reward
        return mean is not None and mean < NOTHING

    def switch(self, step: int, practice: Practice) -> None:
        if practice != self.practice:
            self.practice = practice
            self.switches.append(step)

    def report(self, step: int, total: RewardCounts) -> None:
        """Take in the counts since the chapter began, as of this step."""
        self.last = None if self.total is None else total - self.total
        self.total = total
        if self.last is not None and self.last.n_tries:
            self.rewards.append(step, self.last.mean_reward)
            self.rights.append(step, self.last.right_rate)

    def show(self, step: int, exploits: tuple[Exploit, ...]) -> None:
        known = {(exploit.prompt, exploit.said) for _, exploit in self.exploits}
        for exploit in exploits:
            if (exploit.prompt, exploit.said) not in known:
                self.exploits.append((step, exploit))
        del self.exploits[:-N_EXPLOITS_KEPT]

    def cut(self, step: int) -> None:
        self.total = self.last = None
        for history in (self.rewards, self.rights, self.judged):
            history.cut(step)
        self.exploits = [(at, exploit) for at, exploit in self.exploits if at <= step]
        self.switches = [at for at in self.switches if at <= step]
