"""A film of a rehearsed talk: its slides, what its runs recorded, and why it can't be made."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pyte
import pytest

from flashcards import cli
from flashcards.app.stage.large_text import SlideText
from flashcards.app.stage.presenter import SlideView
from flashcards.record.talk_film import LEAST_LESSON_S, Shot, shots, view_of
from flashcards.runs.events import ExamVaried, RunPaused
from flashcards.runs.state import RunState
from flashcards.runs.values import AskOptions, Score, Sureness
from flashcards.talks import rehearsal
from flashcards.talks.parsing import parse_talk
from flashcards.talks.rehearsal import RehearsedCue, RehearsedLesson, TalkRehearsal
from tests import told
from tests.golden import check_words
from tests.report.test_report import HAPPENED, a_run, corrected, exam, start

SHEET = """\
# Hello room
```flashcards
teach capitals seed=7 until step=4
wait
ask "Wales"
```
# Now you
```flashcards
humans
wait
present off
go on until step=8
```
"""
OF_ANOTHER = told.answered(4, "Egypt", "Cairo", request=8)
ASKED = told.answered(4, "Wales", "Cardigan", request=9)
TAUGHT = (
    corrected(1, "France", "xqx", "wrong", 0),
    corrected(4, "Peru", "Tokyo", "wrong", 1),
    exam(4, 3),
    RunPaused(step=4),
    OF_ANOTHER,
    ASKED,
    corrected(6, "Japan", "Tokyo", "right", 2),
    *HAPPENED[-3:],
    RunPaused(step=8),
)


def kept(run: str = "r", digest: str = "") -> TalkRehearsal:
    cues = ((1, 0, 1.0), (3, 4, 0.0), (5, 4, 0.0), (7, 4, 0.8), (9, 4, 0.0), (11, 8, 0.0))
    return TalkRehearsal(
        format=rehearsal.FORMAT,
        talk_sha256=digest,
        machine="m",
        cues=tuple(
            RehearsedCue(line=line, seconds=2.0, step=step, reading_s=reading_s)
            for line, step, reading_s in cues
        ),
        lessons=(RehearsedLesson(deck="capitals", seed=7, run=run),),
    )


def test_each_cue_shows_what_happened_in_it_and_what_people_do_is_left_out() -> None:
    sheet, problems = parse_talk(SHEET)
    assert problems == []
    hello, taught, asked, now_you, went_on = shots(sheet, kept(), [(start(), *TAUGHT)])
    assert isinstance(hello, Shot)
    assert hello.slide is not None
    assert now_you.slide is not None
    assert (hello.slide.title, now_you.slide.title) == ("Hello room", "Now you")
    assert taught.happened == (start(), *TAUGHT[:4])
    assert (asked.happened, asked.answer, asked.view) == ((OF_ANOTHER, ASKED), ASKED, "presenter")
    assert went_on.happened == TAUGHT[6:-1]
    assert went_on.view == "lesson"


@pytest.fixture
def rehearsed(tmp_path: Path) -> tuple[Path, Path]:
    path, runs = tmp_path / "talk.md", tmp_path / "runs"
    path.write_text(SHEET, encoding="utf-8")
    folder = rehearsal.folder_of(runs, path)
    folder.mkdir(parents=True)
    run = a_run(folder, TAUGHT)
    now = kept(run.name, hashlib.sha256(path.read_bytes()).hexdigest())
    (folder / rehearsal.FILE).write_bytes(msgspec.json.encode(now))
    return path, runs


@pytest.mark.slow
def test_a_film_has_slides_cards_and_the_end(rehearsed: tuple[Path, Path], tmp_path: Path) -> None:
    path, runs = rehearsed
    target = tmp_path / "talk.cast"
    words = ["record", str(path), "-o", str(target), "--runs", str(runs), "--seconds", "10"]
    assert cli.main(words) == 0
    _, *lines = (json.loads(line) for line in target.read_text("utf-8").splitlines())
    assert lines[-1][0] == pytest.approx(10.0, abs=0.05)
    screen = pyte.Screen(80, 24)
    stream, seen = pyte.Stream(screen), []
    for _, _, written in lines:
        stream.feed(written)
        seen.append("\n".join(screen.display))
    assert "1/6" in seen[0]
    asked = next(i for i, shown in enumerate(seen) if "50 % sure" in shown)
    assert any("4/6" in command for command in seen[asked:])
    assert "So few cards" in seen[-1]
    assert not any(" q quit" in shown or "LIVE" in shown for shown in seen)


def test_a_talk_that_was_not_rehearsed_or_has_changed_says_so(
    rehearsed: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, runs = rehearsed
    target = tmp_path / "talk.cast"
    words = ["record", str(path), "-o", str(target), "--runs", str(tmp_path / "elsewhere")]
    assert cli.main(words) == 1
    check_words("record: not rehearsed", capsys.readouterr().err, path=path)
    path.write_text(SHEET + "\nMore.\n", encoding="utf-8")
    assert cli.main(["record", str(path), "-o", str(target), "--runs", str(runs)]) == 1
    check_words("record: a changed talk", capsys.readouterr().err, path=path)
    assert not target.exists()


WORD = """\
# A word
```flashcards
teach capitals as few seed=7 until step=8
teach capitals as many seed=8 until step=8
```
# What happened
Few {few.unseen}, many {many.unseen}, now {step}.
"""


def test_a_film_of_a_word_shows_each_of_its_lessons() -> None:
    sheet, problems = parse_talk(WORD)
    assert problems == []
    cues = [
        RehearsedCue(line=line, seconds=8.0, step=step, reading_s=0.5)
        for line, step in ((1, 0), (2, 8), (6, 8))
    ]
    lessons = [RehearsedLesson(deck="capitals", seed=seed, run="r") for seed in (7, 8)]
    rehearsed = msgspec.structs.replace(kept(), cues=tuple(cues), lessons=tuple(lessons))
    happened = (start(), *TAUGHT)
    word, few, many, outcome = shots(sheet, rehearsed, [happened, happened])
    assert word.slide is not None
    assert outcome.slide is not None
    assert (few.lesson, many.lesson, outcome.lesson) == (0, 1, 1)
    assert few.happened == happened
    assert few.seconds == many.seconds == LEAST_LESSON_S
    assert many.happened[-1].step == 8


EXAMINED = """\
# A word
```flashcards
teach capitals as few seed=7 until step=8
exam bits=2 as two
exam bits=3 as three
teach capitals as many seed=8 until step=8
exam bits=2 as many-two
```
# What happened
{two.unseen}, {three.unseen}, {many-two.unseen}{many-two.curve}
"""


def examined(right: int) -> ExamVaried:
    score, sureness = Score(right, 20), (Sureness(20, 15.0, right),)
    options = AskOptions(bits=2)
    return ExamVaried(
        step=8,
        request=0,
        options=options,
        seen=score,
        unseen=score,
        covered=score,
        sureness=sureness,
    )


def test_a_slide_of_a_film_says_what_exams_with_options_before_it_scored() -> None:
    sheet, problems = parse_talk(EXAMINED)
    assert problems == []
    cues = [
        RehearsedCue(line=line, seconds=8.0, step=step) for line, step in ((1, 0), (2, 8), (9, 8))
    ]
    rehearsed = msgspec.structs.replace(kept(), cues=tuple(cues))
    happened = [(start(), *TAUGHT, *map(examined, rights)) for rights in ((1, 2), (3,))]
    first, *_, outcome = shots(sheet, rehearsed, happened)
    texts = []
    for shot in (first, outcome):
        view = view_of(replace(shot, slide=SlideText("", sheet.cues[-1].text)), RunState(), {})
        assert isinstance(view, SlideView)
        texts.append(view.slide().text)
    assert texts[0] == ("–, –, ––",)
    assert texts[1][0] == "1 of 20, 2 of 20, 3 of 20"
    assert "│" in texts[1][1]


def test_a_slide_of_a_film_says_the_numbers_of_its_runs() -> None:
    sheet, _ = parse_talk(WORD)
    slide = SlideText("What happened", sheet.cues[-1].text)
    scores = {"few": {"unseen": Score(1, 20)}, "many": {"unseen": Score(9, 20)}}
    view = view_of(Shot(1.0, slide), RunState(step=8), scores)
    assert isinstance(view, SlideView)
    assert view.slide().text == ("Few 1 of 20, many 9 of 20, now 8.",)
