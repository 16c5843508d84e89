"""The outcome of a lesson that has ended, as the object that `train --json` prints."""

import msgspec

from flashcards.plain.line_kinds import lines_about
from flashcards.runs.events import LessonEnded
from flashcards.runs.state import RunState
from flashcards.trainer.opening import OpenedLesson
from flashcards.wording import facts


def report_of(opened: OpenedLesson, ended: LessonEnded, is_reached: bool) -> dict[str, object]:
    """Its scores, hashes and verdict; `is_reached`: what `--until` asked for."""
    training = opened.training
    keeper = opened.keeper
    exam = keeper.state.exams.last
    assert keeper.state.end_verdict is not None
    report: dict[str, object] = {
        **lines_about(keeper.state).report(keeper.state),
        "run": str(keeper.folder.path),
        "deck": keeper.folder.info.deck,
        "seed": keeper.folder.info.seed,
        "order_seed": training.order.seed,
        "ask": training.deck.ask,
        "shuffled": keeper.folder.info.is_shuffled,
        "step": ended.step,
        "cards_taught": training.memory.cards_taught,
        "train_seconds": round(training.memory.train_seconds, 3),
        "seen": ended.seen,
        "unseen": ended.unseen,
        "known": None if exam is None else exam.known,
        "loss_nats": None if exam is None else exam.seen_loss_nats,
        "unseen_loss_nats": None if exam is None else exam.unseen_loss_nats,
        "guessing_nats": training.learner.guessing_nats,
        "reached": is_reached,
        "ended": ended.reason,
        "verdict": facts.verdict(keeper.state.end_verdict),
        "verdict_kind": ended.verdict_kind,
        "chapters": _chapters(keeper.state),
        "weights_sha256": training.learner.weights_sha256(),
        "rivals": {
            rival.name: {"seen": rival.seen, "unseen": rival.unseen}
            for rival in opened.keeper.state.rivals
        },
    }
    builtins: dict[str, object] = msgspec.to_builtins(report)
    return builtins


def _chapters(state: RunState) -> list[dict[str, object]]:
    now = state.exams.last
    chapters: list[dict[str, object]] = [
        {
            "deck": chapter.name,
            "from_step": chapter.since_step,
            "to_step": chapter.until_step,
            "cards_taught": chapter.n_cards,
            "seen": chapter.seen,
            "unseen": chapter.unseen,
            "seen_before": chapter.seen_before,
            "unseen_before": chapter.unseen_before,
        }
        for chapter in state.life.earlier
    ]
    last = {
        "deck": "" if state.start is None else state.start.name,
        "from_step": state.life.since_step,
        "to_step": state.step,
        "cards_taught": state.cards_taught - state.life.since_cards,
        "seen": None if now is None else now.seen,
        "unseen": None if now is None else now.unseen,
    }
    return [*chapters, last]
