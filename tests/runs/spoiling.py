"""Spoils a run folder in one place, as a disk, an editor or a stranger would."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.hostile import HARD
from tests.posix import make_pipe

N_STEPS = 24

VALUES: tuple[object, ...] = (
    *(None, True, 0, -1, 1, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**30, -(2**63), 0.5, -0.0),
    *(1e308, 1e-320, "", "x", "\x1b[2J", "../../x", "/etc/passwd", "\u202e", "NaN", "x" * 5_000),
    *([], {}, [[]], {"": 0}, [0] * 500, ["x"] * 500, "0" * 100, "eJwDAAAAAAE=", "$(touch X)"),
)


class Spoiler:
    """Spoils a folder as the dice say."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def spoil(self, run: Path) -> list[str]:
        """One to three changes; what they were."""
        said = []
        for _ in range(self._dice.choice((1, 1, 2, 3))):
            files = sorted(path for path in run.rglob("*") if path.is_file())
            if not files:
                break
            important = [path for path in files if path.suffix in (".json", ".jsonl")]
            path = self._dice.choice(important * 2 + files)
            change = self._dice.choice(self._changes(path))
            with contextlib.suppress(OSError, ValueError, LookupError):
                change(path)
            said.append(f"{change.__name__} {path.relative_to(run)}")
        return said

    def _changes(self, path: Path) -> list[Callable[[Path], None]]:
        usual: list[Callable[[Path], None]] = [self.spots, self.cut, self.replace, self.repeat]
        if path.name.endswith(".json"):
            return [*usual, *[self.json] * 8]
        if path.suffix == ".jsonl":
            return [*usual, *[self.line] * 12, self.lines]
        if path.suffix == ".safetensors":
            return [*usual, *[self.state] * 6, self.rename]
        if path.name == "index.msgpack":
            return [*usual, self.sealed]
        return usual

    def spots(self, path: Path) -> None:
        data = bytearray(path.read_bytes())
        for _ in range(self._dice.choice((1, 3, 20))):
            at = self._dice.randrange(len(data) + 1)
            piece = self._dice.choice((*HARD, self._dice.randbytes(4)))
            data[at : at + self._dice.choice((0, 1, 8, len(piece)))] = piece
        path.write_bytes(data)

    def cut(self, path: Path) -> None:
        data = path.read_bytes()
        path.write_bytes(data[: self._dice.randrange(len(data) + 1)])

    def repeat(self, path: Path) -> None:
        data = path.read_bytes()
        path.write_bytes(data * self._dice.choice((2, 3, 40)) if len(data) < 1 << 20 else data * 2)

    def replace(self, path: Path) -> None:
        """By nothing, a folder, a link, a pipe, or another file."""
        other = self._dice.choice(sorted(p for p in path.parent.rglob("*") if p.is_file()))
        data = other.read_bytes()
        path.unlink()
        match self._dice.randrange(5):
            case 0:
                path.mkdir()
            case 1:
                path.symlink_to(self._dice.choice(("/dev/zero", "/etc/hostname", "..", "gone")))
            case 2:
                make_pipe(path)
            case 3:
                path.write_bytes(data)
            case _:
                pass

    def json(self, path: Path) -> None:
        path.write_text(json.dumps(self._changed(json.loads(path.read_bytes()))))

    def line(self, path: Path) -> None:
        lines = path.read_bytes().splitlines()
        for _ in range(self._dice.choice((1, 1, 5, 50))):
            at = self._dice.randrange(len(lines))
            with contextlib.suppress(ValueError):
                lines[at] = json.dumps(self._changed(json.loads(lines[at]))).encode()
        path.write_bytes(b"\n".join(lines) + b"\n")

    def lines(self, path: Path) -> None:
        lines = path.read_bytes().splitlines(keepends=True)
        at, to = sorted(self._dice.choices(range(len(lines) + 1), k=2))
        match self._dice.randrange(4):
            case 0:
                del lines[at:to]
            case 1:
                lines[at:at] = lines[at:to] * 3
            case 2:
                self._dice.shuffle(lines)
            case _:
                lines[at:to] = reversed(lines[at:to])
        path.write_bytes(b"".join(lines))

    def state(self, path: Path) -> None:
        """Another state, under a name that says it is whole."""
        data = path.read_bytes()
        size = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + size])
        match self._dice.randrange(3):
            case 0:
                header = self._changed(header)
            case 1:
                header[self._dice.choice(("extra.x", "weights.x"))] = self._dice.choice(
                    [part for name, part in header.items() if name != "__metadata__"]
                )
            case _:
                header.pop(self._dice.choice(sorted(header)))
        body = bytearray(data[8 + size :])
        if self._dice.random() < 0.3:
            at = self._dice.randrange(len(body))
            body[at : at + 4] = self._dice.choice((b"\0\0\xc0\x7f", b"\xff" * 4, b"\0\0\x80\x7f"))
        text = json.dumps(header).encode()
        self._seal(path, len(text).to_bytes(8, "little") + text + bytes(body))

    def rename(self, path: Path) -> None:
        step = self._dice.choice((0, 5, N_STEPS, 10**8 - 1, 2**40, 2**63, 10**30))
        path.rename(path.with_name(f"{step:08d}{path.name[path.name.index('-') :]}"))

    def _seal(self, path: Path, data: bytes) -> None:
        head, _, _ = path.name.rpartition("-")
        digest = hashlib.sha256(data).hexdigest()[:16]
        path.unlink()
        path.with_name(f"{head}-{digest}.safetensors").write_bytes(data)

    def sealed(self, path: Path) -> None:
        """Another index, with the checksum that it then has."""
        data = bytearray(path.read_bytes()[4:])
        for _ in range(self._dice.choice((1, 3, 20))):
            data[self._dice.randrange(len(data))] = self._dice.randrange(256)
        path.write_bytes(zlib.crc32(data).to_bytes(4, "little") + data)

    def _changed(self, value: object) -> object:
        """The value with something in it that nobody expects."""
        if isinstance(value, dict) and value and self._dice.random() < 0.93:
            name = self._dice.choice(sorted(value))
            if self._dice.random() < 0.08:
                return {key: part for key, part in value.items() if key != name}
            return value | {name: self._changed(value[name])}
        if isinstance(value, list) and value and self._dice.random() < 0.8:
            at = self._dice.randrange(len(value))
            return [*value[:at], self._changed(value[at]), *value[at + 1 :]]
        if isinstance(value, int | float) and self._dice.random() < 0.3:
            return value * self._dice.choice((-1, 2, 10, 1_000, 10**6))
        if self._dice.random() < 0.01:
            return json.loads("[" * 900 + "]" * 900)
        return self._dice.choice(VALUES)
