"""Rewards in words: who judges, what was tried, what it earned, and what the truth beside it is."""

from __future__ import annotations

from collections.abc import Iterator

from flashcards.base.language import tr
from flashcards.runs.events import TriesRewarded
from flashcards.runs.rewards import Exploit, JudgeFacts, RewardState
from flashcards.runs.state import RunState
from flashcards.runs.values import Practice, Score
from flashcards.runs.verdict import percent
from flashcards.wording.facts import quoted


def judge(facts: JudgeFacts) -> str:
    """Who says what a try is worth."""
    name = facts.text
    said = {
        "answers": tr("The deck's answers are hidden: the judge says right or wrong, no more."),
        "rule": tr("The judge is the rule {name}; it knows no answers.", name=name),
        "expression": tr("The judge is {name}; it knows no answers.", name=name),
        "program": tr("The judge is the program {name}.", name=name),
    }[facts.kind]
    tries = tr(
        "Each of {n_prompts:,} prompts is tried {n_tries} times; what earns more than the mean of "
        "its prompt becomes likelier.",
        n_prompts=facts.n_prompts,
        n_tries=facts.n_tries,
    )
    return f"{said} {tries}"


def practice(practised: Practice) -> str:
    return {
        "rewarded": tr("Rewards teach again."),
        "shuffled": tr("Control: the rewards are shuffled, so that the wrong tries get them."),
        "taught": tr("Control: the same cards are taught with their answers."),
    }[practised]


def tries(told: TriesRewarded) -> Iterator[str]:
    """One update: the tries at one of its prompts."""
    for group in told.groups:
        each = ", ".join(
            tr("{said} ({n} ×, reward {reward:.2g})", said=t.text, n=t.n_same, reward=t.reward)
            for t in group.tries
        )
        yield tr("Tried {prompt}: {tries}.", prompt=quoted(group.prompt), tries=each)
    counts = told.counts
    yield tr(
        "Of {n:,} groups {rewarded:,} had all rewards and {none:,} none: they teach nothing.",
        n=counts.n_groups,
        rewarded=counts.n_all_rewarded,
        none=counts.n_none_rewarded,
    )
    for exploit in told.exploits[:1]:
        yield _rewarded_and_wrong(exploit)


def judged(score: Score | None) -> str:
    """What the judge says of the answers that the exam asked for; "" without a judge."""
    if score is None or score.rate is None:
        return ""
    return tr(
        "The judge rewards {right:,} of {total:,}: {share}.",
        right=score.right,
        total=score.total,
        share=percent(score.rate),
    )


def ends(state: RunState) -> Iterator[str]:
    """What rewards came to; nothing where there are none."""
    reward = state.reward
    if reward is None or reward.total is None or not reward.total.n_tries:
        return
    if reward.found_nothing:
        yield tr(
            "There was nothing to reward: {n:,} tries earned {reward:.4g}. What is never tried can "
            "not be made likelier.",
            n=reward.total.n_tries,
            reward=reward.total.reward,
        )
        return
    yield _tries_of(reward)
    if state.exam is not None and state.exam.judged is not None:
        yield tr(
            "Of prompts never seen the judge rewards {judged}; right are {right}.",
            judged=_share(state.exam.judged),
            right=_share(state.exam.unseen if state.exam.unseen.total else state.exam.seen),
        )
    for _, exploit in reward.exploits[-1:]:
        yield _rewarded_and_wrong(exploit)


def _rewarded_and_wrong(exploit: Exploit) -> str:
    return tr(
        "Rewarded and wrong: {prompt} is not {said} but {answer}.",
        prompt=quoted(exploit.prompt),
        said=quoted(exploit.said),
        answer=quoted(exploit.answer),
    )


def _tries_of(reward: RewardState) -> str:
    total = reward.total
    assert total is not None
    return tr(
        "{n_tries:,} tries in {n_updates:,} updates earned {mean}; {right} of them were right. Of "
        "{n_groups:,} groups {nothing:,} taught nothing, because all tries earned the same.",
        n_tries=total.n_tries,
        n_updates=total.n_updates,
        mean=percent(total.mean_reward or 0.0),
        right=percent(total.right_rate or 0.0),
        n_groups=total.n_groups,
        nothing=total.n_told_nothing,
    )


def _share(score: Score) -> str:
    return percent(score.rate or 0.0)
