"""Actions of the lesson's keys."""

from typing import Literal

import msgspec

from flashcards.app.density import Density
from flashcards.app.lesson import notice
from flashcards.app.run.earlier_runs import EarlierRuns
from flashcards.app.run.run import Run, Setting
from flashcards.app.session import Session
from flashcards.app.textual_fixes.screens import PromptInput, hidden
from flashcards.app.widgets.dialog import Choice, ChoiceScreen, LineDialog
from flashcards.base.errors import UserError
from flashcards.base.language import capital, format_number, tr
from flashcards.cards.shelf import updates_of
from flashcards.runs import commands as cmd
from flashcards.runs.values import ORDERS, SPEEDS, OrderName, Speed
from flashcards.wording.lesson import ORDERS as ORDER_NAMES
from flashcards.wording.numbers import count, rate_factor

MAX_CARDS_TO_RUN = 1_000_000
RATE_LIMITS = (1 / 64, 64.0)
OTHER_MODEL = -1  # in place of a seed
Leaving = Literal["save", "drop", "stay"]


SPEED: Setting[Speed] = Setting(lambda state: state.speed, lambda speed: cmd.SetSpeed(speed=speed))
RATE = Setting(
    lambda state: state.learning_rate_factor, lambda factor: cmd.SetLearningRate(factor=factor)
)
ORDER: Setting[OrderName] = Setting(
    lambda state: state.order, lambda order: cmd.SetOrder(order=order)
)


IN_MINUTE: Literal["minute"] = "minute"
N_IN_MINUTE = 1_000  # where no run of the deck says how many updates it takes


class Minute:
    """The wish that the updates of each run that is opened are spread over a minute."""

    is_wanted = False


class ToRun:
    """The number of cards that was asked for last when somebody chose how many to teach."""

    n_cards = 10


def toggle_play(session: Session) -> None:
    """Play or pause; a recording plays on from the step that is shown."""
    viewer, step = session.run.viewer, session.travel.step
    if viewer is not None and step is not None and viewer.play_from(step):
        session.travel.follow_live()
        return
    # at its end a recording is not learning, even if that was not told yet
    is_going = session.state.liveness == "learning" and not (viewer and viewer.is_at_end)
    session.send(cmd.Pause() if is_going else cmd.Play())


def step(session: Session) -> None:
    """One step on in the past; at the live end pause and teach one card."""
    if session.travel.step is None:
        session.send(cmd.Step())
    else:
        session.travel.move(1)


async def run_cards(session: Session) -> None:
    last = session.singleton(ToRun)
    line = PromptInput(str(last.n_cards), restrict=r"[0-9.,]*", max_length=9, select_on_focus=True)

    async def read(typed: str) -> int:
        digits = typed.replace(format_number(1000, ",")[1], "")
        if digits.isdecimal() and 1 <= int(digits) <= MAX_CARDS_TO_RUN:
            return int(digits)
        raise UserError(tr("a whole number from 1 to 1,000,000"))

    title = tr("Teach how many cards?")
    hint = tr("enter teach · esc back")
    text = tr("One card a step, as fast as it can; then it pauses.")
    n_cards = await session.dialog(LineDialog(title, line, hint, read, text))
    if n_cards is not None:
        last.n_cards = n_cards
        session.send(cmd.Step(n_cards=n_cards))


def change_speed(session: Session, by: int) -> None:
    viewer = session.run.viewer
    if viewer is not None:
        viewer.change_pace(by)
        return
    if session.state.liveness == "starting":
        session.notify(tr("The lesson is still starting."), timeout=4)
        return
    paces = (*SPEEDS[:-1], IN_MINUTE, SPEEDS[-1])
    speed = session.run.value_of(SPEED)
    is_spread = speed == SPEEDS[-1] and session.run.n_in_minute > 0
    index = paces.index(IN_MINUTE if is_spread else speed) + by
    pace = paces[min(max(index, 0), len(paces) - 1)]
    if pace == IN_MINUTE:
        spread(session)
        return
    session.run.n_in_minute = 0
    session.run.change(SPEED, pace)


def spread(session: Session) -> None:
    """Full speed, but the updates of this deck's last run that ended here, or those its file tells,
    take a minute."""
    run, n_here = session.run, session.singleton(EarlierRuns).n_to_end
    n = n_here or updates_of(run.request.deck) or N_IN_MINUTE
    run.n_in_minute = n
    run.change(SPEED, "full", cmd.SetSpeed(speed="full", n_in_minute=n))
    what = tr("{n:,} steps in one minute, as many as its last run took to its end.", n=n)
    if not n_here:
        what = tr("{n:,} steps in one minute; no run of this deck has ended here yet.", n=n)
    session.notify(what, kind="minute")
    session.spawn(_say_what_is_over(session, run.state.step + n), "minute")


async def _say_what_is_over(session: Session, end_step: int) -> None:
    run = session.run
    await run.until(lambda: run.state.step >= end_step or run.is_over)
    if run.n_in_minute and run is session.run and run.state.liveness == "learning":
        run.n_in_minute = 0
        session.notify(tr("It needs longer: it goes on at full speed."), kind="minute")


def change_rate(session: Session, by: int) -> None:
    before = session.run.value_of(RATE)
    low, high = RATE_LIMITS
    factor = min(max(before * 2.0**by, low), high)
    session.run.change(RATE, factor)
    rate = tr("learning rate {factor}", factor=rate_factor(factor))
    text = ""  # the sentence below the lesson says what it does
    if factor == before:
        at_end = "{rate} is the largest possible"
        text = tr(at_end if factor >= 1 else "{rate} is the smallest possible", rate=rate)
    elif factor == 1.0 or session.shell.view_name != "lesson" or session.hides_outcomes:
        text = rate
    if text:
        session.notify(capital(text), timeout=2, kind="rate")


