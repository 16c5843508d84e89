"""A run as one page with its model inside, given as bytes, to be asked anything."""

import base64
import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from flashcards.base.language import tr
from flashcards.cards.card import MAX_CARD_CHARACTERS
from flashcards.report.page import shared
from flashcards.report.story import Story
from flashcards.runs.details import Portable
from flashcards.runs.events import ExamTaken
from flashcards.templates.rendering import render, source
from flashcards.wording.facts import rival_name
from flashcards.wording.lesson import explanation
from flashcards.wording.updates import OUTCOMES

MOST_BYTES = 3_000_000  # of a page, where its cards alone are not too many

PAGE_BYTES = 60_000  # of what every page has: texts, styles, script

N_OFFERED = 3  # cards of each side, to be asked

LETTERS_A_BYTE = 5 / 4
_HARMLESS = bytes.maketrans(b"<>&", b":.,")


def text_of(data: bytes) -> str:
    """Bytes in base 85, five letters for every four, none of which HTML would read as a mark."""
    return base64.b85encode(data, pad=True).translate(_HARMLESS).decode("ascii")


def json_text(value: object) -> str:
    """JSON that may stand in a script element: it can't end there."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").encode("utf-8", "replace").decode()


def most_bytes_of(story: Story) -> float:
    """Return how many bytes the model's numbers may take on a page of `MOST_BYTES`."""
    cards = len(json_text([(card.prompt, card.answers) for card in story.deck.cards]).encode())
    return (MOST_BYTES - PAGE_BYTES - 1.5 * cards) / LETTERS_A_BYTE


def lesson_page(story: Story, exams: Sequence[ExamTaken], inside: Portable) -> str:
    model = "".join(map(source, ("model.js", "learning.js", "worker.js")))
    script = source("lesson.js")
    return render(
        "lesson.html",
        **shared(story),
        model=model,
        script=script,
        json_text=json_text,
        hashes=[_hash(model), _hash(script)],
        lesson=json_text({**inside.head, "n_high": len(inside.high)}),
        high=text_of(inside.high),
        low=text_of(inside.low),
        inside=inside,
        outcomes={name: tr(text) for name, text in OUTCOMES.items()},
        adjustment=explanation("adjustment"),
        rivals={name: rival_name(name) for name in ("lookup", "nearest")},
        lines=list(_lines(exams, inside.steps)),
        chart_said=_chart_said(exams),
        offered=list(_offered(story)),
        n_characters=MAX_CARD_CHARACTERS,
        licence=story.deck.meta.license,
    )


def _hash(script: str) -> str:
    """Return the name by which a page's policy lets a script run."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _lines(
    exams: Sequence[ExamTaken], steps: Sequence[int]
) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """Each side's share right at the exams, in a unit square with the states equally far apart."""
    for kind in ("seen", "unseen"):
        points = []
        for exam in exams:
            score = exam.seen if kind == "seen" else exam.unseen
            if score.rate is not None and steps[0] <= exam.step <= steps[-1]:
                points.append((_across(exam.step, steps), score.rate))
        if points:
            yield kind, points


def _across(step: int, steps: Sequence[int]) -> float:
    if len(steps) == 1:
        return 0.0
    place = min(bisect_right(steps, step) - 1, len(steps) - 2)
    within = (step - steps[place]) / (steps[place + 1] - steps[place])
    return (place + within) / (len(steps) - 1)


def _chart_said(exams: Sequence[ExamTaken]) -> str:
    if not exams:
        return tr("No exam was held.")
    first, last = exams[0], exams[-1]
    sentences = [
        tr(
            "{name} from {before:,} of {n:,} to {after:,} of {n_after:,}",
            name=name,
            before=before.right,
            n=before.total,
            after=after.right,
            n_after=after.total,
        )
        for name, before, after in (
            (tr("taught cards right"), first.seen, last.seen),
            (tr("cards never taught"), first.unseen, last.unseen),
        )
        if after.total
    ]
    return tr("Learning curves: {curves}.", curves=", ".join(sentences))


def _offered(story: Story) -> Iterator[tuple[str, str]]:
    """Cards to begin with: some that were taught, some that never were."""
    for kind, is_never_seen in (("seen", False), ("unseen", True)):
        prompts = [card.prompt for card in story.cards if card.is_never_seen is is_never_seen]
        prompts = list(dict.fromkeys(prompts))
        for i in range(min(N_OFFERED, len(prompts))):
            yield kind, prompts[(2 * i + 1) * len(prompts) // (2 * min(N_OFFERED, len(prompts)))]
