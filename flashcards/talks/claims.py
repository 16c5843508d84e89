"""Claims: that a score of one run lies above a score of another one, on every seed.

A claim is comparisons joined by `and`, each with the margin it wants:
`claim told.unseen > plain.unseen by 0.2 and plain.seen > told.unseen by 0.1`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from flashcards.runs.events import ExamVaried
from flashcards.runs.goal import WrittenError, read_number
from flashcards.runs.state import RunState
from flashcards.runs.values import Score

SCORES = ("seen", "unseen", "judged", "covered", "expected", "off")
LABEL = re.compile(r"[a-z][a-z0-9-]{0,29}")
EXAMPLE = "told.unseen > plain.unseen by 0.2"

Run = Mapping[str, Score]
"""The scores of one run, by their names: `unseen`, or `irregular.unseen` for a part of its deck."""

Runs = Mapping[str, Run]
"""The runs of one seed, by their labels."""


class Figure(Struct, frozen=True):
    """A score of a run: `plain.unseen`, or `plain.irregular.unseen` for a part of its deck."""

    label: str
    score: str

    def __str__(self) -> str:
        return f"{self.label}.{self.score}"


class ScoreComparison(Struct, frozen=True):
    """The share of `left` is above that of `right` by at least `by`."""

    left: Figure
    right: Figure
    by: float

    def __str__(self) -> str:
        return f"{self.left} > {self.right} by {self.by:g}"


class Compared(Struct, frozen=True):
    """A comparison over seeds: the smallest share of its left side, the largest of its right."""

    comparison: ScoreComparison
    low: float
    high: float

    @property
    def holds(self) -> bool:
        # 0.7 - 0.5 is a little less than 0.2
        return round(self.low - self.high, 9) >= self.comparison.by


def read_claim(words: Sequence[str]) -> tuple[ScoreComparison, ...]:
    """The comparisons of a claim. Raises WrittenError: it is none."""
    if not words:
        raise WrittenError(f"claim wants a comparison: claim {EXAMPLE}")
    return tuple(map(_comparison, _split_at_and(words)))


def _split_at_and(words: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for word in words:
        if word == "and":
            yield part
            part = []
        else:
            part.append(word)
    yield part


def _comparison(words: list[str]) -> ScoreComparison:
    if len(words) != 5 or words[1] != ">" or words[3] != "by":
        text = " ".join(words) or "and"
        hint = "; write the larger one first, with >" if "<" in words else ""
        raise WrittenError(f"{text!r} is no comparison such as {EXAMPLE}{hint}")
    by = read_number("by", words[4])
    if not 0 < by <= 1:
        raise WrittenError(f"by {words[4]}: a share above 0, at most 1, is wanted")
    return ScoreComparison(read_figure(words[0]), read_figure(words[2]), by)


def read_figure(text: str) -> Figure:
    """A score of a run with a label. Raises WrittenError: it is none."""
    label, _, score = text.partition(".")
    part, _, name = score.rpartition(".")
    if not LABEL.fullmatch(label) or name not in SCORES or "." in part:
        raise WrittenError(
            f"{text!r} is no score of a run: LABEL.unseen, or LABEL.SECTION.unseen; "
            f"the last word is one of {', '.join(SCORES)}"
        )
    return Figure(label, score)


def hyphened(name: str) -> str:
    """The name of a section or deck as figures have it: "Not a country" is not-a-country."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")


def scores_of(state: RunState) -> dict[str, Score]:
    """The scores of a run in its last exam; none before the first. Its parts are the sections of
    its deck, and the decks that were taught before."""
    exam = state.exams.last
    if exam is None:
        return {}
    last = exam if state.ended is None else state.ended
    scores = {"seen": last.seen, "unseen": last.unseen}
    if exam.judged is not None:
        scores["judged"] = exam.judged
    parts = [(section.name, section.seen, section.unseen) for section in exam.sections]
    parts += [(earlier.deck, earlier.seen, earlier.unseen) for earlier in exam.earlier]
    for name, seen, unseen in parts:
        scores |= {f"{hyphened(name)}.seen": seen, f"{hyphened(name)}.unseen": unseen}
    return scores


def scores_of_varied(exam: ExamVaried) -> dict[str, Score]:
    """The scores of an exam with options. Of the never-taught cards there are also `covered`, to
    which one of several answers is right; `expected`, how many would be right if the model was as
    often right as it is sure; and `off`, by how many that is wrong, group by group."""
    scores = {"seen": exam.seen, "unseen": exam.unseen, "covered": exam.covered}
    n = exam.unseen.total
    expected = sum(group.expected for group in exam.sureness)
    off = sum(abs(group.expected - group.right) for group in exam.sureness)
    scores |= {"expected": Score(round(expected), n), "off": Score(round(off), n)}
    for section in exam.sections:
        name = hyphened(section.name)
        scores |= {f"{name}.seen": section.seen, f"{name}.unseen": section.unseen}
    return scores


def missing(comparisons: Sequence[ScoreComparison], runs: Runs) -> str:
    """Say which score of the comparisons these runs don't have; "" when they have all."""
    for figure in figures_of(comparisons):
        scores = runs.get(figure.label)
        if scores is None:
            return f"no run is called {figure.label}; there are {', '.join(runs) or 'none'}"
        if figure.score not in scores or scores[figure.score].rate is None:
            known = ", ".join(name for name, score in scores.items() if score.total)
            return f"{figure.label} has no {figure.score}; it has {known}"
    return ""


def figures_of(comparisons: Sequence[ScoreComparison]) -> list[Figure]:
    figures = (figure for comparison in comparisons for figure in _both(comparison))
    return list(dict.fromkeys(figures))


def compared(comparison: ScoreComparison, seeds: Sequence[Runs]) -> Compared:
    """The comparison over the runs of all seeds; they have its scores."""
    left, right = ([_share(runs, figure) for runs in seeds] for figure in _both(comparison))
    return Compared(comparison, min(left), max(right))


def _both(comparison: ScoreComparison) -> tuple[Figure, Figure]:
    return comparison.left, comparison.right


def _share(runs: Runs, figure: Figure) -> float:
    rate = runs[figure.label][figure.score].rate
    assert rate is not None
    return rate


def holds_alone(comparisons: Sequence[ScoreComparison], seeds: Sequence[Runs]) -> str:
    """Name the run whose scores alone make all comparisons hold; "" when none does, as it must be:
    such a claim says nothing about the difference between two runs."""
    for label in dict.fromkeys(figure.label for figure in figures_of(comparisons)):
        alone = [dict.fromkeys(runs, runs[label]) for runs in seeds]
        is_known = not any(missing(comparisons, runs) for runs in alone)
        if is_known and all(compared(comparison, alone).holds for comparison in comparisons):
            return label
    return ""
