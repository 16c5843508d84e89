"""One question about a still, and its answer as the run's events have it.

Each function below is a template: of a moment it gives what one could ask of it and what is true,
or None where it does not apply. `question_of` draws among those that fit the moment best. They see
the events, and of the screen which step and which prompts stand there, never how it looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from random import Random
from typing import NamedTuple

from flashcards.app.bets.bets_actions import questions as bet_questions
from flashcards.app.room import keys_as_text
from flashcards.app.rooms import BY_ID, KEYS
from flashcards.doctor.diagnosis import of_file
from flashcards.runs import events as ev, values
from flashcards.runs.folder import RunFolder
from flashcards.runs.marks import RIGHT
from flashcards.runs.recording import Recording
from flashcards.runs.state import RunState
from flashcards.runs.trend import trend
from flashcards.runs.values import CardRow, Correction, Score
from flashcards.runs.verdict import best_of, fraction, is_ahead, percent
from flashcards.wording import bets, facts, lesson, markers, numbers
from tools.made_decks import MadeDeck
from tools.travelling import rows_at

STEP = re.compile(r"\bstep ([\d,]+)")

LITTLE = 0.03
"""Shares of cards right that differ by less are alike; by more, one is clearly better."""

FAIR_FROM, UNFAIR_UP_TO = 0.97, 0.85
"""Shares of the lesson's cards that a second model was taught: comparable, and not yet."""


@dataclass
class Seen:
    """What ought to be in front, by the keys that were pressed."""

    view: str = "lesson"
    dialog: str = ""
    phase: values.Phase | None = None
    asked: str = ""
    sort: values.CardSort = "deck"
    is_past: bool = False


@dataclass
class Moment:
    """What is known of the run as the still was taken.

    `state` is the run at the step that the still shows, `now` as far as it had come.
    `alike` is the lesson when it had been taught as many cards as the branch. `corrections` are
    those that were measured, by step; also the one that was under way.
    """

    seen: Seen
    deck: MadeDeck
    other: MadeDeck
    done: str
    text: str
    folder: Path
    step: int
    state: RunState
    now: RunState
    happened: list[ev.AnyEvent]
    twin: RunState | None = None
    branch: RunState | None = None
    alike: RunState | None = None
    corrections: dict[int, Correction] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        runs: Path,
        seen: Seen,
        deck: MadeDeck,
        other: MadeDeck,
        done: str,
        text: str,
        logged_step: int,
    ) -> Moment:
        """`text` is the screen's, `logged_step` as far as the log went when it was taken: the step,
        where the screen does not say one."""
        lesson = lesson_in(runs)
        assert lesson is not None
        recording = Recording.open(lesson)
        on_screen = step_shown(text)
        step = logged_step if on_screen is None else on_screen
        happened = list(recording.events())
        moment = cls(
            seen=seen,
            deck=deck,
            other=other,
            done=done,
            text=text,
            folder=lesson.path,
            step=step,
            state=recording.state_at(step),
            now=recording.state,
            happened=[event for event in happened if event.step <= step],
        )
        branches = [each for each in _runs_in(runs) if _is_branch(each)]
        twins = [RunFolder.open(path.parent) for path in lesson.path.glob("twin/2*/events.jsonl")]
        moment.branch, moment.twin = _state_of(branches), _state_of(twins)
        if moment.branch is not None:
            moment.alike = recording.state_by(moment.branch.cards_taught)
        return moment

    def read_on(self) -> bool:
        """Read what was measured since; whether the card that was under way is among it."""
        for event in RunFolder.open(self.folder).events():
            if isinstance(event, ev.CorrectionMeasured):
                self.corrections[event.step] = event.correction
        return self.step + 1 in self.corrections

    @property
    def key(self) -> tuple[str, ...]:
        """The view and the state: no two stills have the same."""
        place = self.seen.dialog or self.seen.view
        broken = "broken" if self.state.steps.broken is not None else ""
        liveness = "past" if self.seen.is_past else broken or self.state.liveness
        detail = self.seen.phase or (self.reply.stamp if self.reply else "")
        return place, self.done, liveness, detail

    @property
    def is_phase_shown(self) -> bool:
        """Whether the screen explains the phase that was asked for: keys may be ahead of it."""
        if self.seen.phase is None or self.seen.view not in ("lesson", "update"):
            return True
        name = lesson.PHASES[self.seen.phase][0]
        return re.search(rf"^ *{name} (?! *▸)", self.text, re.MULTILINE) is not None

    @property
    def correction(self) -> Correction | None:
        """The card on the screen: of the update under way, or the last one that was measured."""
        if self.seen.phase is not None:
            is_made = self.seen.phase in ("adjustment", "repeat")
            card = self.corrections.get(self.step if is_made else self.step + 1)
            is_there = self.seen.view != "update" or (card is not None and self.shows(card.prompt))
            # not yet, where the program is slow to answer keys
            return card if is_there and self.is_phase_shown else None
        if self.seen.is_past:
            return None
        if self.state.speed == "full":
            return self.state.card.now
        near = (self.corrections.get(step) for step in (self.step + 1, self.step))
        return next((card for card in near if card is not None and self.shows(card.prompt)), None)

    def shows(self, prompt: str) -> bool:
        """Whether this stands on the screen as a word."""
        return re.search(rf"(?<!\w){re.escape(prompt)}(?!\w)", self.text) is not None

    def says(self, *texts: str) -> bool:
        """Tell whether one of these stands on the screen: what is not there is not asked for."""
        return any(text in self.text for text in texts)

    def says_how_often(self, correction: Correction) -> bool:
        """Tell whether the screen says how often this card was taught."""
        return self.says(lesson.stamp(correction.times_seen, is_never_seen=False))

    @property
    def reply(self) -> ev.PromptAnswered | None:
        replies = (
            event for event in reversed(self.happened) if isinstance(event, ev.PromptAnswered)
        )
        return next((event for event in replies if event.prompt == self.seen.asked), None)

    @cached_property
    def rows(self) -> tuple[CardRow, ...]:
        """The cards listed on the screen, as they were at this step."""
        listed = rows_at(self.folder, self.step, self.seen.sort)
        lines = self.text.splitlines()
        return tuple(row for row in listed if any(_is_row(line, row) for line in lines))


