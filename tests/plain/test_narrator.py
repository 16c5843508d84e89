"""The lesson as sentences: every fact of the screen, no faster than it can be followed."""

import re
from pathlib import Path

import msgspec
import pytest

from flashcards import cli
from flashcards.base.language import VARIABLE, tr
from flashcards.plain import words as plain_words
from flashcards.plain.narrator import Narrator
from flashcards.runs import events as ev
from flashcards.runs.marks import RIGHT, pack
from flashcards.wording import markers
from tests import told
from tests.app import recordings
from tests.app.lesson import change, correction, started
from tests.app.test_broken import broken
from tests.golden import check_words, words
from tests.plain.narrations import exam, narrated
from tests.report.test_report import a_run
from tests.test_language import TRANSLATED


def begun(n_taught: int = 50, n_held_out: int = 20) -> Narrator:
    narrator = Narrator()
    narrator.tell(started(n_taught, n_held_out), 0.0)
    return narrator


def test_an_explained_card_is_one_paragraph_with_all_that_the_screen_shows() -> None:
    (line,) = list(narrated("explained"))[-1]
    numbers = re.findall(r"\d[\d,.]*\d|\d", line)
    assert numbers == [
        *("7", "213", "3,680", "31", "0.21", "0", "40"),
        *("190,336", "0.02", "36", "52"),
    ]
    quoted = re.findall("“(.*?)”", line)
    assert quoted[:4] == ["sing", "singed", "sang", "a"]
    assert quoted[4:] == ["a", "n", "i", "e", "ring", "drink", "hang"]


def test_before_any_time_was_spent_no_rate_is_told() -> None:
    (line,) = (line for line in begun().tell(exam(3), 0.0) if "96 cards" in line)
    assert "96 cards." in line
    assert "a second" not in line


def test_a_right_answer_for_the_first_time_is_said() -> None:
    line, milestone = list(narrated("first right"))[-1]
    assert line.split(". ")[-1].startswith("“sing”")
    assert milestone == f"Step 9. {words('marker: first right, as a sentence')}"


def test_every_marker_is_told_when_it_comes_and_once() -> None:
    lines = [line for lines in narrated("markers") for line in lines]
    steps = [int(line.split()[1].rstrip(".")) for line in lines if line.startswith("Step ")]
    assert steps == [10, 10, 20, 40, 41, 50, 51, 52, 53]
    assert f"Step 51. {words('marker: bookmark, as a sentence')}" in lines


def test_at_full_speed_no_more_than_a_line_a_second_and_a_summary_every_three() -> None:
    narrator = begun()
    lines: list[str] = []
    for i in range(100):
        now_s = i / 10
        event = ev.CorrectionMeasured(step=i, correction=correction())
        lines += narrator.tell(event, now_s)
        lines += narrator.tell(exam(i, right=20), now_s)
        lines += narrator.tell(ev.DeckMarked(step=i, marks=pack(bytes([RIGHT] * 70))), now_s)
    assert 10 <= len(lines) <= 10 + 2 * 4 + 1


def test_a_summary_tells_scores_errors_marks_and_what_they_mean() -> None:
    summary, marks = list(narrated("summary"))[1:]
    assert re.findall(r"\d+/\d+|\d\.\d+", summary[0]) == ["50/50", "0/20", "0.25", "3.50"]
    assert len(summary) == 4
    assert re.findall(r"\d+", marks[0]) == ["48", "1", "21"]


def test_rivals_rate_pause_pins_and_the_end_are_told() -> None:
    assert [len(lines) for lines in narrated("pause and pin")][1:] == [1, 1, 1, 0, 1, 3]


def test_where_no_card_was_kept_back_the_lines_say_so_and_how_to_change_it() -> None:
    start, (rival,), _, end = narrated("none kept back")
    assert not any("0/0" in line for line in (*start, rival, *end))
    assert words("verdict: few_never_seen, none, no way to test") in end[2]
    assert "40/40" in rival
    assert re.findall(r"\d+/\d+", end[0]) == ["40/40"]


def test_a_recorded_run_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["replay", str(a_run(tmp_path)), "--plain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    check_words("line: the end of a replay", lines[-1])
    assert any("“xqx”" in line and "“Paris”" in line for line in lines)
    assert cli.main(["replay", str(tmp_path / "none"), "--plain", "--runs", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    no_run = words("run: no such run", name=repr(str(tmp_path / "none")), runs=tmp_path)
    assert error == f"flashcards: {no_run}\n"


def test_a_break_is_told_where_it_is_found_and_at_the_end() -> None:
    narrator = Narrator()
    lines = [line for event in broken() for line in narrator.tell(event, event.step / 60)]
    (marker,) = [m for m in narrator.state.markers.reached if m.kind == "diverged"]
    (sign,) = [line for line in lines if markers.sentence(marker) in line]
    check_words("line: a break", sign)
    ended = told.ended("too_early", (0, 50), (0, 20), "no_progress", step=1001)
    check_words("line: the end of a broken run", narrator.tell(ended, 20.0)[-1])


def test_a_bet_is_told_and_settled() -> None:
    *_, (bet,), _, settled = narrated("bet")
    assert "TAUGHT" in bet
    assert re.findall(r"\d+", bet) == ["2", "40"]
    assert re.findall(r"\d+", settled[-1]) == ["10", "40", "9", "10", "5", "50"]


def test_a_text_that_is_read_is_told_without_nonsense_about_spaces_and_sureness() -> None:
    _, (surprised,), (sure,), (answered,) = narrated("text")
    for line in (surprised, sure):
        assert tr("a space") in line
    assert "“x”" in surprised
    assert "1 %" in sure
    assert "%" not in answered


def test_what_a_correction_moved_is_a_share_and_a_chance_that_stays_is_said_to() -> None:
    small = msgspec.structs.replace(change(0.9912, 0.9913), relative_change=0.000048)
    check_words("line: a small change", plain_words.change(small, 1))
    check_words("line: a chance that stays", plain_words.change(change(0.99, 0.99), 1))


def test_a_card_that_is_given_away_is_told_in_words() -> None:
    ((warning, *start),) = narrated("leak")
    assert re.findall("“(.*?)”", warning) == ["Rom :: Italien", "Italien :: Rom"]
    assert re.findall(r"\d+", warning) == ["3"]
    assert len(start) == 3


RAW_VALUE = re.compile(r"\b[A-Z]\w+\(\w*=?['\d]|\bNone\b|<\w+[. ].*object at")


@pytest.mark.parametrize("name", recordings.names())
@pytest.mark.parametrize(
    "language", ["en", *(pytest.param(other, marks=pytest.mark.slow) for other in TRANSLATED)]
)
def test_no_line_shows_a_value_as_python_writes_it(
    name: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    for log in recordings.logs(name):
        narrator = Narrator()
        lines = [line for at, event in enumerate(log) for line in narrator.tell(event, at)]
        assert [line for line in lines if RAW_VALUE.search(line)] == []
