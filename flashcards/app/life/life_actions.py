"""Actions of the keys against forgetting, and the line under the lesson of a second deck."""

from flashcards.app.room import LineRank, StatusLine
from flashcards.app.run.run import Run, Setting
from flashcards.app.session import Session
from flashcards.base.keyed_text import sentences
from flashcards.base.language import tr
from flashcards.runs import commands as cmd
from flashcards.runs.state import RunState
from flashcards.runs.values import LEARNS, Learns
from flashcards.wording import facts, numbers
from flashcards.wording.races import before_of

REHEARSALS = (0.0, 0.1, 0.5)


REHEARSAL = Setting(
    lambda state: state.remedies.rehearsal, lambda share: cmd.SetRemedy(rehearsal=share)
)
LEARNS_NOW: Setting[Learns] = Setting(
    lambda state: state.remedies.learns, lambda part: cmd.SetRemedy(learns=part)
)


def is_later(session: Session) -> bool:
    return bool(session.state.life.earlier)


def is_part_chosen(state: RunState) -> bool:
    """Tell whether what learns was chosen once, as of a model that others have trained."""
    start = state.start
    return start is not None and (start.is_part_learned or "learned" in start.chosen)


def can_choose_part(session: Session) -> bool:
    return is_later(session) and not is_part_chosen(session.state)


def has_adapter(session: Session) -> bool:
    return session.state.has_adapter


def next_rehearsal(session: Session) -> None:
    if not is_later(session):
        return
    now = session.run.value_of(REHEARSAL)
    share = next((s for s in REHEARSALS if s > now), REHEARSALS[0])
    session.run.change(REHEARSAL, share)
    text = facts.rehearsed(share) if share else tr("No old card is rehearsed any more.")
    session.notify(text, timeout=5, kind="rehearsal")


def next_part(session: Session) -> None:
    if not can_choose_part(session):
        return
    learns = LEARNS[(LEARNS.index(session.run.value_of(LEARNS_NOW)) + 1) % len(LEARNS)]
    session.run.change(LEARNS_NOW, learns)
    texts = {
        "all": tr("The whole model learns again; an adapter becomes a part of it."),
        "last_layer": tr("Only the last layer learns: the layers before it stay as they are."),
        "adapter": tr(
            "Only an adapter learns, a few numbers beside the model. {key} to take it off.",
            key=session.press("adapter"),
        ),
    }
    session.notify(texts[learns], timeout=5, kind="part")


def switch_adapter(session: Session) -> None:
    """Off, the lesson is paused and the old model answers; on again, the new one."""
    if has_adapter(session):
        session.send(cmd.SwitchAdapter(is_on=session.state.remedies.is_adapter_off))
        return
    text = tr("There is no adapter. {key} to let one learn.", key=session.press("learns"))
    if is_part_chosen(session.state):
        text = tr("This model has no adapter: its own numbers learn.")
    session.notify(text, timeout=5, kind="adapter")


IN_BOTH_FOR_S = 12.0


class InBoth:
    """Since when it has stood under the lesson of this run that prompts are in both decks."""

    run: Run | None = None
    since_s = 0.0

    def is_new(self, session: Session) -> bool:
        if self.run is not session.run:
            self.run, self.since_s = session.run, session.clock()
        return session.clock() - self.since_s < IN_BOTH_FOR_S


SOME_RIGHT = 0.1
"""From so large a share of right answers on, one of eight tries at a prompt is often right."""


def line(session: Session) -> StatusLine | None:
    state = session.state
    is_now = state.liveness != "failed" and session.travel.step is None
    if not state.life.earlier:
        if state.remedies.is_adapter_off and is_now:
            return StatusLine(LineRank.REGIME, _off(state, session.press("adapter")))
        if state.liveness == "finished" and session.run.viewer is None:
            return StatusLine(LineRank.OFFER, _offer(session), "teach_after", about="end")
        return None
    if not is_now:
        return None
    if session.shell.view_name == "memory" and not state.remedies.is_adapter_off:
        return None  # that view is about the deck that is taught
    began = state.life.began
    is_lost = not facts.is_kept(state.life.earlier[-1])  # then what is lost is the news
    is_told = began is not None and began.n_in_both > 0 and not is_lost
    if began is not None and is_told and session.singleton(InBoth).is_new(session):
        return StatusLine(LineRank.REGIME, facts.in_both_decks(began))
    is_over = state.liveness == "finished"  # then the verdict stands behind it
    offered = ("rehearse", "adapter", "branch") if session.is_offering and not is_over else ()
    keys = {name: session.press(name) for name in offered}
    text = sentence(state, keys, is_racing=session.run.followers.get("branch") is not None)
    return StatusLine(LineRank.REGIME, text, about="forgotten") if text else None


