"""What the keys for branching do: branch, end the branch, go on with it as the lesson."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Literal

import msgspec

from flashcards.app.race.branch import Branch, Newcomer
from flashcards.app.race.replay import prompts_of_decks
from flashcards.app.session import Session
from flashcards.app.widgets.dialog import Choice, ChoiceScreen
from flashcards.base.language import capital, tr
from flashcards.runs import events as ev
from flashcards.runs.answers import ANSWERS, AnswerDiffers, Answers, difference_at
from flashcards.runs.cursor import read_run
from flashcards.runs.events import AnyEvent
from flashcards.runs.markers import Differs, Parted
from flashcards.runs.state import RunState
from flashcards.runs.values import BranchChange, OrderName
from flashcards.wording import facts
from flashcards.wording.numbers import count

BRANCH = "branch"
NEW: Literal["new"] = "new"
"""In place of a change: a model that was taught nothing before."""


async def branch(session: Session) -> None:
    """Ask what is to be different, and branch; with a branch, ask whether to end it."""
    if session.run.followers.get(BRANCH) is not None:
        await _ask_to_end(session)
        return
    if session.state.start is None:
        session.notify(tr("The lesson is still starting."), timeout=4)
        return
    step = session.step
    title = tr("Branch at step {step}", step=count(step))
    text = tr("A second run from here, one thing different, taught as many cards.")
    change = await session.dialog(ChoiceScreen(title, text, choices(session.shown)))
    if change is None or session.run.followers.get(BRANCH) is not None:
        return
    run, runs = session.run, session.run.request.runs
    session.kept(Differing).found = None
    if change == NEW:
        made: Branch = Newcomer(run, session.teach, runs)
    else:
        made = Branch(run, session.teach, step, change, runs)
        run.parting.append(Parted(step=step, change=change))
    run.followers[BRANCH] = made
    session.spawn(_follow(session, made), "branch")
    session.travel.follow_live()
    session.show("race")


def choices(state: RunState) -> tuple[Choice[BranchChange | Literal["new"] | None], ...]:
    """What can be different; the last is nothing at all."""
    factor = state.learning_rate_factor
    start, correction = state.start, state.card.now
    seed = 1 if start is None else start.seed
    order: OrderName = "shuffled" if state.order != "shuffled" else "hardest"
    half, double = (BranchChange(learning_rate_factor=factor * by) for by in (0.5, 2))
    offered = [
        ("h", tr("Half the learning rate: smaller corrections."), half),
        ("d", tr("Twice the learning rate: larger corrections."), double),
        ("s", tr("The same cards, drawn in another random order."), BranchChange(seed=seed + 1)),
    ]
    does = tr("Which cards come next is decided another way.")
    offered.append(("o", does, BranchChange(order=order)))
    if correction is not None:
        does = tr("This card is not taught any more: is its answer kept?")
        offered.insert(2, ("w", does, BranchChange(without_prompt=correction.prompt)))
    found: list[Choice[BranchChange | Literal["new"] | None]] = [
        Choice(key, facts.branch(change), does, change) for key, does, change in offered
    ]
    if state.life.earlier and state.reward is None:
        before = state.life.earlier[-1]
        does = tr("New, and taught the same cards: what did {deck} bring?", deck=before.name)
        name = tr("a model that has not read")
        if not before.is_text:
            name = tr("a model that was taught nothing before")
        found.insert(0, Choice("n", name, does, NEW))
    return (*found, Choice("c", capital(tr("cancel")), tr("No branch."), None))


async def _ask_to_end(session: Session) -> None:
    options = (
        Choice("e", tr("End it"), tr("It is saved first, and listed with the other runs."), True),
        Choice("k", capital(tr("keep it")), tr("Back to the race."), False),
    )
    screen: ChoiceScreen[bool] = ChoiceScreen(tr("End the branch?"), "", options)
    ended = session.run.followers.get(BRANCH)
    if await session.dialog(screen) and ended is not None:
        session.run.followers.pop(BRANCH, None)
        await ended.close()
        session.paint()


async def take(session: Session) -> None:
    made = session.run.followers.get(BRANCH)
    if not isinstance(made, Branch) or not made.folder:
        return
    session.run.followers.pop(BRANCH, None)
    await made.close()
    request = msgspec.structs.replace(session.run.request, resume=made.folder)
    session.open(request)
    session.notify(tr("The branch is the lesson now; the run it left is saved."), timeout=6)


async def _follow(session: Session, made: Branch) -> None:
    watching = None
    if not isinstance(made, Newcomer):  # of two models the same step has nothing in common
        watching = asyncio.create_task(_watch_answers(session, made))
    try:
        await made.listen()
    finally:
        if watching is not None:
            watching.cancel()
    if made.state.liveness == "failed" and session.run.followers.get(BRANCH) is made:
        session.notify(branch_failed(made.state.failure), severity="warning", timeout=20)
        session.paint()


def branch_failed(text: str) -> str:
    return tr(
        "{name} stopped: {reason}. The lesson goes on.", name=capital(tr("branch")), reason=tr(text)
    )


class Differing:
    """The first answer that lesson and branch gave differently; None while there is none."""

    found: AnswerDiffers | None = None


async def _watch_answers(session: Session, made: Branch) -> None:
    """Find the first answer that differs as both runs go on; again, when one of them went back."""
    run, differing = session.run, session.kept(Differing)
    lesson, branch = Answers(), Answers()
    steps: asyncio.Queue[int] = asyncio.Queue()

    def heard(answers: Answers, event: AnyEvent) -> None:
        answers.take(event)
        if isinstance(event, ev.CorrectionMeasured | ev.DeckMarked):
            steps.put_nowait(event.step)
        if isinstance(event, ev.RunResumed | ev.RunRewound) and differing.found is not None:
            differing.found = None if differing.found.step > event.step else differing.found

    run.on_event(lambda event: heard(lesson, event))
    made.listeners.append(lambda event: heard(branch, event))
    assert run.state.start is not None
    folder = Path(run.state.start.folder)
    with contextlib.suppress(OSError):  # what was logged of the lesson before the branch began
        for event in await asyncio.to_thread(read_run, folder / "events.jsonl", ANSWERS):
            lesson.take(event)
    while True:
        step = await steps.get()
        if differing.found is not None or not made.folder:
            continue
        prompts = prompts_of_decks(folder), prompts_of_decks(Path(made.folder))
        found = await asyncio.to_thread(difference_at, step, lesson, branch, prompts)
        if found is not None and run.followers.get(BRANCH) is made:
            differing.found = found
            run.parting.append(Differs(step=found.step, answer=found))
