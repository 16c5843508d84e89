"""Several sweeps of one deck side by side: a mark for each run, medians and ranges."""

import os
import re
from pathlib import Path

import msgspec
import pytest

from flashcards.charts import curves
from flashcards.charts.curves import draw_columns
from flashcards.charts.scaling_chart import picture
from flashcards.cli import main
from flashcards.runs import events as ev
from flashcards.runs.goal import Goal
from flashcards.runs.scaling import ScalingPoint
from flashcards.runs.sweep import Sweep, SweepError, SweepInfo, Task
from flashcards.runs.sweep_scores import grouped
from flashcards.runs.values import Score
from tests import told
from tests.app.test_scaling import START
from tests.golden import check_words, raises_words, words
from tests.runs.test_sweep import INFO as SHORT, report
from tests.source import ROOT

INFO = msgspec.structs.replace(
    SHORT, deck="addition", deck_name="Two-digit addition", goal=Goal(unseen=0.99)
)


def swept(root: Path, cards: tuple[int, ...], info: SweepInfo = INFO) -> Sweep:
    """A sweep in which each run was taught so many cards; one above 30,000 didn't reach it."""
    root.mkdir()
    sweep = Sweep.create(root, info, None)
    for seed, n_cards in enumerate(cards, 1):
        score = {"right": 99, "total": 100}
        lock = sweep.take(Task((), seed))
        assert lock is not None
        with lock:
            counts = {"seed": seed, "step": n_cards // 32, "cards_taught": n_cards}
            scores = {"seen": score, "unseen": score, "train_seconds": 1.0}
            is_reached = n_cards <= 30_000
            report = {**counts, **scores, "reached": is_reached, "ended": "until"}
            sweep.finish(Task((), seed), report)
    return sweep


def test_each_run_has_its_mark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = swept(tmp_path / "as it is", (16_000, 18_000, 31_000))
    other = swept(tmp_path / "avx2", (15_000, 17_000, 19_000, 22_000))
    target = tmp_path / "luck.svg"
    code = main(["curves", str(one.path), str(other.path), "-o", str(target)])
    assert (code, capsys.readouterr().out) == (0, f"{target}: 7 runs\n")
    drawn = target.read_text(encoding="utf-8")
    for text in (
        "as it is",
        "avx2",
        "18,000",
        "until 99 % of the cards it was never taught were right",
    ):
        assert text in drawn
    n_keys = 1  # each kind stands once in the legend
    assert drawn.count('class="mark unseen"') == 6 + n_keys
    assert drawn.count('class="mark other"') == 1 + n_keys
    luck = words("deck: luck").partition(":")[0]
    assert luck not in drawn, "one did not get there, so it took nobody knows how many"


def is_kept(name: str, drawn: str) -> None:
    kept = ROOT / "screenshots" / name
    if os.environ.get("FLASHCARDS_PICTURES") == "write":
        kept.write_text(drawn, "utf-8")
    assert drawn == kept.read_text("utf-8")


def test_the_picture_of_luck_is_of_the_lessons_that_the_page_tells(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "figures.md").read_text("utf-8")
    _, told = page.split("### How much of addition is luck?")
    row = next(row for row in told.splitlines() if row.startswith("| twenty lessons"))
    counts = tuple(int(text.replace(",", "")) for text in row.split("|")[2].split())
    sweep, target = swept(tmp_path / "sweep", counts), tmp_path / "luck.svg"
    assert main(["curves", str(sweep.path), "-o", str(target)]) == 0
    is_kept("luck-addition.svg", target.read_text("utf-8"))


@pytest.mark.parametrize(
    ("deck", "name", "n_taught", "n_held_out"),
    [("plurals", "English plurals", 2035, 965), ("past-tense", "English past tense", 3185, 815)],
)
def test_the_page_tells_its_scores(deck: str, name: str, n_taught: int, n_held_out: int) -> None:
    page = (ROOT / "docs" / "figures.md").read_text("utf-8").replace(",", "")
    pattern = rf"\| {deck} \| (\d+) % \| (\d+) \| (\d+)/(\d+) \| (\d+)/(\d+) \|"
    points = [
        ScalingPoint(share=n[0] / 100, n_cards=n[1], seen=Score(*n[2:4]), unseen=Score(*n[4:]))
        for n in (tuple(map(int, found)) for found in re.findall(pattern, page))
    ]
    facts = {"deck": deck, "name": name, "n_taught": n_taught, "n_held_out": n_held_out}
    start = msgspec.structs.replace(START, n_parameters=225_600, **facts)
    source = f"drawn by flashcards scaling {deck} --seed 1 --steps 1000"
    is_kept(f"scaling-{deck}.svg", picture(start, points, source))


@pytest.mark.parametrize(
    ("tasks", "title", "note"),
    [
        ([Task((), 3)], "Two-digit addition", "seed 3"),
        ([Task((("width", 32),), 1), Task((("width", 32),), 2)], "width=32", "2 seeds"),
    ],
)
def test_a_panel_names_its_group_and_how_many_seeds_it_has(
    tasks: list[Task], title: str, note: str, tmp_path: Path
) -> None:
    (tmp_path / "sweep").mkdir()
    sweep = Sweep.create(tmp_path / "sweep", INFO, None)
    for task in tasks:
        lock = sweep.take(task)
        assert lock is not None
        with lock:
            sweep.finish(task, report(task.seed, 9, 7))
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", curves.picture(sweep, grouped(sweep, tasks)))
    assert title in texts
    assert note in texts


def test_sweeps_until_different_goals_are_not_compared(tmp_path: Path) -> None:
    other = msgspec.structs.replace(INFO, goal=Goal(unseen=0.5))
    sweeps = [swept(tmp_path / "a", (1,)), swept(tmp_path / "b", (2,), other)]
    columns = [
        (sweep.path.name, sweep, group)
        for sweep in sweeps
        for group in grouped(sweep, sweep.tasks())
    ]
    with raises_words(SweepError, "curves: different goals"):
        draw_columns(columns, tmp_path / "x.svg")


def test_one_run_is_not_said_several(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = swept(tmp_path / "a", (16_000,)), swept(tmp_path / "b", ())
    target = tmp_path / "one.svg"
    assert main(["curves", str(one.path), str(other.path), "-o", str(target)]) == 0
    assert capsys.readouterr().out == f"{target}: 1 run\n"
    assert "Luck alone" not in target.read_text("utf-8")


def with_curves(folder: Path) -> Sweep:
    sweep = Sweep.create(folder, SHORT, None)
    for width in (16, 64):
        for seed in (1, 2, 3):
            task = Task((("width", width),), seed)
            lock = sweep.take(task)
            assert lock is not None
            lock.close()
            run = sweep.folder(task) / "run"
            run.mkdir()
            (run / "run.json").touch()
            exams = b""
            for step in range(0, 60, 4):
                right = min(10, max(0, step * width // 160 - seed))
                exam = told.exam(
                    step, (right, 10), (right // 3, 10), cards_taught=10 * step, is_full=False
                )
                exams += ev.encode(exam)
            (run / "events.jsonl").write_bytes(exams)
            sweep.finish(task, {**report(seed, 56, right), "unseen": {"right": 3, "total": 10}})
    return sweep


def test_a_sweep_of_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sweep, target = with_curves(tmp_path), tmp_path / "curves.svg"
    command = ["curves", sweep.path.name, "--runs", str(tmp_path)]
    assert main([*command, "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8").count(" thin") == 12
    drawn = re.findall(r"<text[^>]*>([^<]+)</text>", target.read_text(encoding="utf-8"))
    check_words("curves: the title of a sweep", drawn[0])
    empty = Sweep.create(tmp_path, msgspec.structs.replace(SHORT, device="mps"), None)
    options = ["--runs", str(tmp_path), "-o", str(target)]
    assert main(["curves", empty.path.name, *options]) == 1
    check_words("curves: no run has ended", capsys.readouterr().err, sweep=empty.path.name)
    assert main(["curves", "one", "two", *options]) == 1
    no_run = words("run: no runs", name="'one'", runs=tmp_path)
    assert capsys.readouterr().err == f"flashcards: {no_run}\n"
