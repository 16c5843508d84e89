"""The commands as a person types them, some in a process of their own."""

import argparse
import errno
import importlib
import json
import os
import pkgutil
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import flashcards.cli as cli
from flashcards.cli import GROUPS, PARTS
from flashcards.cli.arguments import Argument, Command, Parser, run_unless_deck, shares
from flashcards.cli.sharing import n_states, size
from flashcards.runs import run_files
from tests import commands
from tests.app.saved_run import a_run
from tests.commands import Ended, run_flashcards, run_python
from tests.decks import write_capitals
from tests.golden import check_words, words as golden_words

COMMANDS = [*PARTS]


SAME_WORDS = {  # of commands, by the command whose words they share
    "train apple --resume x": "train",
    "train --resume x --set width=32": "train apple --after x --set width=32",
}


def here(*words: str) -> Ended:
    return Ended(words, *commands.here(*words))


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_capitals(tmp_path)


@pytest.fixture
def runs(tmp_path: Path) -> str:
    return str(tmp_path / "runs")


@pytest.mark.parametrize(
    "words",
    [
        ("ask", "RUN", "--at", "100", "France"),
        ("ask", "--at", "100", "RUN", "France"),
        ("ask", "RUN", "France", "--at", "100"),
        ("ask", "RUN", "--at", "100", "--", "France"),
    ],
)
def test_an_option_may_stand_between_the_words(words: tuple[str, ...]) -> None:
    parsed = cli._parser(PARTS["ask"]).parse_args(words)
    assert (parsed.folder, parsed.prompt, parsed.at) == ("RUN", "France", 100)


@pytest.mark.pair
@pytest.mark.slow
def test_train_prints_one_object_with_everything_a_script_needs(deck: Path, runs: str) -> None:
    words = ("train", str(deck), "--runs", runs, "--seed", "3", "--until", "seen=1.0", "--json")
    ended = run_flashcards(*words)
    assert (ended.returncode, ended.stderr) == (0, "")
    report = json.loads(ended.stdout)
    assert report["deck"] == "capitals"
    assert report["seed"] == 3
    assert report["seen"] == {"right": 10, "total": 10}
    assert report["unseen"] == {"right": 0, "total": 2}
    assert report["reached"] is True
    assert report["step"] < report["cards_taught"] <= report["step"] * 10
    assert 0 < report["loss_nats"] < report["guessing_nats"]
    scores = {"seen": {"right": 10, "total": 10}, "unseen": {"right": 0, "total": 2}}
    assert report["rivals"] == dict.fromkeys(("lookup", "ngram", "nearest"), scores)
    assert report["verdict_kind"] == "too_early"
    assert len(report["weights_sha256"]) == 64
    again = json.loads(here(*words).stdout)
    assert again["weights_sha256"] == report["weights_sha256"]
    assert again["run"] != report["run"]


def test_a_run_is_gone_on_with_asked_listed_and_deleted(deck: Path, runs: str) -> None:
    whole = json.loads(here("train", str(deck), "--runs", runs, "--steps", "40", "--json").stdout)
    part = json.loads(here("train", str(deck), "--runs", runs, "--steps", "15", "--json").stdout)
    name = Path(part["run"]).name
    deck.unlink()
    rest = json.loads(
        here("train", "--resume", name, "--runs", runs, "--steps", "40", "--json").stdout
    )
    assert rest["run"] == part["run"]
    assert rest["step"] == 40
    assert rest["weights_sha256"] == whole["weights_sha256"]

    facts = json.loads(here("ask", name, "France", "--runs", runs, "--json").stdout)
    assert (facts["answer"], facts["stamp"], facts["step"]) == ("Paris", "seen", 40)
    assert facts["nearest"][0] == "France"
    assert facts["rivals"] == dict.fromkeys(("lookup", "ngram", "nearest"), "Paris")
    new = json.loads(here("ask", name, "Francia", "--runs", runs, "--json").stdout)
    assert new["rivals"] == {"lookup": None, "ngram": "Vienna", "nearest": "Paris"}
    assert "up: –\n" in here("ask", name, "Francia", "--runs", runs).stdout
    early = json.loads(here("ask", name, "Egypt", "--runs", runs, "--json", "--at", "0").stdout)
    assert (early["stamp"], early["step"], early["times_seen"]) == ("held_out", 0, 0)

    listed = here("runs", "--runs", runs)
    assert name in listed.stdout
    assert "MB" in listed.stdout
    assert here("runs", "--runs", runs, "--delete", name).returncode == 0
    assert name not in here("runs", "--runs", runs).stdout


