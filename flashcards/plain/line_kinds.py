"""The lines of `train` that differ by the kind of a run, as `wording/run_kinds.py` tells it.

The narrator tells what is the same for all of them.
"""

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from flashcards.base.columns import COLUMNS, width
from flashcards.base.language import tr
from flashcards.plain import words
from flashcards.runs import events as ev, values, verdict
from flashcards.runs.state import RunState
from flashcards.wording import facts, rewards, run_kinds, texts


class CardLines:
    """Lines about cards that are taught.
    `own_events`: the kinds of events that have sentences of their own, told by `Narrator`."""

    own_events: ClassVar[tuple[type[ev.AnyEvent], ...]] = ()

    def begins(self, start: ev.RunStarted) -> Iterator[str]:
        text = "{name}: {cards} The model is {n_numbers:,} numbers, random at first. Seed {seed}."
        if start.base:
            text = (
                "{name}: {cards} The model is {base}, {n_numbers:,} numbers that others have "
                "trained; {n_learned:,} learn. Seed {seed}."
            )
        yield tr(
            text,
            base=start.base,
            n_learned=start.n_learned,
            name=start.name or start.deck,
            cards=facts.taught_and_kept_back(start),
            n_numbers=start.n_parameters,
            seed=start.seed,
        )
        yield facts.about(start)
        yield texts.error_scale(start)
        yield from self.judge(start)
        yield facts.asked_as(start.ask)
        yield facts.filled_as(start)
        if start.is_shuffled:
            yield tr("The answers of this run are shuffled among its cards.")

    def judge(self, start: ev.RunStarted) -> Iterator[str]:
        """Say what is rewarded; nothing where answers teach."""
        yield from ()

    def answered(self, event: ev.PinAnswered | ev.PromptAnswered) -> str:
        return words.answered(event)

    def progress(self, state: RunState) -> str:
        """Say in one line of 80 columns how far the lesson is."""
        parts = [
            f"step {state.step:>6,}",
            f"cards {state.cards_taught:>7,}",
            f"{state.train_seconds:6.1f} s",
        ]
        exam = state.exams.last
        if exam is not None:
            for name, score in (("TAUGHT", exam.seen), ("NEVER TAUGHT", exam.unseen)):
                if score.rate is not None:
                    parts.append(f"{name} {verdict.percent(score.rate)}")
        if exam is not None and exam.known is not None:
            parts.append(f"KNEW BEFORE {verdict.fraction(exam.known.cards)}")
        for chapter in state.life.earlier:
            if chapter.seen is not None and chapter.seen.rate is not None:
                parts.append(f"{chapter.name} {verdict.percent(chapter.seen.rate)}")
        parts += self.earned(state)
        if state.steps.latest_nats is not None:
            parts.append(f"error {state.steps.latest_nats:.3f}")
        line = _fitting(parts)
        card = state.card.now
        if card is not None and card.guess is not None:
            guess = values.text_of(card.guess)
            example = f"{card.prompt} → {guess} ({card.answer})"
            if width(line) + 2 + width(example) <= COLUMNS:
                line += f"  {example}"
        return line

    def earned(self, state: RunState) -> list[str]:
        """Return the parts of the line that say what tries earned."""
        return []

    def report(self, state: RunState) -> dict[str, object]:
        """Return what this kind adds to the object that `train --json` prints."""
        return {}


class RewardLines(CardLines):
    """Lines about tries that are rewarded; scores are still of the truth."""

    def judge(self, start: ev.RunStarted) -> Iterator[str]:
        assert start.judge is not None
        yield rewards.judge(start.judge)

    def earned(self, state: RunState) -> list[str]:
        mean = None if state.reward is None else state.reward.rewards.last
        return [] if mean is None else [f"reward {mean:.2f}"]

    def report(self, state: RunState) -> dict[str, object]:
        reward, exam = state.reward, state.exams.last
        if reward is None or reward.total is None:
            return {}
        return {
            "reward": {
                "judge": msgspec.to_builtins(reward.judge),
                "practice": reward.practice,
                "counts": msgspec.structs.asdict(reward.total),
                "mean_reward": reward.rewards.last,
                "right_rate": reward.rights.last,
                "judged": None if exam is None else exam.judged,
                "found_nothing": reward.found_nothing,
                "exploits": [msgspec.structs.asdict(exploit) for _, exploit in reward.exploits],
            }
        }


class TextLines(CardLines):
    """Lines about a text that is read; scores are of its pieces."""

    own_events = (
        ev.RivalsGraded,
        ev.CorrectionMeasured,
        ev.ExamTaken,
        ev.TextWritten,
        ev.LessonEnded,
    )

    def begins(self, start: ev.RunStarted) -> Iterator[str]:
        assert start.text is not None
        return texts.begins(start, start.text)

    def answered(self, event: ev.PinAnswered | ev.PromptAnswered) -> str:
        return texts.went_on(event)

    def progress(self, state: RunState) -> str:
        parts = [f"step {state.step:>6,}", f"{state.train_seconds:6.1f} s"]
        exam = state.exams.last
        if exam is not None and exam.seen_loss_nats is not None:
            parts.append(f"error read {exam.seen_loss_nats:.3f}")
            if exam.unseen_loss_nats is not None:
                parts.append(f"kept back {exam.unseen_loss_nats:.3f}")
        line = "  ".join(parts)
        written = "" if state.written is None else "".join(state.written.lines[:1])
        return f"{line}  {written}"[:COLUMNS]

    def report(self, state: RunState) -> dict[str, object]:
        assert state.start is not None
        assert state.start.text is not None
        written = state.written
        sides = "seen", "unseen"
        return {
            "text": msgspec.structs.asdict(state.start.text),
            "written": [] if written is None else list(written.lines),
            "copied": "" if written is None else written.copied,
            "rival_nats": {
                rival.name: dict(zip(sides, texts.per_piece(state, rival), strict=True))
                for rival in state.rivals
            },
        }


_LINES = {
    run_kinds.CARDS: CardLines(),
    run_kinds.REWARD: RewardLines(),
    run_kinds.TEXT: TextLines(),
}


def lines_about(state: RunState) -> CardLines:
    return _LINES[run_kinds.kind_of(state)]


def _fitting(parts: list[str]) -> str:
    """Join as many of these as fit on one line of 80 columns; the others are left out."""
    line, *others = parts
    for part in others:
        if width(line) + 2 + width(part) <= COLUMNS:
            line += f"  {part}"
    return line
