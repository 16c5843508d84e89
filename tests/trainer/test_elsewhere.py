"""`verify` of a run that was made where numbers are rounded otherwise: no update is made again."""

import json
from pathlib import Path

import msgspec
import pytest

from flashcards.base.language import VARIABLE
from flashcards.cli import main
from flashcards.cli.comparing import sentences_of
from flashcards.learner.learner import Learner
from flashcards.runs import commands as cmd
from flashcards.runs.catalog import read_summary, save_summary
from flashcards.runs.events import ExamTaken, RunRewound
from flashcards.runs.folder import RunFolder
from flashcards.trainer.again.verifying import Verification, verify
from flashcards.trainer.checkpoints import Restorer
from tests.commands import run_flashcards
from tests.golden import words
from tests.source import ROOT
from tests.trainer.eventful import Eventful
from tests.trainer.kept import alter, as_if_elsewhere, copy_of
from tests.trainer.test_altered import short
from tests.trainer.test_rewinding import rewound

DECKS = ROOT / "decks"


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder.open(copy_of(short, tmp_path))
    as_if_elsewhere(folder)
    return folder


def named(verification: Verification) -> set[tuple[str, int, str]]:
    """Kind, step and what of each difference, but of the summary, which follows from the log."""
    return {
        (difference.kind, difference.step, difference.what)
        for difference in verification.differences
        if difference.kind != "summary"
    }


def refresh_summary(folder: RunFolder) -> None:
    """Whoever alters the log may write the summary anew."""
    save_summary(folder, msgspec.structs.replace(read_summary(folder)))


def never(*_: object, **__: object) -> None:
    raise AssertionError("an update was made")


def test_an_honest_run_holds_and_no_update_is_made(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Learner, "study", never)
    verification = verify(run.path)
    assert verification.differences == ()
    assert verification.is_same
    assert not verification.is_exact
    assert verification.elsewhere == words("verify: the last digit")
    assert verification.n_states == len(run.state_files())
    assert verification.n_exams >= 2  # before the first card, and at the end
    assert main(["verify", str(run.path)]) == 0
    assert capsys.readouterr().out.splitlines() == sentences_of(verification)
    assert verification.last_step == 20


@pytest.mark.slow
def test_an_eventful_run_holds(eventful: Eventful) -> None:
    as_if_elsewhere(eventful.folder)
    verification = verify(eventful.folder.path)
    assert (verification.differences, verification.problem) == ((), "")
    assert verification.n_exams > 2


def test_a_score_that_was_changed_by_one_is_found(run: RunFolder) -> None:
    exam = [event for event in run.events() if isinstance(event, ExamTaken)][-1]
    n_right = exam.seen.right - 1 if exam.seen.right else 1
    alter(run, "ExamTaken", r'"seen":{"right":\d+', f'"seen":{{"right":{n_right}')
    assert ("asked_again", 20, "ExamTaken.seen.right") in named(verify(run.path))


def test_an_error_that_was_changed_is_found(run: RunFolder) -> None:
    alter(run, "ExamTaken", r'"seen_loss_nats":(\d)', r'"seen_loss_nats":1\g<1>', place=0)
    assert named(verify(run.path)) == {("asked_again", 0, "ExamTaken.seen_loss_nats")}


def test_a_score_that_is_not_that_of_its_marks_is_found(run: RunFolder) -> None:
    n_right = verify_unseen(run)
    alter(run, "ExamTaken", r'("unseen":{"right":)\d+', rf"\g<1>{n_right + 1}")
    assert ("other_marks", 20, "ExamTaken.unseen.right") in named(verify(run.path))