def sentence(state: RunState, keys: dict[str, str], *, is_racing: bool = False) -> str:
    """Say what is forgotten of the deck before; "" before it was asked again. `keys`: those that
    are offered, by their ids; none in a talk, which has its own plan."""
    chapter = state.life.earlier[-1]
    if chapter.seen is None or chapter.seen_before is None:
        return ""
    kept_text = facts.kept_of(chapter)
    remedies = state.remedies
    if remedies.is_adapter_off:
        rest = _off(state, keys.get("adapter", ""))
    elif relearned_text := relearned(state):
        return relearned_text
    elif remedies.learns == "adapter":
        learns = facts.learning("adapter", remedies.n_learned)
        offer = tr("{key} to turn it off.", key=keys["adapter"]) if keys else ""
        rest = sentences(learns, offer)
    elif remedies.rehearsal:
        is_later = remedies.since_step > state.life.since_step
        taught = state.start.name if state.start is not None and is_later else ""
        return facts.kept_of(chapter, taught, remedies.rehearsal)
    elif remedies.learns == "last_layer":
        rest = facts.learning("last_layer", remedies.n_learned)
    elif facts.is_kept(chapter) or not keys:
        rest = ""
    else:
        rest = tr("{rehearse} to mix some of the old in again.", **keys)
    is_plain = remedies.learns == "all" and not remedies.rehearsal
    before = before_of(state)
    if before is not None and is_plain and keys and not is_racing:
        rest = sentences(rest, before.offer(keys["branch"]))
    return sentences(kept_text, rest)


def _off(state: RunState, key: str) -> str:
    """Say that the adapter is off, and how to turn it on, where a key for that is offered."""
    off = facts.adapter(is_on=False, is_brought=is_part_chosen(state))
    return sentences(off, tr("{key} to turn it on.", key=key)) if key else off


def relearned(state: RunState) -> str:
    """Say how many cards it took to know a deck, when it was taught it for the second time."""
    name = "" if state.start is None else state.start.name
    first = next((chapter for chapter in state.life.earlier if chapter.name == name), None)
    if first is None or first.n_cards_to_know is None:
        return ""
    if state.exams.n_cards_to_know is None:
        return tr(
            "It was taught {deck} before: the first time it took {first} cards until 80 % were "
            "right; now it has had {now}.",
            deck=name,
            first=numbers.count(first.n_cards_to_know),
            now=numbers.count(state.cards_taught - state.life.since_cards),
        )
    if state.exams.n_cards_to_know >= first.n_cards_to_know:
        return ""
    return tr(
        "Relearning is quicker: {again} cards until 80 % were right; the first time it took "
        "{first}.",
        again=numbers.count(state.exams.n_cards_to_know),
        first=numbers.count(first.n_cards_to_know),
    )


def _offer(session: Session) -> str:
    goes_on = tr("The lesson has ended; Space goes on")
    keys = {"key": session.key("teach_after"), "reward": session.key("reward")}
    ended = session.state.ended
    is_taught = "reward_after" not in session.kind.lacks
    offer = tr("{goes_on}; {key} teaches it something else", goes_on=goes_on, **keys)
    if is_taught and ended is not None and 0 < ended.seen.right < ended.seen.total:
        offer += "; " + tr("type {reward} to go on by reward alone", **keys)
    elif is_taught and ended is not None and SOME_RIGHT <= (ended.unseen.rate or 0) < 1:
        offer += "; " + tr("type {reward} to reward its tries at other prompts", **keys)
    return offer + "."
