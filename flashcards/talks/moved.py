"""Keys that a talk names and that do something else by now, or nothing: they are told by line."""

import re
from collections.abc import Iterator

from flashcards.talks.talk import Problem

_NOW = """
B p, E e, T s, e :own editor, p :pin, m :bookmark, L :double, l :halve, z :rewind, o :order,
N :N cards, R :rehearse, P :part, J :reward, v :vote, h :humans, Q :phones, i ?,
F1 ?, S :more data, C :in prompt, t 3 and then t, < Home, > End
"""
MOVED = dict(one.strip().split(" ", 1) for one in _NOW.split(","))
"""What does it now: another key, or a command of the palette by its name."""

_KEY = r"(F1|[A-Za-z<>])(?![\w'’.-])"
_NAMED = re.compile(
    rf"`{_KEY}`|(?i:\b(?:press|key|taste|drück\w*|tecla|pulsa\w*))\s+`?{_KEY}"
    rf"|(?<![\w'’`.-]){_KEY}\s+(?:halves|doubles|goes back|rewinds|bets)\b"
)


def moved_keys(text: str) -> Iterator[Problem]:
    for number, line in enumerate(text.splitlines(), 1):
        for found in _NAMED.finditer(line):
            key = found[found.lastindex or 0]
            if key in MOVED:
                yield Problem(number, f"the key {key} has moved: now it is {MOVED[key]}")
