"""Comparing two runs: what is shared, where they part, the first answer that differs."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec
import pytest

from flashcards.app.race.replay import named_comparison
from flashcards.cli import main
from flashcards.report.story import gather
from flashcards.runs import events as ev, values as val
from flashcards.runs.answers import first_difference
from flashcards.runs.folder import RunFolder
from flashcards.runs.marks import NOT_ASKED, ONE_OFF, RIGHT, WRONG, pack
from flashcards.runs.values import BranchChange
from flashcards.wording import facts, races
from flashcards.wording.comparison import compare
from tests import told
from tests.app.lesson import correction, started
from tests.app.saved_run import a_run
from tests.golden import words


def taken(step: int, loss: float) -> ev.StepsTaken:
    return told.steps(step, train_seconds=step / 7, loss_nats=loss)


def exam(step: int, right: int) -> ev.ExamTaken:
    return told.exam(step, (right, 10), (0, 4), seen_loss_nats=1.0, unseen_loss_nats=2.0)


def run_of(
    root: Path, *happened: ev.AnyEvent, start: Mapping[str, object] = MappingProxyType({})
) -> Path:
    root.mkdir(exist_ok=True)
    run = a_run(root)
    log = RunFolder.open(run).open_log()
    for event in (started(10, 4, step=0, **start), *happened):
        log.append(event)
    log.close()
    return run


def test_runs_that_part_say_where_and_how(tmp_path: Path) -> None:
    shared = (taken(8, 3.0), exam(8, 2), ev.CorrectionMeasured(step=8, correction=correction()))
    one = run_of(tmp_path / "one", *shared, taken(16, 2.0), exam(16, 5), exam(32, 9))
    other = run_of(
        tmp_path / "other",
        *shared,
        ev.LearningRateChanged(step=8, factor=0.5),
        taken(16, 2.5),
        exam(16, 4),
    )
    comparison = compare(one, other)
    assert comparison.same_until_step == 8
    assert comparison.parted_step == 16
    assert "5 taught" in comparison.parted_what
    assert "4 taught" in comparison.parted_what
    assert "seed 1" in races.shared(comparison)
    assert comparison.at_equal_cards is not None
    assert [at.step for at in comparison.at_equal_cards] == [16, 16]
    assert [at.seen.right for at in comparison.at_equal_cards] == [5, 4]


def test_seconds_are_no_difference(tmp_path: Path) -> None:
    slow = msgspec.structs.replace(taken(8, 3.0), train_seconds=99.0)
    one, other = run_of(tmp_path / "a", taken(8, 3.0)), run_of(tmp_path / "b", slow)
    comparison = compare(one, other)
    assert comparison.parted_step is None
    assert comparison.same_until_step == 8
    assert comparison.answer is None


def test_a_branch_says_which_run_it_left(tmp_path: Path) -> None:
    one = run_of(tmp_path / "one", taken(8, 3.0))
    change = BranchChange(learning_rate_factor=0.5)
    branched = ev.RunBranched(step=8, start=started(10, 4), parent=one.name, change=change)
    other = run_of(tmp_path / "other", taken(8, 3.0), branched)
    comparison = compare(one, other)
    branch = comparison.second
    assert (branch.parent, branch.branch_step, branch.change) == (one.name, 8, change)
    assert len(races.different(comparison)) == 1


def test_the_first_answer_that_differs_is_of_the_same_card_at_the_same_step() -> None:
    start = started(10, 4)
    ring = correction("ring", "rang", "ringed", card_index=3)
    one: list[ev.AnyEvent] = [
        start,
        ev.CorrectionMeasured(step=4, correction=ring),
        ev.CorrectionMeasured(step=9, correction=correction(guess="sang")),
    ]
    other: list[ev.AnyEvent] = [
        start,
        ev.CorrectionMeasured(step=4, correction=correction(card_index=5)),
        ev.CorrectionMeasured(step=9, correction=correction(guess="singed")),
    ]
    difference = first_difference(one, other)
    assert difference is not None
    assert (
        difference.step,
        difference.prompt,
        difference.first_guess,
        difference.second_guess,
    ) == (
        9,
        "sing",
        "sang",
        "singed",
    )
    assert first_difference(one, one) is None


def test_marks_tell_where_no_answer_was_recorded() -> None:
    start = started(10, 4)
    marks = [bytes([RIGHT] * 14), bytes([RIGHT] * 3 + [WRONG] + [RIGHT] * 10)]
    ring = ev.CorrectionMeasured(step=4, correction=correction("ring", card_index=3))
    logs: list[list[ev.AnyEvent]] = [
        [start, ring, ev.DeckMarked(step=6, marks=pack(mark))] for mark in marks
    ]
    difference = first_difference(logs[0], logs[1])
    assert difference is not None
    assert (difference.step, difference.card_index, difference.prompt, difference.first_guess) == (
        6,
        3,
        "ring",
        "",
    )
    assert difference.is_first_right
    back = first_difference(logs[1], logs[0])
    assert back is not None
    assert back.is_first_right is False


def test_of_two_wrong_marks_neither_is_called_right() -> None:
    start = started(10, 4)
    logs: list[list[ev.AnyEvent]] = [
        [start, ev.DeckMarked(step=6, marks=pack(bytes([mark] * 14)))] for mark in (WRONG, ONE_OFF)
    ]
    difference = first_difference(logs[0], logs[1])
    assert difference is not None
    assert difference.is_first_right is None


def test_a_card_is_the_same_one_where_a_card_before_it_was_taken_out() -> None:
    prompts = [f"card {i}" for i in range(14)]
    start, gone = started(10, 4), 2
    without = ev.DeckChanged(step=3, start=started(9, 4), file="0001-x.deck", n_removed=1)
    one: list[ev.AnyEvent] = [
        start,
        ev.CorrectionMeasured(step=4, correction=correction("lion", guess="cub", card_index=5)),
        ev.CorrectionMeasured(step=5, correction=correction("bear", guess="cub", card_index=6)),
        ev.DeckMarked(step=6, marks=pack(bytes([RIGHT] * 5 + [WRONG] + [RIGHT] * 8))),
        ev.DeckMarked(step=8, marks=pack(bytes([RIGHT] * 5 + [WRONG] + [RIGHT] * 8))),
    ]
    other: list[ev.AnyEvent] = [
        start,
        without,
        ev.CorrectionMeasured(step=4, correction=correction("bear", guess="kid", card_index=5)),
        ev.CorrectionMeasured(step=5, correction=correction("bear", guess="cub", card_index=5)),
        ev.DeckMarked(step=6, marks=pack(bytes([RIGHT] * 4 + [WRONG] + [RIGHT] * 8))),
        ev.DeckMarked(step=8, marks=pack(bytes([RIGHT] * 5 + [WRONG] + [RIGHT] * 7))),
    ]
    left = [prompt for i, prompt in enumerate(prompts) if i != gone]
    difference = first_difference(one, other, (lambda _: prompts, lambda _: left))
    assert difference is not None
    assert (difference.step, difference.prompt) == (8, "card 5")
    assert first_difference(one[:-1], other[:-1], (lambda _: prompts, lambda _: left)) is None


def test_cards_are_known_by_the_deck_that_was_in_force(tmp_path: Path) -> None:
    marks = [bytes([RIGHT, RIGHT, WRONG]), bytes([RIGHT, WRONG])]
    runs = []
    for name, mark in zip(("one", "other"), marks, strict=True):
        run = run_of(tmp_path / name)
        folder = RunFolder.open(run)
        whole = folder.save_deck("past-tense.deck", b"a :: b\nc :: d\ne :: f\n")
        less = folder.save_deck("past-tense.deck", b"a :: b\ne :: f\n")
        log = folder.open_log()
        log.append(ev.DeckChanged(step=1, start=started(3, 0), file=whole))
        if len(mark) == 2:
            log.append(ev.DeckChanged(step=2, start=started(2, 0), file=less))
        log.append(ev.DeckMarked(step=3, marks=pack(mark)))
        if len(mark) == 2:
            mark = bytes([WRONG, WRONG])
        log.append(ev.DeckMarked(step=4, marks=pack(mark)))
        log.close()
        runs.append(run)
    comparison = named_comparison(runs[0], runs[1]).answer
    assert comparison is not None
    assert (comparison.step, comparison.prompt, comparison.card_index) == (4, "a", 0)


def test_cards_that_share_a_prompt_are_told_apart_where_they_stand_elsewhere() -> None:
    decks = ("bear", "bear", "wolf"), ("wolf", "bear", "bear")
    marked: list[list[ev.AnyEvent]] = [
        [started(3, 0), ev.DeckMarked(step=6, marks=pack(bytes(marks)))]
        for marks in ((RIGHT, WRONG, RIGHT), (RIGHT, RIGHT, WRONG), (WRONG, WRONG, RIGHT))
    ]
    first, alike, other = marked
    prompts = (lambda _: decks[0], lambda _: decks[1])
    assert first_difference(first, alike, prompts) is None
    differs = first_difference(first, other, prompts)
    assert differs is not None
    assert (differs.card_index, differs.prompt) == (0, "bear")


def test_the_same_marks_of_decks_in_another_order_are_of_other_cards() -> None:
    log: list[ev.AnyEvent] = [
        started(2, 0),
        ev.DeckMarked(step=6, marks=pack(bytes([RIGHT, WRONG]))),
    ]
    differs = first_difference(log, log, (lambda _: ("bear", "wolf"), lambda _: ("wolf", "bear")))
    assert differs is not None
    assert (differs.step, differs.card_index, differs.prompt) == (6, 0, "bear")


def test_a_card_that_one_run_was_not_asked_is_not_answered_differently() -> None:
    marks = [bytes([RIGHT] * 14), bytes([RIGHT] * 3 + [NOT_ASKED] + [RIGHT] * 10)]
    logs: list[list[ev.AnyEvent]] = [
        [started(10, 4), ev.DeckMarked(step=6, marks=pack(mark))] for mark in marks
    ]
    assert first_difference(logs[0], logs[1]) is None


def test_cards_of_two_decks_are_not_taken_for_one(tmp_path: Path) -> None:
    said = ev.CorrectionMeasured(step=4, correction=correction(guess="sang", card_index=3))
    paris = correction("France", "Paris", "Parma", card_index=3)
    marks = [
        ev.DeckMarked(step=6, marks=pack(bytes(m)))
        for m in ([RIGHT] * 14, [RIGHT] * 3 + [WRONG] + [RIGHT] * 10)
    ]
    one = run_of(tmp_path / "one", said, marks[0])
    other = run_of(tmp_path / "other", ev.CorrectionMeasured(step=4, correction=paris), marks[1])
    info = other / "run.json"
    comparison = compare(one, other)
    assert comparison.answer is not None
    info.write_text(info.read_text().replace("0" * 64, "1" * 64))
    assert compare(one, other).answer is None


def test_what_was_set_up_differently_is_said(tmp_path: Path) -> None:
    def recipe(order: val.OrderName) -> ev.RecipeChanged:
        return ev.RecipeChanged(step=0, is_single=False, seed=1, order=order)

    one = run_of(tmp_path / "one", recipe("shuffled"))
    other = run_of(tmp_path / "other", recipe("hardest"), start={"learning_rate": 0.01})
    comparison = compare(one, other)
    sides = (comparison.first, comparison.second)
    assert [(side.learning_rate, side.order) for side in sides] == [
        (0.02, "shuffled"),
        (0.01, "hardest"),
    ]
    assert (len(races.different(comparison)), len(races.shared(comparison))) == (2, 2)


def test_it_is_said_in_words_or_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = run_of(tmp_path / "one", taken(8, 3.0), exam(8, 2))
    other = run_of(tmp_path / "other", taken(8, 2.0), exam(8, 1))
    assert main(["compare", str(one), str(other)]) == 0
    output = capsys.readouterr().out
    assert "20 % 2/10" in output
    assert re.search(r"part +at step 8\b", output)
    assert main(["compare", str(one), str(other), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parted_step"] == 8
    assert main(["compare", str(one), "no-such-run", "--runs", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    no_run = words("run: no runs", name="'no-such-run'", runs=tmp_path)
    assert error == f"flashcards: {no_run}\n"


def test_learned_and_forgotten_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def known(right: int, now: int) -> val.Knowledge:
        chosen, others = val.SentencesKept(100, now, 100), val.SentencesKept(41, 40, 100)
        seen, unseen = val.Score(right, 5), val.Score(1, 1)
        return val.Knowledge(seen=seen, unseen=unseen, chosen=chosen, others=others)

    one = msgspec.structs.replace(exam(8, 9), known=known(5, 98))
    other = msgspec.structs.replace(exam(8, 10), known=known(2, 30))
    runs = [
        run_of(tmp_path / name, taken(8, 3.0), taught)
        for name, taught in (("one", one), ("other", other))
    ]
    assert main(["compare", *map(str, runs)]) == 0
    output = capsys.readouterr().out
    comparison = compare(*runs)
    sides = comparison.first, comparison.second
    for side, n_right, n_kept in zip(sides, (6, 3), (138, 70), strict=True):
        verdict = side.verdict
        assert verdict is not None
        assert verdict.known is not None
        assert verdict.known.cards == val.Score(n_right, 6)
        assert verdict.known.sentences == val.SentencesKept(141, n_kept, 200)
        assert facts.verdict(verdict) in output


def test_the_verdict_is_the_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cards = "".join(f"card {i} :: {i}\n" for i in range(60)).encode()
    nearest = val.Rival("nearest", val.Score(40, 40), val.Score(1, 1_000))
    understood = msgspec.structs.replace(
        exam(8, 10), seen=val.Score(40, 40), unseen=val.Score(20, 20)
    )
    too_early = msgspec.structs.replace(understood, step=8, seen=val.Score(1, 40))
    too_early = msgspec.structs.replace(too_early, unseen=val.Score(0, 20))
    for i, (last, kind) in enumerate(((understood, "understood"), (too_early, "too_early"))):
        # the scores of who answers without learning may come after the exam
        root = tmp_path / str(i)
        graded = ev.RivalsGraded(step=8, rivals=(nearest,))
        root.mkdir()
        run = a_run(root)
        folder = RunFolder.open(run)
        file = folder.save_deck("past-tense.deck", cards)
        log = folder.open_log()
        changed = ev.DeckChanged(step=1, start=started(40, 20), file=file)
        for event in (started(1, 0), changed, taken(8, 3.0), last, graded):
            log.append(event)
        log.close()
        said = gather(run).verdict
        assert said is not None
        assert said.kind == kind
        assert compare(run, run).first.verdict == said
        assert main(["compare", str(run), str(run)]) == 0
        assert f"A  {facts.verdict(said)}" in capsys.readouterr().out
