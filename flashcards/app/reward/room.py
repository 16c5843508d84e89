"""Rewards in place of answers, shown instead of the lesson where they teach."""

from __future__ import annotations

from functools import partial

from flashcards.app.room import Key, Room

REWARD_KEY = partial(Key, group="lesson", needs="model", offered="actions:is_rewarding")

ROOM = Room(
    "reward",
    keys=(
        REWARD_KEY("shuffle_rewards", ("x",), "actions:shuffle", place=117).named(
            "shuffle rewards",
            "Where rewards teach, a control: the rewards go to the wrong tries; again: back.",
        ),
        REWARD_KEY("with_answers", ("c",), "actions:show_answers", place=118).named(
            "with answers",
            "Where rewards teach, a control: the same cards with their answers; again: back.",
        ),
        REWARD_KEY("reward", ("J",), "actions:begin", place=115, offered="actions:can_begin").named(
            "reward", "Go on by reward alone: it tries, its answers are hidden and judged."
        ),
        REWARD_KEY("vote", ("v",), "actions:vote", place=119, offered="actions:can_vote").named(
            "vote", "Two answers of the model: the preferred one is made likelier."
        ),
    ),
    views={"reward": "view:RewardView", "vote": "voting:VoteView"},
    line="actions:line",
)
