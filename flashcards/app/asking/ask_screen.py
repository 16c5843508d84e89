"""Asking the model: a line to type in, and what it answers. The lesson goes on above it."""

import contextlib
from collections import deque
from collections.abc import AsyncIterator
from functools import partial

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import Worker

from flashcards.app.asking import offered_prompts
from flashcards.app.asking.answer_sheet import AnswerSheet, AnswerView
from flashcards.app.asking.offered_prompts import AskedBefore, Offers, toggle_pin
from flashcards.app.run.run import NoAnswer
from flashcards.app.session import Session
from flashcards.app.textual_fixes.screens import PromptInput, hidden
from flashcards.app.widgets.cells import MUTED, cut
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog
from flashcards.base.language import tr
from flashcards.cards.card import MAX_WRITTEN_CHARACTERS
from flashcards.cards.grammar import as_taught
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.values import AskOptions

MAX_PROMPT_LENGTH = MAX_WRITTEN_CHARACTERS
N_ANSWERS = 50  # so many of the newest answers are kept
N_OFFERED = 100  # cards among which one is offered
LIKELIEST = cmd.Ask(prompt="").options  # the default itself: what is sent leaves it out
DRAWN = AskOptions(n_answers=8, temperature=1.0)
"""The options of F5: by chance, each piece as often as the model finds it likely."""

ASK_AGAIN_S = 0.4
"""Interval at which a prompt that was just taught is asked again, to watch it being learned."""


