"""A saved run as a program holds it."""

from pathlib import Path

import pytest

from flashcards import Run
from flashcards.base.errors import UserError
from flashcards.cli import main
from tests.export.runs import N_STEPS, a_run


@pytest.fixture(scope="module")
def run() -> Run:
    return Run.open(a_run("char"))


def test_its_exams_and_its_state_at_a_step_are_those_of_its_log(run: Run) -> None:
    assert run.step == N_STEPS
    exams = run.exams
    assert exams[0].step == 0
    assert exams[-1].seen.total > 0
    assert [exam.step for exam in exams] == sorted(exam.step for exam in exams)
    assert run.state().step == N_STEPS
    assert run.state(exams[1].step).exams.last == exams[1]


def test_it_answers_as_the_command_line_does(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", str(run.path), "France"]) == 0
    line = capsys.readouterr().out
    assert line.startswith(run.ask("France").answer)
    (reply,) = run.ask_each(["France"])
    assert reply.answer == run.ask("France").answer
    early = run.ask("France", at=1)
    assert early.step == 1
    assert early.pieces != run.ask("France").pieces


@pytest.mark.parametrize("to", ["hf", "onnx", "csv"])
def test_it_is_exported_as_by_the_command_line(run: Run, tmp_path: Path, to: str) -> None:
    here, there = tmp_path / "python", tmp_path / "command"
    assert run.export(to, here) == here
    assert main(["export", str(run.path), "--to", to, "-o", str(there)]) == 0
    files = sorted(path.relative_to(here) for path in here.rglob("*") if path.is_file())
    assert files
    for file in files:
        assert (here / file).read_bytes() == (there / file).read_bytes()
    with pytest.raises(UserError):
        run.export(to, here)


@pytest.mark.parametrize("to", ["exe", "adapter", "", "HF"])
def test_a_format_that_it_cannot_be_written_in_is_a_sentence(
    run: Run, tmp_path: Path, to: str
) -> None:
    with pytest.raises(UserError, match=r"\w+ \w+"):
        run.export(to, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_step_of_the_whole_runs_numbers_is_a_sentence(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="whole run"):
        run.export("csv", tmp_path / "x", at=5)


def test_what_is_no_run_is_a_sentence(tmp_path: Path) -> None:
    for name in (tmp_path, "no-such-run", ""):
        with pytest.raises(UserError):
            Run.open(name, runs=tmp_path)