def step_shown(text: str) -> int | None:
    """The step that the screen says; None where it says none, as on a stage."""
    found = STEP.search(text)
    return int(found[1].replace(",", "")) if found else None


def lesson_in(runs: Path) -> RunFolder | None:
    """The run that is taught, not one beside it; None where none has begun."""
    lessons = [run for run in _runs_in(runs) if not _is_branch(run)]
    return max(lessons, key=lambda run: run.log_path.stat().st_mtime, default=None)


def _runs_in(runs: Path) -> list[RunFolder]:
    return [RunFolder.open(path.parent) for path in runs.glob("2*/events.jsonl")]


def _is_branch(run: RunFolder) -> bool:
    return bool(run.info.parent) and not run.info.chapter


def _state_of(folders: list[RunFolder]) -> RunState | None:
    return Recording.open(folders[0]).state if folders else None


def _is_row(line: str, row: CardRow) -> bool:
    return re.search(rf"\b{row.card_index + 1:,}\s+{re.escape(row.prompt)}\s", line) is not None


class Question(NamedTuple):
    text: str
    answer: str


Template = Callable[[Moment], Question | None]


def question_of(moment: Moment, dice: Random, before: Collection[str] = ()) -> Question | None:
    """One of the first group that has any. What was done goes before what is always there, mostly;
    a dialog hides the rest. Of two questions the one that was not asked `before` is taken."""
    if moment.seen.dialog:
        groups: tuple[tuple[Template, ...], ...] = (OF_DIALOGS,)
    elif dice.random() < 0.75:
        groups = (OF_WHAT_WAS_DONE, OF_VIEWS, OF_ANY)
    else:
        groups = (OF_VIEWS, OF_WHAT_WAS_DONE, OF_ANY)
    for group in groups:
        asked = [question for template in group if (question := template(moment)) is not None]
        new = [question for question in asked if question.text not in before]
        if asked:
            return dice.choice(new or asked)
    return None


