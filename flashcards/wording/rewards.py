"""Rewards in words: who judges, what was tried and earned, and what is true."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import ClassVar

from flashcards.base.keyed_text import sentences
from flashcards.base.language import tr
from flashcards.runs.events import TriesRewarded
from flashcards.runs.reward_state import RewardState
from flashcards.runs.rewards import Exploit, JudgeFacts, RewardCounts
from flashcards.runs.state import RunState
from flashcards.runs.values import Practice, Score
from flashcards.runs.verdict import fraction, percent, shown_percent
from flashcards.wording.facts import quoted
from flashcards.wording.numbers import count

RULES = {
    "sorted": "the same letters, in order",
    "sum": "the right sum",
    "in-order": "any letters in order",
}

FALLEN = 0.05  # so much lower, the truth has fallen; a reward no lower than at first has not

MIN_UPDATES = 5  # before so many nothing is said about where scores go


def rewarded(facts: JudgeFacts) -> str:
    if facts.kind == "answers":
        return tr("the deck's hidden answers")
    return tr(RULES[facts.text]) if facts.kind == "rule" and facts.text in RULES else facts.text


def judge(facts: JudgeFacts) -> str:
    return f"{tr('Rewarded: {what}.', what=rewarded(facts))} {_how(facts)}"


def _how(facts: JudgeFacts) -> str:
    text = "It tries each prompt {n} times, without answers; what is rewarded becomes likelier."
    return tr(text, n=facts.n_tries)


def practice(practised: Practice) -> str:
    """Say how cards are practised where rewards teach; two ways are controls."""
    return WAYS[practised].practice()


def question(practised: Practice, *, has_loophole: bool) -> str:
    return WAYS[practised].question(has_loophole=has_loophole)


def tries(event: TriesRewarded, facts: JudgeFacts) -> Iterator[str]:
    for group in event.groups:
        tries_text = ", ".join(
            tr("{said} ({n} ×, reward {reward:.2g})", said=t.text, n=t.n_same, reward=t.reward)
            for t in group.tries
        )
        yield tr("Tried {prompt}: {tries}.", prompt=quoted(group.prompt), tries=tries_text)
    yield told_nothing(event.counts)
    for exploit in event.exploits[:1]:
        yield why_wrong(exploit, facts)


def told_nothing(counts: RewardCounts) -> str:
    """Say in how many groups of tries no try was better than another."""
    return tr(
        "In {n} of {all} groups all tries earned the same, which teaches nothing.",
        n=count(counts.n_told_nothing),
        all=count(counts.n_groups),
    )


def why_wrong(exploit: Exploit, facts: JudgeFacts) -> str:
    """Say why a try was rewarded and is wrong, in one sentence."""
    named = {"prompt": exploit.prompt, "said": exploit.guess}
    if facts.kind != "rule" or facts.text != "in-order":
        text = "{prompt} → {said}: rewarded, though {answer} is right."
        return tr(text, **named, answer=exploit.answer)
    flaws = (
        ("{letters} missing", Counter(exploit.answer) - Counter(exploit.guess)),
        ("extra {letters}", Counter(exploit.guess) - Counter(exploit.answer)),
    )
    listed = [tr(text, letters=" ".join(sorted(n.elements()))) for text, n in flaws if n]
    text = "{prompt} → {said}: in order, so rewarded; but {flaws}."
    return tr(text, **named, flaws=", ".join(listed))


def judged(score: Score | None) -> str:
    """Say what the judge gives the answers that the exam asked for; "" without a judge."""
    if score is None or score.rate is None:
        return ""
    return tr(
        "The judge rewards {score}, {share}.", score=fraction(score), share=percent(score.rate)
    )


def ends(state: RunState) -> Iterator[str]:
    """Say what rewards did, in one sentence or several; none where there are no rewards."""
    reward = state.reward
    if reward is None or reward.total is None or not reward.total.n_tries:
        return
    total = reward.total
    if reward.found_nothing:
        yield _nothing_earned(total)
        return
    yield tr(
        "{n_tries:,} tries in {n_steps:,} steps earned {mean}; {right} of them were right.",
        n_tries=total.n_tries,
        n_steps=total.n_updates,
        mean=percent(total.mean_reward or 0.0),
        right=percent(total.right_rate or 0.0),
    )
    yield told_nothing(total)
    yield judged(None if state.exams.last is None else state.exams.last.judged)
    for _, exploit in reward.exploits[-1:]:
        yield why_wrong(exploit, reward.judge)


def _nothing_earned(total: RewardCounts) -> str:
    return tr(
        "Nothing to reward: {n} of {total} tries earned anything. What is never tried can't be "
        "made likelier.",
        n=count(round(total.reward)),
        total=count(total.n_tries),
    )


def then_and_now(state: RunState, before: float, now: float) -> str:
    """Say how the share changed that `truth` is about."""
    text = "Never taught and right: {before} → {now}."
    if not len(state.exams.unseen_rates):
        text = "Taught and right: {before} → {now}."
    return tr(text, before=percent(before), now=percent(now))


def _by_reward(state: RunState, since: int, before: float, lowest: float, now: float) -> str:
    """The same where rewards alone teach, with the `lowest` between if that is much lower."""
    text = "When rewards began, it got {before} of {cards} right."
    last = state.life.earlier[-1:]
    if last and since == state.life.since_step and not (last[0].reward or last[0].is_text):
        text = "Taught with answers it got {before} of {cards} right."
    cards = tr("cards NEVER TAUGHT") if len(state.exams.unseen_rates) else tr("cards TAUGHT")
    began = tr(text, before=percent(before), cards=cards)
    text = "With rewards alone it is now {now}."
    if min(before, now) - lowest >= FALLEN:
        text = "With rewards alone that fell to {lowest}, then rose to {now}."
    elif abs(now - before) >= FALLEN:
        text = "With rewards alone that rose to {now}."
        text = "With rewards alone that fell to {now}." if now < before else text
    return f"{began} {tr(text, lowest=percent(lowest), now=percent(now))}"


def truth(state: RunState, since: int) -> tuple[float | None, float, float | None]:
    """Share right of cards never taught (of all seen, where all are taught): in the last exam up to
    step `since` (the chapter's first, where there is none), the lowest after it, and now."""
    rates = state.exams.unseen_rates if len(state.exams.unseen_rates) else state.exams.seen_rates
    points = [point for point in rates.points if math.isfinite(point[1])]
    before = [share for at, share in points if at <= since] or [share for _, share in points[:1]]
    lowest = min((share for at, share in points if at > since), default=1.0)
    return (before[-1] if before else None), lowest, rates.last


def sentence(state: RunState, key: str) -> str:
    """Say what rewards did since cards are practised as now, in numbers. `key` shows the
    answers."""
    reward = state.reward
    assert reward is not None
    since = reward.switches[-1] if reward.switches else state.life.since_step
    before, lowest, now = truth(state, since)
    way = WAYS[reward.practice]
    exam = state.exams.last
    total = reward.total
    points = [
        point for point in reward.rewards.points if exam is not None and point[0] <= exam.step
    ]
    rewards = [share for at, share in points if at > since] or [share for _, share in points[-1:]]
    is_early = state.step - since < way.n_silent_updates
    if total is None or not rewards or before is None or now is None or is_early:
        return _how(reward.judge)
    if reward.found_nothing and way.tries:
        return sentences(_nothing_earned(total), tr("{key} shows the answers.", key=key))
    is_worse = before - now >= FALLEN and shown_percent(rewards[-1]) > shown_percent(rewards[0])
    if way.learns_loopholes and total.n_exploits and is_worse:
        return " ".join(_loophole(reward, rewards, before, now))
    return way.outcome(state, since, before, lowest, now)


def _loophole(
    reward: RewardState, rewards: Sequence[float], before: float, now: float
) -> Iterator[str]:
    """Say that it learned what is rewarded and not what is right, with an answer that shows it."""
    yield tr(
        "It learned what is rewarded ({first} → {last}), not what is right ({before} → {now}).",
        first=shown_percent(rewards[0]),
        last=percent(rewards[-1]),
        before=shown_percent(before),
        now=percent(now),
    )
    groups = () if reward.tries is None else reward.tries.groups[:1]
    loopholes = [
        Exploit(prompt=group.prompt, guess=attempt.text, answer=group.answer)
        for group in groups
        for attempt in group.tries
        if attempt.reward == 1.0 and not attempt.is_right
    ]
    for exploit in loopholes[:1] or [exploit for _, exploit in reward.exploits[-1:]]:
        yield why_wrong(exploit, reward.judge)


class _Rewarded:
    """Each try gets its own reward.

    Attributes:
        n_silent_updates: Before so many, nothing is said about where scores go.
        tries: The model tries, and may try nothing that earns anything.
        learns_loopholes: What is rewarded, though wrong, becomes likelier.
    """

    n_silent_updates: ClassVar[int] = MIN_UPDATES
    tries: ClassVar[bool] = True
    learns_loopholes: ClassVar[bool] = True

    def practice(self) -> str:
        return tr("Each try gets its own reward.")

    def question(self, *, has_loophole: bool) -> str:
        if has_loophole:
            return tr("Does it learn what is right, or what is rewarded?")
        return tr("Do rewards make it better, without answers?")

    def outcome(self, state: RunState, since: int, before: float, lowest: float, now: float) -> str:
        """Say how the share right has changed since step `since`, and what follows."""
        return f"{_by_reward(state, since, before, lowest, now)} {_no_gain(now - before)}".rstrip()


class _Shuffled(_Rewarded):
    """A control: the rewards go to the wrong tries."""

    n_silent_updates = 0
    learns_loopholes = False

    def practice(self) -> str:
        return tr("Control: each try gets another one's reward.")

    def question(self, *, has_loophole: bool) -> str:
        return tr("Does it learn as well if each try gets another one's reward?")

    def outcome(self, state: RunState, since: int, before: float, lowest: float, now: float) -> str:
        follows = _no_gain(now - before) or tr("So this teaches more.")
        return f"{self.practice()} {then_and_now(state, before, now)} {follows}"


class _Answered(_Shuffled):
    """A control: the same cards are taught with their answers."""

    tries = False

    def practice(self) -> str:
        return tr("Control: the same cards, with their answers.")

    def question(self, *, has_loophole: bool) -> str:
        return tr("Does it learn more when it is shown the answers?")


WAYS: dict[Practice, _Rewarded] = {
    "rewarded": _Rewarded(),
    "shuffled": _Shuffled(),
    "taught": _Answered(),
}
"""The ways to practise cards where rewards teach."""


def _no_gain(gain: float) -> str:
    """Say that nothing was gained, or worse; "" where something was."""
    if gain >= FALLEN:
        return ""
    if gain <= -FALLEN:
        return tr("So this harms what it knew.")
    return tr("So far it learns nothing beyond.")