def test_an_end_that_is_not_that_of_its_exam_is_held_against_the_exam(
    run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = read_summary(run).seen
    assert seen is not None
    alter(run, "LessonEnded", r'"seen":{"right":\d+', f'"seen":{{"right":{seen.right + 1}')
    refresh_summary(run)
    assert named(verify(run.path)) == {("other_end", 20, "LessonEnded.seen.right")}
    assert main(["verify", str(run.path)]) == 1
    lines = capsys.readouterr().out
    scores = f"is {seen.right + 1}, but {seen.right} by the last exam before it in the log"
    assert f"LessonEnded.seen.right {scores}" in lines
    assert "when repeated" not in lines


def verify_unseen(run: RunFolder) -> int:
    ended = read_summary(run).unseen
    assert ended is not None
    return ended.right


def test_states_that_were_swapped_are_found(run: RunFolder) -> None:
    (_, first), *_, (step, last) = run.state_files()
    first_state, last_state = first.read_bytes(), last.read_bytes()
    last.write_bytes(first_state)
    assert named(verify(run.path)) == {("damaged_state", step, last.name)}
    last.write_bytes(last_state)
    assert verify(run.path).is_same


def test_forged_weights_under_a_name_of_their_own_are_found(run: RunFolder) -> None:
    (step, path) = run.state_files()[-1]
    taught = Restorer(run).restore()
    for _ in range(20):
        taught.learner.adjust(taught.learner.study(taught.deck.taught[:4]))
    taught.learner.step = step
    forged = run.save_resume_point(step, taught.to_bytes())
    run.log_path.write_text(run.log_path.read_text().replace(path.name, forged.name))
    assert ("asked_again", step, "ExamTaken.seen_loss_nats") in named(verify(run.path))


def test_a_deck_that_was_changed_is_found(run: RunFolder) -> None:
    path = run.deck_version("")
    path.write_text(path.read_text().replace("Paris", "Lyon"))
    assert ("another_deck", 0, path.name) in named(verify(run.path))


@pytest.mark.parametrize("kind", ["StepsTaken", "ExamTaken", "PinAnswered", "StateSaved"])
def test_a_line_that_was_taken_out_is_found(run: RunFolder, kind: str) -> None:
    alter(run, kind, r"^.*\n$", "", place=1)
    assert ("cut_log", 0, "events.jsonl") in named(verify(run.path))


def test_a_report_that_a_state_counts_on_from_is_missed(run: RunFolder) -> None:
    alter(run, "StepsTaken", r"^.*\n$", "")
    refresh_summary(run)
    assert named(verify(run.path)) == {("gone_line", 20, "StepsTaken")}


def test_a_state_that_no_line_names_is_found(run: RunFolder) -> None:
    (step, path) = run.state_files()[1]
    lines = run.log_path.read_text().splitlines(keepends=True)
    run.log_path.write_text("".join(line for line in lines if path.name not in line))
    refresh_summary(run)
    assert named(verify(run.path)) == {("unnamed_state", step, path.name)}


@pytest.mark.parametrize(
    ("kind", "pattern", "to", "difference"),
    [
        ("LearningRateChanged", r'"factor":2', '"factor":3', "learning_rate_factor"),
        ("RunStarted", r'"n_parameters":\d', '"n_parameters":9', "RunStarted.n_parameters"),
        (
            "RivalsGraded",
            r'("ngram","seen":\{"right":)\d+',
            r"\g<1>3",
            "RivalsGraded.rivals[1].seen.right",
        ),
        ("StepsTaken", r'"cards_taught":\d+', '"cards_taught":7', "StepsTaken.cards_taught"),
        ("StepsTaken", r'"step":\d+', '"step":3', "StepsTaken"),
        ("DeckMarked", r'"marks":"', '"marks":"\u00e9', "DeckMarked"),
    ],
)
def test_other_lines_that_were_changed_are_named(
    run: RunFolder, kind: str, pattern: str, to: str, difference: str
) -> None:
    alter(run, kind, pattern, to)
    refresh_summary(run)
    whats = {what for _, _, what in named(verify(run.path))}
    assert any(what.startswith(difference) for what in whats), whats


def test_what_is_not_the_same_is_said_in_a_sentence(
    run: RunFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alter(run, "ExamTaken", r'("seen":{"right":)\d+', r"\g<1>4")
    verification = verify(run.path)
    (right,) = [each for each in verification.differences if each.what == "ExamTaken.seen.right"]
    assert (right.kind, right.step, right.was) == ("asked_again", 20, "4")
    for language in ("en", "de"):
        monkeypatch.setenv(VARIABLE, language)
        assert main(["verify", str(run.path)]) == 1
        assert capsys.readouterr().out.splitlines() == sentences_of(verify(run.path))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("teach", "environment"),
    [
        ("train plurals 20", {"MKL_CBWR": "COMPATIBLE"}),
        ("reward sort-these 8", {"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "AVX2"}),
    ],
)
def test_a_run_of_another_processor_holds(
    tmp_path: Path,
    environment: dict[str, str],
    teach: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command, name, n_steps = teach.split()
    deck = tmp_path / f"{name}.deck"
    lines = (DECKS / deck.name).read_text(encoding="utf-8").splitlines(keepends=True)
    deck.write_text("".join(lines[:400]), encoding="utf-8")
    words = (command, str(deck), "--steps", n_steps, "--json", "--runs", str(tmp_path / "runs"))
    with monkeypatch.context() as patched:
        for variable, setting in environment.items():
            patched.setenv(variable, setting)
        ended = run_flashcards(*words)
    verification = verify(Path(json.loads(ended.stdout)["run"]))
    assert (verification.differences, verification.problem) == ((), "")
    print("to the bit" if verification.is_exact else f"{verification.n_exams} exams")


def test_a_run_that_went_back_holds(deck: Path) -> None:
    opened, _ = rewound(deck, [(2, cmd.SetLearningRate(factor=64.0))], back_at=4)
    folder = opened.keeper.folder
    as_if_elsewhere(folder)
    assert any(isinstance(event, RunRewound) for event in folder.events())
    assert verify(folder.path).differences == ()