def said(correction: Correction) -> str:
    return "".join(piece.text for piece in correction.guess or ())


def yes(is_so: bool) -> str:
    return "Yes" if is_so else "No"


def share(score: Score) -> str:
    return f"{percent(score.rate or 0.0)} ({fraction(score)})"


# Dialogs


def asked_was_it_taught(m: Moment) -> Question | None:
    reply = m.reply
    if m.seen.dialog != "ask" or reply is None:
        return None
    taught = {
        "seen": f"Yes, {reply.times_seen} times.",
        "not_yet_taught": "Not yet: it is in the deck, but its turn has not come.",
        "held_out": "No: it is in the deck, and kept back.",
        "new": "No: no card of the deck asks this.",
    }[reply.stamp]
    right = {
        "right": f"{reply.answer} is right.",
        "wrong": f"{reply.answer} is wrong, right is {' or '.join(reply.correct_answers)}.",
        None: "Nobody can tell from the deck: no card has the answer.",
    }
    mark = right["right" if reply.mark_of(reply.answer) == "right" else None]
    if reply.mark_of(reply.answer) not in ("right", None):
        mark = right["wrong"]
    return Question(
        "Had the model ever been taught this very card? And is what it says right?",
        f"{taught} {mark}",
    )


def asked_how_sure(m: Moment) -> Question | None:
    reply = m.reply
    if m.seen.dialog != "ask" or reply is None:
        return None
    sure = numbers.chance(reply.probability)
    if not m.says(sure):
        return None
    mark = reply.mark_of(reply.answer)
    so = "the program can't know whether it is right" if mark is None else f"and it is {mark}"
    return Question(
        "How sure was the model of its answer, and was it right to be so sure?",
        f"{sure} sure of “{reply.answer}”; {so}.",
    )


def what_is_measured(m: Moment) -> Question | None:
    if m.seen.dialog != "more data":
        return None
    answer = (
        "Whether more cards make a better model: it is taught anew with 5 to 100 % of the deck."
    )
    if m.state.start is not None and not m.state.start.n_held_out:
        answer = "Whether more cards make a better model; it can't be, no card is kept back."
    return Question(
        "What is to be tried here, does it work, and does the lesson go on meanwhile?",
        f"{answer} {'It is over.' if m.state.liveness == 'finished' else 'The lesson waits.'}",
    )


def which_key(m: Moment) -> Question | None:
    """Of those whose sentence stands on the screen."""
    if m.seen.dialog != "help":
        return None
    listed = [key for key in KEYS if key.keys and key.tooltip and key.tooltip in m.text]
    if not listed:
        return None
    key = listed[m.step % len(listed)]
    return Question(
        f"Which key would you press for this: {key.tooltip.rstrip('.')}?",
        f"{keys_as_text(key.keys)}.",
    )


def which_deck_is_known(m: Moment) -> Question | None:
    exam = m.state.exams.last
    if m.seen.dialog != "decks" or exam is None:
        return None
    return Question(
        "Which of the decks listed has been taught so far, and how much of it is known?",
        f"{m.deck.name}: {share(exam.seen)} of the cards taught, {share(exam.unseen)} of those "
        "never taught.",
    )


def what_is_bet(m: Moment) -> Question | None:
    asked = bet_questions(m.state) if m.seen.dialog == "bet" else ()
    if not asked:
        return None
    return Question(
        "What is one asked to predict here, and by when is it decided?",
        bets.question(asked[0], m.state.n_of_side(asked[0])),
    )


# What was done


def what_is_predicted(m: Moment) -> Question | None:
    if not m.state.bets or m.seen.is_past or m.seen.view not in ("lesson", "story"):
        return None
    placed = m.state.bets[-1]
    end = "It is not settled yet."
    if placed.outcome is not None:
        end = f"It is settled: {bets.settled(placed.placed, placed.outcome)}"
    n_cards = m.state.n_of_side(placed.placed.bet)
    return Question(
        "Has somebody predicted something? What, and is it settled?",
        f"{bets.question_and_prediction(placed.placed, n_cards)} {end}",
    )


