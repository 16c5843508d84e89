"""The rivals' process: `python -m flashcards.rivals`, started by the trainer, at low priority.

Its first line on stdin is a `Table`, the others are typed prompts; on stdout it writes each rival
as it is graded, and answers. It ends when its stdin ends, whatever it is doing: with the trainer.
"""

import os
import sys
import threading
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from queue import SimpleQueue

import msgspec

from flashcards.base.system import lower_priority
from flashcards.cards import shelf, split, text
from flashcards.cards.card import Deck
from flashcards.rivals import grading
from flashcards.runs import marks, run_files

NICENESS = 10


def main() -> int:
    """Grade and answer until the trainer has gone; 1 when there is nothing to grade."""
    lower_priority(NICENESS)
    # Unbuffered: a buffered reader that a thread waits in makes the interpreter abort at its end.
    stdin = os.fdopen(os.dup(0), "rb", buffering=0)
    stdout = os.fdopen(os.dup(1), "wb", buffering=0)
    try:
        table = msgspec.json.decode(stdin.readline(), type=grading.Table)
        prompts: SimpleQueue[grading.Typed] = SimpleQueue()
        _read(stdin, prompts)
        _serve(table, prompts, lambda reply: stdout.write(run_files.json_line(reply)))
    except (msgspec.DecodeError, ValueError, shelf.DeckUnusable) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    return 0


def _read(stdin: FileIO, prompts: SimpleQueue[grading.Typed]) -> None:
    def read() -> None:
        for line in stdin:
            try:
                prompts.put(msgspec.json.decode(line, type=grading.Typed))
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
        os._exit(0)

    threading.Thread(target=read, name="prompts", daemon=True).start()


def _deck(table: grading.Table) -> Deck:
    deck, _ = text.load_either(Path(table.deck))
    if table.shuffle_seed is not None:
        deck = split.shuffled(deck, table.shuffle_seed)
    return deck.with_never_seen(marks.unpack(table.never_seen, len(deck.cards)))


def _serve(
    table: grading.Table,
    prompts: SimpleQueue[grading.Typed],
    say: Callable[[grading.Reply], object],
) -> None:
    deck = _deck(table)
    rivals = grading.rivals_of(deck)

    def answer(typed: grading.Typed) -> None:
        say(grading.Answered(request=typed.request, answers=rivals.answers(typed.prompt)))

    for rival in rivals.graded():
        if rival is not None:
            say(grading.Graded(rival=rival, is_last=rival.name == rivals.names[-1]))
        while not prompts.empty():
            answer(prompts.get())
    while True:
        answer(prompts.get())


if __name__ == "__main__":
    sys.exit(main())
