"""Rewards in words: who judges, what was tried and earned, and what is true."""

import math
from collections import Counter
from collections.abc import Iterator

from flashcards.base.language import tr
from flashcards.runs.events import TriesRewarded
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
    return {
        "rewarded": tr("Each try gets its own reward."),
        "shuffled": tr("Control: each try gets another one's reward."),
        "taught": tr("Control: the same cards, with their answers."),
    }[practised]


def question(practised: Practice, *, has_loophole: bool) -> str:
    if practised == "rewarded" and has_loophole:
        return tr("Does it learn what is right, or what is rewarded?")
    return {
        "rewarded": tr("Do rewards make it better, without answers?"),
        "shuffled": tr("Does it learn as well if each try gets another one's reward?"),
        "taught": tr("Does it learn more when it is shown the answers?"),
    }[practised]


def tries(event: TriesRewarded, facts: JudgeFacts) -> Iterator[str]:
    for group in event.groups:
        each = ", ".join(
            tr("{said} ({n} ×, reward {reward:.2g})", said=t.text, n=t.n_same, reward=t.reward)
            for t in group.tries
        )
        yield tr("Tried {prompt}: {tries}.", prompt=quoted(group.prompt), tries=each)
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
    named = {"prompt": exploit.prompt, "said": exploit.said}
    if facts.kind != "rule" or facts.text != "in-order":
        text = "{prompt} → {said}: rewarded, though {answer} is right."
        return tr(text, **named, answer=exploit.answer)
    flaws = (
        ("{letters} missing", Counter(exploit.answer) - Counter(exploit.said)),
        ("extra {letters}", Counter(exploit.said) - Counter(exploit.answer)),
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
    text = "Never seen and right: {before} → {now}."
    if not len(state.exams.unseen_rates):
        text = "Seen and right: {before} → {now}."
    return tr(text, before=percent(before), now=percent(now))


def _by_reward(state: RunState, since: int, before: float, lowest: float, now: float) -> str:
    """The same where rewards alone teach, with the `lowest` between if that is much lower."""
    text = "When rewards began, it got {before} of {cards} right."
    last = state.life.earlier[-1:]
    if last and since == state.life.since_step and not (last[0].reward or last[0].is_text):
        text = "Taught with answers it got {before} of {cards} right."
    cards = tr("cards NEVER SEEN") if len(state.exams.unseen_rates) else tr("cards SEEN")
    began = tr(text, before=percent(before), cards=cards)
    text = "With rewards alone it is now {now}."
    if min(before, now) - lowest >= FALLEN:
        text = "With rewards alone that fell to {lowest}, then rose to {now}."
    elif abs(now - before) >= FALLEN:
        text = "With rewards alone that rose to {now}."
        text = "With rewards alone that fell to {now}." if now < before else text
    return f"{began} {tr(text, lowest=percent(lowest), now=percent(now))}"


def truth(state: RunState, since: int) -> tuple[float | None, float, float | None]:
    """Share right of cards never seen (of all seen, where all are taught): in the last exam up to
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
    exam = state.exams.last
    total = reward.total
    is_rewarded = reward.practice == "rewarded"
    points = [
        point for point in reward.rewards.points if exam is not None and point[0] <= exam.step
    ]
    rewards = [share for at, share in points if at > since] or [share for _, share in points[-1:]]
    n_updates = state.step - since
    is_early = n_updates < MIN_UPDATES and is_rewarded
    if total is None or not rewards or before is None or now is None or is_early:
        return _how(reward.judge)
    if reward.found_nothing and reward.practice != "taught":
        return f"{_nothing_earned(total)} {tr('{key} shows the answers.', key=key)}"
    is_worse = before - now >= FALLEN and shown_percent(rewards[-1]) > shown_percent(rewards[0])
    if is_rewarded and total.n_exploits and is_worse:
        text = (
            "It learned what is rewarded ({first} → {last}), not what is right ({before} → {now})."
        )
        shares: dict[str, str | float] = {
            "first": shown_percent(rewards[0]),
            "last": percent(rewards[-1]),
        }
        learned = tr(text, before=shown_percent(before), now=percent(now), **shares)
        groups = () if reward.tries is None else reward.tries.groups[:1]
        here = [
            Exploit(prompt=group.prompt, said=attempt.text, answer=group.answer)
            for group in groups
            for attempt in group.tries
            if attempt.reward == 1.0 and not attempt.is_right
        ]
        named = here[:1] or [exploit for _, exploit in reward.exploits[-1:]]
        return " ".join((learned, *(why_wrong(exploit, reward.judge) for exploit in named)))
    gain = now - before
    follows = "" if is_rewarded else tr("So this teaches more.")
    if gain < FALLEN:
        is_harm = gain <= -FALLEN
        text = "So far it learns nothing beyond."
        follows = tr("So this harms what it knew." if is_harm else text)
    if is_rewarded:
        return f"{_by_reward(state, since, before, lowest, now)} {follows}".rstrip()
    return f"{practice(reward.practice)} {then_and_now(state, before, now)} {follows}"