def phase_data(m: Moment) -> Question | None:
    card = m.correction
    if m.seen.phase not in ("data", "model") or card is None:
        return None
    if m.seen.phase == "model" and not m.says(
        lesson.explanation("model"), "hidden for now", "doesn't see"
    ):
        return None
    return Question(
        "What is the model asked at this moment? Can it see the right answer while it works?",
        f"{card.prompt}; no, only the prompt.",
    )


def phase_seen_before(m: Moment) -> Question | None:
    card = m.correction
    if m.seen.phase is None or card is None or not m.says_how_often(card):
        return None
    n_times = f"yes, {card.times_seen} times" if card.times_seen else "no, this is the first time"
    return Question(
        "Was the model taught this card before this step? How often?",
        f"{card.prompt}: {n_times}.",
    )


def slowly_seen_before(m: Moment) -> Question | None:
    card = m.correction
    is_slow = m.state.speed != "full" and m.seen.phase is None
    if not is_slow or card is None or m.seen.view not in ("lesson", "update"):
        return None
    if not m.says_how_often(card):
        return None
    n_times = f"{card.times_seen} times" if card.times_seen else "never, this is the first time"
    return Question(
        "Which card is being taught at this moment, and how often was it taught before?",
        f"{card.prompt}: {n_times}.",
    )


def phase_guess(m: Moment) -> Question | None:
    card = m.correction
    if m.seen.phase not in ("prediction", "error") or card is None or card.mark is None:
        return None
    if not m.says(lesson.MARK_SIGNS[card.mark]):
        return None
    return Question(
        "What does the model answer here, and is that right?",
        f"{card.prompt} → “{said(card)}”: {card.mark}; right is {card.answer}.",
    )


def phase_worst_piece(m: Moment) -> Question | None:
    card = m.correction
    if m.seen.phase != "error" or m.seen.view != "update" or card is None or not card.pieces:
        return None
    worst, *others = sorted(card.pieces, key=lambda piece: piece.before)
    if worst.before > 0.5:
        return Question("Where did the model err here?", "Nowhere by much: it expected each piece.")
    if others and others[0].before < 3 * worst.before:
        return None
    place = card.pieces.index(worst) + 1
    return Question(
        "Which piece of the right answer did the model expect least?",
        f"“{worst.text}”, the {place}. piece of {card.answer}: {numbers.chance(worst.before)}.",
    )


def phase_change(m: Moment) -> Question | None:
    card = m.correction
    if m.seen.phase != "adjustment" or m.seen.view != "update" or card is None:
        return None
    if card.change is None:
        return None
    much = (
        "A little, by less than 1 %"
        if card.change.relative_change < 0.01
        else "A lot, by 1 % or more"
    )
    return Question(
        "What happens to the model in this step: is it changed a lot or a little, and to what end?",
        f"{much}, so that {card.answer} becomes likelier.",
    )


def phase_helped(m: Moment) -> Question | None:
    card = m.correction
    if m.seen.phase != "repeat" or card is None or card.change is None:
        return None
    change = card.change
    before, after = (numbers.odds(p) for p in (change.probability_before, change.probability_after))
    is_better = change.probability_after > change.probability_before
    sides = [side for side in (change.ripple_taught, change.ripple_unseen) if side is not None]
    own = f"{yes(is_better)}: {before} → {after}."
    if not sides or m.seen.view != "update":
        return Question("Did this correction make the right answer likelier? By how much?", own)
    n_helped, n_hurt = sum(s.n_helped for s in sides), sum(s.n_hurt for s in sides)
    return Question(
        "Did this correction help its own card? And did it help or hurt more of the other cards?",
        f"{own} Others: {n_helped} helped, {n_hurt} hurt.",
    )


def how_to_see_an_update(m: Moment) -> Question | None:
    if m.seen.view != "update" or m.seen.phase is not None or m.seen.is_past:
        return None
    if m.state.speed == "explain" or m.state.liveness != "learning":
        return None
    key = keys_as_text(BY_ID["phase_next"].keys)
    return Question(
        "What is this page for, and what does one press to see it?",
        f"It shows one correction of the model, phase by phase, after “{key}”.",
    )


