"""The decks and texts there are, what is wrong with each, its last scores. Blocks: use a thread."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from flashcards.base.language import tr
from flashcards.base.system import python
from flashcards.cards.shelf import DeckUnusable, ShelfEntry, load, loose, shelf, texts
from flashcards.runs import catalog, values

APART_FROM_BYTES = 500_000  # some 30,000 cards: read in a tenth of a second


class DeckFacts(msgspec.Struct, frozen=True):
    """Facts known once all of a deck was read: its errors, the first of them in words."""

    n_taught: int = 0
    n_held_out: int = 0
    is_usable: bool = True
    n_problems: int = 0
    problem: str = ""


class DeckRow(DeckFacts, frozen=True, kw_only=True):
    """A deck in the list; `step` and scores of its last run, None when it never ran, or when a
    class may not see yet how it came out: then it `is_hidden`."""

    entry: ShelfEntry
    is_hidden: bool = False
    is_estimate: bool = True
    step: int | None = None
    seen: values.Score | None = None
    unseen: values.Score | None = None

    @property
    def without_outcome(self) -> "DeckRow":
        is_hidden = self.step is not None
        return msgspec.structs.replace(self, step=None, seen=None, unseen=None, is_hidden=is_hidden)

    @property
    def is_text(self) -> bool:
        return self.entry.meta.kind == "text"

    def says(self, words: list[str]) -> bool:
        meta = self.entry.meta
        text = f"{self.entry.slug} {self.entry.name} {meta.kind} {meta.shows} {meta.description}"
        text += f" {meta.shelf_mark} {tr(meta.description)} {tr(meta.topic)}"
        return all(word in text.casefold() for word in words)

    def is_named(self, words: list[str]) -> bool:
        name = f"{self.entry.slug} {self.entry.name}".casefold()
        return all(word in name for word in words)


def read_ahead(session: object) -> None:
    """Read the beginnings of all decks, which are kept."""
    shelf()
    texts()


class Library:
    def __init__(
        self, look: Callable[[], list[ShelfEntry]] = lambda: [*loose(), *shelf(), *texts()]
    ) -> None:
        self._look = look
        self._examined: dict[tuple[Path, int, int], DeckFacts] = {}

    def rows(
        self, runs_root: Path, known: Mapping[Path, catalog.RunSummary] | None = None
    ) -> list[DeckRow]:
        """List all decks. `known`: the progress of the run that is taught meanwhile."""
        entries = self._look()
        # A deck of this folder may be called as one that is found by its name.
        loose_paths = {entry.slug: entry.path.resolve() for entry in entries if _is_loose(entry)}
        latest: dict[tuple[str, bool], catalog.RunSummary] = {}
        for run in reversed(catalog.list_runs(runs_root, known=known)):
            slug = run.info.deck
            if run.summary.step > 0:
                is_here = (
                    slug in loose_paths and Path(run.info.deck_path).resolve() == loose_paths[slug]
                )
                latest[slug, is_here] = run.summary
        rows = []
        for entry in entries:
            row = DeckRow(
                entry=entry, n_taught=entry.n_cards - entry.n_held_out, n_held_out=entry.n_held_out
            )
            if (last := latest.get((entry.slug, _is_loose(entry)))) is not None:
                row = msgspec.structs.replace(
                    row, step=last.step, seen=last.seen, unseen=last.unseen
                )
            examined = self._examined.get(file_key(entry.path))
            rows.append(row if examined is None else _with(row, examined))
        return rows

    def is_examined(self, row: DeckRow) -> bool:
        return file_key(row.entry.path) in self._examined

    def examine(self, row: DeckRow) -> DeckRow:
        key = file_key(row.entry.path)
        if row.is_text:
            self._examined[key] = DeckFacts()
        if key not in self._examined:
            is_apart = key[2] > APART_FROM_BYTES
            self._examined[key] = (read_apart if is_apart else read)(row.entry.path)
        return _with(row, self._examined[key])


def _is_loose(entry: ShelfEntry) -> bool:
    return entry.path.parent == Path()


def file_key(path: Path) -> tuple[Path, int, int]:
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return path, 0, 0
    return path, stat.st_mtime_ns, stat.st_size


def read(path: Path) -> DeckFacts:
    try:
        deck, diagnostics = load(path)
    except DeckUnusable as error:
        diagnostics = error.diagnostics
        n_taught = n_held_out = 0
        is_usable = False
    else:
        n_held_out = len(deck.never_seen)
        n_taught = len(deck.cards) - n_held_out
        is_usable = True
    wrong = [problem for problem in diagnostics if problem.level != "warning"]
    wrong.sort(key=lambda problem: problem.level != "fatal")
    first = f"line {wrong[0].line}: {wrong[0].text}" if wrong else ""
    return DeckFacts(n_taught, n_held_out, is_usable, len(wrong), first)


def read_apart(path: Path) -> DeckFacts:
    """`read` in a process of its own: a large deck neither slows the app nor fills its memory."""
    command = python("-m", "flashcards.app.decks.library", str(path))
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        return msgspec.json.decode(done.stdout, type=DeckFacts)
    except msgspec.DecodeError:
        return read(path)


def _with(row: DeckRow, examined: DeckFacts) -> DeckRow:
    facts = msgspec.structs.asdict(examined)
    if not examined.is_usable:
        del facts["n_taught"], facts["n_held_out"]
    return msgspec.structs.replace(row, is_estimate=False, **facts)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(read(Path(sys.argv[1]))))
