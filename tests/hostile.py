"""Spoilt bytes, and whether what opens them (see `tests/test_hostile.py`) keeps its rules: an
opener takes bytes and raises where a rule is broken."""

import json
import random
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

TOO_SLOW_S = 2.0  # CPU time for an input of at most `MAX_BYTES`; a thousandth of it is usual

MAX_BYTES = 60_000

Open = Callable[[bytes], object]

HARD: tuple[bytes, ...] = tuple(  # pieces of text that something may trip over
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

VALUES: tuple[object, ...] = (  # what nobody expects in JSON
    None,
    True,
    0,
    -1,
    1,
    2**31,
    2**53,
    2**63 - 1,
    2**63,
    2**64,
    10**30,
    -(2**63),
    0.5,
    -0.0,
    1e308,
    1e-320,
    "",
    "x",
    "\x1b[2J",
    "../../x",
    "/etc/passwd",
    "\u202e",
    "NaN",
    "x" * 5_000,
    [],
    {},
    [[]],
    {"": 0},
    [0] * 500,
    ["x"] * 500,
    "0" * 100,
    "eJwDAAAAAAE=",
    "$(touch X)",
)


def mutated(seeds: Sequence[bytes], hard: Sequence[bytes], chance: random.Random) -> bytes:
    """One of the seeds, or a part of it, with up to eight changes."""
    seed = chance.choice(seeds)
    if seed[:1] == b"{" and chance.random() < 0.7:
        return _with_values(seed, chance)
    data = bytearray(_part(seed, chance))
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        at = chance.randrange(len(data) + 1)
        to = min(len(data), at + chance.choice((1, 1, 2, 4, 16, 200)))
        match chance.randrange(9):
            case 0 if data:
                data[min(at, len(data) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                del data[at:to]
            case 2 | 3 | 4:
                data[at:at] = chance.choice(hard)
            case 5:
                data[at:to] = chance.choice(hard)
            case 6:
                data[at:at] = data[at:to] * chance.choice((1, 2, 30))
            case 7:
                data[at:at] = _part(chance.choice(seeds), chance)[:2_000]
            case _:
                data[at:at] = chance.randbytes(chance.choice((1, 2, 8)))
    return bytes(data[:MAX_BYTES])


def _with_values(seed: bytes, chance: random.Random) -> bytes:
    """Lines of JSON with something else in one to five of them, or in another order."""
    lines = seed.splitlines()
    for _ in range(chance.choice((1, 1, 5))):
        at = chance.randrange(len(lines))
        lines[at] = json.dumps(_changed(json.loads(lines[at]), chance)).encode()
    if chance.random() < 0.1:
        chance.shuffle(lines)
    return b"\n".join(lines) + b"\n"


def _changed(value: object, chance: random.Random) -> object:
    if isinstance(value, dict) and value and chance.random() < 0.93:
        name = chance.choice(sorted(value))
        if chance.random() < 0.08:
            return {key: part for key, part in value.items() if key != name}
        return value | {name: _changed(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        return [*value[:at], _changed(value[at], chance), *value[at + 1 :]]
    if isinstance(value, int | float) and chance.random() < 0.3:
        return value * chance.choice((-1, 2, 10, 1_000, 10**6))
    return chance.choice(VALUES)


def _part(seed: bytes, chance: random.Random) -> bytes:
    """Mostly a few lines: small inputs are quick, and their mutations matter more. What is no text
    (a zip, a database) is whole more often: a part of it is refused by its first bytes."""
    if len(seed) < 200 or chance.random() < (0.5 if b"\0" in seed[:100] else 0.02):
        return seed
    start = chance.choice((0, chance.randrange(len(seed))))
    return seed[start : start + chance.choice((60, 300, 1_000))]


def fault_of(open_: Open, data: bytes) -> str:
    """Where and how the bytes break it, or how slow it is; "" when neither."""
    began = time.process_time()
    try:
        open_(data)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        return f"{place} {type(error).__name__}: {str(error)[:60]}"
    took_s = time.process_time() - began
    return f"slow: {took_s:.1f} s" if took_s > TOO_SLOW_S else ""


def faults(
    open_: Open, seeds: Sequence[bytes], hard: Sequence[bytes] = HARD, *, n: int, seed: int = 1
) -> dict[str, bytes]:
    """The shortest bytes of each fault: by hard pieces, alone and often, and `n` mutations."""
    chance = random.Random(seed)
    found: dict[str, bytes] = {}
    tried = [data for piece in hard for data in (piece, piece * 40)] if seed == 1 else []
    for data in (*tried, *(mutated(seeds, hard, chance) for _ in range(n))):
        fault = fault_of(open_, data)
        if fault and len(found.get(fault, bytes(MAX_BYTES + 1))) > len(data):
            found[fault] = data
    return found