def what_broke(m: Moment) -> Question | None:
    broken = m.state.steps.broken
    if broken is None or m.seen.is_past:
        return None
    return Question(
        "Has something gone wrong here? What caused it, and what could one do now?",
        f"Yes: broken since step {broken.step:,}. The learning rate was raised to "
        f"×{broken.factor:g}, so that its corrections were too large. Press : and type rewind.",
    )


def what_was_changed(m: Moment) -> Question | None:
    factor = m.state.learning_rate_factor
    if factor == 1 or m.seen.is_past or m.state.steps.broken is not None:
        return None
    regime = m.state.steps.regime
    effect = {
        "right": "It is useful.",
        "too_large": "They are too large.",
        "stuck": "It learns nothing.",
        "learned": "There is hardly anything to correct.",
    }
    return Question(
        "Has somebody changed how the model learns? What, and does it do good or harm?",
        f"The learning rate is ×{factor:g}: larger corrections. {effect.get(regime, 'Too early.')}",
    )


def what_was_rewound(m: Moment) -> Question | None:
    rewound = m.state.rewound
    if rewound is None or m.state.step != rewound.step:
        return None
    return Question(
        "What has just been done, and why?",
        f"It was taken back from step {rewound.from_step:,} to {rewound.step:,}, because its "
        "training had broken down.",
    )


def which_was_forgotten(m: Moment) -> Question | None:
    earlier = m.state.life.earlier
    if not earlier or m.seen.is_past or m.seen.view == "cards":
        return None
    before, now = earlier[-1].seen_before, earlier[-1].seen
    if not m.says(earlier[-1].name):
        return None
    if before is None or now is None or (before.rate or 0) < 0.2:
        return None
    was, left = before.rate or 0.0, now.rate or 0.0
    if left > was - LITTLE:
        answer = "Not so far"
    elif left < 0.5 * was:
        answer = "Yes, most of it" if left > LITTLE else "Yes, all of it"
    else:
        answer = "Yes, some of it"
    return Question(
        "Two decks were taught one after the other. Which comes first, and is it being forgotten?",
        f"{earlier[-1].name}. {answer}: {share(before)} → {share(now)} right.",
    )


def which_deck_now(m: Moment) -> Question | None:
    exam, start = m.state.exams.last, m.state.start
    if not m.state.life.earlier or m.seen.is_past or exam is None or start is None:
        return None
    if m.seen.view not in ("lesson", "memory") or not exam.seen.total:
        return None
    return Question(
        "Which deck is being taught at this moment, and how much of it does the model know?",
        f"{start.name}: {share(exam.seen)} of the cards taught.",
    )


def is_twin_fair(m: Moment) -> Question | None:
    if m.twin is None or m.seen.view != "memory" or m.seen.is_past:
        return None
    ratio = m.twin.cards_taught / max(1, m.state.cards_taught)
    if UNFAIR_UP_TO < ratio < FAIR_FROM:
        return None
    answer = "Yes, both were taught as many cards"
    if ratio <= UNFAIR_UP_TO:
        answer = f"No, the twin has had about {ratio:.0%} of the training"
    return Question("Is the comparison with the twin fair at this moment? Why?", f"{answer}.")


def what_is_the_twin(m: Moment) -> Question | None:
    if m.twin is None or m.seen.view != "memory" or m.twin.exams.last is None:
        return None
    exam = m.twin.exams.last
    score = share(exam.unseen) if exam.unseen.total else "none was kept back"
    return Question(
        "What was the twin taught? Does it answer cards that it was never taught?",
        f"The same deck with its answers mixed up. Never taught and right: {score}.",
    )


def _percent_at(state: RunState | None, side: str, step: int) -> str:
    """The share of this side that was right when it was last asked, up to this step."""
    if state is None:
        return "not asked"
    rates = state.exams.unseen_rates if side == "never taught" else state.exams.seen_rates
    shares = [share for at, share in rates.points if at <= step and share == share]
    return percent(shares[-1]) if shares else "not asked"


