"""Sentences on whether the steps are too small, right, too large, or broke the model; and why."""

from flashcards.base.keyed_text import sentences
from flashcards.base.language import capital, format_number, tr
from flashcards.runs.events import RunStarted
from flashcards.runs.steps import StepWatch
from flashcards.runs.values import EndReason
from flashcards.wording.numbers import count, nats, rate_factor

USUAL_RATES = {"adapter": 6e-4, "last_layers": 2e-4, "all": 1e-5}
"""Learning rates of brought models, by what learns: as in `pretrained_settings.py`."""


def times_usual(start: RunStarted) -> float | None:
    """Return how many times as large as usual a brought model's rate is; None where nobody
    knows."""
    usual = USUAL_RATES["all" if start.n_learned == start.n_parameters else "adapter"]
    usual = USUAL_RATES.get(str(start.chosen.get("learned", "")), usual)
    is_known = start.base and start.learning_rate
    return float(f"{start.learning_rate / usual:.3g}") if is_known else None


def sentence(steps: StepWatch, rewind: str = "") -> str:
    """Say what the learning rate does to this lesson, in two lines of a narrow screen; and how to
    `rewind` where it does harm, if one can."""
    text = _sentence(steps)
    if rewind and steps.can_rewind and steps.broken is None:
        text = sentences(text, tr("{do_this} to go back.", do_this=rewind))
    return text


def _sentence(steps: StepWatch) -> str:
    if steps.regime == "broken":
        return f"{tr('BROKEN')} {broken(steps)}"
    facts = {
        "rate": capital(tr("learning rate {factor}", factor=rate_factor(steps.factor))),
        "error": tr(
            "Error {loss_nats}; a blind guess has {guessing_nats}.",
            loss_nats=nats(steps.loss_nats),
            guessing_nats=nats(steps.guessing_nats),
        ),
    }
    match steps.regime:
        case "one_card":
            return tr("{rate}: what it does shows at full speed, with many cards a step.", **facts)
        case "unknown":
            return tr("{rate}: a few more steps show what it does.", **facts)
        case "learned":
            return tr("{rate}: hardly anything is left to correct. {error}", **facts)
        case "stuck":
            return tr("{rate}, too large: it learns nothing.", **facts)
        case "too_large" if steps.factor > 1 and not steps.is_spoiling:
            return tr(
                "{rate}: corrections {n} times as large are a risk, and spoil little so far.",
                **facts,
                n=format_number(steps.factor, "g"),
            )
        case "too_large" if steps.factor > 1:
            return tr(
                "{rate}: corrections {n} times as large go too far and spoil what was taught.",
                **facts,
                n=format_number(steps.factor, "g"),
            )
        case "too_large":
            return tr(
                "{rate}, too large: each correction goes too far and spoils what was taught.",
                **facts,
            )
        case "too_small":
            return tr(
                "{rate}, too small: each correction changes next to nothing, so it hardly learns. "
                "{error}",
                **facts,
            )
        case _:
            return tr(
                "{rate}, useful: each correction changes enough to learn by, and spoils little. "
                "{error}",
                **facts,
            )


def broken(steps: StepWatch, rewind: str = "", ended: EndReason | None = None) -> str:
    """Say behind the word BROKEN when that was noticed, what happened, how to `rewind` if one can,
    and that the lesson is over."""
    cause = steps.broken
    assert cause is not None
    what = tr("each correction is too large and destroys what it knew")
    if cause.factor > 1:
        what = tr(
            "at learning rate {factor} each correction is too large and destroys what it knew",
            factor=rate_factor(cause.factor),
        )
        if steps.factor > cause.factor:
            what = tr(
                "at learning rate {factor}, now {now}, each correction is too large and destroys "
                "what it knew",
                factor=rate_factor(cause.factor),
                now=rate_factor(steps.factor),
            )
    if cause.sign == "not_a_number":
        what = tr("each correction went so far that its numbers grew beyond all bounds")
    text = tr("noticed at step {step}: {what}.", step=count(cause.step), what=what)
    if rewind:
        text = sentences(text, tr("{do_this} to go back.", do_this=rewind))
    if ended == "no_progress":
        return sentences(text, tr("Nothing got better any more, so the lesson is over."))
    return text if ended is None else sentences(text, tr("The lesson is over."))
