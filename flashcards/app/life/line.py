"""The line under the lesson of a second deck: what is forgotten, what keeps it, in numbers."""

from __future__ import annotations

from flashcards.app.room import Line, LineRank
from flashcards.app.session import Session
from flashcards.base.language import tr
from flashcards.runs.state import RunState
from flashcards.runs.values import Score
from flashcards.wording.numbers import count, percent_right

SOME_RIGHT = 0.1
"""From so large a share of right answers on, one of eight tries at a prompt is often right."""


def line(session: Session) -> Line | None:
    """One sentence on the last deck before this one; None in a first chapter, and in the past."""
    state = session.state
    if not state.life.earlier or state.liveness == "failed" or session.travel.step is not None:
        if not state.life.earlier and state.liveness == "finished" and session.run.viewer is None:
            return Line(LineRank.OFFER, _offer(session))
        return None
    keys = {name: session.key(name) for name in ("rehearse", "learns", "adapter", "branch")}
    text = sentence(state, keys, is_racing=session.run.followers.get("branch") is not None)
    return Line(LineRank.REGIME, text) if text else None


def sentence(state: RunState, keys: dict[str, str], *, is_racing: bool = False) -> str:
    """What becomes of the deck before; "" before it was asked again.

    `is_racing`: another run is beside it already.
    """
    chapter = state.life.earlier[-1]
    if chapter.seen is None or chapter.seen_before is None:
        return ""
    n_cards = state.cards_taught - state.life.since_cards
    cards, others = tr("{n} cards", n=count(n_cards)), tr("{n} other cards", n=count(n_cards))
    if n_cards == 1:
        cards, others = tr("1 card"), tr("1 other card")
    facts: dict[str, object] = {
        **keys,
        "deck": chapter.name,
        "now": percent_right(chapter.seen),
        "before": percent_right(chapter.seen_before),
        "cards": cards,
        "others": others,
        "n_learned": count(state.remedies.n_learned),
        "share": state.remedies.rehearsal,
    }
    if state.remedies.is_adapter_off:
        return tr(
            "The adapter is off: this is the model from before it, number for number. {deck} is "
            "at {now}. {adapter} puts it on.",
            **facts,
        )
    again = relearned(state)
    if again:
        return again
    if chapter.is_text and state.remedies.rehearsal and state.remedies.learns != "adapter":
        return tr(
            "{share:.0%} of what it is taught are passages of {deck} again: it guesses {now} of "
            "its next pieces ({before} before). {rehearse} changes that.",
            **facts,
        )
    if chapter.is_text and state.remedies.learns == "all" and is_racing:
        return tr(
            "It read {deck}. After {cards} it guesses {now} of its next pieces ({before} "
            "before). {rehearse}: rehearse the text.",
            **facts,
        )
    if chapter.is_text and state.remedies.learns == "all":
        return tr(
            "It read {deck}. After {cards} it guesses {now} of its next pieces ({before} "
            "before). {branch}: beside one that has not read. {rehearse}: rehearse the text.",
            **facts,
        )
    if state.remedies.learns == "adapter":
        return tr(
            "Only {n_learned} numbers beside the model learn; {deck} is at {now} ({before} "
            "before). {adapter} takes them off, and the old model is back.",
            **facts,
        )
    if state.remedies.rehearsal:
        return tr(
            "{deck} is at {now} ({before} before): {share:.0%} of the cards are its own, "
            "rehearsed. {rehearse} changes that.",
            **facts,
        )
    if state.remedies.learns == "last_layer":
        return tr(
            "Only the last layer learns, {n_learned} numbers; {deck} is at {now} ({before} "
            "before). {learns} lets another part learn.",
            **facts,
        )
    return tr(
        "{deck} is at {now} after {others} ({before} before): nothing repeats it. "
        "{rehearse} rehearses it, {learns} lets only a part of the model learn.",
        **facts,
    )


def relearned(state: RunState) -> str:
    """How many cards it took until it knew a deck, when it was taught it for the second time."""
    name = "" if state.start is None else state.start.name
    first = next((chapter for chapter in state.life.earlier if chapter.name == name), None)
    if first is None or first.n_cards_to_know is None:
        return ""
    if state.exams.n_cards_to_know is None:
        return tr(
            "It was taught {deck} before: the first time it took {first} cards until 80 % were "
            "right; now it has had {now}.",
            deck=name,
            first=count(first.n_cards_to_know),
            now=count(state.cards_taught - state.life.since_cards),
        )
    return (
        tr(
            "Relearning is quicker: {again} cards until 80 % were right; the first time it took "
            "{first}.",
            again=count(state.exams.n_cards_to_know),
            first=count(first.n_cards_to_know),
        )
        if state.exams.n_cards_to_know < first.n_cards_to_know
        else ""
    )


def _is_partly_right(unseen: Score) -> bool:
    """Whether tries at prompts that it never saw earn enough to learn from: some, not all."""
    return SOME_RIGHT * unseen.total <= unseen.right < unseen.total


def _offer(session: Session) -> str:
    goes_on = tr("Any key goes on")
    keys = {"key": session.key("teach_after"), "reward": session.key("reward")}
    ended, start = session.state.ended, session.state.start
    is_taught = start is not None and start.text is None and start.judge is None
    if is_taught and ended is not None and 0 < ended.seen.right < ended.seen.total:
        return tr(
            "{goes_on}; {key} teaches it another deck, {reward} goes on by reward alone.",
            goes_on=goes_on,
            **keys,
        )
    if is_taught and ended is not None and _is_partly_right(ended.unseen):
        return tr(
            "{goes_on}; {key} teaches it another deck, {reward} rewards its tries at other "
            "prompts.",
            goes_on=goes_on,
            **keys,
        )
    return tr("{goes_on}; {key} teaches it another deck.", goes_on=goes_on, **keys)