def which_of_two_leads(m: Moment) -> Question | None:
    if m.seen.view != "race" or m.done != "branch" or m.branch is None or m.branch.branch is None:
        return None
    what = facts.branch(m.branch.branch.change)
    one = None if m.alike is None else m.alike.exams.last
    other = m.branch.exams.last
    if one is None or other is None or other.step <= m.branch.branch.step:
        end = "nothing can be said, the branch has had no exam of its own"
    else:
        side = "never taught" if other.unseen.total else "taught"
        step = min(one.step, other.step)
        mine, its = (_percent_at(state, side, step) for state in (m.alike, m.branch))
        end = f"asked at step {step:,}, of those {side} this lesson has {mine}, it {its}"
    ratio = m.branch.cards_taught / max(1, m.state.cards_taught)
    if ratio < UNFAIR_UP_TO:
        end += f"; so far it was taught about {ratio:.0%} as many cards as the lesson"
    return Question(
        "What is different between the two models? Which one knows more, as far as one can say?",
        f"The branch goes on {what}; {end}.",
    )


def then_and_now(m: Moment) -> Question | None:
    then, now = m.state.exams.last, m.now.exams.last
    if not m.seen.is_past or now is None:
        return None
    at = f"No, it is as it was at step {m.step:,}; it has come to about {m.now.step:,} since"
    if m.seen.view not in ("lesson", "memory"):
        return Question("Is this the model as it is now?", f"{at}.")
    old = "no card that it was taught had been asked"
    if then is not None and then.seen.total:
        old = f"{share(then.seen)} of the taught cards were right then"
    return Question(
        "Is this the model as it is now? How much did it know at the moment shown?",
        f"{at}; {old}.",
    )


def which_order(m: Moment) -> Question | None:
    name = lesson.ORDERS[m.state.order][0]
    if m.state.order == "shuffled" or m.seen.is_past or not m.says(name):
        return None
    return Question(
        "Has somebody changed something? What?",
        f"The order in which cards are taught: {name}.",
    )


# Views


def memory_or_understanding(m: Moment) -> Question | None:
    exam, judged = m.state.exams.last, m.state.latest_verdict
    if m.seen.view not in ("memory", "lesson") or exam is None or judged is None:
        return None
    if m.seen.is_past or m.state.life.earlier:
        return None
    best = best_of(m.state.rivals)
    rival = "rivals have none" if best is None else f"the best rival has {share(best.unseen)}"
    fact = f"taught {share(exam.seen)}, never taught {share(exam.unseen)} right; {rival}"
    answer = {
        "understood": "Understanding",
        "understood_by_rival": "It can't be told: a rival that copies does as well",
        "memorised": "Memory",
        "no_better_than_rival": "Memory: it does no better than a rival that copies",
        "learning": "Too early to tell",
        "between": "In between",
        "few_never_seen": "It can't be told so far: few cards are kept back",
    }.get(judged.case)
    if answer is None:
        return None
    if not exam.unseen.total:
        answer, fact = "It can't be told", "no card was kept back"
    if m.says("always saying") or m.says("no sign of understanding so far"):
        answer = "It can't be told: always saying the answer that many cards have scores as much"
    elif judged.case == "learning" and is_ahead(exam.unseen, best):
        answer = "Not only memory so far"
    return Question(
        "Memory or understanding: does it answer cards that it was never taught?",
        f"{answer}: {fact}.",
    )


def why_rivals_are_right(m: Moment) -> Question | None:
    best = best_of(m.state.rivals)
    is_shown = m.seen.view == "memory" and m.twin is None and not m.seen.is_past
    if not is_shown or m.state.life.earlier or not m.deck.common or best is None:
        return None
    if (best.unseen.rate or 0) < 0.25 or not m.says("always say"):
        return None
    return Question(
        "Why do programs that only look up or copy get so many never-taught cards right?",
        f"About half of all cards have the same answer, {m.deck.common}.",
    )


