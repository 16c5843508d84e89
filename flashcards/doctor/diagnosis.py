"""A deck's diagnosis: its facts, what a short lesson reached, and advice.

Knows the deck and how sure a score is, and no model. Run as
`python -m flashcards.doctor.diagnosis DECK` it prints a diagnosis as one JSON object: the app asks
a process, since a deck of a million cards would cost the screen a gigabyte.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from flashcards.base.language import tr
from flashcards.cards.audit import near_leaks
from flashcards.cards.card import Deck
from flashcards.cards.diagnostics import Diagnostic, in_order, written
from flashcards.cards.printable import printable
from flashcards.cards.shelf import DeckUnusable, load
from flashcards.doctor.advice import advice, how_to_ask, how_to_probe, on_characters
from flashcards.doctor.deck_facts import facts
from flashcards.runs.values import Rival, Score
from flashcards.runs.verdict import MIN_NEVER_SEEN, best_of, fraction, is_better, percent, wilson

LIKELY, POSSIBLE = 0.5, 0.05
"""Lower ends of the interval of NEVER TAUGHT after a probe: a rule is found, or begins to be."""

KNOWN = 0.5
"""Share right of what is taught from which on a missing rule says something."""

ADVISED_ANYHOW = "few-held-out"  # the first advice says the same
MAX_LISTED = 100  # problems of a deck that are listed
LABEL_WIDTH = 15


class Fact(msgspec.Struct, frozen=True):
    label: str
    text: str


class Diagnosis(msgspec.Struct, frozen=True):
    """The doctor's findings on one deck; `problem` alone when it can't be read.
    `problems` are the first of `n_problems` in the deck's lines, a sentence each. Of the advice,
    `for_brought` is for models that others have trained, and `before_a_lesson` for decks that are
    not taught. `for_own` are sentences and texts of facts about this program's own models alone:
    how they cut a card, and letters that they were not taught."""

    facts: tuple[Fact, ...] = ()
    advice: tuple[str, ...] = ()
    problem: str = ""
    problems: tuple[str, ...] = ()
    n_problems: int = 0
    for_brought: str = ""
    before_a_lesson: str = ""
    for_own: tuple[str, ...] = ()

    def advised(self, *, is_brought: bool = False) -> tuple[str, ...]:
        """Return the sentences on what to change, as a lesson shows them: without those that
        advise a probe, which it is itself, and without those for the other kind of model."""
        of_others = self.for_own if is_brought else (self.for_brought,)
        away = {self.before_a_lesson, *of_others}
        return tuple(sentence for sentence in self.advice if sentence not in away)


class Probe(msgspec.Struct, frozen=True):
    """The result of a short lesson. `seconds` is time spent training."""

    seconds: float
    seen: Score
    unseen: Score
    rivals: tuple[Rival, ...] = ()


def diagnose(deck: Deck, problems: Sequence[Diagnostic], probe: Probe | None = None) -> Diagnosis:
    """Look at a deck that was read. `problems` are those of reading, near leaks among them."""
    findings = [Fact(label, text) for label, text in facts(deck, problems)]
    if probe is not None:
        findings.append(Fact(tr("rule"), probed(probe)))
    listed = [problem for problem in in_order(problems) if problem.code != ADVISED_ANYHOW]
    return Diagnosis(
        tuple(findings),
        tuple(advice(deck, problems, is_probed=probe is not None)),
        problems=tuple(
            tr("line {line:,}: {text}", line=problem.line, text=problem.text)
            for problem in listed[:MAX_LISTED]
        ),
        n_problems=len(listed),
        for_brought=how_to_ask(),
        before_a_lesson=how_to_probe(),
        for_own=(
            *on_characters(deck),
            *(fact.text for fact in findings if fact.label == tr("pieces")),
        ),
    )


def of_file(path: Path) -> Diagnosis:
    try:
        deck, problems = load(path)
    except DeckUnusable as error:
        return Diagnosis(problem=written(error.diagnostics[0], printable(path.name)))
    return diagnose(deck, [*problems, *near_leaks(deck)])


def lines(diagnosis: Diagnosis) -> Iterator[str]:
    for fact in diagnosis.facts:
        yield f"  {fact.label:<{LABEL_WIDTH}} {fact.text}"
    for index, sentence in enumerate(diagnosis.advice):
        yield f"  {'' if index else tr('advice'):<{LABEL_WIDTH}} {sentence}"


def probed(probe: Probe) -> str:
    after = tr("after {seconds:.0f} s of training", seconds=probe.seconds)
    if probe.seconds < 1:
        after = tr("after less than 1 s of training")
    if probe.unseen.total < MIN_NEVER_SEEN:
        text = "{after}: {seen} taught cards right; too few are kept back to look for a rule"
        if not probe.unseen.total:
            text = "{after}: {seen} taught cards right; none is kept back to look for a rule"
        return tr(text, after=after, seen=fraction(probe.seen))
    low, _ = wilson(probe.unseen)
    best = best_of(probe.rivals)
    if best is not None and not is_better(probe.unseen, best.unseen):
        conclusion = tr("no more than a program has that doesn't learn: no sign of a rule yet")
    elif low >= LIKELY:
        conclusion = tr("a rule is likely to be found")
    elif low >= POSSIBLE:
        conclusion = tr("a rule begins to show")
    elif (probe.seen.rate or 0.0) < KNOWN:
        conclusion = tr("too early: it hardly knows what it is taught")
    else:
        conclusion = tr("no sign of a rule yet")
    return tr(
        "{after}: {seen} of the taught are right; of the never taught {total:,} were asked, and "
        "{rate} are right; {found}",
        after=after,
        rate=percent(probe.unseen.rate or 0.0),
        total=probe.unseen.total,
        seen=percent(probe.seen.rate or 0.0),
        found=conclusion,
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(of_file(Path(sys.argv[1]))))
