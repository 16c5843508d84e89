"""The run folder: whole or absent, one writer, damage recognised, nothing lost."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from flashcards import cli
from flashcards.base import system
from flashcards.runs import catalog
from flashcards.runs.catalog import RunSummary, read_summary, save_summary, summary_of
from flashcards.runs.events import DeckChanged, RunPaused, RunResumed
from flashcards.runs.folder import FORMAT, RunError, RunFolder, is_being_written
from flashcards.runs.keyframes import is_keyframe
from flashcards.runs.recording import Recording
from flashcards.runs.run_files import write_atomically
from flashcards.runs.state import RunState
from flashcards.runs.values import Score
from tests import told
from tests.golden import check_words, raises_words
from tests.runs.test_events import START
from tests.written_run import written_run

_created: list[RunFolder] = []


@pytest.fixture(autouse=True)
def _released() -> Iterator[None]:
    yield
    while _created:
        _created.pop().release()


def create(root: Path, deck: str = "capitals") -> RunFolder:
    folder = written_run(root, deck, b"France :: Paris\n")
    _created.append(folder)
    return folder


def test_a_run_is_named_by_day_and_deck_and_holds_what_it_was_given(tmp_path: Path) -> None:
    folder = create(tmp_path / "runs")
    assert folder.path.name.startswith("2026-11-24-capitals-")
    assert folder.deck_path().read_bytes() == b"France :: Paris\n"
    assert folder.tokenizer_model() == b"model"
    assert RunFolder.open(folder.path).info == folder.info
    assert folder.info.run == folder.path.name


@pytest.mark.parametrize("asks", [["x" * 800_000 + "{prompt}"], ["{prompt}" * 100_000]])
def test_a_template_that_would_be_read_with_every_card_is_damage(
    tmp_path: Path, asks: list[str]
) -> None:
    path = create(tmp_path).path
    info = msgspec.json.decode((path / "run.json").read_bytes())
    (path / "run.json").write_bytes(msgspec.json.encode(info | {"asks": asks}))
    with pytest.raises(RunError, match=r"run\.json .*length") as caught:
        RunFolder.open(path)
    damage = str(caught.value).partition(": ")[0]  # what follows is the decoder's reason
    check_words("run: a damaged file", damage, file=path / "run.json")


def test_who_looks_whether_a_run_is_written_leaves_it_to_others(tmp_path: Path) -> None:
    folder = create(tmp_path)
    assert is_being_written(folder.path)
    folder.release()
    assert not is_being_written(folder.path)
    folder.acquire()
    folder.release()
    (folder.path / "writer.lock").unlink()
    assert not is_being_written(folder.path)
    assert not (folder.path / "writer.lock").exists()


def test_a_look_at_the_lock_takes_a_run_from_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = create(tmp_path)
    folder.release()
    looking = (folder.path / "writer.lock").open("r+b")
    system.lock(looking)
    monkeypatch.setattr("time.sleep", lambda seconds: looking.close())
    folder.acquire()


def test_two_runs_of_the_same_moment_get_two_names(tmp_path: Path) -> None:
    assert create(tmp_path).path != create(tmp_path).path


def test_a_root_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(RunError, match="--runs DIR"):
        create(blocked)
    assert blocked.read_text() == ""


def test_a_folder_that_is_no_run_is_a_clear_error(tmp_path: Path) -> None:
    reason = os.strerror(errno.ENOENT)
    with raises_words(RunError, "run: no run", run=tmp_path.name, reason=reason, file="run.json"):
        RunFolder.open(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[]"])
def test_a_damaged_run_json_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    folder = create(tmp_path)
    (folder.path / "run.json").write_bytes(content)
    with pytest.raises(RunError, match="damaged"):
        RunFolder.open(folder.path)


def test_states_come_newest_first_and_only_two_resume_points_stay(tmp_path: Path) -> None:
    folder = create(tmp_path)
    folder.save_keyframe(1, b"one")
    for step in (10, 20, 30):
        folder.save_resume_point(step, b"state of %d" % step)
    assert list(folder.states()) == [(30, b"state of 30"), (20, b"state of 20"), (1, b"one")]
    assert list(folder.states(at_most=25)) == [(20, b"state of 20"), (1, b"one")]


def test_of_large_states_the_newest_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flashcards.runs.folder.LARGE_STATE_BYTES", 5)
    folder = create(tmp_path)
    for step in (10, 20):
        folder.save_resume_point(step, b"large state %d" % step)
    assert list(folder.states()) == [(20, b"large state 20")]


def test_a_step_that_is_saved_anew_has_one_resume_point(tmp_path: Path) -> None:
    folder = create(tmp_path)
    folder.save_resume_point(10, b"ten")
    folder.save_keyframe(20, b"kept")
    for n in range(16):
        folder.save_resume_point(20, b"version %d" % n)
        assert [s for _, s in folder.states()] == [b"version %d" % n, b"kept", b"ten"]


def test_a_damaged_state_is_passed_over(tmp_path: Path) -> None:
    folder = create(tmp_path)
    folder.save_keyframe(4, b"four")
    damaged = folder.save_resume_point(9, b"nine")
    damaged.write_bytes(b"nin")
    (folder.path / "resume-garbage.safetensors").write_bytes(b"")
    assert list(folder.states()) == [(4, b"four")]
    assert [step for step, _ in folder.state_files()] == [4, 9]


def test_a_write_that_fails_leaves_the_old_content_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["summary.json"]


def test_a_missing_summary_is_rebuilt_from_the_log(tmp_path: Path) -> None:
    folder = create(tmp_path)
    exam = told.exam(7, (2, 3), (0, 1), cards_taught=112, unseen_loss_nats=4.0)
    log = folder.open_log()
    log.append(exam)
    log.close()
    expected = RunSummary(step=7, cards_taught=112, seen=Score(2, 3), unseen=Score(0, 1))
    assert read_summary(folder) == expected
    save_summary(folder, expected)
    n_bytes = folder.log_path.stat().st_size
    assert read_summary(folder) == msgspec.structs.replace(expected, log_bytes=n_bytes)


def test_a_summary_tells_whether_the_lesson_came_to_its_own_end() -> None:
    state = RunState()
    for reason, is_own in (("stopped", False), ("until", False), ("all_right", True)):
        state.fold(told.ended("memorised", (2, 3), (0, 1), reason))
        assert summary_of(state).has_ended is is_own


def test_a_summary_that_is_behind_its_log_is_not_believed(tmp_path: Path) -> None:
    folder = create(tmp_path)
    save_summary(folder, RunSummary(step=0))
    log = folder.open_log()
    log.append(RunPaused(step=41))
    log.close()
    assert read_summary(folder).step == 41


def test_a_log_is_read_once_as_it_is_and_never_that_of_a_run_whose_progress_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = create(tmp_path)
    read = Recording.open
    opened: list[RunFolder] = []

    def note(step: int) -> None:
        log = folder.open_log()
        log.append(RunPaused(step=step))
        log.close()

    def opening(folder: RunFolder) -> Recording:
        opened.append(folder)
        return read(folder)

    monkeypatch.setattr(Recording, "open", opening)
    for n_read, step in enumerate((41, 42), start=1):
        note(step)
        for _ in range(2):
            (entry,) = catalog.list_runs(tmp_path)
            assert entry.summary.step == step
            assert len(opened) == n_read
    note(43)
    (entry,) = catalog.list_runs(tmp_path, known={folder.path: RunSummary(step=44)})
    assert entry.summary.step == 44
    assert len(opened) == 2


def test_keyframes_over_the_budget_are_thinned_and_the_start_stays_dense(tmp_path: Path) -> None:
    folder = create(tmp_path)
    for step in range(4097):
        if is_keyframe(step):
            folder.save_keyframe(step, bytes(100))
    folder.thin_keyframes(budget_bytes=10**6)
    assert len(folder.state_files()) == 14 + 1 + 2 + 5 + 10
    folder.thin_keyframes(budget_bytes=2_000)
    steps = [step for step, _ in folder.state_files()]
    assert steps == [0, *(2**i for i in range(11)), 1792, *range(2048, 3969, 384), 4096]


def test_a_run_is_named_by_its_end_where_no_other_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "runs_root", lambda: tmp_path)
    first, second = tmp_path / "2026-11-24-verbs-7f3a", tmp_path / "2026-11-25-words-7f3a"
    first.mkdir()
    assert catalog.named_from_outside(first) == "7f3a"
    second.mkdir()
    assert catalog.named_from_outside(first) == first.name
    monkeypatch.setattr(catalog, "runs_root", lambda: tmp_path / "other")
    assert catalog.named_from_outside(second) == f"{second.name} --runs {tmp_path}"


def test_what_was_asked_is_known_for_each_chapter(tmp_path: Path) -> None:
    info = msgspec.structs.replace(create(tmp_path).info, asks=("", "It is {prompt}"))
    assert [info.ask_in(chapter) for chapter in range(3)] == ["", "It is {prompt}", ""]


def test_runs_are_listed_with_their_sizes_and_found_by_their_end(tmp_path: Path) -> None:
    folder = create(tmp_path)
    (tmp_path / "not-a-run").mkdir()
    (entry,) = catalog.list_runs(tmp_path)
    assert entry.path == folder.path
    assert entry.size_bytes == sum(p.stat().st_size for p in folder.path.rglob("*") if p.is_file())
    assert catalog.find_run(tmp_path, folder.path.name[-4:]) == folder.path
    assert catalog.find_run(tmp_path, str(folder.path)) == folder.path
    with raises_words(RunError, "run: no such run", name="'nothing'", runs=tmp_path):
        catalog.find_run(tmp_path, "nothing")
    empty = tmp_path / "empty"
    with raises_words(RunError, "run: no runs", name="'nothing'", runs=empty):
        catalog.find_run(empty, "nothing")


def test_the_deck_in_force_is_the_last_in_the_log_not_on_the_disk(tmp_path: Path) -> None:
    folder = create(tmp_path)
    first = folder.save_deck("capitals.deck", b"one")
    with contextlib.closing(folder.open_log()) as log:
        log.append(DeckChanged(step=7, start=START, file=first))
    assert first == "0001-capitals.deck"
    assert folder.save_deck("capitals.deck", b"never in force") == "0002-capitals.deck"
    assert folder.deck_path().read_bytes() == b"one"
    assert folder.deck_path(7).read_bytes() == b"one"
    assert folder.deck_path(6).read_bytes() == b"France :: Paris\n"


def test_a_deck_change_beyond_the_step_a_run_goes_on_from_did_not_happen(tmp_path: Path) -> None:
    folder = create(tmp_path)
    with contextlib.closing(folder.open_log()) as log:
        log.append(DeckChanged(step=9, start=START, file=folder.save_deck("a.deck", b"one")))
        log.append(RunResumed(step=8, start=START))
    assert folder.deck_path().read_bytes() == b"France :: Paris\n"


def test_a_deck_version_that_is_gone_is_a_clear_error(tmp_path: Path) -> None:
    folder = create(tmp_path)
    (folder.path / "deck" / folder.save_deck("a.deck", b"one")).unlink()
    with raises_words(RunError, "run: a lost deck", run=folder.path):
        folder.deck_version("0001-a.deck")


def test_a_file_keeps_the_permissions_that_are_asked_for(tmp_path: Path) -> None:
    write_atomically(tmp_path / "x", b"1", mode=0o640)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


OPENERS = {
    "runs": ["runs", "--runs", "{root}"],
    "replay": ["replay", "{run}", "--plain"],
    "resume": ["train", "--resume", "{run}", "--steps", "5", "--runs", "{root}"],
    "verify": ["verify", "{run}"],
    "export": ["export", "{run}", "--to", "hf", "-o", "{root}/x"],
    "ask": ["ask", "{run}", "x"],
    "report": ["report", "{run}", "-o", "{root}/x.html"],
}


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize(
    ("format_", "sentence"),
    [
        (FORMAT - 1, "548a3b8f"),
        (FORMAT + 1, "update to read"),
    ],
)
def test_it_says_what_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], opener: str, format_: int, sentence: str
) -> None:
    folder = create(tmp_path)
    folder.release()
    info = folder.path / "run.json"
    info.write_bytes(info.read_bytes().replace(b'"format":%d' % FORMAT, b'"format":%d' % format_))
    cli.main([word.format(root=tmp_path, run=folder.path) for word in OPENERS[opener]])
    text = "".join(capsys.readouterr())
    assert " ".join(text.split()).count(sentence) == 1


def test_a_version_of_a_deck_names_one_earlier_deck_at_least_and_64_at_most(tmp_path: Path) -> None:
    folder = create(tmp_path)
    assert folder.earlier_versions("") == ()
    names = tuple(f"{n:04d}-x.deck" for n in range(65))
    assert folder.earlier_versions(folder.save_deck("x", b"a :: b\n", names[:64])) == names[:64]
    too_many = folder.save_deck("x", b"a :: b\n", names)
    earlier = folder.path / "deck" / f"{too_many[:4]}.after.json"
    with raises_words(RunError, "run: too many earlier decks", file=earlier, n=65):
        folder.earlier_versions(too_many)
    earlier.write_bytes(b"[]")
    with raises_words(RunError, "run: too many earlier decks", file=earlier, n=0):
        folder.earlier_versions(too_many)