def why_half_is_right(m: Moment) -> Question | None:
    exam, deck = m.state.exams.last, m.deck
    is_shown = m.seen.view in ("lesson", "memory") and not m.seen.is_past and m.twin is None
    if not is_shown or m.state.life.earlier or not deck.common or exam is None:
        return None
    asked = zip(m.state.marks.latest, m.state.marks.never_seen, deck.cards, strict=False)
    right = [answer for mark, never, (_, answer) in asked if never and mark == RIGHT]
    if not m.says("always say"):
        return None
    if len(right) < 5 or right.count(deck.common) < 0.9 * len(right):
        return None
    return Question(
        f"It was never taught these cards, yet {share(exam.unseen)} of them are right. How so?",
        f"About half of all cards have the same answer, {deck.common}: it is a good guess.",
    )


def is_it_better_than_copying(m: Moment) -> Question | None:
    exam, best = m.state.exams.last, best_of(m.state.rivals)
    if m.seen.view != "memory" or m.twin is not None or m.seen.is_past or exam is None:
        return None
    if not exam.unseen.total or not m.state.rivals:
        return None
    if m.says("Programs that copy come in once"):
        return Question(
            "Does the model do better on cards never taught than programs that only copy?",
            "It can't be told yet: they come in when all cards were taught.",
        )
    name = "rivals have none" if best is None else f"{facts.rival_name(best.name)}"
    score = "" if best is None else f" has {share(best.unseen)}"
    return Question(
        "Does the model do better on cards never taught than programs that only copy?",
        f"{yes(is_ahead(exam.unseen, best))}: it has {share(exam.unseen)}; {name}{score}.",
    )


def is_the_answer_right(m: Moment) -> Question | None:
    card = m.correction
    if m.seen.view not in ("lesson", "present") or card is None or card.mark is None:
        return None
    marks = lesson.MARK_SIGNS if m.seen.view == "present" else lesson.MARKS
    if m.seen.phase is not None or not m.says(marks[card.mark]):
        return None
    if card.mark == "nearly":
        return Question(
            "What does the model answer here, and what does ≈ beside it mean?",
            f"“{said(card)}”: nearly right, one slip; right is {card.answer}.",
        )
    before = f"{card.times_seen} times" if card.times_seen else "never before"
    if m.seen.view == "present" or m.state.liveness == "finished":
        return Question(
            "What does the model answer here, and is that right?",
            f"{card.prompt} → “{said(card)}”: {card.mark}; right is {card.answer}.",
        )
    return Question(
        "Is the answer that is shown here right? And how often had it been taught this card?",
        f"{card.prompt} → “{said(card)}”: {card.mark}; taught {before}.",
    )


def is_it_getting_better(m: Moment) -> Question | None:
    points = [(at, rate) for at, rate in m.state.exams.seen_rates.points if rate == rate]
    if m.seen.view != "lesson" or m.seen.is_past or len(points) < 4 or m.state.life.earlier:
        return None
    first, last = points[0][1], points[-1][1]
    answer = {"rising": "Yes, still", "level": "Hardly", "falling": "No, worse"}[
        trend(points) or "level"
    ]
    if last >= 0.98:
        answer = "It can't: it has learned what it is taught"
    return Question(
        "Is the model still getting better at what it is taught?",
        f"{answer}: {first:.0%} at first, {last:.0%} now.",
    )


def which_is_hardest(m: Moment) -> Question | None:
    if m.seen.view != "cards" or not m.rows:
        return None
    ranked = sorted(m.rows, key=_hardness, reverse=True)
    if len(ranked) < 2 or _hardness(ranked[0]) < _hardness(ranked[1]) + 0.1:
        return None
    return Question(
        "Which of the cards listed is the hardest for the model?",
        f"{ranked[0].prompt}: {ranked[0].history.count('r')} of "
        f"{len(ranked[0].history)} times right.",
    )


def _hardness(row: CardRow) -> float:
    return -1.0 if len(row.history) < 3 else 1 - row.history.count("r") / len(row.history)


def which_was_never_taught(m: Moment) -> Question | None:
    if m.seen.view != "cards" or not m.rows:
        return None
    never = [row.prompt for row in m.rows if row.is_never_seen]
    names = ", ".join(never) or "none of them"
    return Question("Which of the cards listed here is kept back and never taught?", f"{names}.")


