"""Reward in place of answers: what events say of tries and their rewards.

All text in them has passed `printable()`; what they are folded into is in `runs.reward_state`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from flashcards.runs.values import Count, Number, Share

JudgeKind = Literal["answers", "rule", "expression", "program"]


class JudgeFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The judge that gives a try its reward, and how often each prompt is tried.
    `kind`: the deck's hidden answers, a rule that has a name, an expression over `prompt` and
    `answer`, or a program.
    `text`: the rule's name, the expression, or the program's file name; "" for answers.
    `n_tries`: tries of each prompt."""

    kind: JudgeKind
    text: str = ""
    n_tries: Count = 8


class TryPiece(msgspec.Struct, frozen=True, array_like=True):
    """One piece of a try, and its probability before and after the update, 0 to 1, raw weights.
    The last piece is the end, text "⏎", unless the try was cut."""

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
    `answer` is the deck's, which the learner is not told. `mean_reward` is of all tries."""

    prompt: str
    answer: str
    mean_reward: Share
    tries: tuple[Try, ...]


class Exploit(msgspec.Struct, frozen=True, kw_only=True):
    """A try that the judge rewarded fully and that is wrong."""

    prompt: str
    guess: str = msgspec.field(name="said")
    answer: str


class RewardCounts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Counts of the tries of some updates.
    `n_updates`: updates; in `n_skipped` of them no group told anything, and nothing was changed.
    `n_groups`: groups of tries; in `n_all_rewarded` every try had the full reward, in
    `n_none_rewarded` none had any, in `n_alike` all had the same one between: these taught nothing.
    `n_tries`: tries; `reward` is the sum of what they earned, `n_right` of them are right, and
    `n_exploits` were rewarded fully and are wrong."""

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
        return self.reward / self.n_tries if self.n_tries else None

    @property
    def right_rate(self) -> float | None:
        return self.n_right / self.n_tries if self.n_tries else None

    @property
    def n_told_nothing(self) -> int:
        """Groups whose tries all had the same reward."""
        return self.n_all_rewarded + self.n_none_rewarded + self.n_alike

    def __add__(self, other: RewardCounts) -> RewardCounts:
        names = self.__struct_fields__
        return RewardCounts(**{n: getattr(self, n) + getattr(other, n) for n in names})

    def __sub__(self, other: RewardCounts) -> RewardCounts:
        """Return what was added since `other`, an earlier count."""
        names = self.__struct_fields__
        return RewardCounts(**{n: max(0, getattr(self, n) - getattr(other, n)) for n in names})
