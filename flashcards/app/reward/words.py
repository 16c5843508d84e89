"""What is said of rewards: who judges, what they did, why a rewarded try is wrong."""

from __future__ import annotations

from collections import Counter

from flashcards.app.room import Line, LineRank
from flashcards.app.session import Session
from flashcards.base.language import tr
from flashcards.runs.rewards import Exploit, JudgeFacts
from flashcards.runs.state import RunState
from flashcards.runs.verdict import percent
from flashcards.wording.numbers import count

RULES = {
    "sorted": "the same letters, in order",
    "sum": "the right sum",
    "in-order": "letters in order",
}

FALLEN = 0.05
"""So much lower, the truth has fallen; a reward that is no lower than at first has not."""

MIN_UPDATES = 5
"""Before so many updates nothing is said about where scores go."""


def judge(facts: JudgeFacts) -> str:
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


def line(session: Session) -> Line | None:
    """One sentence on what rewards do; None where none teach, and in the past."""
    state = session.state
    if state.reward is None or state.liveness == "failed" or session.travel.step is not None:
        return None
    return Line(LineRank.REGIME, sentence(state, session.key("with_answers")))


def truth(state: RunState, since: int) -> tuple[float | None, float | None]:
    """Share right of what was never seen (of all seen, where all are taught): in the last exam
    up to step `since` (the chapter's first, where there is none), and now."""
    rates = state.unseen_rates if len(state.unseen_rates) else state.seen_rates
    points = rates.points
    before = [share for at, share in points if at <= since] or [share for _, share in points[:1]]
    return (before[-1] if before else None), rates.last


def sentence(state: RunState, key: str) -> str:
    """What rewards did since cards are practised as now, with numbers. `key` shows the answers."""
    reward = state.reward
    assert reward is not None
    since = reward.switches[-1] if reward.switches else state.chapter_step
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
