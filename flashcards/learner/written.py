"""Part 8, the learner: text written by a model that has read one, and what of it was copied.

`write_lines` draws each next piece by its probability. `CopyFinder` gives the longest stretch of
what was written that stands word for word in what was read: `trainer/exams.py` shows it. Exact:
tables of the short stretches that a text has say where there is nothing to look for; what they
leave is looked for in the text itself, which lies in a file without a name when it is large.
"""

import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from flashcards.learner.piece_by_piece import AnyCached
from flashcards.learner.tokenizer import ANSWER_ID

# -- writing

TEMPERATURE = 0.7  # logits are divided by it: below 1 the likely becomes likelier


class Written(NamedTuple):
    """A written line: pieces as places among the sayable ones, and how probable each was."""

    places: tuple[int, ...]
    probabilities: tuple[float, ...]


@torch.no_grad()
def write_lines(
    model: AnyCached,
    sayable: Tensor,
    start: Sequence[int],
    n_lines: int,
    n_pieces: int,
    generator: torch.Generator,
    start_id: int = ANSWER_ID,
) -> list[Written]:
    """`n_lines` lines that all begin with `start`, of `n_pieces` pieces each.
    Of what the model can read at a time, the answer sign included, the older half is forgotten when
    it is full, and the rest read again.

    Args:
        sayable: [A] the pieces that are written.
        generator: On the CPU; the same state writes the same.
        start_id: The piece before all that is read.
    """
    device, context = sayable.device, model.context
    beginning = list(start)[-(context - 1) :]
    ids = torch.tensor([[start_id, *beginning]] * n_lines, device=device)  # [B, T]
    logits = model.read(ids)
    places: list[Tensor] = []
    probabilities: list[Tensor] = []
    for _ in range(n_pieces):
        spread = logits.div(TEMPERATURE).softmax(-1).nan_to_num(0.0)
        luck = torch.rand(n_lines, 1, generator=generator).to(device)
        # the first piece at which the probabilities add up to the luck, 0 to 1
        place = torch.searchsorted(spread.cumsum(-1), luck).clamp_max(len(sayable) - 1)
        places.append(place)
        probabilities.append(logits.softmax(-1).nan_to_num(0.0).gather(1, place))
        ids = torch.cat((ids, sayable[place]), 1)
        if model.n_read == context:
            sign = ids.new_full((n_lines, 1), start_id)
            ids = torch.cat((sign, ids[:, -(context // 2) :]), 1)
            logits = model.read(ids)
        else:
            logits = model.read(ids[:, -1:], is_more=True)
    lines, shares = (torch.cat(parts, 1).tolist() for parts in (places, probabilities))
    return [Written(tuple(line), tuple(of)) for line, of in zip(lines, shares, strict=True)]


def generator_of(seed: int, step: int) -> torch.Generator:
    """The luck of what is written at this step of the run with this seed."""
    return torch.Generator().manual_seed((seed * 1_000_003 + step) & ((1 << 63) - 1))


# -- copied

SMALL_BYTES = 1 << 20  # a text no longer than this is kept in memory

SIZES = (6, 10)  # lengths, in bytes, of the stretches in the tables

BORDER = b"\xff"  # between stretches that don't stand together; no byte of UTF-8

BLOCK_BYTES = 1 << 20  # of a large text, looked through at a time
PART_BYTES = 2 << 20  # of a text, hashed at a time
_PRIME = np.uint64(0x9E3779B97F4A7C15)

Hashes = npt.NDArray[np.uint32]


class CopyFinder:
    """A text, in which copied stretches are found. Knows no model."""

    def __init__(self, stretches: Iterable[str]) -> None:
        """`stretches` is the text: what is looked for never crosses from one into the next."""
        self._tables = {size: np.empty(0, np.uint32) for size in SIZES}
        self._text = b""
        self._file: IO[bytes] | None = None
        for data in _joined(stretches):
            for size in SIZES:
                both = (self._tables[size], _distinct(_hashes(data, size)))
                self._tables[size] = _distinct(np.concatenate(both))
            if self._file is None and len(self._text) + len(data) > SMALL_BYTES:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115
                weakref.finalize(self, self._file.close)
                self._file.write(self._text)
                self._text = b""
            if self._file is None:
                self._text += data
            else:
                self._file.write(data)

    def longest(self, written: Iterable[str]) -> str:
        """The longest stretch of any of these lines that the text has; the first of equal ones."""
        best = ""
        for line in written:
            ends = [0]
            for character in line:
                ends.append(ends[-1] + len(character.encode("utf-8", "replace")))
            data = line.encode("utf-8", "replace")
            known = {size: self._known(data, size) for size in SIZES}
            for start in range(len(line)):
                end = start + len(best) + 1
                while end <= len(line) and self._has(data, ends[start], ends[end], known):
                    best = line[start:end]
                    end += 1
        return best

    def _known(self, data: bytes, size: int) -> list[bool]:
        """At which bytes of the data a stretch of this size stands that the text may have."""
        hashes = _hashes(data, size)
        table = self._tables[size]
        if not len(table):
            return [False] * len(hashes)
        places = np.minimum(np.searchsorted(table, hashes), len(table) - 1)
        known: list[bool] = (table[places] == hashes).tolist()
        return known

    def _has(self, data: bytes, start: int, end: int, known: dict[int, list[bool]]) -> bool:
        """True where the text has these bytes of the data."""
        size = max((size for size in SIZES if size <= end - start), default=0)
        if size and not all(known[size][start : end - size + 1]):
            return False
        wanted = data[start:end]
        return any(wanted in block for block in self._blocks(len(wanted) - 1))

    def _blocks(self, n_overlap: int) -> Iterator[bytes]:
        if self._file is None:
            yield self._text
            return
        self._file.seek(0)
        before = b""
        while block := self._file.read(BLOCK_BYTES):
            block = before + block
            yield block
            before = block[-n_overlap:] if n_overlap else b""


def _distinct(hashes: Hashes) -> Hashes:
    """Each of them once, in order. `np.unique` takes ten times as long where most differ."""
    hashes = np.sort(hashes)
    is_new = np.ones(len(hashes), bool)
    np.not_equal(hashes[1:], hashes[:-1], out=is_new[1:])
    return hashes[is_new]


def _joined(stretches: Iterable[str]) -> Iterator[bytes]:
    """The stretches, with a border after each, in parts that are large but not too large."""
    parts: list[bytes] = []
    n_bytes = 0
    for stretch in stretches:
        parts += (stretch.encode("utf-8", "replace"), BORDER)
        n_bytes += len(parts[-2])
        if n_bytes >= PART_BYTES:
            yield b"".join(parts)
            parts = []
            n_bytes = 0
    yield b"".join(parts)


def _hashes(data: bytes, size: int) -> Hashes:
    """A hash of every stretch of this size: equal stretches have equal ones."""
    n = len(data) - size + 1
    if n <= 0:
        return np.empty(0, np.uint32)
    letters = np.frombuffer(data, np.uint8)
    sums = np.zeros(n, np.uint64)
    for place in range(size):
        sums *= _PRIME
        sums += letters[place : place + n]
    return ((sums ^ (sums >> np.uint64(29))) * _PRIME >> np.uint64(32)).astype(np.uint32)
