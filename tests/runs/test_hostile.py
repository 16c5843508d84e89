"""Run folders that a stranger made: nothing outside them is touched, nothing waits or grows."""

import base64
import errno
import os
import shutil
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.runs import catalog
from flashcards.runs.catalog import note_begun, was_begun_from
from flashcards.runs.cursor import MAX_LINE_BYTES, read_run
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.log import LogWriter
from flashcards.runs.marks import pack, unpack
from flashcards.runs.run_files import open_file, read_file
from tests.golden import raises_words, words
from tests.posix import is_root, make_pipe
from tests.runs.test_folder import create
from tests.written_run import written_run

NEEDS_LINKS = pytest.mark.skipif(os.name == "nt", reason="links and pipes are POSIX's")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = create(tmp_path / "runs")
    folder.release()
    return folder.path


def _linked(path: Path, target: Path) -> None:
    shutil.move(path, target)
    path.symlink_to(target)


@NEEDS_LINKS
@pytest.mark.parametrize(
    "name", ["run.json", "events.jsonl", "deck", "keyframes", "tokenizer.model", "writer.lock"]
)
def test_a_folder_with_a_link_is_not_opened(run: Path, tmp_path: Path, name: str) -> None:
    _linked(run / name, tmp_path / "outside")
    with pytest.raises(RunError, match="link"):
        RunFolder.open(run)
    with pytest.raises(RunError, match="link"):
        RunFolder.open(run, is_writer=True)


@NEEDS_LINKS
@pytest.mark.parametrize("name", ["deck/0001-more.deck", "keyframes/x", "summary.json", "twin"])
def test_nor_one_with_a_link_anywhere_in_it(run: Path, tmp_path: Path, name: str) -> None:
    (run / name).symlink_to(tmp_path / "nothing")
    with pytest.raises(RunError, match=f"{name} in it is a link"):
        RunFolder.open(run)
    assert not (tmp_path / "nothing").exists()


@NEEDS_LINKS
def test_the_log_writer_leaves_what_a_link_leads_to(tmp_path: Path) -> None:
    outside = tmp_path / ".bashrc"
    outside.write_bytes(b"alias ll=ls\nno newline")
    (tmp_path / "events.jsonl").symlink_to(outside)
    with pytest.raises(OSError, match="link"):
        LogWriter(tmp_path / "events.jsonl")
    assert outside.read_bytes() == b"alias ll=ls\nno newline"


@NEEDS_LINKS
@pytest.mark.parametrize("name", ["run.json", "events.jsonl", "summary.json", "writer.lock"])
def test_a_pipe_in_place_of_a_file_does_not_hang(run: Path, name: str) -> None:
    (run / name).unlink(missing_ok=True)
    make_pipe(run / name)
    with pytest.raises(RunError, match=r"device|pipe"):
        RunFolder.open(run, is_writer=True)
    with pytest.raises(OSError):
        open_file(run / name)
    with pytest.raises(OSError):
        open_file(run / name, "ab")


def test_a_run_without_a_log_or_with_a_folder_for_it_is_no_run(run: Path) -> None:
    (run / "events.jsonl").unlink()
    reason = os.strerror(errno.ENOENT)
    with raises_words(RunError, "run: no run", run=run.name, reason=reason, file="events.jsonl"):
        RunFolder.open(run)
    (run / "events.jsonl").mkdir()
    with pytest.raises(RunError, match=r"folder.*\(events\.jsonl\)"):
        RunFolder.open(run)


def test_a_file_larger_than_its_kind_is_not_read(run: Path) -> None:
    with (run / "run.json").open("ab") as file:
        file.truncate(1 << 33)
    with raises_words(RunError, "run: a large file", run=run.name):
        RunFolder.open(run)
    with raises_words(OSError, "run: a file above its limit"):
        read_file(run / "run.json", 1000)


