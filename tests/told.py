"""What a trainer tells, made up for a test: the start, an exam, some steps, the end."""

from flashcards.runs import events as ev, values as val

Counts = tuple[int, int]  # how many are right, of how many


def started(**changes: object) -> ev.RunStarted:
    fields: dict[str, object] = {
        "step": 0,
        "run": "r",
        "folder": "r",
        "deck": "capitals",
        "name": "Capitals",
        "deck_path": "decks/capitals.deck",
        "seed": 7,
        "device": "cpu",
        "n_taught": 4,
        "n_held_out": 1,
        "n_parameters": 1000,
        "n_pieces": 20,
        "guessing_nats": 3.0,
        "batch_size": 16,
        "learning_rate": 0.01,
    }
    return ev.RunStarted(**{**fields, **changes})  # type: ignore[arg-type]


def exam(step: int, seen: Counts, unseen: Counts, **changes: object) -> ev.ExamTaken:
    fields: dict[str, object] = {
        "cards_taught": step * 32,
        "is_full": True,
        "seen_loss_nats": 0.5,
        "unseen_loss_nats": 1.0,
    }
    scores = {"seen": val.Score(*seen), "unseen": val.Score(*unseen)}
    return ev.ExamTaken(step=step, **{**fields, **scores, **changes})  # type: ignore[arg-type]


def steps(step: int, **changes: object) -> ev.StepsTaken:
    fields: dict[str, object] = {
        "cards_taught": step * 32,
        "train_seconds": step / 60,
        "loss_nats": 0.5,
        "gradient_norm": 0.8,
        "relative_change": 0.0002,
    }
    return ev.StepsTaken(step=step, **{**fields, **changes})  # type: ignore[arg-type]


def ended(
    verdict: val.VerdictKind,
    seen: Counts,
    unseen: Counts,
    reason: str = "all_right",
    **changes: object,
) -> ev.LessonEnded:
    """At step 1,284, as the lessons of the tests of the screen."""
    fields = {"step": 1284, "reason": reason, "verdict_kind": verdict}
    scores = {"seen": val.Score(*seen), "unseen": val.Score(*unseen)}
    return ev.LessonEnded(**{**fields, **scores, **changes})  # type: ignore[arg-type]


def answered(step: int, prompt: str, answer: str, **changes: object) -> ev.PromptAnswered:
    fields: dict[str, object] = {
        "request": 1,
        "pieces": (),
        "alternatives": (),
        "probability": 0.5,
        "stamp": "new",
        "times_seen": 0,
    }
    said = {"prompt": prompt, "answer": answer, **changes}
    return ev.PromptAnswered(step=step, **{**fields, **said})  # type: ignore[arg-type]