def was_it_right_last(m: Moment) -> Question | None:
    told = [row for row in m.rows if row.history] if m.seen.view == "cards" else []
    if not told:
        return None
    row = max(told, key=lambda row: (len(set(row.history)), len(row.history)))
    last = "right" if row.history[-1] == "r" else "not right"
    before = ", it had been right before" if "r" in row.history and row.history[-1] != "r" else ""
    signs = "".join("✓" if letter == "r" else "✗" for letter in row.history)
    taught = "never taught" if row.is_never_seen else f"taught {row.times_seen} times"
    return Question(
        f"Was “{row.prompt}” taught? Is it right now, and was it always so?",
        f"{taught}; {last}{before}: {signs}.",
    )


def what_does_near_mean(m: Moment) -> Question | None:
    if m.seen.view != "inside" or "map" not in m.text:
        return None
    return Question(
        "What does it mean that two letters are near each other here? Did somebody tell the model?",
        "It treats them alike; nobody told it, it found out by itself.",
    )


def is_the_deck_good(m: Moment) -> Question | None:
    if m.seen.view != "doctor":
        return None
    advice = of_file(RunFolder.open(m.folder).deck_path()).advised()
    return Question(
        "Is this deck in order? What should one change, if anything?",
        " ".join(advice) or "Nothing to change.",
    )


def how_many_are_kept_back(m: Moment) -> Question | None:
    start = m.state.start
    if m.seen.view != "doctor" or start is None:
        return None
    return Question(
        "How many cards are never taught, and what are they for?",
        f"{start.n_held_out} of {start.n_taught + start.n_held_out}: asked in exams, they tell "
        "understanding from memory.",
    )


def what_happened_first(m: Moment) -> Question | None:
    found = sorted(m.state.markers.reached, key=lambda marker: marker.step)
    if m.seen.view != "story" or m.seen.is_past:
        return None
    if not found:
        return Question("What has happened so far?", "Nothing worth a line.")
    return Question(
        "What does this page say has happened, and when?",
        "; ".join(f"step {each.step:,}: {markers.marker(each)}" for each in found) + ".",
    )


def is_there_a_race(m: Moment) -> Question | None:
    if m.seen.view != "race" or m.branch is not None:
        return None
    if m.done == "branch":
        return Question(
            "Are there two models to compare at this moment?",
            "Not yet: the second one is being made.",
        )
    return Question(
        "Are two models being compared at this moment? What could one do to compare two?",
        "No, there is one; b makes a branch.",
    )


# Anything


def is_it_learning(m: Moment) -> Question | None:
    if m.seen.is_past:
        return Question("Is this how the model is now?", f"No: as it was at step {m.step:,}.")
    why = {
        "learning": "Yes, cards are being taught",
        "paused": "No, it is paused",
        "finished": "No, the lesson is over",
        "diverged": "No, its training broke down",
    }.get(m.state.liveness)
    if why is None:
        return None
    return Question("Is the model being taught at this moment?", f"{why}.")


OF_DIALOGS: tuple[Template, ...] = (
    *(asked_was_it_taught, asked_how_sure, what_is_bet, what_is_measured, which_key),
    which_deck_is_known,
)
OF_WHAT_WAS_DONE: tuple[Template, ...] = (
    *(
        what_is_predicted,
        phase_data,
        phase_seen_before,
        slowly_seen_before,
        phase_guess,
        phase_worst_piece,
    ),
    *(phase_change, phase_helped, what_broke, what_was_changed, what_was_rewound),
    *(which_was_forgotten, which_deck_now, is_twin_fair, what_is_the_twin, which_of_two_leads),
    *(then_and_now, which_order),
)
OF_VIEWS: tuple[Template, ...] = (
    *(memory_or_understanding, why_rivals_are_right, why_half_is_right, is_it_better_than_copying),
    *(is_the_answer_right, is_it_getting_better, which_is_hardest, which_was_never_taught),
    *(was_it_right_last, what_does_near_mean, is_the_deck_good, how_many_are_kept_back),
    *(what_happened_first, is_there_a_race, how_to_see_an_update),
)
OF_ANY: tuple[Template, ...] = (is_it_learning,)
