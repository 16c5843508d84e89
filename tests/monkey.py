"""A monkey at the real program: random keys in a real terminal. POSIX only.
A session must not crash or hang, leave with `q`, leave no process behind, and every run it wrote
must verify. The same seed presses the same keys, but the program answers in its own time."""

import contextlib
import io
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, get_args

from flashcards.cli import main as flashcards
from flashcards.runs.values import Practice
from tests.decks import write_capitals
from tests.keys import LEAVING, LETTERS, NAMED, OPENERS, WORDS
from tests.screen import ESCAPES, FRAME_S, FaultError, Screen, wait_for_end
from tests.terminal import FLASHCARDS, Terminal

Kind = Literal["play", "talk", "replay", "watch", "shipped", "compare", "reward"]

KINDS: tuple[Kind, ...] = get_args(Kind)
SIZES = ((80, 24), (120, 40), (60, 20), (40, 12), (30, 8), (200, 60), (81, 25), (30, 40), (160, 8))
LEAVING_S = 180.0
LAUNCHES = 12  # a session that leaves by chance is opened again, this often at most

TALK = Path(__file__).with_suffix(".md")

EDITOR = """\
#!/bin/sh
for last; do :; done
case $(($(wc -l < "$last") % 4)) in
0) printf 'no card in this line\\n' >> "$last" ;;
1) printf 'Chad %s :: Ndjamena\\n' "$(wc -l < "$last")" >> "$last" ;;
2) exit 3 ;;
esac
sleep 0.1
"""


@dataclass
class Report:
    n_keys: int = 0
    n_launches: int = 0
    n_verified: int = 0


@dataclass(frozen=True, slots=True)
class Recorded:
    runs: Path

    def names(self) -> list[str]:
        return sorted(path.name for path in self.runs.iterdir())


def record(folder: Path) -> Recorded:
    deck, runs = write_capitals(folder), folder / "runs"
    for seed in ("1", "2"):
        words = ("train", str(deck), "--runs", str(runs), "--steps", "60", "--seed", seed)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            assert flashcards(words) == 0
    return Recorded(runs)