def test_a_line_longer_than_any_event_is_no_event(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    long = b'{"kind":"RunPaused","step":1,"x":"' + b"x" * 2 * MAX_LINE_BYTES + b'"}\n'
    log.write_bytes(b'{"kind":"RunPaused","step":1}\n' + long + b'{"kind":"RunPlayed","step":2}\n')
    assert [event.step for event in read_run(log)] == [1, 2]
    log.write_bytes(b'{"kind":"RunPaused","step":1}\n' + long[:-1])
    assert [event.step for event in read_run(log)] == [1]


def test_the_deck_of_a_run_names_no_folder(tmp_path: Path) -> None:
    folder = written_run(tmp_path / "runs", "capitals", deck="x/../../evil")
    assert folder.path.parent == tmp_path / "runs"
    assert folder.save_deck("../../evil.deck", b"a :: b\n") == "0001-..-..-evil.deck"
    folder.release()


START = (
    b'{"kind":"RunStarted","run":"r","folder":"f","deck":"d","name":"D","deck_path":"d.deck",'
    b'"seed":1,"device":"cpu","n_taught":3,"n_held_out":1,"n_parameters":10,"n_pieces":9,'
    b'"guessing_nats":2.2,"batch_size":3,"learning_rate":0.01,"held_out":"%s","step":0}'
)
EXAM = (
    b'{"kind":"ExamTaken","cards_taught":1,"is_full":true,"seen":{"right":1,"total":3},'
    b'"unseen":{"right":0,"total":1},"seen_loss_nats":1.5,"unseen_loss_nats":null,"step":1}'
)
PIN = b'{"kind":"PinAnswered","prompt":"a","answer":"b","probability":0.5,"step":1}'
RATE = b'{"kind":"LearningRateChanged","factor":0.5,"step":1}'
REMEDY = b'{"kind":"RemedyChanged","rehearsal":0.5,"learns":"all","n_learned":1,"step":1}'
PRACTICE = b'{"kind":"PracticeChanged","practice":"shuffled","step":1}'
TRIES = (
    b'{"kind":"TriesRewarded","prompts":[],"rewards":[0.5],"groups":[],"counts":{"n_right":1},'
    b'"step":1}'
)
EARLIER = (
    b'"earlier":[{"deck":"a","seen":{"right":2,"total":3},"unseen":{"right":0,"total":0}}],"step":1'
)


@pytest.mark.parametrize(
    ("line", "was", "now"),
    [
        (START, b'"n_held_out":1', b'"n_held_out":9223372036854775808'),
        (START, b'"n_held_out":1', b'"n_held_out":8589934592'),
        (START, b'"n_taught":3', b'"n_taught":-3'),
        (START, b'"n_taught":3', b'"n_taught":400'),
        (START, b'"seed":1', b'"seed":1' + b"0" * 40),
        (START, b"2.2", b"1e300"),
        (EXAM, b'"right":1', b'"right":4'),
        (EXAM, b'"right":1', b'"right":-1'),
        (EXAM, b'"step":1', b'"step":-1'),
        (EXAM, b'"step":1', b'"step":18014398509481984'),
        (EXAM, b"1.5", b"1e999"),
        (EXAM, b"1.5", b"NaN"),
        (EXAM, b'"is_full":true', b'"is_full":true,"x":' + b"[" * 100_000),
        (EXAM, b'"seen":', b'"a":' + b"[" * 100_000 + b"]" * 100_000 + b',"seen":'),
        (PIN, b"0.5", b"1e30"),
        (PIN, b"0.5", b"-0.5"),
        (RATE, b"0.5", b"0"),
        (RATE, b"0.5", b"-1"),
        *((REMEDY, b"0.5", to) for to in (b"-0.1", b"1.5", b"1e400")),
        (REMEDY, b'"all"', b'"everything"'),
        (REMEDY, b'"n_learned":1', b'"n_learned":-1'),
        (PRACTICE, b"shuffled", b"praised"),
        (TRIES, b"[0.5]", b"[1.5]"),
        (TRIES, b'"n_right":1', b'"n_right":-1'),
        (TRIES, b'"groups":[]', b'"groups":[{}]'),
        (EXAM.replace(b'"step":1', EARLIER), b'"right":2', b'"right":4'),
    ],
)
def test_what_cannot_have_happened(tmp_path: Path, line: bytes, was: bytes, now: bytes) -> None:
    log = tmp_path / "events.jsonl"
    held_out = pack(bytes((0, 0, 0, 1))).encode()
    line = line.replace(b"%s", held_out)
    log.write_bytes(line + b"\n")
    assert len(read_run(log)) == 1
    assert was in line
    log.write_bytes(line.replace(was, now, 1) + b"\n" + RATE + b"\n")
    assert [type(event).__name__ for event in read_run(log)] == ["LearningRateChanged"]


def test_marks_that_inflate_are_refused_before_they_do() -> None:
    bomb = base64.b64encode(zlib.compress(bytes(50_000_000), 9)).decode()
    tracemalloc.start()
    for n_cards in (0, 1, 1000):
        with pytest.raises(ValueError, match="another number"):
            unpack(bomb, n_cards)
    assert tracemalloc.get_traced_memory()[1] < 3_000_000
    tracemalloc.stop()


def test_a_deck_file_is_known_of_the_run_that_was_begun_from_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import platformdirs

    monkeypatch.setattr(platformdirs, "user_data_dir", lambda name, **_: str(tmp_path / "own"))
    assert not was_begun_from("run", "/decks/a.deck")
    note_begun("run", "/decks/a.deck")
    assert was_begun_from("run", "/decks/a.deck")
    assert not was_begun_from("run", "/secrets.tsv")
    assert not was_begun_from("another", "/decks/a.deck")
    monkeypatch.setattr(catalog, "MAX_BEGUN_BYTES", 1000)
    for number in range(40):
        note_begun(f"run-{number}", "/decks/a.deck")
    assert was_begun_from("run-39", "/decks/a.deck")
    assert not was_begun_from("run", "/decks/a.deck")
    assert (tmp_path / "own" / "begun.txt").stat().st_size <= 1000


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_folder_that_can_not_be_entered_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], run: Path
) -> None:
    if is_root():
        pytest.skip("root may enter every folder")
    run.chmod(0)
    reason = os.strerror(errno.EACCES)
    try:
        for command in (["replay", str(run), "--plain"], ["ask", str(run), "x"]):
            assert main(command) == 1
            error = capsys.readouterr().err
            assert error == f"flashcards: {run} can't be read: {reason}\n"
        assert main(["curves", str(run), "-o", str(tmp_path / "x.svg")]) == 1
        assert reason in capsys.readouterr().err
        assert main(["runs", "--runs", str(run.parent)]) == 0
        assert f"{run.name} can't be read: {reason}" in capsys.readouterr().out
    finally:
        run.chmod(0o700)


