"""The measurements of a rehearsal, as a file beside its runs, which are the net's recordings."""

import hashlib
import os
import re
from pathlib import Path

import msgspec
from msgspec.structs import replace

from flashcards.base.decoding import decode_json
from flashcards.runs.events import RunStarted, StateSaved, encode
from flashcards.runs.folder import RunFolder
from flashcards.runs.run_files import MAX_JSON_BYTES, read_file, write_atomically
from flashcards.talks.talk import Talk

FOLDER = "rehearsals"
FILE = "rehearsal.json"
FORMAT = 1
WORDS_PER_S = 2.3  # how fast slides are read aloud: some 140 words a minute

SLOWER_BY, SLOWER_BY_S = 1.25, 0.5  # a cue is called slower from this factor and seconds on


class RehearsedCue(msgspec.Struct, frozen=True, kw_only=True):
    """One cue as it went. `seconds` are until it was done, `reading_s` what its words take."""

    line: int
    seconds: float
    reading_s: float = 0.0
    step: int = 0


class RehearsedLesson(msgspec.Struct, frozen=True, kw_only=True):
    """One lesson of the talk. `run` is its folder's name; times are seconds from its first update.
    `aha` is "never seen" (above every rival by more than chance), "seen" (every taught card asked
    was right) or "" when it did not come; then `aha_s` is None."""

    deck: str
    seed: int
    run: str
    first_right_s: float | None = None
    aha_s: float | None = None
    aha: str = ""


class TalkRehearsal(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    talk_sha256: str
    machine: str
    cues: tuple[RehearsedCue, ...]
    lessons: tuple[RehearsedLesson, ...]

    @property
    def seconds(self) -> float:
        """The whole: what the program took, and what reading takes."""
        return sum(max(cue.seconds, cue.reading_s) for cue in self.cues)


def folder_of(root: Path, talk: Path) -> Path:
    """Return the folder of a talk's rehearsal, under the folder of the runs."""
    slug = re.sub(r"[^\w-]+", "-", talk.stem) or "talk"
    key = hashlib.sha256(os.fsencode(talk.resolve())).hexdigest()[:6]
    return root / FOLDER / f"{slug}-{key}"


def load(folder: Path) -> TalkRehearsal | None:
    """The rehearsal in this folder; None when there is none that can be read."""
    try:
        rehearsed = decode_json(read_file(folder / FILE, MAX_JSON_BYTES), TalkRehearsal)
    except (OSError, msgspec.DecodeError):
        return None
    return rehearsed if rehearsed.format == FORMAT else None


def stored(root: Path, talk: Path) -> tuple[Path, TalkRehearsal | None]:
    """The rehearsal of this talk that was made here, else the recording that came with it: its
    folder, and None when there is neither."""
    for folder in (folder_of(root, talk), talk.with_suffix("")):
        if (rehearsed := load(folder)) is not None:
            return folder, rehearsed
    return folder_of(root, talk), None


Recording = tuple[str, int, Path]
"""A recorded lesson: its deck, its seed, the folder of its run."""


def recordings_beside(sheet: Talk, path: Path) -> list[Recording]:
    """The recorded lessons that came with a talk's file; none where there are none."""
    folder = path.with_suffix("")
    return recordings_in(folder, load(folder), sheet)


def recordings_in(folder: Path, rehearsed: TalkRehearsal | None, sheet: Talk) -> list[Recording]:
    decks = {Path(lesson.deck).name: lesson.deck for lesson in sheet.lessons}
    return [
        (decks.get(Path(lesson.deck).name, lesson.deck), lesson.seed, folder / lesson.run)
        for lesson in (() if rehearsed is None else rehearsed.lessons)
    ]


def keep_beside(talk: Path, folder: Path, rehearsed: TalkRehearsal) -> Path:
    """Copy a recording beside its talk, without saved states and names of folders and machines.
    Returns its folder. Raises OSError: it can't be written."""
    target = talk.with_suffix("")
    lessons = []
    runs = [RunFolder.open(folder / lesson.run) for lesson in rehearsed.lessons]
    is_brought = any(run.info.base is not None for run in runs)
    for number, (lesson, run) in enumerate(zip(rehearsed.lessons, runs, strict=True), 1):
        if is_brought and run.info.base is None:
            continue  # it is taught live wherever the talk is given
        kept_in = target / str(number)
        deck = Path(run.info.deck_path).name
        base = run.info.base
        named = None if base is None else replace(base, path=Path(base.path).name)
        kept_in.mkdir(parents=True, exist_ok=True)
        info = replace(run.info, deck_path=deck, base=named)
        write_atomically(kept_in / "run.json", msgspec.json.encode(info))
        lines = [
            encode(replace(e, folder="", deck_path=deck) if isinstance(e, RunStarted) else e)
            for e in run.events()
            if not isinstance(e, StateSaved)
        ]
        write_atomically(kept_in / "events.jsonl", b"".join(lines))
        lessons.append(replace(lesson, deck=Path(lesson.deck).name, run=kept_in.name))
    machine = rehearsed.machine.partition(", ")[2]
    rehearsed = replace(rehearsed, lessons=tuple(lessons), machine=machine)
    write_atomically(target / FILE, msgspec.json.encode(rehearsed))
    return target


def report(now: TalkRehearsal, before: TalkRehearsal | None) -> list[str]:
    lines = []
    for lesson in now.lessons:
        name = f"{Path(lesson.deck).stem}, seed {lesson.seed}"
        times = []
        if lesson.first_right_s is not None:
            times.append(
                (lesson.first_right_s, "a guess that is shown is right for the first time")
            )
        if lesson.aha_s is not None:
            what = {
                "never seen": "more cards never taught are right in an exam than any rival has",
                "seen": "every taught card asked in an exam is right",
            }[lesson.aha]
            times.append((lesson.aha_s, f"{what} (the aha)"))
        parts = [f"at {time_s:.1f} s {what}" for time_s, what in sorted(times)]
        if lesson.first_right_s is None:
            parts.append("no guess that is shown is right")
        lines.append(f"{name}: {'; '.join(parts)}")
    lines.append(f"the whole takes {clock(now.seconds)}, slides read aloud, on {now.machine}")
    if before is None:
        lines.append("this is the first rehearsal: the next ones are held against it")
        return lines
    if before.talk_sha256 != now.talk_sha256:
        lines.append("the talk has changed since its last rehearsal: nothing to compare with")
        return lines
    late = [
        (cue, old)
        for cue, old in zip(now.cues, before.cues, strict=False)
        if cue.seconds > old.seconds * SLOWER_BY and cue.seconds > old.seconds + SLOWER_BY_S
    ]
    lines += [
        f"line {cue.line}: {cue.seconds:.1f} s, it was {old.seconds:.1f} s" for cue, old in late
    ]
    if before.machine != now.machine:
        lines.append(f"the rehearsal before was on {before.machine}")
    if not late:
        lines.append(f"nothing is slower than before ({clock(before.seconds)})")
    return lines


def clock(seconds: float) -> str:
    """Minutes and seconds: 4:40."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
