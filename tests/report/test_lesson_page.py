"""A page with the model inside: one file, safe whatever cards say, written whole or not at all."""

import base64
import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from flashcards import cli
from flashcards.base.language import VARIABLE, tr
from flashcards.learner import portable
from flashcards.report.lesson_page import _lines, json_text, text_of
from flashcards.runs.folder import RunFolder, read_state
from flashcards.runs.goal import Goal
from flashcards.runs.marking import mark_of
from flashcards.templates.rendering import source
from flashcards.trainer.again.portable_states import chosen, portable_of, visited
from flashcards.trainer.again.traveller import learner_at
from flashcards.trainer.opening import open_learner
from tests import told
from tests.decks import write_capitals
from tests.golden import check_words
from tests.report.pages import edited_lesson
from tests.report.test_report import Tags, a_run
from tests.trainer.chapter_runs import first_chapter, teach_after, write_coins
from tests.trainer.lessons import run_lesson

HOSTILE = ('</script><img src=x onerror="alert(1)">', "<!--<script>", "]]>&lt;\u2028", "a{{ 7*7 }}")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    deck = write_capitals(folder)
    with deck.open("a", encoding="utf-8") as file:
        file.writelines(f"{text} :: {text[::-1]}\n" for text in HOSTILE)
    opened, _ = run_lesson(deck, goal=Goal(step=24))
    return opened.keeper.folder.path


def thinned(run: Path, root: Path, steps: set[int]) -> RunFolder:
    folder = RunFolder.open(Path(shutil.copytree(run, root / run.name)))
    for step, path in folder.state_files():
        if step not in steps:
            path.unlink()
    return folder


def second_chapter(folder: Path) -> Path:
    later = teach_after(first_chapter(folder), write_coins(folder), steps=8)
    return later.opened.keeper.folder.path