def test_a_run_beyond_the_step_is_not_touched(deck: Path, runs: str) -> None:
    assert here("train", str(deck), "--runs", runs, "--steps", "9").returncode == 0
    (run,) = Path(runs).iterdir()
    log = (run / "events.jsonl").read_bytes()
    ended = here("train", "--resume", run.name, "--runs", runs, "--steps", "5")
    assert ended.returncode == 1
    check_words("train: beyond the step", ended.stderr, run=run.name)
    ended = here("train", "--resume", run.name, "--runs", runs, "--seconds", "0.0001")
    sentence = ended.stderr.partition(";")[0]
    seconds = re.findall(r"[\d.]+ s\b", sentence)[0]
    check_words("train: beyond the seconds", sentence, run=run.name, seconds=seconds)
    assert (run / "events.jsonl").read_bytes() == log
    assert here("train", "--resume", run.name, "--runs", runs, "--steps", "9").returncode == 0


@pytest.mark.parametrize("is_taken_after", ["run.json", "tokenizer.model"])
def test_a_run_that_is_taken_away_while_it_is_opened_is_said_to_be_so(
    deck: Path, runs: str, monkeypatch: pytest.MonkeyPatch, is_taken_after: str
) -> None:
    assert here("train", str(deck), "--runs", runs, "--steps", "3").returncode == 0
    (run,) = Path(runs).iterdir()
    read = run_files.read_file

    def taken(path: Path, max_bytes: int) -> bytes:
        data = read(path, max_bytes)
        if path == run / is_taken_after and len(calls) < 3:
            calls.append(path)
            if len(calls) == (2 if is_taken_after == "run.json" else 1):
                run.rename(Path(runs).with_name("elsewhere"))
        return data

    calls: list[Path] = []
    monkeypatch.setattr(run_files, "read_file", taken)
    ended = here("train", "--resume", run.name, "--runs", runs, "--steps", "5")
    assert ended.returncode == 1
    deleted = golden_words("run: deleted while opened", run=run.name)
    assert ended.stderr == f"flashcards: {deleted}\n"


def test_a_control_of_rewards_says_that_it_is_one(deck: Path, runs: str) -> None:
    for practice, said in (("taught", "the same cards"), ("shuffled", "each try gets another")):
        words = ("reward", str(deck), "--practice", practice, "--steps", "2", "--runs", runs)
        assert f"Control: {said}" in here(*words).stdout


