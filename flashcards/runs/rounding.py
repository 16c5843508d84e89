"""Measured numbers with as many digits as they are worth, so that the log stays small.

Weights are float32: what is computed from them holds some six digits; JSON would write seventeen.
"""

from __future__ import annotations

import re

import msgspec

from flashcards.runs import events

DIGITS = 6

_TEXT_OR_FLOAT = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+\.\d+(?:[eE][-+]?\d+)?')


def rounded(event: events.AnyEvent) -> events.AnyEvent:
    """The event as it is told and logged: what was measured is rounded to six digits."""
    match event:
        case events.CorrectionMeasured() | events.TriesRewarded():
            return events.decode(_TEXT_OR_FLOAT.sub(_rounded_match, events.encode(event)))
        case events.StepsTaken():
            return msgspec.structs.replace(
                event,
                loss_nats=_rounded(event.loss_nats),
                gradient_norm=_rounded(event.gradient_norm),
                relative_change=_rounded(event.relative_change),
            )
        case events.ExamTaken():
            return msgspec.structs.replace(
                event,
                seen_loss_nats=_rounded_or_none(event.seen_loss_nats),
                unseen_loss_nats=_rounded_or_none(event.unseen_loss_nats),
            )
        case _:
            return event


def _rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")


def _rounded_or_none(number: float | None) -> float | None:
    return None if number is None else _rounded(number)


def _rounded_match(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if text.startswith(b'"'):
        return text
    return repr(_rounded(float(text))).encode()
