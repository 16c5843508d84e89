"""A mutation fuzzer for what reads files that people send each other: the deck parser.

`python -m tests.cards.fuzz --seconds 600 --seed 1 [--keep FOLDER]` mutates the shipped decks and
the hard lines below, and says how many inputs it tried and what broke. No test: it runs by hand.
What it found is in `test_fuzzed.py`.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from flashcards.cards.audit import floor_nats, near_leaks
from flashcards.cards.diagnostics import written
from flashcards.cards.document import write
from flashcards.cards.format import parse
from flashcards.cards.grammar import as_taught
from flashcards.cards.printable import printable
from flashcards.cards.shelf import shipped

TOO_SLOW_S = 2.0
"""CPU time for an input of at most `MAX_BYTES`; a thousandth of it is usual."""

MAX_BYTES = 60_000

Check = Callable[[bytes, str], None]

HARD: tuple[bytes, ...] = tuple(
    text.encode("utf-8", "surrogatepass")
    for text in (
        "+++\n", "\n+++\n", "held_out = 0.5\n", 'group = "commutes"\n', "[group]\n", 'a = ["x"]\n',
        "reverse = true\n", "a.b.c.d = 1\n", "x = {a = {b = {c = 1}}}\n", "x = [[[[[]]]]]\n",
        "n = 1e999\n", "n = nan\n", "n = 0x_1\n", "d = 1979-05-27T07:32:00Z\n", '"""', "'''",
        '"\\ud800"', '"\\U0010ffff"', " :: ", " ::: ", " | ", "\t", "\n? ", "\nQ: ", "\nA: ",
        "\n[", "]\n", "\\:: ", "\\| ", "\\# ", "\\\\", "\r\n", "\r", "\n\n", "\0", "\x1b[31m",
        "\x9b", "\x85", "\u2028", "\u202e", "\u200d", "\ufe0f", "\U000e0041", "\ud800", "\udcff",
        "\ufeff", "e\u0301", "\u0344", "\ufb2c", "\u1100\u1161\u11a8", "👩🏽‍🚀", "🏴\U000e0067",
        "🇫🇷", "שלום", "مرحبا", "ไทย", "क्ष", "\u0300" * 300, "a" * 300, "1+2", "2+1", "a+b*c",
        "\xa0", "\u3000", "\u3164", "0" * 20, "#x :: y", "::", "Q:", "A:", "ﷺ" * 40, "ẞ", "ı", "İ",
    )
)  # fmt: skip


def check_deck(data: bytes, name: str) -> None:
    """What holds for any bytes whatever. Raises when it does not."""
    parsed = parse(data, name)
    assert write(parsed.document) == data, "not written back as it was"
    assert parse(data, name) == parsed, "read twice, two results"
    n_lines = data.count(b"\n") + data.count(b"\r") + 1
    for problem in parsed.diagnostics:
        assert 1 <= problem.line <= n_lines, f"line {problem.line} of {n_lines}"
        assert problem.column >= 1, "column 0"
        line = written(problem, name)
        assert printable(line) == line, f"not printable: {line!r}"
    deck = parsed.deck
    assert (deck is None) == any(p.level == "fatal" for p in parsed.diagnostics)
    if deck is None:
        return
    held = {card.prompt for card in deck.cards if card.is_never_seen}
    for card in deck.cards:
        for text in (card.prompt, *card.answers):
            assert text, "empty text"
            assert text == as_taught(text), f"not as it is taught: {text!r}"
            assert printable(text, newline="\n") == text, f"not printable: {text!r}"
            text.encode("utf-8")
        assert card.is_never_seen == (card.prompt in held), "taught and held out"
        assert 1 <= card.line <= n_lines
    assert len({card.id for card in deck.cards}) == len(deck.cards), "two cards with one id"
    assert floor_nats(deck) >= 0
    for problem in near_leaks(deck):
        line = written(problem, name)
        assert printable(line) == line, f"not printable: {line!r}"


def mutated(seeds: Sequence[bytes], hard: Sequence[bytes], rng: random.Random) -> bytes:
    """One of the seeds, or a part of it, with up to eight changes."""
    data = bytearray(_part(rng.choice(seeds), rng))
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        at = rng.randrange(len(data) + 1)
        to = min(len(data), at + rng.choice((1, 1, 2, 4, 16, 200)))
        match rng.randrange(9):
            case 0 if data:
                data[min(at, len(data) - 1)] ^= 1 << rng.randrange(8)
            case 1:
                del data[at:to]
            case 2 | 3 | 4:
                data[at:at] = rng.choice(hard)
            case 5:
                data[at:to] = rng.choice(hard)
            case 6:
                data[at:at] = data[at:to] * rng.choice((1, 2, 30))
            case 7:
                data[at:at] = _part(rng.choice(seeds), rng)[:2_000]
            case _:
                data[at:at] = rng.randbytes(rng.choice((1, 2, 8)))
    return bytes(data[:MAX_BYTES])


def _part(seed: bytes, rng: random.Random) -> bytes:
    """Mostly a few lines: small inputs are quick, and their mutations matter more."""
    if len(seed) < 200 or rng.random() < 0.02:
        return seed
    start = rng.choice((0, rng.randrange(len(seed))))
    return seed[start : start + rng.choice((60, 300, 1_000))]


def fuzz(
    check: Check,
    seeds: Sequence[bytes],
    names: Sequence[str],
    hard: Sequence[bytes],
    *,
    seconds: float,
    seed: int,
    keep: Path | None = None,
) -> tuple[int, dict[str, bytes]]:
    """Mutate for so long; how many inputs, and the shortest input of each fault by its place."""
    rng = random.Random(seed)
    faults: dict[str, bytes] = {}
    n_inputs = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        data, name = mutated(seeds, hard, rng), rng.choice(names)
        began = time.process_time()
        fault = fault_of(check, data, name)
        took_s = time.process_time() - began
        if not fault and took_s > TOO_SLOW_S:
            fault = f"slow: {took_s:.1f} s"
        n_inputs += 1
        if fault and len(faults.get(fault, bytes(MAX_BYTES + 1))) > len(data):
            faults[fault] = data
            print(f"{name}: {fault}: {len(data)} bytes", flush=True)
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{len(faults):03}-{n_inputs}{Path(name).suffix}").write_bytes(data)
    return n_inputs, faults


def fault_of(check: Check, data: bytes, name: str) -> str:
    """Where and how the input breaks it; "" when it does not."""
    try:
        check(data, name)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        return f"{place} {type(error).__name__}: {str(error)[:60]}"
    return ""


def main() -> int:
    """Run it; 1 when it found something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parsed = parser.parse_args()
    sys.stdout = io.TextIOWrapper(sys.stdout.buffer, "utf-8", "backslashreplace")
    seeds = [path.read_bytes() for path in sorted(shipped().glob("*.deck"))] + [b"".join(HARD)]
    n_inputs, faults = fuzz(
        check_deck,
        seeds,
        ("x.deck", "x.tsv"),
        HARD,
        seconds=parsed.seconds,
        seed=parsed.seed,
        keep=parsed.keep,
    )
    print(f"{n_inputs:,} inputs in {parsed.seconds:g} s, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
