"""What is printed: nothing acts on the terminal, and what can't be written is said."""

import contextlib
import io
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from flashcards.base.columns import joined
from flashcards.base.system import python
from flashcards.plain.words import saved
from flashcards.record.film import cast
from flashcards.runs.folder import RunFolder
from flashcards.terminal.output import OutputError, guarded, print_json, print_line
from tests.commands import here
from tests.decks import write_capitals
from tests.golden import check_words
from tests.report.test_report import a_run, start
from tests.runs.test_folder import create
from tests.waiting import PATIENCE_S

ATTACK = "a\x1b]0;title\x07\x1b[31mred\x9b2J\u202ebidi\rover"
TAUGHT = "a␛]0;title␇␛[31mred⟨U+009B⟩2J⟨U+202E⟩bidi␍over"
posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes, devices and names of POSIX")


def test_whatever_is_printed_is_seen_and_not_obeyed() -> None:
    with contextlib.redirect_stdout(io.StringIO()) as out, guarded():
        print(ATTACK)
        print_line(f"{ATTACK}\n2 runs")
    assert out.getvalue() == f"{TAUGHT}\n{TAUGHT}⏎2 runs\n"


def test_json_has_null_where_a_number_is_not_finite(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": math.nan, "b": [1.5, (math.inf, -math.inf)], "c": {"d": math.nan}})
    assert capsys.readouterr().out == '{"a": null, "b": [1.5, [null, null]], "c": {"d": null}}\n'


def test_what_the_encoding_lacks_is_printed_all_the_same() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    with contextlib.redirect_stdout(out), guarded():
        print_line("é → \udcff 🦆")
        print_json({"a": "é"})
    out.flush()
    assert raw.getvalue() == (
        b"\\xe9 \\u2192 \\u27e8U+DCFF\\u27e9 \\U0001f986\n" + rb'{"a": "\u00e9"}' + b"\n"
    )


def test_a_json_object_holds_every_character_exactly() -> None:
    value = {"text": f"{ATTACK} é 🦆\U000e0041"}
    with contextlib.redirect_stdout(io.StringIO()) as out, guarded():
        print_json(value)
    assert out.getvalue().rstrip("\n").isprintable()
    assert "é 🦆" in out.getvalue()
    assert json.loads(out.getvalue()) == value


class Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "(the reason)")


def test_what_cannot_be_written_is_a_sentence_and_on_standard_error_nothing() -> None:
    with contextlib.redirect_stderr(Full()), guarded():
        print("lost", file=sys.stderr)
    with contextlib.redirect_stdout(Full()), guarded(), pytest.raises(OutputError) as caught:
        print("lost")
    check_words("output: not written", str(caught.value))


@posix
def test_a_reader_that_has_gone_ends_a_command_quietly() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = python("-m", "flashcards", "decks")
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, timeout=PATIENCE_S)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
@pytest.mark.parametrize("words", [("decks",), ("export", "apple", "--to", "csv"), ("--help",)])
def test_a_full_device_is_one_sentence(words: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        command = python("-m", "flashcards", *words)
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE_S)
    said = b"flashcards: the output can't be written: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (1, said)


@posix
@pytest.mark.pair
@pytest.mark.slow
def test_a_lesson_whose_reader_has_gone_is_saved(tmp_path: Path) -> None:
    deck, runs = write_capitals(tmp_path), tmp_path / "runs"
    command = python("-m", "flashcards", "train", str(deck), "--runs", str(runs))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert (process.wait(PATIENCE_S), process.stderr.read()) == (0, b"")
    (run,) = runs.glob("2*")
    assert next(RunFolder.open(run).states())[0] >= 0


def hostile_run(root: Path) -> Path:
    folder = create(root, f"x{ATTACK}\nfake row")
    event = start(name=ATTACK, deck=ATTACK, deck_path=ATTACK, run=ATTACK, folder=ATTACK)
    folder.log_path.write_bytes(msgspec.json.encode(event) + b"\n")
    folder.release()
    return folder.path


@posix
@pytest.mark.parametrize(
    "words",
    [
        ("runs", "--runs", "ROOT"),
        ("replay", "RUN", "--plain"),
        ("ask", "RUN", "a"),
        ("verify", "RUN"),
        ("compare", "RUN", "RUN"),
        ("runs", "--delete", "RUN", "--runs", "ROOT"),
        ("runs", "--delete", ATTACK, "--runs", "ROOT"),
        ("check", ATTACK),
        ("talk", "--check", ATTACK),
    ],
)
def test_no_field_of_a_run_acts_on_the_terminal(tmp_path: Path, words: tuple[str, ...]) -> None:
    run = hostile_run(tmp_path)
    names = {"RUN": str(run), "ROOT": str(tmp_path)}
    _, out, error = here(*(names.get(word, word) for word in words))
    assert out + error
    assert (out + error).replace("\n", "").isprintable()
    if words[:2] == ("runs", "--runs"):
        assert len(out.splitlines()) == 3


@posix
def test_a_report_is_named_as_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    run = a_run(tmp_path / "runs")
    fields = msgspec.json.decode((run / "run.json").read_bytes())
    fields["run"] = str(tmp_path / "outside")
    (run / "run.json").write_bytes(msgspec.json.encode(fields))
    monkeypatch.chdir(folder)
    name = f"{run.name}.html"
    assert here("report", str(run)) == (0, f"{name}\n", "")
    assert [path.name for path in folder.iterdir()] == [name]
    assert not (tmp_path / "outside.html").exists()


def test_the_title_of_a_film_is_seen_and_not_obeyed() -> None:
    assert json.loads(next(cast([], (80, 24), ATTACK)))["title"] == TAUGHT


def test_the_command_that_goes_on_runs_nothing_else(tmp_path: Path) -> None:
    said = joined(saved(5, tmp_path / "$(touch X)"))
    for command in ("train --resume", "replay", "report"):
        assert f"flashcards {command} '$(touch X)' --runs " in said
    assert said.count("$(touch X)") == said.count("'$(touch X)'") + 1
