"""Rehearsals: kept as a file, held against the one before."""

from pathlib import Path

import msgspec

from flashcards.talks import rehearsal
from flashcards.talks.rehearsal import RehearsedCue, RehearsedLesson, TalkRehearsal
from tests.golden import check_words


def rehearsed(*seconds: float, machine: str = "here") -> TalkRehearsal:
    cues = tuple(RehearsedCue(line=i, seconds=s) for i, s in enumerate(seconds, 1))
    lesson = RehearsedLesson(
        deck="x/sums.deck", seed=7, run="r", first_right_s=1.84, aha_s=14.0, aha="never seen"
    )
    return TalkRehearsal(format=1, talk_sha256="", machine=machine, cues=cues, lessons=(lesson,))


def test_a_rehearsal_says_when_what_comes() -> None:
    report = rehearsal.report(rehearsed(200.0, 80.0), None)
    check_words("rehearsal: a lesson", report[0])
    check_words("rehearsal: the whole", report[1])


def test_an_aha_before_the_first_right_guess_is_told_first() -> None:
    """An exam asks many cards, and the screen shows one at a time."""
    now = rehearsed(1.0)
    early = (msgspec.structs.replace(now.lessons[0], aha_s=0.9, aha="seen"),)
    (said, *_) = rehearsal.report(msgspec.structs.replace(now, lessons=early), None)
    check_words("rehearsal: all right first", said)
    without = (msgspec.structs.replace(early[0], first_right_s=None),)
    (said, *_) = rehearsal.report(msgspec.structs.replace(now, lessons=without), None)
    check_words("rehearsal: no right guess", said)


def test_what_is_slower_than_before_is_named_by_its_line() -> None:
    report = rehearsal.report(rehearsed(5.0, 2.0, 0.4), rehearsed(2.0, 1.9, 0.1, machine="there"))
    (slower,) = [line for line in report if line.startswith("line 1:")]
    check_words("rehearsal: slower", slower)
    assert not [line for line in report if line.startswith(("line 2", "line 3"))]
    check_words("rehearsal: another machine", report[-1])
    same = rehearsal.report(rehearsed(2.0), rehearsed(2.0))
    assert any("nothing is slower" in line for line in same)


def test_a_slide_takes_as_long_as_reading_it() -> None:
    cues = (RehearsedCue(line=1, seconds=0.0, reading_s=5.0), RehearsedCue(line=2, seconds=2.0))
    assert msgspec.structs.replace(rehearsed(), cues=cues).seconds == 7.0


def test_a_damaged_or_newer_rehearsal_is_none(tmp_path: Path) -> None:
    assert rehearsal.load(tmp_path) is None
    file = tmp_path / rehearsal.FILE
    file.write_bytes(msgspec.json.encode(rehearsed(1.0)))
    assert rehearsal.load(tmp_path) == rehearsed(1.0)
    newer = msgspec.structs.replace(rehearsed(1.0), format=2)
    file.write_bytes(msgspec.json.encode(newer))
    assert rehearsal.load(tmp_path) is None
    file.write_bytes(b"{")
    assert rehearsal.load(tmp_path) is None


def test_talks_of_one_name_in_two_folders_are_kept_apart(tmp_path: Path) -> None:
    one, other = (rehearsal.folder_of(tmp_path, Path(p) / "my talk.md") for p in ("/a", "/b"))
    assert one != other
    assert one.parent == other.parent == tmp_path / "rehearsals"
    assert one.name.startswith("my-talk-")


def test_another_text_is_not_compared() -> None:
    before = msgspec.structs.replace(rehearsed(1.0), talk_sha256="other")
    report = rehearsal.report(rehearsed(9.0), before)
    assert not [line for line in report if line.startswith("line")]
    assert "has changed" in report[-1]
