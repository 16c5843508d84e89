"""Rewards in words: who judges, what was tried and earned, and what is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from flashcards.base.language import tr
from flashcards.runs.events import TriesRewarded
from flashcards.runs.reward_state import RewardState
from flashcards.runs.rewards import Exploit, JudgeFacts
from flashcards.runs.state import RunState
from flashcards.runs.values import Practice, Score
from flashcards.runs.verdict import percent
from flashcards.wording.facts import quoted
from flashcards.wording.numbers import count


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
    exam = state.exams.last
    if exam is not None and exam.judged is not None:
        yield tr(
            "Of prompts never seen the judge rewards {judged}; right are {right}.",
            judged=_share(exam.judged),
            right=_share(exam.unseen if exam.unseen.total else exam.seen),
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


RULES = {
    "sorted": "the same letters, in order",
    "sum": "the right sum",
    "in-order": "letters in order",
}

FALLEN = 0.05
"""So much lower, the truth has fallen; a reward that is no lower than at first has not."""

MIN_UPDATES = 5
"""Before so many updates nothing is said about where scores go."""


def judge_name(facts: JudgeFacts) -> str:
    if facts.kind == "answers":
        return tr("the deck's hidden answers")
    return tr(RULES[facts.text]) if facts.kind == "rule" and facts.text in RULES else facts.text


def why_wrong(exploit: Exploit, facts: JudgeFacts) -> str:
    """Why a try was rewarded and is wrong, in one sentence."""
    named = {"prompt": exploit.prompt, "said": exploit.said}
    if facts.kind != "rule" or facts.text != "in-order":
        return tr(
            "{prompt} → {said}: rewarded, though {answer} is right.",
            **named,
            answer=exploit.answer,
        )
    missing = _letters(Counter(exploit.answer) - Counter(exploit.said))
    extra = _letters(Counter(exploit.said) - Counter(exploit.answer))
    if not missing:
        return tr(
            "{prompt} → {said}: in order, so it is rewarded; but {extra} too many.",
            **named,
            extra=extra,
        )
    if not extra:
        return tr(
            "{prompt} → {said}: in order, so it is rewarded; but {missing} missing.",
            **named,
            missing=missing,
        )
    return tr(
        "{prompt} → {said}: in order, so it is rewarded; but {missing} missing, {extra} too many.",
        **named,
        missing=missing,
        extra=extra,
    )


def _letters(letters: Counter[str]) -> str:
    return " ".join(sorted(letters.elements()))


def truth(state: RunState, since: int) -> tuple[float | None, float | None]:
    """Share right of what was never seen (of all seen, where all are taught): in the last exam
    up to step `since` (the chapter's first, where there is none), and now."""
    rates = state.exams.unseen_rates if len(state.exams.unseen_rates) else state.exams.seen_rates
    points = rates.points
    before = [share for at, share in points if at <= since] or [share for _, share in points[:1]]
    return (before[-1] if before else None), rates.last


def sentence(state: RunState, key: str) -> str:
    """What rewards did since cards are practised as now, with numbers. `key` shows the answers."""
    reward = state.reward
    assert reward is not None
    since = reward.switches[-1] if reward.switches else state.life.since_step
    before, now = truth(state, since)
    points, total = reward.rewards.points, reward.total
    rewards = [share for at, share in points if at > since] or [share for _, share in points[-1:]]
    n_updates = state.step - since
    if (
        total is None
        or not rewards
        or before is None
        or now is None
        or (n_updates < MIN_UPDATES and reward.practice == "rewarded")
    ):
        return tr(
            "No answer is shown: each prompt is tried {n} times. What earned more than the other "
            "tries is made likelier, what earned less is made rarer.",
            n=reward.judge.n_tries,
        )
    facts = {
        "first": percent(rewards[0]),
        "last": percent(rewards[-1]),
        "before": percent(before),
        "now": percent(now),
        "n": count(n_updates),
    }
    if reward.found_nothing and reward.practice != "taught":
        return tr(
            "Nothing to reward: {n} of {total} tries earned anything. What is never done can't be "
            "made likelier. {key} shows the answers.",
            n=count(round(total.reward)),
            total=count(total.n_tries),
            key=key,
        )
    if reward.practice == "shuffled":
        return tr(
            "Control: each try gets another one's reward. Right of what was never seen: {before} "
            "before that, {now} now.",
            **facts,
        )
    if reward.practice == "taught":
        return tr(
            "Control: the same cards, with their answers. Right of what was never seen: {before} "
            "before that, {now} now.",
            **facts,
        )
    if total.n_exploits and before - now >= FALLEN and rewards[-1] >= rewards[0]:
        example = why_wrong(reward.exploits[-1][1], reward.judge) if reward.exploits else ""
        return tr(
            "The judge has a hole: reward {first} → {last}, truth {before} → {now}. {example}",
            **facts,
            example=example,
        ).rstrip()
    if reward.switches:
        return tr(
            "By reward after a control, no answer shown: right of what was never seen {before} → "
            "{now} after {n} updates; reward {first} → {last}.",
            **facts,
        )
    return tr(
        "By reward alone, no answer shown: right of what was never seen {before} → {now} after {n} "
        "updates; reward {first} → {last}.",
        **facts,
    )
