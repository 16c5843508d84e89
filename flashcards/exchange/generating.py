"""`flashcards generate`: the cards that a person's program yields, as a normal deck file.

The program runs only when it is named here, in a process of its own, with limits on its time,
memory and output. They guard against accidents: it may do whatever its user may.
"""

import json
import os
import queue
import signal
import time
from pathlib import Path

import msgspec

from flashcards.base import persons_program
from flashcards.base.child_process import JsonLinesThread
from flashcards.base.files import Refused, save
from flashcards.base.system import python
from flashcards.cards.diagnostics import counted, written
from flashcards.cards.format import parse
from flashcards.cards.front_matter import FENCE
from flashcards.cards.shelf import MAX_FILE_BYTES
from flashcards.exchange.deck_file import compose
from flashcards.exchange.gathering import Gathering
from flashcards.terminal.output import print_line

N_PRINTED_LINES = 10


class Generated(msgspec.Struct, frozen=True):
    front: dict[str, object]
    cards: list[list[str]]
    printed: list[str]


class _Message(msgspec.Struct):
    card: list[str] | None = None
    front: dict[str, object] | None = None
    ended: int | None = None
    error: str = ""
    line: int = 0


def generate(
    name: str, output: str | None, seconds: float = 30.0, *, is_forced: bool = False
) -> int:
    """Run a program, at most so many seconds, and write its deck; 0, or 1 when nothing was written.
    Then stderr says why, with the line of the program. `output` None is the program's path with
    `.deck` for `.py`."""
    program = Path(name)
    try:
        if program.suffix != ".py":
            raise Refused(f"{name} is no Python program: its name should end in .py")
        target = program.with_suffix(".deck") if output is None else Path(output)
        if not program.is_file():
            raise Refused(f"no such file: {name}")
        if target.suffix != ".deck":
            raise Refused(f"-o {target}: a deck's name ends in .deck")
        if not is_forced and os.path.lexists(target):
            raise Refused(f"{target} is there already; --force replaces it, -o names another")
        generated = run(program, seconds)
        for line in generated.printed[-N_PRINTED_LINES:]:
            print_line(f"{program.name} printed: {line}", is_error=True)
        gathering = Gathering("card")
        for number, (prompt, *answers) in enumerate(generated.cards, 1):
            gathering.add(prompt, answers, f"card {number:,}")
        deck = compose(gathering.notes, {}, gathering.losses, "card")
        lines = deck.text.split("\n")
        text = "\n".join([FENCE, *_front(generated.front, program), FENCE, *lines[2:]])
        data = text.encode("utf-8", "replace")
        _check(data, target.name)
        save(data, target, is_forced=is_forced)
    except Refused as refusal:
        print_line(f"flashcards generate: {refusal}", is_error=True)
        return 1
    held = parse(data, target.name).deck
    n_held_out = 0 if held is None else len(held.never_seen)
    cards = counted(deck.n_cards, "card")
    print_line(f"{name}: {cards}, {n_held_out:,} never taught → {target}", is_error=True)
    for line in gathering.losses.lines():
        print_line(f"  {line}", is_error=True)
    print_line(str(target))
    return 0


def _front(front: dict[str, object], program: Path) -> list[str]:
    front = {"name": program.stem, **front, "source": front.get("source", program.name)}
    lines = []
    for key, value in front.items():
        if not key.isidentifier() or not isinstance(value, str | int | float):
            why = "is no text and no number, which is all a deck's front matter holds"
            raise Refused(f"{program}: DECK[{key!r}] {why}")
        lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", ""))
    return lines


def _check(data: bytes, name: str) -> None:
    """Raises Refused unless the deck can be taught and is written without an error."""
    if len(data) > MAX_FILE_BYTES:
        most = f"a deck has at most {MAX_FILE_BYTES / 1e6:.0f} MB"
        raise Refused(f"{len(data) / 1e6:.0f} MB of cards; {most}")
    wrong = [problem for problem in parse(data, name).diagnostics if problem.level != "warning"]
    if wrong:
        raise Refused(f"what it yields makes no good deck: {written(wrong[0], name)}")


def run(program: Path, seconds: float) -> Generated:
    """Run the program in a process of its own and read what it yields.
    Raises Refused: it fails, takes too long or yields too much; with the line, `file:line:
    what`."""
    messages: queue.SimpleQueue[_Message | None] = queue.SimpleQueue()
    words = ("-I", persons_program.__file__, "generator", str(program.resolve()))
    decode = msgspec.json.Decoder(_Message).decode
    child = JsonLinesThread(python(*words, str(int(seconds) + 1)), decode, messages.put)
    front: dict[str, object] = {}
    cards: list[list[str]] = []
    deadline_s = time.monotonic() + seconds
    n_characters = 0
    try:
        while message := messages.get(timeout=max(0.0, deadline_s - time.monotonic())):
            if message.error:
                place = f"{program}:{message.line}" if message.line else str(program)
                raise Refused(f"{place}: {message.error}")
            if message.ended is not None:
                if not cards:
                    raise Refused(f"{program}: cards() yielded no card")
                child.wait(1.0)
                return Generated(front, cards, child.error_lines)
            if message.front is not None:
                front = message.front
            if message.card is not None:
                cards.append(message.card)
                n_characters += sum(map(len, message.card))
                if n_characters > MAX_FILE_BYTES:
                    raise Refused(f"{program}: more cards than a deck can hold, so it was ended")
        if child.wait(1.0) is None:
            child.end()
        code = child.wait()
        last = child.last_error_line
        is_late = code == -getattr(signal, "SIGXCPU", 24)
        reason = "it used up its time" if is_late else f"code {code}"
        raise Refused(f"{program}: it ended before it was done ({reason})" + (last and f": {last}"))
    except queue.Empty:
        late = f"still running after {seconds:g} s, so it was ended; --seconds gives it more"
        raise Refused(f"{program}: {late}") from None
    finally:
        child.end()