def test_a_damaged_run_says_what_is_wrong(capsys: pytest.CaptureFixture[str], run: Path) -> None:
    (run / "run.json").write_text("", encoding="utf-8")
    for name in (run.name, run.name[-4:]):
        assert main(["replay", name, "--plain", "--runs", str(run.parent)]) == 1
        damage = words("run: a damaged file", file=run / "run.json")
        assert f"{damage}: " in capsys.readouterr().err


def test_an_empty_tokenizer_is_lost(run: Path) -> None:
    (run / "tokenizer.model").write_bytes(b"")
    with raises_words(RunError, "run: a lost tokenizer", run=run):
        RunFolder.open(run).tokenizer_model()


def test_a_bad_one_is_a_row(tmp_path: Path, capsys: pytest.CaptureFixture[str], run: Path) -> None:
    root = run.parent
    bad: dict[str, Callable[[Path], object]] = {
        "links": lambda path: make_pipe(path / "x"),
        "nested\x1b[2J": lambda path: (path / "run.json").write_text("[" * 100_000),
        "lost": lambda path: (path / "events.jsonl").unlink(),
        "text": lambda path: (path / "run.json").write_text("{}"),
    }
    for name, spoil in bad.items():
        spoil(Path(shutil.copytree(run, root / name)))
    (root / "no run").mkdir()
    assert main(["runs", "--runs", str(root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if run.name in line]) == 1
    for name in ("links", "nested␛[2J", "lost", "text"):
        (line,) = [line for line in lines if name in line]
        assert "\x1b" not in line
    assert lines[-1].startswith("1 run, ")


def test_what_may_not_be_read_is_a_run_still(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, mode: str = "rb") -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("flashcards.runs.folder.open_file", refused)
    said = rf"{run.name} can't be read: Permission denied \(events.jsonl\)"
    with pytest.raises(RunError, match=said):
        RunFolder.open(run)