def page_of(run: Path, target: Path, *options: str) -> str:
    assert cli.main(["page", str(run), "-o", str(target), *options]) == 0
    return target.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(run: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return page_of(run, tmp_path_factory.mktemp("page") / "lesson.html", "--states", "4")


def test_only_its_own_scripts_may_run_and_nothing_may_be_fetched(page: str) -> None:
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    digests = [
        base64.b64encode(
            hashlib.sha256("".join(map(source, name.split())).encode()).digest()
        ).decode()
        for name in ("model.js learning.js worker.js", "lesson.js")
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.replace("&#39;", "'").split(";"))
    assert rules == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "script-src": " ".join(f"'sha256-{digest}'" for digest in digests),
        "worker-src": "blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


GUESSES = ["", "x", "sang", "sung", "san", "ssang", "an", "at", "🍎a", "🍏a", "🍎ab", "a\u23ceb"]


@pytest.mark.skipif(shutil.which("node") is None, reason="runs the page's function in Node")
def test_a_guess_has_the_same_mark_in_the_page_and_in_the_lesson() -> None:
    begin, end = "const SIGNS", "class Page"
    function = source("lesson.js").partition(begin)[2].partition(end)[0]
    pairs = [(guess, [answer]) for guess in GUESSES for answer in (*GUESSES, "a\nb") if answer]
    pairs += [("chot", ["chat", "minou"]), ("minou", ["chat", "minou"])]
    asked = f"{json.dumps(pairs)}.map((pair) => markOf(...pair))"
    script = f"{begin}{function} console.log(JSON.stringify({asked}))"
    node = subprocess.run(
        ["node", "-e", script], capture_output=True, text=True, check=True, timeout=60
    )
    written = [[answer.replace("\n", "⏎") for answer in answers] for _, answers in pairs]
    marks = [mark_of(guess, answers) for (guess, _), answers in zip(pairs, written, strict=True)]
    assert json.loads(node.stdout) == marks
    assert {*marks} == {"right", "nearly", "wrong"}


@pytest.mark.parametrize("name", ["model.js", "learning.js", "worker.js", "lesson.js"])
def test_a_script_is_short_and_makes_no_markup_of_text(name: str) -> None:
    script = source(name)
    assert len(script.splitlines()) <= 500
    assert max(map(len, script.splitlines())) <= 130
    forbidden = (
        r"\beval\b|innerHTML|outerHTML\s*=|insertAdjacent|document\.write|new Function|fetch\("
    )
    forbidden += r"|importScripts|XMLHttpRequest|WebSocket|import\(|localStorage"
    assert not re.search(forbidden, script)
    assert "</script" not in script.lower()


def test_hostile_cards_are_text_wherever_they_stand(page: str) -> None:
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.names.count("script") == 6
    assert "img" not in tags.names
    assert all(name not in ("src", "href", "style") for name, _ in tags.attributes)
    assert all(not name.startswith("on") for name, _ in tags.attributes)
    (kept,) = re.findall(r'<script type="application/json" id="lesson">(.*?)</script>', page, re.S)
    prompts = [card[1] for card in json.loads(kept)["cards"]]
    assert HOSTILE[0] in prompts
    assert HOSTILE[3] in prompts


def test_it_speaks_the_language(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "de")
    page = page_of(run, tmp_path / "seite.html", "--quick", "--states", "2")
    assert '<html lang="de">' in page
    assert tr("Ask it anything") in page
    (kept,) = re.findall(r'<script type="application/json" id="words">(.*?)</script>', page)
    words = json.loads(kept)
    assert words["sure"] == "{share} sicher"
    assert set(re.findall(r'\bsay\("(\w+)"', source("lesson.js"))) <= set(words)
    text = re.sub(r"<(script|style|code).*?</\1>|<[^>]*>", " ", page, flags=re.S)
    assert not re.search(r"\b(the|step|cards|taught|right)\b", text)


def test_json_in_a_script_can_not_end_it() -> None:
    assert "<" not in json_text(["</script>", "<!--"])
    assert json.loads(json_text({"a": "<\ud800"})) == {"a": "<?"}


def test_bytes_become_letters_that_html_does_not_read() -> None:
    text = text_of(bytes(range(256)) * 64)
    assert not set(text) & set("<>&\"'\\\r\n ")
    assert len(set(text)) > 80


def test_rounded_numbers_are_within_half_a_unit_and_fewer_bits_take_less() -> None:
    numbers = np.random.default_rng(1)
    steps = [
        [numbers.normal(0, 1 + i, (16, 8)).astype(np.float32) for _ in range(10)] for i in range(3)
    ]
    fine, coarse = portable.packed(steps, 9), portable.packed(steps, 4)
    assert coarse.n_bytes < fine.n_bytes
    for kept in (fine, coarse):
        for parts, matrices, rounded in zip(kept.parts, steps, kept.rounded, strict=True):
            for part, matrix, near in zip(parts, matrices, rounded, strict=True):
                assert np.abs(matrix - near).max() <= 0.51 * part.unit + 1e-6
    assert [part.unit for part in fine.parts[-1]] == [part.unit for part in coarse.parts[-1]]
    within = portable.packed_within(steps, coarse.n_bytes + 100)
    assert coarse.bits <= within.bits < portable.FINEST
    assert within.n_bytes <= coarse.n_bytes + 100


def test_states_are_dense_at_the_beginning_and_saved_ones_where_they_are_near() -> None:
    assert chosen([0, 128, 256, 469], 4, is_quick=True) == [0, 128, 256, 469]
    steps = chosen([0, 128, 256, 469], 12, is_quick=False)
    assert len(steps) == 12
    assert {0, 128, 256, 469} <= set(steps)
    assert chosen([0], 12, is_quick=False) == [0]
    assert chosen([0, 3], 12, is_quick=False) == [0, 1, 2, 3]
    assert chosen([0, 1, 2, 4, 8, 16, 24], 4, is_quick=True)[-1] == 24


def test_states_trained_again_are_those_that_were_there(run: Path, tmp_path: Path) -> None:
    """Of a copy with its first and last state alone every other one is made again, to the bit."""
    folder = thinned(run, tmp_path, {0, 24})
    saved = dict(RunFolder.open(run).state_files())
    learner = open_learner(run).learner
    reader, n = learner.reader(), 0
    for training in visited(folder, sorted(saved), [0, 24]):
        step = training.learner.step
        state = read_state(saved[step])
        assert state is not None
        reader.read(state)
        for again, was in zip(
            portable.matrices(training.learner.averaged, learner.sayable),
            portable.matrices(reader.averaged, learner.sayable),
            strict=True,
        ):
            assert np.array_equal(again, was), step
        n += 1
    assert n == len(saved) > 4


def test_a_page_tells_how_many_states_it_trains_again(run: Path, tmp_path: Path) -> None:
    folder = thinned(run, tmp_path, {0, 24})
    begun: list[tuple[int, int]] = []
    found = portable_of(folder, 1e6, n_states=3, on_begin=lambda *told: begun.append(told))
    assert found.steps == (0, 1, 24)
    assert (found.n_trained, begun) == (1, [(1, 1)])


@pytest.mark.slow
def test_the_page_of_an_edited_deck_begins_at_step_0(tmp_path: Path) -> None:
    edited = edited_lesson(tmp_path)
    folder = RunFolder.open(edited)
    found = portable_of(folder, 1e6, n_states=24)
    assert found.steps[0] == found.began_at == 0
    assert found.changed_at == 16
    cards = open_learner(edited).deck.cards
    states = msgspec.convert(found.head["states"], list[dict[str, Any]])
    sayable = msgspec.convert(found.head["sayable"], list[int])
    for step, state in zip(found.steps, states, strict=True):
        learner = learner_at(edited, step).learner
        assert tuple(state["sayable"] or sayable) == learner.sayable
        assert state["limit"] == learner.answer_limit
    assert states[0]["sayable"] is not None
    counts = [state["n_cards"] for state in states]
    assert counts == sorted(counts)  # a removed card was taught all the same
    behind = zlib.decompress(found.high)[-3 * len(cards) * len(states) :]
    first = behind[: 2 * len(cards)]
    asked_first = [card.prompt for card, mark in zip(cards, first, strict=False) if mark]
    assert {"Atlantis", "Peru"}.isdisjoint(asked_first)
    assert {"France", "Egypt", "Kenya"} <= set(asked_first)
    assert not any(first[len(cards) :])  # nothing was taught yet
    page = page_of(edited, tmp_path / "lesson.html")
    (sentence,) = re.findall(r"The deck was edited[^.<]*\.", page)
    check_words("page: an edited deck", sentence)
    assert "They begin" not in page


@pytest.mark.slow
def test_the_page_of_a_second_deck_begins_with_it_and_says_so(tmp_path: Path) -> None:
    folder = RunFolder.open(second_chapter(tmp_path))
    found = portable_of(folder, 1e6, n_states=3)
    assert found.steps[0] == found.began_at > 0
    page = page_of(folder.path, tmp_path / "lesson.html", "--states", "2")
    (sentence,) = re.findall(r"They begin[^.<]*\.", page)
    check_words("page: a second deck", sentence, step=f"{found.began_at:,}")


def test_a_curve_has_the_exams_from_the_first_state_to_the_last() -> None:
    exams = [told.exam(step, (step, 10), (0, 0)) for step in (0, 2, 4, 6, 8, 9)]
    curves = dict(_lines(exams, (2, 4, 8)))
    assert curves == {"seen": [(0.0, 0.2), (0.5, 0.4), (0.75, 0.6), (1.0, 0.8)]}


def test_one_state_is_enough_for_a_page(run: Path, tmp_path: Path) -> None:
    copy = thinned(run, tmp_path, {24})
    assert 'max="0"' in page_of(copy.path, tmp_path / "lesson.html", "--quick")


def test_a_page_that_can_not_be_written_is_said_before_anything_is_trained_again(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "no such folder" / "lesson.html"
    assert cli.main(["page", str(run), "-o", str(target), "--states", "2"]) == 1
    said, err = capsys.readouterr()
    assert (said, err) == (
        "",
        f"flashcards: {target} can't be written: {os.strerror(errno.ENOENT)}\n",
    )
    assert list(tmp_path.iterdir()) == []
    assert cli.main(["page", str(run), "-o", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"flashcards: {tmp_path} can't be written: {os.strerror(errno.EISDIR)}\n"
    )


def test_a_bad_run_is_said(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "lesson.html"

    def said(folder: Path | str, *options: str) -> str:
        assert cli.main(["page", str(folder), "-o", str(target), *options]) == 1
        assert not target.exists()
        (line,) = capsys.readouterr().err.splitlines()
        return line

    assert "no run" in said("nothing-of-this-name")
    without = thinned(run, tmp_path, set()).path
    check_words("page: no state", said(without), run=without.name)
    assert "holds no state" in said(a_run(tmp_path / "recorded"))