def next_order(session: Session) -> None:
    index = ORDERS.index(session.run.value_of(ORDER)) + 1
    order = ORDERS[index % len(ORDERS)]
    session.run.change(ORDER, order)
    name, meaning = (tr(text) for text in ORDER_NAMES[order])
    text = tr("Order of cards: {order} ({meaning})", order=name, meaning=meaning)
    session.notify(text, timeout=2, kind="order")


def has_more(session: Session) -> bool:
    return session.shell.view_name == "lesson" and session.shell.screen is session.shell.front


def show_more(session: Session) -> None:
    session.singleton(Density).toggle()
    session.paint()


def undo(session: Session) -> None:
    text = tr("Taken back.") if session.undo() else tr("Nothing to take back.")
    session.notify(text, timeout=4, kind="undo")


def rewind(session: Session) -> None:
    if not session.state.steps.can_rewind:
        session.notify(tr("Nothing broke: there is nothing to rewind from."), timeout=4)
        return
    if session.travel.step is not None:
        session.travel.follow_live()
    session.send(cmd.Rewind())


async def opened(session: Session, run: Run) -> None:
    await session.singleton(EarlierRuns).look(run, session.runs_root)
    if session.singleton(Minute).is_wanted and run.viewer is None:
        await run.until(lambda: run.is_up or run.is_over)
        spread(session)
    await run.until(lambda: run.state.exams.last is not None or run.is_over)
    start = run.state.start
    if run.state.speed == "explain" and start is not None and start.problem is not None:
        # the line under the lesson tells of each phase
        session.notify(notice.deck_problem(session, start), severity="warning", timeout=12)


def can_go_on(session: Session) -> bool:
    return session.singleton(EarlierRuns).to_go_on(session.run) is not None


def go_on(session: Session) -> None:
    target = session.singleton(EarlierRuns).to_go_on(session.run)
    if target is not None:
        request = msgspec.structs.replace(session.run.request, resume=target[0])
        start = session.state.start
        is_another = start is None or start.folder != target[0]
        session.open(request, is_going_on=is_another)


async def restart(session: Session) -> None:
    start, request = session.state.start, session.run.request
    seed = request.seed if start is None else start.seed
    model = session.model
    same = tr("Seed {seed}: the same first guesses, the same order of cards.", seed=seed)
    other = tr("Seed {seed}: other random numbers to begin with, and another order.", seed=seed + 1)
    brought = tr("One that others have trained, or a new one.")
    choices: tuple[Choice[int | None], ...] = (
        Choice(tr("same seed"), same, seed),
        Choice(tr("new seed"), other, seed + 1),
        Choice(tr("another model"), brought, OTHER_MODEL),
        Choice(tr("cancel"), tr("The lesson goes on."), None),
    )
    text = tr("A new model that knows nothing. What this one learned is saved first.")
    if model:
        text = tr("The model as its file has it. What it learned here is saved first.")
    chosen = await session.dialog(ChoiceScreen(tr("Start over?"), text, choices))
    if chosen == OTHER_MODEL:
        from flashcards.app.widgets.model_screen import ModelScreen

        named = await session.dialog(ModelScreen(session.runs_root, model))
        chosen, model = (None, "") if named is None else (seed, named)
    if chosen is not None:
        session.begin_again(chosen, model)


async def leave(session: Session) -> None:
    if session.is_leaving or isinstance(session.shell.screen, QuitScreen):
        return
    leaving: Leaving = "drop"
    run = session.run
    if run.state.start is not None and not run.is_over and run.viewer is None:
        step, saved_step = run.state.step, run.state.last_saved_step
        leaving = await session.dialog(QuitScreen(step, saved_step, session.key("go_on"))) or "stay"
    if leaving != "stay":
        await session.leave(is_saved=leaving == "save")


class QuitScreen(ChoiceScreen[Leaving]):
    """The three ways; Ctrl-C once more is the first. The lesson goes on behind it."""

    BINDINGS = hidden(ctrl_c="choose(0)")

    def __init__(self, step: int, last_saved_step: int | None, go_on: str) -> None:
        """`go_on` is the key that takes up a saved run."""
        self._go_on = go_on
        super().__init__(tr("Leave the lesson?"), "", self._ways(step, last_saved_step))

    def paint_dialog(self, session: Session) -> None:
        state = session.state
        self.show_choices(self._ways(state.step, state.last_saved_step))

    def _ways(self, step: int, last_saved_step: int | None) -> tuple[Choice[Leaving], ...]:
        text = "Keeps all up to step {step}; {go_on} goes on from there."
        keeps = tr(text, step=count(step), go_on=self._go_on)
        return (
            Choice(tr("save and quit"), keeps, "save"),
            Choice(tr("quit without saving"), _loss(last_saved_step, step), "drop"),
            Choice(tr("cancel"), tr("The lesson goes on."), "stay"),
        )


def _loss(last_saved_step: int | None, step: int) -> str:
    if last_saved_step is None:
        return tr("Nothing is saved yet: all of it is lost.")
    saved = count(last_saved_step)
    if last_saved_step >= step:
        return tr("Step {step} is saved already: nothing is lost.", step=saved)
    return tr("Keeps what is saved, step {step}; the rest is lost.", step=saved)