class Session:
    environment: ClassVar[Mapping[str, str]] = {}  # beside that of every session

    def __init__(self, kind: Kind, dice: random.Random, folder: Path, recorded: Recorded) -> None:
        self.kind, self.folder, self.dice, self.recorded = kind, folder, dice, recorded
        self.report = Report()
        self.pressed: list[str] = []
        self.runs, self.state = folder / "runs", folder / "state"
        folder.mkdir(parents=True)
        write_capitals(folder)
        shutil.copy(TALK, folder / "talk.md")
        editor = folder / "editor.sh"
        editor.write_text(EDITOR, encoding="utf-8")
        editor.chmod(0o755)
        self.env = {
            **{k: v for k, v in os.environ.items() if k not in ("VISUAL", "EDITOR")},
            "PYTHONFAULTHANDLER": "1",
            "HOME": str(folder),
            "XDG_STATE_HOME": str(self.state),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            **({"EDITOR": str(editor)} if dice.random() < 0.5 else {}),
            **self.environment,
        }
        self.runs_before: set[str] = set()
        if kind in ("replay", "watch", "compare", "reward"):
            shutil.copytree(recorded.runs, self.runs)
            self.runs_before = set(recorded.names())

    def play(self, n_keys: int, *, is_verified: bool = True) -> Report:
        """Press that many keys, leave, and verify; FaultError if something went wrong."""
        with self.written() as command:
            while self.report.n_keys < n_keys and self.report.n_launches < LAUNCHES:
                self.launch(command, n_keys)
        self.check_processes()
        if is_verified:
            self.verify()
        return self.report

    @contextlib.contextmanager
    def written(self) -> Iterator[list[str]]:
        """The words of the command; for `watch`, a run that is being written meanwhile."""
        runs = ["--runs", str(self.runs)]
        names = self.recorded.names()
        match self.kind:
            case "play":
                yield ["play", "capitals.deck", *runs]
            case "shipped":
                speed = self.dice.choice(("explain", "slow", "brisk", "full"))
                yield ["play", self.dice.choice(("apple", "plurals")), "--speed", speed, *runs]
            case "talk":
                yield ["talk", "talk.md", *runs]
            case "replay":
                yield ["replay", names[0], "--speed", "8", *runs]
            case "compare":
                yield ["compare", *names[:2], "--screen", *runs]
            case "reward":
                practice = self.dice.choice(get_args(Practice))
                known = ["--after", names[0], "--practice", practice]
                yield ["reward", "capitals.deck", *known, *runs]
            case "watch":
                words = ["train", "--resume", names[0], "--steps", "100000", *runs]
                writer = subprocess.Popen(
                    [*FLASHCARDS, *words],
                    cwd=self.folder,
                    env=self.env,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                try:
                    yield ["watch", names[0], *runs]
                finally:
                    writer.terminate()
                    writer.wait()

    def launch(self, words: list[str], n_keys: int) -> None:
        self.report.n_launches += 1
        terminal = Terminal([*FLASHCARDS, *words], cwd=self.folder, env=self.env)
        screen = Screen(terminal)
        try:
            terminal.wait_for("\x1b[?1049h", FRAME_S)
            terminal.drain(self.dice.choice((0.0, 0.2, 1.0, 3.0, 3.0)))
            self.press(terminal, screen, n_keys)
            self.pressed.append("(leaving)")
            self.leave(terminal, screen)
            if list(self.state.rglob("fault-*.txt")):
                raise FaultError("a fault was reported")
            if b"Traceback" in terminal.output:
                raise FaultError("a traceback was painted")
        except (FaultError, TimeoutError) as fault:
            reports = (path.read_text("utf-8") for path in self.state.rglob("fault-*.txt"))
            said = ESCAPES.sub("", bytes(terminal.output[-6000:]).decode("utf-8", "replace"))
            keys = f"last keys: {' '.join(self.pressed[-150:])}"
            parts = (f"{' '.join(words)}: {fault}", *reports, keys, screen.text, said[-4000:])
            raise FaultError("\n".join(parts)) from fault
        finally:
            terminal.close()

    def press(self, terminal: Terminal, screen: Screen, n_keys: int) -> None:
        n_at_look = self.report.n_keys
        while self.report.n_keys < n_keys and terminal.exit_code() is None:
            self.do_something(terminal)
            if self.report.n_keys - n_at_look >= 100:
                n_at_look = self.report.n_keys
                screen.look()

    def do_something(self, terminal: Terminal) -> None:
        dice = self.dice
        keys: list[str] = []
        match dice.choices(
            ("single", "twice", "burst", "escaped", "dialog", "mouse", "word", "resize"),
            (40, 10, 12, 12, 8, 10, 4, 4),
        )[0]:
            case "single":
                keys = [self.key()]
            case "twice":
                keys = [self.key()] * 2
            case "burst":
                keys = [self.key() for _ in range(dice.randint(3, 9))]
            case "escaped":
                keys = [self.key(), "\x1b"]
                if dice.random() < 0.5:
                    self.send(terminal, keys.pop(0))
                    terminal.drain(dice.random() * 0.3)
            case "dialog":
                keys = [dice.choice(OPENERS), self.key(), self.key()]
            case "mouse":
                keys = [self.mouse()]
            case "word":
                word = dice.choice(WORDS)
                keys = [f"\x1b[200~{word}\n{word}\x1b[201~"] if dice.random() < 0.3 else [*word]
                keys += dice.choice(([], ["\r"], ["\t"]))
            case "resize":
                self.report.n_keys += 1
                terminal.resize(*dice.choice(SIZES))
        self.send(terminal, *keys)
        terminal.drain(dice.choice((0.0, 0.0, 0.01, 0.02, 0.05, 0.1, 0.3)))

    def key(self) -> str:
        chance = self.dice.random()
        if chance < 0.01:
            return self.dice.choice(LEAVING)
        return self.dice.choice(LETTERS if chance < 0.65 else tuple(NAMED.values()))

    def mouse(self) -> str:
        dice = self.dice
        button = dice.choice((0, 0, 0, 0, 2, 64, 65, 35))
        x, y = dice.choice(((80, 24), (30, 8)))
        x, y = dice.randint(1, x), dice.randint(1, y)
        press = f"\x1b[<{button};{x};{y}M"
        drag = f"\x1b[<32;{dice.randint(1, 80)};{y}M" if button == 0 and dice.random() < 0.2 else ""
        return press + drag + (f"\x1b[<{button};{x};{y}m" if button < 3 else "")

    def send(self, terminal: Terminal, *keys: str) -> None:
        self.report.n_keys += len(keys)
        self.pressed += [repr(key) for key in keys]
        with contextlib.suppress(OSError):  # it has ended
            terminal.type("".join(keys))

    def leave(self, terminal: Terminal, screen: Screen) -> None:
        """Leave whatever is in front, then `q`, then what the dialog is answered with."""
        ends_s = time.monotonic() + LEAVING_S
        answer = self.dice.choice("112")
        while terminal.exit_code() is None:
            if time.monotonic() > ends_s:
                raise FaultError("it does not leave")
            if "Leave the lesson?" in screen.text:
                self.send(terminal, answer)
                wait_for_end(terminal, FRAME_S * 3)
            elif "Leave the editor?" in screen.text:
                self.send(terminal, "2")
            elif "LEAVING" not in screen.text:
                self.send(terminal, "\x1b")
                terminal.drain(0.3)
                self.send(terminal, "q")
                wait_for_end(terminal, 0.5)
            screen.look()
        if terminal.exit_code() != 0:
            raise FaultError(f"it ended with exit code {terminal.exit_code()}")

    def check_processes(self) -> None:
        """A process that stands in the session's folder after it has ended was forgotten."""
        ends_s = time.monotonic() + FRAME_S
        while left := list(self.processes()):
            if time.monotonic() > ends_s:
                raise FaultError(f"left behind: {left}")
            time.sleep(0.1)

    def processes(self) -> Iterator[str]:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "cwd").readlink() == self.folder:
                    yield (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()

    def verify(self) -> None:
        if not self.runs.is_dir():
            return
        for path in sorted(self.runs.iterdir()):
            is_run = (path / "run.json").is_file() and not path.name.startswith(".")
            if not is_run or path.name in self.runs_before:
                continue
            said = io.StringIO()
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                code = flashcards(["verify", str(path)])
            if code:
                raise FaultError(f"verify {path}: {said.getvalue()[-3000:]}")
            self.report.n_verified += 1


def session(seed: int, index: int, folder: Path, recorded: Recorded) -> Session:
    dice = random.Random(f"{seed} {index}")
    return Session(KINDS[index % len(KINDS)], dice, folder / f"session-{seed}-{index}", recorded)
