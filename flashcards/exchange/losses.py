"""What did not make it into the deck, or not as it was: counted by kind, with examples.

Every reader tells what it leaves out here; nothing is dropped without a line in the summary.
"""

from __future__ import annotations

from collections.abc import Iterator

from flashcards.cards.diagnostics import quoted
from flashcards.cards.printable import printable

MAX_EXAMPLES = 3

# One and many, after the count: what happened to them.
KINDS: dict[str, tuple[str, str]] = {
    "empty": (
        "has no prompt or no answer: left out",
        "have no prompt or no answer: left out",
    ),
    "picture": (
        "had a picture: the picture is left out",
        "had pictures: the pictures are left out",
    ),
    "sound": ("had a sound: the sound is left out", "had sounds: the sounds are left out"),
    "embedded": (
        "had a script, style or embedded object: it is left out",
        "had scripts, styles or embedded objects: they are left out",
    ),
    "occlusion": (
        "hides parts of a picture: left out",
        "hide parts of pictures: left out",
    ),
    "cloze": (
        "has gaps: each gap is a card of its own",
        "have gaps: each gap is a card of its own",
    ),
    "no-gap": (
        "is of a type with gaps and has none: left out",
        "are of a type with gaps and have none: left out",
    ),
    "fields": ("has more fields: they are left out", "have more fields: they are left out"),
    "tags": ("has tags: they are left out", "have tags: they are left out"),
    "columns": ("has more columns: they are left out", "have more columns: they are left out"),
    "keys": ("has more keys: they are left out", "have more keys: they are left out"),
    "one-column": ("has one column only: left out", "have one column only: left out"),
    "no-field": (
        "is of a type without the fields that were asked for: left out",
        "are of a type without the fields that were asked for: left out",
    ),
    "no-type": ("is of no known type: left out", "are of no known type: left out"),
    "duplicate": (
        "is there already, with the same answer: left out",
        "are there already, with the same answers: left out",
    ),
    "merged": (
        "has a prompt that is there already: its answer counts as right there, too",
        "have prompts that are there already: their answers count as right there, too",
    ),
    "crowded": (
        "has a prompt with too many answers already: left out",
        "have prompts with too many answers already: left out",
    ),
    "too-long": (
        "is longer than the model can hold (256 characters): left out",
        "are longer than the model can hold (256 characters): left out",
    ),
    "long-line": (
        "is longer than any card (a million characters): left out",
        "are longer than any card (a million characters): left out",
    ),
    "hidden": (
        "had characters that a terminal would obey or not show: they are symbols now",
        "had characters that a terminal would obey or not show: they are symbols now",
    ),
    "undecodable": (
        "had bytes that are no text: they are � now",
        "had bytes that are no text: they are � now",
    ),
    "not-json": ("is not JSON: left out", "are not JSON: left out"),
    "no-shape": (
        "has no keys that say what is asked and what is answered: left out",
        "have no keys that say what is asked and what is answered: left out",
    ),
    "parts": (
        "has parts that are no text (pictures, calls): they are left out",
        "have parts that are no text (pictures, calls): they are left out",
    ),
    "section-name": (
        "has a name that is too long or has brackets in it: it was changed",
        "have names that are too long or have brackets in them: they were changed",
    ),
    "turns": (
        "goes on after the first answer: only the first question and answer are read",
        "go on after the first answer: only the first question and answer are read",
    ),
    "system": (
        "has instructions for the model (system): they are left out",
        "have instructions for the model (system): they are left out",
    ),
    "prose": ("is no card: left out", "are no cards: left out"),
    "unanswered": ("is a question without an answer: left out",) * 2,
    "code": ("is in a block of code: left out", "are in blocks of code: left out"),
    "property": ("is a property of the notes: left out", "are properties of the notes: left out"),
    "suspended": (
        "is suspended there: it is a card like the others here",
        "are suspended there: they are cards like the others here",
    ),
    # On the way out.
    "held-out": (
        "is held out and this format has no mark for it: left out (--only held-out writes them)",
        "are held out and this format has no mark for it: left out (--only held-out writes them)",
    ),
    "only": ("is not what --only asks for: left out", "are not what --only asks for: left out"),
    "sections": (
        "is in a section, for which this format has no place",
        "are in sections, for which this format has no place",
    ),
    "alternatives": (
        "has more than one right answer: only the first is written",
        "have more than one right answer: only the first is written",
    ),
}


class Losses:
    """A tally of what was lost, by kind, in the order in which the kinds first appeared."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._examples: dict[tuple[str, str], list[str]] = {}

    def add(self, kind: str, noun: str, where: str, sample: str = "") -> None:
        """Count one more.

        Args:
            kind: A key of KINDS.
            noun: What it is: "note", "row", "line".
            where: Its place, "line 7"; "" when it has none.
            sample: Text of it that helps to find it.
        """
        key = kind, noun
        count = self._counts.get(key, 0)
        self._counts[key] = count + 1
        if count < MAX_EXAMPLES and (where or sample):
            shown = printable(where) if where else ""
            if sample:
                shown = f"{shown} {quoted(sample, 30)}".lstrip()
            self._examples.setdefault(key, []).append(shown)

    def count(self, kind: str) -> int:
        """How many of a kind, whatever they are called."""
        return sum(count for (known, _), count in self._counts.items() if known == kind)

    def counts(self) -> dict[str, int]:
        """How many of every kind there were."""
        return {kind: self.count(kind) for kind, _ in self._counts}

    def lines(self) -> Iterator[str]:
        """A sentence for each kind: `12 notes had pictures: … (note 3 “dog”, note 9 “cat”, …)`."""
        for (kind, noun), count in self._counts.items():
            one, many = KINDS[kind]
            sentence = f"{counted(count, noun)} {one if count == 1 else many}"
            examples = self._examples.get((kind, noun), [])
            if examples:
                more = ", …" if count > len(examples) else ""
                sentence += f" ({', '.join(examples)}{more})"
            yield sentence


def counted(number: int, noun: str) -> str:
    """A number and its noun: "1 card", "1,204 cards"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
