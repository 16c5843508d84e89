"""What was left out or changed on the way: counted by kind, with examples.

Every reader reports here what it leaves out; nothing is dropped without a line in the summary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flashcards.cards.diagnostics import counted, quoted
from flashcards.cards.printable import printable

MAX_EXAMPLES = 3

KINDS = {
    "empty": "[has|have] no prompt or no answer: left out",
    "picture": "had [a picture: the picture is|pictures: the pictures are] left out",
    "sound": "had [a sound: the sound is|sounds: the sounds are] left out",
    "embedded": (
        "had [a script, style or embedded object: it is|scripts, styles or embedded objects: "
        "they are] left out"
    ),
    "occlusion": "[hides parts of a picture|hide parts of pictures]: left out",
    "cloze": "[has|have] gaps: each gap is a card of its own",
    "no-gap": "[is|are] of a type with gaps and [has|have] none: left out",
    "fields": "[has|have] more fields: they are left out",
    "tags": "[has|have] tags: they are left out",
    "columns": "[has|have] more columns: they are left out",
    "keys": "[has|have] more keys: they are left out",
    "one-column": "[has|have] one column only: left out",
    "no-field": "[is|are] of a type without the fields that were asked for: left out",
    "no-type": "[is|are] of no known type: left out",
    "duplicate": "[is|are] there already, with the same [answer|answers]: left out",
    "merged": (
        "[has a prompt that is|have prompts that are] there already: [its answer counts|their "
        "answers count] as right there, too"
    ),
    "crowded": "[has a prompt|have prompts] with too many answers already: left out",
    "too-long": "[is|are] longer than the model can hold (256 characters): left out",
    "long-line": "[is|are] longer than any card (a million characters): left out",
    "hidden": "had characters that a terminal would obey or not show: they are symbols now",
    "undecodable": "had bytes that are no text: they are � now",
    "not-json": "[is|are] not JSON: left out",
    "no-shape": "[has|have] no keys that say what is asked and what is answered: left out",
    "parts": "[has|have] parts that are no text (pictures, calls): they are left out",
    "section-name": (
        "[has a name that is|have names that are] too long or [has|have] brackets in "
        "[it: it was|them: they were] changed"
    ),
    "turns": "[goes|go] on after the first answer: only the first question and answer are read",
    "system": "[has|have] instructions for the model (system): they are left out",
    "prose": "[is no card|are no cards]: left out",
    "unanswered": "is a question without an answer: left out",
    "code": "[is in a block|are in blocks] of code: left out",
    "property": "[is a property|are properties] of the notes: left out",
    "suspended": "[is|are] suspended there: [it is a card|they are cards] like the others here",
    # The rest are losses of an export.
    "held-out": (
        "[is|are] held out and this format has no mark for it: left out (--only held-out writes "
        "them)"
    ),
    "only": "[is|are] not what --only asks for: left out",
    "sections": "[is in a section|are in sections], for which this format has no place",
    "alternatives": "[has|have] more than one right answer: only the first is written",
}
"""What is written after the count. Of two texts in brackets the first is for a count of one."""

_ONE_OR_MANY = re.compile(r"\[([^|]*)\|([^]]*)\]")


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
        return {kind: self.count(kind) for kind, _ in self._counts}

    def lines(self) -> Iterator[str]:
        """A sentence for each kind: `12 notes had pictures: … (note 3 “dog”, note 9 “cat”, …)`."""
        for (kind, noun), count in self._counts.items():
            what = _ONE_OR_MANY.sub(r"\1" if count == 1 else r"\2", KINDS[kind])
            sentence = f"{counted(count, noun)} {what}"
            examples = self._examples.get((kind, noun), [])
            if examples:
                more = ", …" if count > len(examples) else ""
                sentence += f" ({', '.join(examples)}{more})"
            yield sentence