@pytest.mark.slow
@pytest.mark.pair
@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are POSIX")
def test_a_full_disk_ends_the_lesson_and_what_was_saved_goes_on(deck: Path, runs: str) -> None:
    whole = json.loads(here("train", str(deck), "--runs", runs, "--steps", "60", "--json").stdout)
    code = (
        "import resource, sys; from flashcards.cli import main\n"
        "from flashcards.trainer import keeper, lesson\n"
        "save, n = keeper.RunFolder.save_keyframe, []\n"
        "def limited(*a):\n"
        "    n.append(1)\n"
        "    if len(n) == 5:\n"
        "        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "    return save(*a)\n"
        "keeper.RunFolder.save_keyframe = limited\n"
        "sys.exit(main())\n"
    )
    full = run_python("-c", code, "train", str(deck), "--runs", f"{runs}-full", "--steps", "60")
    assert full.returncode == 1
    assert f"{os.strerror(errno.EFBIG)}; step 4 is saved" in full.stderr
    assert "Traceback" not in full.stderr
    (run,) = Path(f"{runs}-full").iterdir()
    words = ["train", "--resume", str(run), "--runs", f"{runs}-full", "--steps", "60", "--json"]
    rest = json.loads(here(*words).stdout)
    assert rest["weights_sha256"] == whole["weights_sha256"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a folder that is in use")
def test_a_folder_that_is_gone_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert cli.main(["decks"]) == 1
    check_words("cli: a folder that is gone", capsys.readouterr().err)


def test_the_list_of_decks_breaks_between_words_on_a_terminal_and_not_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["decks"]) == 0
    piped = capsys.readouterr().out.splitlines()
    assert max(map(len, piped)) > 80
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert cli.main(["decks"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert " ".join(" ".join(lines).split()) == " ".join(" ".join(piped).split())
    assert all(line[:18].strip() or line.startswith(" " * 19) for line in lines)


def test_a_score_that_is_not_reached_is_exit_code_three(deck: Path, runs: str) -> None:
    ended = here(
        "train", str(deck), "--runs", runs, "--until", "unseen=1.0", "--steps", "3", "--json"
    )
    assert ended.returncode == 3
    assert json.loads(ended.stdout)["reached"] is False


@pytest.mark.parametrize(
    ("read", "smallest", "largest", "refused"),
    [
        (shares, ("0.01", (0.01,)), ("1,0.5", (0.5, 1.0)), ("0", "0,1", "0.5,1.5", "a", "")),
        (n_states, ("2", 2), ("24", 24), ("1", "25", "2.5", "-3", "")),
        (size, ("40x12", (40, 12)), ("240x80", (240, 80)), ("39x12", "40x11", "241x80", "240x81")),
        (size, ("80x24", (80, 24)), ("120x40", (120, 40)), ("80", "x24", "80x", "ax24", "80x24x2")),
    ],
)
def test_shares_a_number_of_states_and_a_size_have_bounds(
    read: Callable[[str], object],
    smallest: tuple[str, object],
    largest: tuple[str, object],
    refused: Sequence[str],
) -> None:
    for text, value in (smallest, largest):
        assert read(text) == value
    for text in refused:
        with pytest.raises(argparse.ArgumentTypeError):
            read(text)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("train",), 2),
        (("train", "apple", "--resume", "x"), 2),
        (("train", "apple", "--until", "seen=2"), 2),
        (("train", "apple", "--seconds", "nan"), 2),
        (("train", "apple", "--seconds", "inf"), 2),
        (("train", "apple", "--steps", "1e3"), 2),
        (("train", "--branch", "x", "--at", "-4"), 2),
        (("apple", "--predict"), 2),
        (("export", "apple", "--to", "tsv", "--at", "3"), 1),
        (("reward", "apple", "--judge", ""), 1),
        (("scaling", "capitals", "-o", "."), 1),
        (("runs", "--delete", "no-such-run"), 1),
        (("check", "no-such-deck"), 1),
        (("apple",), 1),
        (("trian", "apple"), 2),
        (("apple", "capitals"), 2),
        (("train", "apple", "--rate", "2"), 2),
        (("train", "--branch", "x", "--at", "1", "--rate", "1e300"), 2),
        (("train", "apple", "--seed", "9" * 19), 2),
        (("train", "--resume", "x", "--shuffled"), 2),
        (("train", "apple", "--after", "x", "--set", "width=32"), 2),
        (("train", "--resume", "x", "--set", "width=32"), 2),
        (("train", "--resume", "x", "--ask", "Say {prompt}"), 2),
        (("train", "apple", "--after", "x", "--model", "y"), 2),
    ],
)
def test_wrong_input_is_one_line_that_says_what_and_how(
    words: tuple[str, ...], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = here(*words, *(("--runs", str(tmp_path)) if words[0] == "runs" else ()))
    assert ended.returncode == code
    assert ended.stderr.count("\n") == (words[0] != "check")
    text = (ended.stderr + ended.stdout).replace(str(tmp_path), "(here)")
    text = text.replace(os.strerror(errno.EISDIR), "(a folder)")
    command = " ".join(words)
    check_words(f"cli: {SAME_WORDS.get(command, command)}", text)


def test_a_language_that_is_not_there_is_named() -> None:
    ended = here("train", "apple", "--language", "xx")
    assert ended.returncode == 2
    assert re.search("xx.*en.*de.*es", ended.stderr)


def test_what_is_not_there_is_said_before_a_model_is_loaded(tmp_path: Path) -> None:
    asked = {
        ("train", "no-such-deck"): "no deck",
        ("train", "--resume", "no-such-run"): "no run is called",
        ("train", "apple", "--after", "no-such-run"): "no run is called",
        ("train", "--branch", "no-such-run", "--at", "3"): "no run is called",
        ("ask", "no-such-run", "x"): "no run is called",
    }
    program = (
        "import sys; from flashcards.cli import main\n"
        f"codes = [main([*words, '--runs', {str(tmp_path)!r}]) for words in {[*asked]!r}]\n"
        "assert (set(codes), 'torch' in sys.modules) == ({1}, False)\n"
    )
    ended = run_python("-c", program, cwd=tmp_path)
    assert ended.returncode == 0
    for line, said in zip(ended.stderr.splitlines(), asked.values(), strict=True):
        assert said in line


def test_a_deck_with_an_error_is_taught_and_names_it(tmp_path: Path, runs: str) -> None:
    deck = tmp_path / "half.deck"
    deck.write_text("dog :: chien\ncat\nbird :: oiseau\n")
    ended = here("train", str(deck), "--runs", runs, "--steps", "1", "--json")
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["seen"]["total"] == 2
    assert ended.stderr.startswith("half.deck:2:")
    assert "see `flashcards check`" in ended.stderr


def test_the_help_names_every_command_in_its_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(len(line) <= 80 for line in text.splitlines())
    told = [title for title in text.splitlines() if title in GROUPS]
    assert told == ["Teach", "Look again", "Write decks", "Show", "Measure"]
    for title, parts in GROUPS.items():
        section = text.split(f"\n{title}\n")[1].split("\n\n")[0].splitlines()
        names = [name for names in parts.values() for name in names]
        assert [line.split()[0] for line in section] == names
        assert all(line.endswith(".") and line.split()[1].istitle() for line in section)


def test_help_loads_no_model_and_no_screen() -> None:
    asked = [["--help"], *([name, "--help"] for name in COMMANDS)]
    code = (
        "import contextlib, sys; from flashcards.cli import main\n"
        f"for words in {asked!r}:\n"
        "    with contextlib.suppress(SystemExit): main(words)\n"
        "    print('====')\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    ended = run_python("-c", code)
    *helps, after = ended.stdout.split("====\n")
    assert (len(helps), after) == (len(asked), "")
    assert all(len(text.splitlines()) > 5 for text in helps)
    loaded = {name for name in ended.stderr.split() if not name.startswith("flashcards.cli")}
    rooms = {name.split(".")[1] for name in loaded if name.startswith("flashcards.")}
    assert rooms == {"base", "cards", "runs", "talks", "terminal", "wording"}
    assert not loaded & {"torch", "textual", "numpy", "rich"}


@pytest.mark.parametrize("words", [["capitols"], ["play", "capitols"], ["serve", "capitols"]])
def test_a_deck_that_is_not_there_is_one_line_in_the_shell(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("flashcards.cli.arguments.require_terminal", lambda _: None)
    monkeypatch.setattr("flashcards.audience.audience_client.missing", lambda: ())
    assert cli.main(words) == 1
    errors = capsys.readouterr().err
    misspelled = golden_words("deck: a name misspelled")
    assert errors.startswith(f"flashcards: {misspelled}")
    assert errors.count("\n") == 1


def test_what_is_served_by_the_path_of_its_folder_is_that_run(tmp_path: Path) -> None:
    run, wants = a_run(tmp_path), argparse.Namespace(runs=str(tmp_path))
    assert run_unless_deck(wants, str(run)) == run
    assert run_unless_deck(wants, run.name) == run
    assert run_unless_deck(wants, "capitals") is None


def test_the_table_of_commands_names_what_each_module_adds() -> None:
    for part in {*PARTS.values()}:
        added: list[str] = []

        def add(name: str, run: Command, *common: Argument, added: list[str] = added) -> Parser:
            added.append(name)
            return Parser()

        importlib.import_module(f"flashcards.cli.{part}").register(add)
        assert {*added} == {name for name in PARTS if PARTS[name] == part}
    modules = {module.name for module in pkgutil.iter_modules(cli.__path__)}
    assert modules == {*PARTS.values(), "arguments", "model_choice", "leaving"}
