"""A mutation fuzzer for the importers: `python -m tests.exchange.fuzz --seconds 600 --seed 1`.

Whatever the bytes, a file is refused in one printable line or becomes a deck that can be taught.
No test: it runs by hand. See `tests/cards/fuzz.py`.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from flashcards.cards.format import parse
from flashcards.cards.printable import printable
from flashcards.exchange.detect import read
from flashcards.exchange.importing import _deck, summary
from flashcards.exchange.notes import Options, Refused
from tests.cards.fuzz import HARD, fuzz
from tests.exchange.sources import FIXTURES, collection, package

HARD_HERE: tuple[bytes, ...] = HARD + tuple(
    text.encode()
    for text in (
        ",", ";", '"', '""', ",,", '"a\n"', "#separator:tab\n", "#html:true\n", "#deck column:1\n",
        "#tags column:3\n", "#columns:a,b\n", '{"prompt": "a", "completion": "b"}\n',
        '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n',
        '{"instruction": "a", "input": "b", "output": "c"}\n', "{}", "[", "]", "null", "1e999",
        "[" * 200, "{\"a\":" * 200, "{{c1::a::b}}", "{{c1::{{c2::a}}}}", "{{c", "}}", "<br>", "<b>",
        "<img src=x>", "[sound:x]", "&#0;", "&#x1b;", "&#55296;", "&amp;", "<!--", "<style>", "</",
        "\\(x\\)", "# Heading\n", "- ", "**Q:** ", "a::b\n", "Q: a\nA: b\n", "\x1f", "? ", "---\n",
    )
)  # fmt: skip

NAMES = ("x.csv", "x.tsv", "x.txt", "x.jsonl", "x.json", "x.md", "x", "x.apkg", "x.anki21")


def check_import(data: bytes, name: str) -> None:
    """What holds for any file whatever. Raises when it does not."""
    if name.endswith(".anki21"):
        data, name = package({"collection.anki21": data}), "x.apkg"
    try:
        source = read(io.BytesIO(data), name, Options())
        deck = _deck(source, name)
    except Refused as refusal:
        line = str(refusal)
        assert line, "refused without a word"
        assert "\n" not in line, f"two lines: {line!r}"
        return
    lines = summary(source, deck, name, "x.deck")
    for line in lines:
        assert printable(line) == line, f"not printable: {line!r}"
    if deck.n_cards == 0 or deck.n_cards == deck.n_held_out:
        return
    parsed = parse(deck.text.encode(), "x.deck")
    errors = [problem for problem in parsed.diagnostics if problem.level != "warning"]
    assert not errors, f"a deck with an error: {errors[0].code}"
    assert parsed.deck is not None
    assert len(parsed.deck.cards) == deck.n_cards, "another number of cards than said"


def seeds() -> list[bytes]:
    """Files of every form the importers know."""
    found = [path.read_bytes() for path in sorted(FIXTURES.iterdir()) if path.is_file()]
    database = collection([("dog", "chien"), ("{{c1::cat}} x", "y<br>z"), ("<b>a</b>", "")])
    texts = (
        'front,back\ndog,chien\n"a, b","c""d"\n',
        "dog\tchien\ncat\tchat | minou\n",
        "dog;chien\ncat;chat\n",
        '{"prompt": "dog", "completion": "chien"}\n{"prompt": "cat", "completion": "chat"}\n',
        '[{"instruction": "a", "input": "", "output": "b"}]',
        "# Animals\n\ndog::chien\n\nQ: cat\nA: chat\n\n{{c1::Paris}} is a city\n",
        "#separator:tab\n#html:true\n#deck column:1\nA\tdog<br>\tchien\n",
    )
    return found + [database] + [text.encode() for text in texts]


def main() -> int:
    """Run it; 1 when it found something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parsed = parser.parse_args()
    n_inputs, faults = fuzz(
        check_import,
        seeds(),
        NAMES,
        HARD_HERE,
        seconds=parsed.seconds,
        seed=parsed.seed,
        keep=parsed.keep,
    )
    print(f"{n_inputs:,} inputs in {parsed.seconds:g} s, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
