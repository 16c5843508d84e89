"""What was altered in a run is found by `verify`, whatever it is."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest
import torch

from flashcards.base.language import LANGUAGES, VARIABLE
from flashcards.cli import main
from flashcards.cli.comparing import sentence_of, sentences_of
from flashcards.runs import commands as cmd
from flashcards.runs.catalog import read_summary, save_summary
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.values import Score
from flashcards.trainer.again.mismatch import Mismatch, MismatchKind
from flashcards.trainer.again.verifying import elsewhere_than, verify
from flashcards.trainer.checkpoints import Restorer
from tests.decks import write_capitals
from tests.golden import check_words
from tests.trainer.kept import alter, copy_of
from tests.trainer.lessons import run_lesson
from tests.trainer.test_faults import damage


def short(path: Path) -> Path:
    opened, _ = run_lesson(
        write_capitals(path, width=16),
        script=[
            (1, cmd.Pin(prompt="Egypt")),
            (8, cmd.SetLearningRate(factor=2.0)),
            (10, cmd.Ask(request=2, prompt="France")),
            (16, cmd.Pause()),
            (16, cmd.Play()),
        ],
        goal=Goal(step=20),
    )
    return opened.keeper.folder.path


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.open(copy_of(short, tmp_path))


FACTS = {  # numbers and answers on which no update depends, and how each is altered
    "StepsTaken.loss_nats": (r'"loss_nats":(\d+\.\d*?)\d\b', r'"loss_nats":\g<1>'),
    "ExamTaken.seen.right": (r'"seen":\{"right":\d+', '"seen":{"right":6'),
    "CorrectionMeasured.correction.error_nats": (r'"error_nats":\d', '"error_nats":9'),
    "PinAnswered.probability": (r'"probability":[^,]*', '"probability":0.875'),
    "PinTaught.by[0].change_nats": (r'("by":\[\{"prompt":"[^"]*","change_nats":-)\d', r"\g<1>9"),
    "PinTaught.since_step": (r'"since_step":\d+', '"since_step":99'),
    "RivalsGraded.rivals[1].seen.right": (r'("ngram","seen":\{"right":)\d+', r"\g<1>3"),
    "RivalsGraded.rivals[2].unseen.right": (
        r'("nearest","seen":\{[^}]*\},"unseen":\{"right":)\d',
        r"\g<1>2",
    ),
    "RivalsAnswered.answers[0].answer": (
        r'"name":"lookup","answer":"Paris"',
        '"name":"lookup","answer":"Rome"',
    ),
    "RunStarted.n_parameters": (r'"n_parameters":\d', '"n_parameters":9'),
    "RunStarted.guessing_nats": (r'"guessing_nats":\d', '"guessing_nats":9'),
    "RunStarted.rivals[0].seen.right": (r'("lookup","seen":\{"right":)\d+', r"\g<1>5"),
    "PromptAnswered.times_seen": (r'"times_seen":\d', '"times_seen":7'),
    "LessonEnded.unseen.right": (r'"unseen":\{"right":\d+', '"unseen":{"right":1'),
    "DeckMarked.marks": (r'"marks":"[^"]*"', '"marks":"eJwTFGQAAADxADo="'),
}


def test_every_altered_fact_is_found_and_nothing_else(run: RunFolder) -> None:
    for fact, (pattern, to) in FACTS.items():
        alter(run, fact.partition(".")[0], pattern, to)
    verification = verify(run.path)
    assert not verification.is_same
    told = {difference.what for difference in verification.differences}
    assert {what for what in told if not what.startswith("summary.json")} == set(FACTS)


@pytest.mark.parametrize(
    ("kind", "pattern", "to"),
    [
        ("LearningRateChanged", r'"factor":2', '"factor":3'),
        pytest.param("RecipeChanged", r'_factor":2.0', '_factor":1.9', marks=pytest.mark.slow),
        ("DeckMarked", r'"marks":"', '"marks":"\u00e9'),
        pytest.param("StepsTaken", r'"step":\d+', '"step":3', marks=pytest.mark.slow),
        ("StepsTaken", r'"step":\d+', '"step":900000000000'),
        ("ExamTaken", r'"step":\d+', '"step":-7'),
    ],
)
def test_an_altered_line_is_found(run: RunFolder, kind: str, pattern: str, to: str) -> None:
    alter(run, kind, pattern, to)
    verification = verify(run.path)
    assert not verification.is_same
    kind = {"LearningRateChanged": "RecipeChanged"}.get(kind, kind)
    assert kind in {
        re.split(r"[. ]", difference.what)[0] for difference in verification.differences
    }


@pytest.mark.slow
@pytest.mark.parametrize("place", [1, -1])
def test_a_line_that_was_taken_out_is_found(run: RunFolder, place: int) -> None:
    alter(run, "StepsTaken", r"^.*\n$", "", place=place)
    verification = verify(run.path)
    assert not verification.is_same
    missing = ("StepsTaken", "missing_in_log")
    assert missing in {
        (difference.what, difference.kind) for difference in verification.differences
    }


@pytest.mark.parametrize("part", ["cards_taught", "ledger", "accounts"])
def test_a_state_that_remembers_something_else_is_found(run: RunFolder, part: str) -> None:
    (step, path) = run.state_files()[-1]
    taught = Restorer(run).restore()
    match part:
        case "ledger":
            taught.ledger.times_seen[0] += 1
        case "accounts":
            taught.accounts.of[0].since_step += 1
        case _:
            taught.memory.cards_taught += 1
    altered = run.save_resume_point(step, taught.to_bytes())
    run.log_path.write_text(run.log_path.read_text().replace(path.name, altered.name))
    (difference,) = verify(run.path).differences
    assert difference.what == f"{altered.name}, {part}"


def test_an_old_log_can_not_be_verified_and_says_so(run: RunFolder) -> None:
    log = run.log_path
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(line for line in lines if b'"RecipeChanged"' not in line))
    verification = verify(run.path)
    assert not verification.is_same
    check_words("replay: an old log", verification.problem, step=1)


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 2])
def test_an_exam_that_never_was_is_found(run: RunFolder, place: int) -> None:
    log = run.log_path
    lines = log.read_bytes().splitlines(keepends=True)
    at = [i for i, line in enumerate(lines) if b'"kind":"ExamTaken"' in line][place]
    lines.insert(at + 1, lines[at].replace(b'_loss_nats":', b'_loss_nats":1'))
    log.write_bytes(b"".join(lines))
    assert not verify(run.path).is_same


@pytest.mark.parametrize("kind", ["ExamTaken", "DeckMarked"])
def test_the_exam_before_the_first_update_is_compared_too(run: RunFolder, kind: str) -> None:
    was, to = {"ExamTaken": ('_loss_nats":', '_loss_nats":1'), "DeckMarked": ('":"eJ', '":"eI')}[
        kind
    ]
    alter(run, kind, was, to, place=0)
    verification = verify(run.path)
    assert {difference.step for difference in verification.differences} == {0}


def test_a_state_that_no_line_names_is_compared(run: RunFolder) -> None:
    saved = Restorer(run).restore()
    with torch.no_grad():
        next(iter(saved.learner.weights.named().values())).add_(1.0)
    run.save_resume_point(saved.learner.step, saved.to_bytes())
    verification = verify(run.path)
    (difference,) = verification.differences
    assert difference.kind == "unnamed_weights"
    assert difference.by == pytest.approx(1.0)


def test_a_state_beyond_the_log_is_found(run: RunFolder) -> None:
    run.save_keyframe(1000, Restorer(run).restore().to_bytes())
    assert [d.kind for d in verify(run.path).differences] == ["unreached_state"]


def test_an_empty_log_proves_nothing(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    run.log_path.write_bytes(b"")
    assert main(["verify", str(run.path)]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    check_words("verify: an empty log", first, run=run.path.name)


def test_a_log_that_claims_endless_steps_is_not_made_again(run: RunFolder) -> None:
    with run.log_path.open("ab") as file:
        file.write(b'{"kind":"RunPaused","step":%d}\n' % (1 << 40))
    verification = verify(run.path)
    check_words("verify: missing lines", verification.problem)
    assert not verification.is_same


def test_a_machine_that_rounds_otherwise_is_named(run: RunFolder) -> None:
    here, elsewhere = run.info.roundings[0], ("0" * 32,)
    system, architecture, instructions = run.info.machine.split()
    assert elsewhere_than(run.info, here) == ""
    other = msgspec.structs.replace(
        run.info, machine=f"{system} {architecture} ALTIVEC", roundings=elsewhere
    )
    assert elsewhere_than(other, here) == (
        f"machine {system} {architecture} ALTIVEC there, {run.info.machine} here"
    )
    assert instructions in elsewhere_than(other, here)
    compiled = msgspec.structs.replace(
        run.info,
        settings={**run.info.settings, "is_compiled": True},
        versions={**run.info.versions, "kernels": "f00"},
        roundings=elsewhere,
    )
    assert elsewhere_than(compiled, here).startswith("kernels f00 there, ")
    alike_by_name = msgspec.structs.replace(run.info, roundings=elsewhere)
    check_words("verify: the last digit", elsewhere_than(alike_by_name, here))
    for several in ((here, "0" * 32), ("unknown", here), ("",), ()):
        info = msgspec.structs.replace(run.info, roundings=several)
        assert elsewhere_than(info, here) != "", several


def test_rounding_is_noted_once_it_is_known(tmp_path: Path) -> None:
    opened, _ = run_lesson(write_capitals(tmp_path), goal=Goal(step=3))
    folder = RunFolder.open(opened.keeper.folder.path)
    here = opened.training.learner.rounding
    assert folder.info.roundings == (here,)
    run_lesson(write_capitals(tmp_path), goal=Goal(step=6), resume=folder.path.name)
    assert RunFolder.open(folder.path).info.roundings == (here,)
    killed = RunFolder.open(folder.path)
    killed.expect_rounding()
    killed.expect_rounding()
    assert RunFolder.open(folder.path).info.roundings == (here, "unknown", "")
    killed.note_rounding("f" * 32)
    killed.note_rounding("e" * 32)
    assert RunFolder.open(folder.path).info.roundings == (here, "unknown", "f" * 32)


@pytest.mark.slow
def test_what_differs_is_said_in_whole_sentences(
    run: RunFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(sorted((run.path / "keyframes").iterdir())[-1])
    (damaged,) = verify(run.path).differences
    assert (damaged.kind, damaged.step) == ("damaged_state", 16)
    save_summary(run, msgspec.structs.replace(read_summary(run), unseen=Score(1, 20)))
    verification = verify(run.path)
    summary, other = verification.differences
    assert (summary.kind, summary.step, summary.what) == ("summary", 20, "summary.json, unseen")
    assert (summary.was, other) == ("1/20", damaged)
    assert verification.n_states == 7
    for language in ("en", "de"):
        monkeypatch.setenv(VARIABLE, language)
        assert main(["verify", str(run.path)]) == 1
        assert capsys.readouterr().out.splitlines() == sentences_of(verification)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_difference_names_what_differs(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    for kind in get_args(MismatchKind):
        text = sentence_of(Mismatch(kind, 3, "LessonEnded", "0.5", "0.75", 0.25))
        assert "LessonEnded" in text, kind
        assert "{" not in text
        assert language == "en" or text != said_in_english(kind)


def said_in_english(kind: MismatchKind) -> str:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(VARIABLE, "en")
        return sentence_of(Mismatch(kind, 3, "LessonEnded", "0.5", "0.75", 0.25))
