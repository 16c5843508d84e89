"""`flashcards word`: lists words, and checks their claims on models that it teaches."""

import json
from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.plain import word_check
from flashcards.plain.word_check import SeedResult, check
from flashcards.runs.goal import Goal
from flashcards.runs.values import Score
from flashcards.talks import course
from flashcards.talks.parsing import read_talk
from flashcards.trainer.opening import open_lesson
from flashcards.trainer.request import LessonRequest
from tests.decks import write_capitals, write_sums
from tests.golden import check_words, words

WORD = """\
<!-- week: 1 -->
# Practice
It takes time.
```flashcards
teach capitals.deck as much seed=7 until step=40
rate x2
go on until step=120
teach capitals.deck as little seed=7 until step=0
predict seen
go on until step=2
claim much.seen > little.seen by 0.3
```
# What happened
{much.seen}, {little.seen}
"""


RIGHT = {"much": 9, "little": 1}


def write_word(folder: Path, text: str = WORD) -> Path:
    write_capitals(folder)
    path = folder / "practice.md"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.slow
def test_a_claim_that_holds_is_said_with_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_word(tmp_path)
    assert main(["word", "--check", str(path), "--seeds", "2", "--first-seed", "4", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    (word,) = report["words"]
    assert (report["holds"], word["word"], word["alone"]) == (True, "practice", "")
    assert [seed["seed"] for seed in word["seeds"]] == [4, 5]
    for seed in word["seeds"]:
        assert seed["steps"] == {"much": 120, "little": 2}
        assert seed["runs"]["much"]["seen"]["total"] == 10
        assert seed["cpu_seconds"] > 0
    (claim,) = word["claims"]
    assert claim["claim"] == "much.seen > little.seen by 0.3"
    assert claim["smallest"] - claim["largest"] >= 0.3
    much = [seed["runs"]["much"]["seen"]["right"] / 10 for seed in word["seeds"]]
    assert claim["smallest"] == min(much)


@pytest.mark.parametrize(
    ("claim", "n_little", "sentence"),
    [
        ("little.seen > much.seen", 2, "✗ little.seen > much.seen by 0.3"),
        ("much.seen > little.seen", 9, "✗ much.seen > little.seen"),  # the thing is left out
        ("much.seen > much.unseen", 2, "✗ the scores of much alone make it hold"),
        ("much.seen > much.seen", 2, "✗ much.seen > much.seen by 0.3"),
    ],
)
def test_a_claim_that_fails_is_exit_code_3(
    claim: str,
    n_little: int,
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = {
        label: {"seen": Score(n_right, 10), "unseen": Score(1, 4)}
        for label, n_right in (("much", 9), ("little", n_little))
    }
    result = SeedResult(1, runs, {"much": 120, "little": 2}, 1.0)
    monkeypatch.setattr(word_check, "_taught", lambda *_: result)
    text = WORD.replace("much.seen > little.seen", claim)
    assert main(["word", "--check", str(write_word(tmp_path, text)), "--seeds", "1"]) == 3
    out = capsys.readouterr().out
    assert "practice: does not" in out
    assert sentence in out


@pytest.mark.slow
def test_an_exam_with_options_has_a_label_and_a_run_may_answer_for_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = WORD.replace(
        "step=120\n", "step=120\nexam bits=2 as two\nexam n=2 temperature=1 as hot\n"
    )
    text = text.replace("capitals.deck as little", "capitals.deck answered-by much as little")
    text = text.replace("> little.seen by", "> two.seen by")
    path = write_word(tmp_path, text)
    assert main(["word", "--check", str(path), "--seeds", "1", "--json"]) == 0
    ((seed,),) = [word["seeds"] for word in json.loads(capsys.readouterr().out)["words"]]
    assert [*seed["runs"]] == ["much", "two", "hot", "little"]
    assert {*seed["runs"]["hot"]} >= {"seen", "unseen", "covered", "expected", "off"}


@pytest.mark.slow
def test_a_checked_run_is_the_one_that_train_gives(tmp_path: Path) -> None:
    path = write_word(tmp_path, WORD.replace("rate x2\n", ""))
    sheet, problems = read_talk(path)
    assert problems == []
    result = check("practice", sheet, (3,), "cpu")
    deck = str(tmp_path / "capitals.deck")
    request = LessonRequest(deck=deck, seed=3, speed="full", runs=str(tmp_path / "runs"))
    ended = open_lesson(request, goal=Goal(step=120)).teach()
    assert ended is not None
    scores = result.seeds[0].runs["much"]
    assert (scores["seen"], scores["unseen"]) == (ended.seen, ended.unseen)


@pytest.mark.slow
def test_a_second_deck_is_taught_after_the_first_and_has_a_score_of_both(tmp_path: Path) -> None:
    write_sums(tmp_path, 4)
    text = WORD.replace("```\n#", "teach sums.deck after as later until step=20\n```\n#")
    text = text.replace("by 0.3", "by 0.3 and much.seen > later.some-capitals.seen by 0.1")
    sheet, problems = read_talk(write_word(tmp_path, text))
    assert problems == []
    result = check("practice", sheet, (1,), "cpu")
    (seed,) = result.seeds
    assert seed.steps["later"] == seed.steps["little"] + 20
    assert 0 < seed.runs["later"]["some-capitals.seen"].total <= 10  # those taught by then
    assert result.holds


@pytest.mark.slow
def test_a_score_that_no_deck_has_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_word(tmp_path, WORD.replace("little.seen by", "little.odd.seen by"))
    assert main(["word", "--check", str(path), "--seeds", "1"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    check_words("word: no such score of a run", error)


def test_a_word_that_wants_a_model_of_others_is_left_out_of_all_and_asks_for_it_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = {label: {"seen": Score(n, 10), "unseen": Score(1, 4)} for label, n in RIGHT.items()}
    result = SeedResult(1, scores, {}, 1.0)
    monkeypatch.setattr(word_check, "_taught", lambda *_: result)
    monkeypatch.setattr(course, "WORDS", tmp_path)
    write_word(tmp_path)
    brought = WORD.replace("capitals.deck as little", "capitals.deck real as little")
    (tmp_path / "brought.md").write_text(brought, "utf-8")
    assert main(["word", "--check", "--seeds", "1"]) == 0
    out = capsys.readouterr().out
    assert "practice: holds" in out
    check_words("word: left out", out.splitlines()[-1])
    assert main(["word", "--check", "--seeds", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["left_out"] == ["brought"]
    assert main(["word", "--check", "brought", "--seeds", "1"]) == 1
    check_words("screen: wants model", capsys.readouterr().err)


def test_mistakes_of_a_word_are_said_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_word(tmp_path, WORD.replace("{much.seen}", "{mush.seen}").replace("by 0.3", ""))
    assert main(["word", "--check", str(path)]) == 1
    first, second = capsys.readouterr().out.splitlines()
    check_words("claim: no comparison in a word", first, path=path)
    check_words("word: no such run", second, path=path)


def test_words_are_listed_by_week(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["word"]) == 0
    weeks = [int(line.split()[0]) for line in capsys.readouterr().out.splitlines()]
    assert weeks == sorted(weeks)
    assert weeks


def test_a_word_takes_one_line_of_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["word"]) == 0
    whole = capsys.readouterr().out.splitlines()
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["word"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(whole)
    assert max(map(len, whole)) > 80
    for line, uncut in zip(lines, whole, strict=True):
        assert len(line) <= 80
        assert uncut.startswith(line.removesuffix("…"))


@pytest.mark.parametrize(
    "arguments", [["one", "two"], ["--json"], ["one", "--seeds", "2"], ["--first-seed", "2"]]
)
def test_options_of_a_check_want_a_check(arguments: list[str]) -> None:
    assert main(["word", *arguments]) == 2


def test_a_word_that_is_not_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["word", "nothing-of-the-kind"]) == 1
    no_word = words("word: none of this name", name="'nothing-of-the-kind'")
    assert capsys.readouterr().err == f"flashcards: {no_word}\n"


def test_a_word_that_was_done_keeps_its_tick_when_another_comes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(course, "WORDS", tmp_path)
    monkeypatch.setattr(course, "_file", lambda: tmp_path / "course.json")
    write_word(tmp_path)
    course.note_done(course.OF_WORDS, 1, {"practice"})
    (tmp_path / "earlier.md").write_text(WORD.replace("week: 1", "week: 0"), "utf-8")
    assert main(["word"]) == 0
    earlier, practice = capsys.readouterr().out.splitlines()
    assert ("✓" in earlier, "✓" in practice) == (False, True)