class AskScreen(Dialog[None]):
    """Stays open: Enter asks (again), Esc closes."""

    CSS_PATH = [DIALOGS_CSS, "asking.tcss"]  # noqa: RUF012
    BINDINGS = hidden(
        escape="close",
        up="offer(-1)",
        down="offer(1)",
        tab="offer(1)",
        f2="pin",
        f3="teach",
        f4="past",
        f5="draw",
        f6="switch_adapter",
    )

    again_timer: Timer

    def __init__(self, session: Session, prompt: str = "") -> None:
        """Opens on the line to type in; with a prompt, on how its answer came about."""
        super().__init__()
        self._session = session
        self._opening = prompt
        self._as_of = session.travel.step
        self._state = session.shown_state
        self._is_adapter_off = self._state.remedies.is_adapter_off
        self._progress = ""
        self._answers: deque[ev.PromptAnswered] = deque(maxlen=N_ANSWERS)
        self._rivals: ev.RivalsAnswered | None = None
        self._n_asked = self._n_answered = 0
        self._past: ev.PastAnswered | None = None
        self._is_teaching_sent = False
        self._taught: ev.TeachingRefused | ev.DeckChanged | None = None
        self._taught_prompt = ""
        self._title = ""
        self._offers: Offers | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog ask"):
            yield Static(classes="dialog-title")
            yield PromptInput(
                placeholder=tr("a prompt: one of the deck's, or one it was never taught"),
                max_length=MAX_PROMPT_LENGTH,
                select_on_focus=False,
                id="prompt",
            )
            yield AnswerSheet()

    def on_mount(self) -> None:
        self.again_timer = self.set_interval(ASK_AGAIN_S, self.ask_again, pause=True)
        if self._opening:
            self.query_one("#prompt", Input).value = self._opening
            self.action_past()
        self._paint()

    # What is asked

    @on(Input.Submitted, "#prompt")
    def ask(self, event: Input.Submitted) -> None:
        """Send the prompt off; it stays, selected, so that typing replaces it."""
        event.stop()
        prompt = as_taught(event.value)
        if prompt:
            event.input.select_all()
            self._ask(prompt)
            self._paint()

    def _ask(self, prompt: str, options: AskOptions = LIKELIEST) -> None:
        if prompt != self._taught_prompt:
            self.again_timer.pause()
        self._n_asked += 1
        self._session.singleton(AskedBefore).add(prompt)
        self._hear(self._session.replies(cmd.Ask(prompt=prompt, options=options)), "ask")
        if self._shows_past:
            self._ask_past(prompt)

    # What is offered

    def action_offer(self, by: int) -> None:
        """Up: what was asked before. Down: a card's prompt, of those with what is typed in them."""
        if self._is_teaching:
            return
        if self._offers is None:
            typed = self.query_one("#prompt", Input).value
            self._offers = Offers(typed, self._session.singleton(AskedBefore).prompts)
        if self._offers.needs_cards(by):
            self._offer_cards(self._offers, by)
        else:
            self._offer(self._offers, by)

    @work(group="offer", exclusive=True)
    async def _offer_cards(self, offers: Offers, by: int) -> None:
        prompts: list[str] = []
        question = cmd.ListCards(filter=as_taught(offers.typed), n_rows=N_OFFERED)
        with contextlib.suppress(NoAnswer):
            if "offer_cards" not in self._session.kind.lacks:
                listed = await self._session.ask(question, ev.CardsListed)
                prompts = [row.prompt for row in listed.rows]
        offers.take(prompts)
        if self._offers is offers:  # nothing was typed meanwhile
            self._offer(offers, by)

    def _offer(self, offers: Offers, by: int) -> None:
        line = self.query_one("#prompt", Input)
        with line.prevent(Input.Changed):
            line.value = offers.move(by)
        line.cursor_position = len(line.value)
        self._paint()

    def _hear(self, replies: AsyncIterator[ev.AnyEvent], group: str) -> None:
        """Take in what is said to the last question of a group; to "ask", to every one."""
        take = partial(self._take_in, replies, self._n_asked)
        _: Worker[None] = self.run_worker(take, group=group, exclusive=group != "ask")

    async def _take_in(self, replies: AsyncIterator[ev.AnyEvent], number: int) -> None:
        with contextlib.suppress(NoAnswer):
            async for reply in replies:
                match reply:
                    case ev.PromptAnswered():
                        self._answers.append(reply)
                        self._n_answered = number
                    case ev.RivalsAnswered():
                        self._rivals = reply
                    case ev.PastAnswered():
                        self._past = reply
                    case ev.TeachingRefused() | ev.DeckChanged():
                        self._taught = reply
                self._paint()
                if isinstance(reply, ev.RivalsAnswered | ev.TeachingRefused | ev.DeckChanged):
                    return

    @property
    def _is_waiting(self) -> bool:
        return self._n_answered < self._n_asked

    def ask_again(self) -> None:
        if not self._is_waiting and self._state.liveness == "learning":
            self._ask(self._taught_prompt)

    def action_pin(self) -> None:
        prompt, pins = self._prompt, self._state.pins
        if prompt and prompt not in pins:
            self._ask_if_new(prompt)
        if prompt:
            outcome = toggle_pin(self._session, prompt, pins)
            if prompt not in pins and len(pins) >= cmd.MAX_PINS:
                self._session.notify(outcome)

    def action_draw(self) -> None:
        """Ask several times, by chance."""
        if self._prompt and not self._is_teaching:
            self._show_past(False)
            self._ask(self._prompt, DRAWN)
            self._paint()

    def action_switch_adapter(self) -> None:
        if self._can_switch:
            self._session.do("adapter")

    @property
    def _can_switch(self) -> bool:
        is_live = self._as_of is None and self._session.run.viewer is None
        return is_live and self._state.has_adapter and not self._is_teaching

    def action_past(self) -> None:
        if self._shows_past:
            self._show_past(False)
            return
        prompt = self._prompt or next(reversed(self._state.pins), "")
        if not prompt:
            return
        self._ask_if_new(prompt)
        self._show_past(True)
        self._ask_past(prompt)

    def _ask_past(self, prompt: str) -> None:
        self._past = None
        self._hear(self._session.replies(cmd.AskPast(prompt=prompt)), "past")

    @property
    def _shows_past(self) -> bool:
        return self.has_class("-past")

    def _show_past(self, is_shown: bool) -> None:
        self.set_class(is_shown, "-past")
        self._paint()

    def _ask_if_new(self, prompt: str) -> None:
        latest = self._latest
        if latest is None or latest.prompt != prompt or self._is_waiting:
            self._ask(prompt)

    # Teaching

    async def action_teach(self) -> None:
        prompt = self._prompt
        if not prompt or self._is_teaching:
            return
        if self._as_of is not None:
            text = "A card can't be taught in the past. Press {key} to follow live again."
            self._session.notify(tr(text, key=self._session.key("follow_live")))
            return
        latest = self._latest
        answers = latest.correct_answers if latest is not None and latest.prompt == prompt else ()
        self._taught_prompt = prompt
        self._show_past(False)
        line = PromptInput(
            answers[0] if answers else "",
            placeholder=tr("the answer it should learn"),
            max_length=MAX_PROMPT_LENGTH,
            id="answer",
        )
        prompt_label = Static(Content(f"{cut(prompt, 30)} → "), classes="teach-prompt")
        await self.query_one(".ask").mount(
            Horizontal(prompt_label, line, classes="teach"), after="#prompt"
        )
        self._show_teaching(True)

    @on(Input.Submitted, "#answer")
    def teach(self, event: Input.Submitted) -> None:
        event.stop()
        answer = event.value.strip()
        if not answer:
            return
        self._is_teaching_sent = True
        self._taught = None
        command = cmd.TeachCard(prompt=self._taught_prompt, answer=answer)
        self._hear(self._session.run.replies(command), "teach")
        self._session.run.go_on_after_the_end()
        self._show_teaching(False)
        prompt = self.query_one("#prompt", Input)
        prompt.value = self._taught_prompt
        prompt.select_all()
        self._ask(self._taught_prompt)
        self._paint()
        self.again_timer.resume()

    def action_close(self) -> None:
        if self._is_teaching:
            self._show_teaching(False)
        elif self._shows_past:
            self._show_past(False)
        else:
            self.dismiss()

    @property
    def _is_teaching(self) -> bool:
        return self.has_class("-teaching")

    def _show_teaching(self, is_teaching: bool) -> None:
        self.set_class(is_teaching, "-teaching")
        if not is_teaching:
            self.query(".teach").remove()
        self.query_one("#answer" if is_teaching else "#prompt", Input).focus()
        self._paint()

    # What is shown

    def paint_dialog(self, session: Session) -> None:
        machine = session.travel.machine if session.travel.is_past else None
        self._progress = "" if machine is None else machine.failure or machine.progress
        self._state = session.shown_state
        is_off = self._state.remedies.is_adapter_off
        if is_off != self._is_adapter_off:
            self._is_adapter_off = is_off
            if self._as_of is None and self._latest is not None:
                self._ask(self._latest.prompt)
        self._paint()

    @property
    def _prompt(self) -> str:
        typed = as_taught(self.query_one("#prompt", Input).value)
        latest = self._latest
        return typed or ("" if latest is None else latest.prompt)

    @property
    def _latest(self) -> ev.PromptAnswered | None:
        return self._answers[-1] if self._answers else None

    @on(Input.Changed, "#prompt")
    def _typed(self) -> None:
        self._offers = None
        self._paint()

    def _paint(self) -> None:
        if self._is_teaching:
            ways = f"{tr('enter puts it into the deck')} · [@click=screen.close]{tr('esc back')}[/]"
            title = f"[b]{tr('Teach it this')}[/b]   [{MUTED}]{ways}[/]"
        else:
            is_pinned = self._prompt in self._state.pins
            title = offered_prompts.title(
                self._session.kind, self._as_of, is_pinned, self._shows_past
            )
        if title != self._title:
            self._title = title
            self.query_one(".dialog-title", Static).update(Content.from_markup(title))
        sheet = self.query_one(AnswerSheet)
        state = self._state
        answers = self._answers.copy()
        taught = ""
        is_refused = False
        if self._is_teaching_sent and self._taught_prompt == self._prompt:
            taught, is_refused = offered_prompts.outcome(self._taught, state.liveness == "paused")
        is_answered = bool(answers)
        message = offered_prompts.message(
            state.liveness, is_answered, self._is_waiting, self._progress
        )
        if message or not answers:
            pins = tuple((prompt, tuple(pin.answers.items)) for prompt, pin in state.pins.items())
            sheet.show(AnswerView(message, taught=taught, is_refused=is_refused, pins=pins))
            return
        latest = answers.pop()
        rivals = self._rivals
        pin = state.pins.get(latest.prompt)
        past = offered_prompts.answers_of(self._past, latest)
        sheet.show(
            AnswerView(
                answered=latest,
                before=tuple(a for a in reversed(answers) if a.prompt == latest.prompt),
                rivals=rivals.answers if rivals and rivals.request == latest.request else None,
                taught=taught,
                is_refused=is_refused,
                pinned=None if pin is None else tuple(pin.answers.items),
                learned_from=None if pin is None else pin.taught,
                past=past,
                is_past_shown=self._shows_past,
                n_left=0 if past is None or self._past is None else self._past.n_left,
                is_text=self._state.is_reading,
                common=None if state.start is None else state.start.common,
                can_switch=self._can_switch,
                deck="" if state.start is None else state.start.name,
            )
        )


async def ask(session: Session) -> None:
    await session.dialog(AskScreen(session))


async def ask_past(session: Session) -> None:
    if session.shown_state.pins:
        await session.dialog(AskScreen(session, next(reversed(session.shown_state.pins))))
