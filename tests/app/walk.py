"""Record the walk from a new deck to a learning model, as an asciicast v2, by the real program in
a pseudo-terminal (POSIX only): `python -m tests.app.walk docs/first-deck.cast`."""

import codecs
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.terminal import Terminal

COLUMNS, ROWS = 80, 24
PROMPT = "$ "


class Recording:
    def __init__(self) -> None:
        self.began_s = time.perf_counter()
        self.events: list[tuple[float, str, str]] = []

    def add(self, text: str) -> None:
        self.events.append((round(time.perf_counter() - self.began_s, 3), "o", text))

    def type(self, line: str) -> None:
        self.add(PROMPT)
        for letter in line:
            time.sleep(0.04)
            self.add(letter)
        self.add("\r\n")

    def watch(self, terminal: Terminal, seconds: float) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        ends_s = time.perf_counter() + seconds
        while (left_s := ends_s - time.perf_counter()) > 0:
            shown = terminal.read(min(left_s, 0.1))
            if shown:
                self.add(decoder.decode(shown))

    def write(self, path: Path) -> None:
        header = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "a first deck"}
        lines = [json.dumps(header), *(json.dumps(event) for event in self.events)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(recording: Recording, words: Sequence[str], seconds: float) -> Terminal:
    recording.type("flashcards " + " ".join(words))
    terminal = Terminal([sys.executable, "-m", "flashcards", *words], COLUMNS, ROWS)
    recording.watch(terminal, seconds)
    return terminal


def main() -> None:
    target = Path(sys.argv[1]).resolve()
    os.environ["PYTHONPATH"] = str(Path.cwd())
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.chdir(folder)
        os.environ["XDG_DATA_HOME"] = folder
        recording = Recording()
        run(recording, ["new", "animals", "-o", "."], 2.0)
        (deck,) = Path(folder).rglob("animals.deck")
        name = str(deck.relative_to(folder))
        recording.type(f"tail -8 {name}")
        recording.add("\r\n".join(deck.read_text("utf-8").splitlines()[-8:]) + "\r\n")
        time.sleep(1.5)
        app = run(recording, [name], 22.0)
        deck.write_text(deck.read_text("utf-8") + "owl :: hibou\nfox :: renard\n", "utf-8")
        recording.watch(app, 6.0)
        for keys in ("a", "owl", "\r"):
            app.type(keys)
            recording.watch(app, 1.0)
        recording.watch(app, 3.0)
        for keys in ("\x1b", "q", "\r"):
            app.type(keys)
            recording.watch(app, 1.0)
        recording.watch(app, 2.0)
        app.close()
        recording.add(PROMPT)
        recording.write(target)


if __name__ == "__main__":
    main()
