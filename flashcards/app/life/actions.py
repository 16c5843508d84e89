"""What the keys do against forgetting."""

from __future__ import annotations

from flashcards.app.run.run import Run
from flashcards.app.session import Session
from flashcards.base.language import tr
from flashcards.runs import commands as cmd
from flashcards.runs.state import RunState
from flashcards.runs.values import LEARNS, Learns
from flashcards.wording import facts

REHEARSALS = (0.0, 0.1, 0.5)


class Asked:
    """What was asked for last and is not confirmed yet: the next press counts from it."""

    def __init__(self) -> None:
        self.rehearsal: float | None = None
        self.learns: Learns | None = None

    def confirm(self, state: RunState) -> None:
        self.rehearsal = None if state.remedies.rehearsal == self.rehearsal else self.rehearsal
        self.learns = None if state.remedies.learns == self.learns else self.learns


def is_later(session: Session) -> bool:
    """Whether something was taught before this deck."""
    return bool(session.state.life.earlier)


def has_adapter(session: Session) -> bool:
    return is_later(session) and session.state.remedies.learns == "adapter"


def next_rehearsal(session: Session) -> None:
    """Draw the next share of the cards from earlier decks."""
    if not is_later(session):
        return
    asked = _asked(session)
    now = session.state.remedies.rehearsal if asked.rehearsal is None else asked.rehearsal
    asked.rehearsal = share = next((s for s in REHEARSALS if s > now), REHEARSALS[0])
    session.send(cmd.SetRemedy(rehearsal=share))
    if share and all(chapter.is_text for chapter in session.state.life.earlier):
        text = tr(
            "{share:.0%} of what it is taught are passages of {deck} again.",
            share=share,
            deck=session.state.life.earlier[-1].name,
        )
    elif share:
        text = tr(
            "{share:.0%} of the cards are rehearsed now: drawn from {deck}.",
            share=share,
            deck=_earlier(session.state),
        )
    else:
        text = tr("No old card is rehearsed any more.")
    session.notify(text, timeout=5, kind="rehearsal")
    session.run.go_on_after_the_end()


def next_part(session: Session) -> None:
    if not is_later(session):
        return
    asked = _asked(session)
    now = asked.learns or session.state.remedies.learns
    asked.learns = learns = LEARNS[(LEARNS.index(now) + 1) % len(LEARNS)]
    session.send(cmd.SetRemedy(learns=learns))
    texts = {
        "all": tr("The whole model learns again; an adapter becomes a part of it."),
        "last_layer": tr("Only the last layer learns: the layers before it stay as they are."),
        "adapter": tr(
            "Only an adapter learns, a few numbers beside the model: {key} takes it off.",
            key=session.key("adapter"),
        ),
    }
    session.notify(texts[learns], timeout=5, kind="part")
    session.run.go_on_after_the_end()


def switch_adapter(session: Session) -> None:
    """Off, the lesson is paused and the old model answers; on again, the new one."""
    if has_adapter(session):
        session.send(cmd.SwitchAdapter(is_on=session.state.remedies.is_adapter_off))
        return
    text = tr("There is no adapter: {key} lets one learn.", key=session.key("learns"))
    session.notify(text, timeout=5, kind="adapter")


def _asked(session: Session) -> Asked:
    asked = session.kept(Asked)
    asked.confirm(session.state)
    return asked


def _earlier(state: RunState) -> str:
    taught = (chapter.name for chapter in state.life.earlier if not chapter.is_text)
    return ", ".join(dict.fromkeys(taught))


async def warn_of_both(session: Session, run: Run) -> None:
    """Say it where prompts are in both decks: of those the old answer must go."""
    await run.until(lambda: run.is_up or run.is_over)
    began = run.state.life.began
    if began is not None and began.n_in_both and run.viewer is None:
        session.notify(facts.in_both_decks(began), severity="warning", timeout=12)
