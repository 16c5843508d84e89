"""`verify`: a run given again is the same to the bit, and what was altered is found."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from flashcards.cli import main
from flashcards.language import VARIABLE
from flashcards.learner.learner import Learner
from flashcards.learner.saving import extra_of
from flashcards.runs import recording
from flashcards.runs.commands import (
    AnyCommand,
    Ask,
    Pause,
    Pin,
    Play,
    Rewind,
    SetLearningRate,
    SetOrder,
    Stop,
    TakeDeck,
)
from flashcards.runs.events import (
    AnyEvent,
    PinAnswered,
    PinTaught,
    PromptAnswered,
    RivalsAnswered,
    RivalsGraded,
    RunDiverged,
    RunRewound,
    StepsTaken,
)
from flashcards.runs.folder import RunFolder, read_state
from flashcards.runs.goal import Goal
from flashcards.runs.recording import Recording
from flashcards.runs.summary import read_summary, save_summary
from flashcards.runs.values import Score
from flashcards.trainer.again.verifying import differs_from_here, verify
from flashcards.trainer.checkpoints import Restorer
from tests.decks import write_capitals, write_sums
from tests.trainer.eventful import N_STEPS, Eventful, eventful_run
from tests.trainer.lessons import ScriptedInbox, run_lesson
from tests.trainer.test_faults import damage
from tests.trainer.test_rerun import contents

Script = list[tuple[int, AnyCommand]]

_LOOKUP = '"rivals":[{"name":"lookup","seen":{"right":'


@pytest.fixture
def eventful(tmp_path: Path) -> Eventful:
    return eventful_run(tmp_path)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of few updates in which a little of everything happens."""
    path = tmp_path_factory.mktemp("short")
    opened, _ = run_lesson(
        write_capitals(path),
        path / "runs",
        script=[
            (1, Pin(prompt="Egypt")),
            (8, SetLearningRate(factor=2.0)),
            (10, Ask(request=2, prompt="France")),
            (16, Pause()),
            (16, Play()),
        ],
        goal=Goal(step=24),
    )
    return opened.keeper.folder.path


@pytest.fixture
def run(short: Path, tmp_path: Path) -> RunFolder:
    """A copy of it to alter."""
    return RunFolder.open(shutil.copytree(short, tmp_path / short.name))


def alter(run: RunFolder, kind: str, pattern: str, to: str, place: int = -1) -> None:
    log = run.log_path
    lines = log.read_text().splitlines(keepends=True)
    chosen = [i for i, line in enumerate(lines) if f'"kind":"{kind}"' in line][place]
    altered = re.sub(pattern, to, lines[chosen], count=1)
    assert altered != lines[chosen]
    lines[chosen] = altered
    log.write_text("".join(lines))


def test_an_eventful_run_is_the_same_to_the_bit_and_is_left_as_it_is(eventful: Eventful) -> None:
    before = contents(eventful.folder.path)
    kinds = {type(event) for event in eventful.folder.events()}
    assert {PinAnswered, PinTaught, PromptAnswered, RivalsGraded, RivalsAnswered} <= kinds
    found = verify(eventful.folder.path)
    assert found.differences == ()
    assert found.is_same
    assert found.is_exact
    assert found.last_step == N_STEPS
    assert found.n_numbers > 1000
    assert found.n_states >= 9
    assert contents(eventful.folder.path) == before


@pytest.mark.slow
def test_a_run_that_was_stopped_and_gone_on_with_is_the_same(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    pins: Script = [(0, Pin(prompt="Egypt")), (0, Pin(prompt="Peru"))]
    first, _ = run_lesson(deck, tmp_path / "runs", script=pins, goal=Goal(step=33), speed=None)
    path = first.keeper.folder.path
    run_lesson(deck, tmp_path / "runs", goal=Goal(step=57), resume=str(path))
    run_lesson(deck, tmp_path / "runs", goal=Goal(step=140), resume=str(path))
    found = verify(path)
    assert found.differences == ()
    assert found.is_same
    last = [event for event in RunFolder.open(path).events() if isinstance(event, PinTaught)][-1]
    assert last.step > 57
    assert last.since_step == 1


def test_a_run_taught_in_german_is_the_same_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "de")
    taught, _ = run_lesson(write_capitals(tmp_path), tmp_path / "runs", goal=Goal(step=24))
    monkeypatch.setenv(VARIABLE, "en")
    found = verify(taught.keeper.folder.path)
    assert found.differences == ()
    assert found.is_same


@pytest.mark.slow
def test_a_log_in_which_counting_began_anew_is_followed(tmp_path: Path) -> None:
    """As versions wrote it that did not save who taught what."""
    deck = write_capitals(tmp_path)
    pins: Script = [(0, Pin(prompt="Egypt"))]
    first, _ = run_lesson(deck, tmp_path / "runs", script=pins, goal=Goal(step=40))
    folder = first.keeper.folder
    path = folder.state_files()[-1][1]
    saved = read_state(path)
    assert saved is not None
    parts = extra_of(saved)
    assert parts.pop("accounts")
    older = folder.save_resume_point(40, first.training.learner.save(parts))
    folder.log_path.write_text(folder.log_path.read_text().replace(path.name, older.name))
    run_lesson(deck, tmp_path / "runs", goal=Goal(step=80), resume=str(folder.path))
    last = [event for event in folder.events() if isinstance(event, PinTaught)][-1]
    assert last.since_step == 41
    assert verify(folder.path).differences == ()
    alter(folder, "PinTaught", r'"since_step":41', '"since_step":42')
    assert not verify(folder.path).is_same


@pytest.mark.slow
def test_what_was_done_before_the_first_update_is_compared_too(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    script: Script = [
        (0, Ask(request=1, prompt="Peru")),
        (0, SetOrder(order="hardest")),
        (0, TakeDeck(text=deck.read_text().replace("Lima", "Cusco"))),
        (0, Ask(request=2, prompt="Peru")),
    ]
    opened, _ = run_lesson(deck, tmp_path / "runs", script=script, goal=Goal(step=20))
    folder = opened.keeper.folder
    found = verify(folder.path)
    assert found.differences == ()
    assert found.is_same
    for kind, pattern, to in (
        ("PromptAnswered", r'"probability":\d', '"probability":7'),
        ("DeckChanged", r'"n_changed":1', '"n_changed":2'),
        ("RivalsAnswered", r'"answer":"[^"]*"', '"answer":"Oslo"'),
        ("OrderChanged", r"hardest", "deck"),
    ):
        was = folder.log_path.read_bytes()
        alter(folder, kind, pattern, to, place=0)
        assert not verify(folder.path).is_same, kind
        folder.log_path.write_bytes(was)


@pytest.mark.pair
def test_rivals_graded_by_their_process_at_whatever_step_are_the_same(tmp_path: Path) -> None:
    deck = write_sums(tmp_path, 40)
    text = deck.read_text()
    opened, watched = run_lesson(
        deck,
        tmp_path / "runs",
        script=[(4, TakeDeck(text=text[: text.rindex("20+20")]))],
        goal=Goal(step=12),
    )
    folder = opened.keeper.folder
    scores = [event.rivals for event in watched.of(RivalsGraded)]
    assert scores[-1] == opened.keeper.state.rivals
    assert verify(folder.path).differences == ()
    alter(folder, "RivalsGraded", r'("nearest","seen":\{"right":)\d', r"\g<1>")
    found = verify(folder.path)
    assert {difference.what for difference in found.differences} == {
        "RivalsGraded.rivals[2].seen.right"
    }


@pytest.mark.parametrize("n_more", [0, pytest.param(110, marks=pytest.mark.slow)])
def test_a_run_that_went_back_is_the_same(tmp_path: Path, n_more: int) -> None:
    inboxes: list[ScriptedInbox] = []

    def react(event: AnyEvent) -> None:
        if isinstance(event, StepsTaken) and event.step >= 70 and len(inboxes) == 1:
            inboxes[0].put(Rewind())
            inboxes.append(inboxes[0])
        if isinstance(event, RunRewound):
            if n_more:
                inboxes[0].put(Play())
            inboxes[0].script.append((event.step + n_more, Stop()))
            inboxes[0].step = event.step

    opened, watched = run_lesson(
        write_capitals(tmp_path),
        tmp_path / "runs",
        script=[(0, Pin(prompt="Egypt")), (40, SetLearningRate(factor=256))],
        react=react,
        inboxes=inboxes,
    )
    (back,) = watched.of(RunRewound)
    if n_more:
        assert watched.of(PinTaught)[-1].step > back.step
    else:
        norms = {e.gradient_norm for e in watched.of(StepsTaken) if e.step == back.step}
        assert len(norms) == 1, "after going back it is said what was said there before"
        assert min(norms) > 0
    folder = opened.keeper.folder
    assert back.step == 32
    assert len([*folder.path.glob("keyframes/00000032-*")]) == 1
    assert verify(folder.path).differences == ()
    alter(folder, "RunRewound", r'"factor":1', '"factor":2')
    assert {found.what for found in verify(folder.path).differences} == {"RunRewound.factor"}


@pytest.mark.slow
def test_a_run_that_broke_breaks_again_or_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = Learner.study

    def spoilt(self: Learner, card_indices: list[int], *rest: Any) -> object:
        studied = study(self, card_indices, *rest)
        if self.step >= 20:
            object.__setattr__(studied, "loss_nats", float("nan"))
        return studied

    with monkeypatch.context() as patched:
        patched.setattr(Learner, "study", spoilt)
        opened, watched = run_lesson(
            write_capitals(tmp_path), tmp_path / "runs", script=[(21, Stop())]
        )
        path = opened.keeper.folder.path
        assert [event.step for event in watched.of(RunDiverged)] == [20]
        assert verify(path).differences == ()
        assert verify(path).is_same
    assert verify(path).problem == "Update 21 did not break the model when made again."


@pytest.mark.parametrize(
    ("kind", "pattern", "to"),
    [
        ("StepsTaken", r'"loss_nats":(\d+\.\d*?)\d\b', r'"loss_nats":\g<1>'),
        ("ExamTaken", r'"seen":\{"right":\d+', '"seen":{"right":3'),
        ("CorrectionMeasured", r'"error_nats":\d', '"error_nats":9'),
        ("PinAnswered", r'"probability":0', '"probability":1'),
        ("PinTaught", r'"total_nats":(-?\d)', r'"total_nats":\g<1>1'),
        ("PinTaught", r'"change_nats":(-?\d)', r'"change_nats":\g<1>1'),
        ("PinTaught", r'"since_step":\d', '"since_step":7'),
        ("PinTaught", r'"n_updates":\d', '"n_updates":3'),
        ("RivalsGraded", r'("ngram","seen":\{"right":)\d', r"\g<1>3"),
        ("RivalsGraded", r'("nearest","seen":\{[^}]*\},"unseen":\{"right":)\d', r"\g<1>2"),
        ("RivalsAnswered", r'"name":"lookup","answer":"Paris"', '"name":"lookup","answer":"Rome"'),
        ("RunStarted", r'"n_parameters":\d', '"n_parameters":9'),
        ("RunStarted", r'"guessing_nats":\d', '"guessing_nats":9'),
        ("RunStarted", r'"rivals":\[\{"name":"lookup","seen":\{"right":\d', _LOOKUP + "5"),
        ("LearningRateChanged", r'"factor":2', '"factor":3'),
        ("PromptAnswered", r'"times_seen":\d', '"times_seen":7'),
        ("LessonEnded", r'"unseen":\{"right":\d+', '"unseen":{"right":9'),
        ("DeckMarked", r'"marks":"[^"]*"', '"marks":"eJwTFGQAAADxADo="'),
        ("DeckMarked", r'"marks":"', '"marks":"\u00e9'),
        ("StepsTaken", r'"step":\d+', '"step":3'),
        ("StepsTaken", r'"step":\d+', '"step":900000000000'),
        ("ExamTaken", r'"step":\d+', '"step":-7'),
    ],
)
def test_an_altered_line_is_found(run: RunFolder, kind: str, pattern: str, to: str) -> None:
    alter(run, kind, pattern, to)
    found = verify(run.path)
    assert not found.is_same
    kind = {"LearningRateChanged": "RecipeChanged"}.get(kind, kind)
    assert kind in {re.split(r"[. ]", difference.what)[0] for difference in found.differences}


@pytest.mark.parametrize("place", [1, -1])
def test_a_line_that_was_taken_out_is_found(run: RunFolder, place: int) -> None:
    alter(run, "StepsTaken", r"^.*\n$", "", place=place)
    found = verify(run.path)
    assert not found.is_same
    missing = ("StepsTaken", "missing in the log")
    assert missing in {(difference.what, difference.was) for difference in found.differences}


def test_an_altered_learning_rate_is_found_and_by_what_follows_too(run: RunFolder) -> None:
    log = run.log_path
    text = log.read_text()
    altered = text.replace('"learning_rate_factor":2.0', '"learning_rate_factor":1.9')
    assert altered != text
    log.write_text(altered)
    found = verify(run.path)
    assert not found.is_same
    steps = {difference.what: difference.step for difference in found.differences}
    assert steps["RecipeChanged.learning_rate_factor"] == 8
    assert max(steps.values()) > 8


def test_a_damaged_keyframe_is_found_and_so_is_one_of_another_run(run: RunFolder) -> None:
    keyframes = sorted((run.path / "keyframes").iterdir())
    damage(keyframes[-1])
    found = verify(run.path)
    (difference,) = found.differences
    assert difference.was == "damaged"
    assert keyframes[-1].name in difference.what


@pytest.mark.parametrize("part", ["cards_taught", "ledger", "accounts"])
def test_a_state_that_remembers_something_else_is_found(run: RunFolder, part: str) -> None:
    (step, path) = run.state_files()[-1]
    taught = Restorer(run).restore()
    match part:
        case "ledger":
            taught.ledger.times_seen[0] += 1
        case "accounts":
            taught.accounts.of[0].n_updates += 1
        case _:
            taught.memory.cards_taught += 1
    altered = run.save_resume_point(step, taught.to_bytes())
    run.log_path.write_text(run.log_path.read_text().replace(path.name, altered.name))
    (difference,) = verify(run.path).differences
    assert difference.what == f"the saved state {altered.name}, {part}"


def test_on_another_machine_a_tolerance_is_used_and_said(run: RunFolder) -> None:
    info = run.path / "run.json"
    written = msgspec.json.decode(info.read_bytes())
    written["versions"]["torch"] = "1.0.0"
    info.write_bytes(msgspec.json.encode(written))
    alter(run, "StepsTaken", r'"loss_nats":(\d+\.\d*?)\d\b', r'"loss_nats":\g<1>')
    found = verify(run.path)
    assert found.is_same
    assert not found.is_exact
    assert found.elsewhere.startswith("torch 1.0.0 there")
    alter(run, "StepsTaken", r'"loss_nats":\d+', '"loss_nats":77')
    assert not verify(run.path).is_same


def test_an_old_log_can_not_be_verified_and_says_so(run: RunFolder) -> None:
    log = run.log_path
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(line for line in lines if b'"RecipeChanged"' not in line))
    found = verify(run.path)
    assert not found.is_same
    assert "before flashcards kept how each update is made" in found.problem


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
    found = verify(run.path)
    assert {difference.step for difference in found.differences} == {0}


def test_a_log_cut_off_at_a_line_is_found(run: RunFolder) -> None:
    log = run.log_path
    lines = log.read_bytes().splitlines(keepends=True)
    ends = [i for i, line in enumerate(lines) if b'"kind":"StepsTaken"' in line]
    log.write_bytes(b"".join(line for i, line in enumerate(lines) if i not in ends[-3:]))
    assert not verify(run.path).is_same


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_altered_verify_reports_and_never_crashes(run: RunFolder, seed: int) -> None:
    chosen = random.Random(seed)
    lines = run.log_path.read_text().splitlines(keepends=True)
    for _ in range(8):
        place = chosen.randrange(len(lines))
        fields = re.findall(r'":("[^"]*"|-?[0-9.]+|true|false|null|\[|\{)', lines[place])
        was = chosen.choice(fields)
        other = chosen.choice(['""', '"\\u0000"', "-1", "1e300", "99", "true", "null", "[]", "{}"])
        lines[place] = lines[place].replace(was, other, 1)
    run.log_path.write_text("".join(lines))
    found = verify(run.path)
    assert found.last_step < 10**6 or not found.is_same


def test_a_state_that_no_line_names_is_compared(run: RunFolder) -> None:
    saved = Restorer(run).restore()
    with torch.no_grad():
        next(iter(saved.learner._weights.named().values())).add_(1.0)
    run.save_resume_point(saved.learner.step, saved.to_bytes())
    found = verify(run.path)
    assert [d.now for d in found.differences] == ["other weights"]
    assert "does not name" in found.differences[0].what


def test_a_state_beyond_the_log_is_found(run: RunFolder) -> None:
    run.save_keyframe(1000, Restorer(run).restore().to_bytes())
    assert [d.now for d in verify(run.path).differences] == [
        "of a step that the log never comes to"
    ]


def test_a_forged_summary_is_found(run: RunFolder) -> None:
    save_summary(run, msgspec.structs.replace(read_summary(run), unseen=Score(20, 20)))
    (difference,) = verify(run.path).differences
    assert difference.what == "summary.json, unseen"


def test_a_forged_index_is_found(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "SNAPSHOT_EVERY_BYTES", 2000)
    monkeypatch.setattr(recording, "SNAPSHOT_SHARE", 0)
    monkeypatch.setattr(recording, "INDEX_EVERY_BYTES", 1)
    known = Recording.open(run)
    assert known.save_index()
    assert verify(run.path).is_same
    known.state.marks = bytes(reversed(known.state.marks))
    known._take_snapshot(known.position)
    known._indexed_bytes = 0
    assert known.save_index()
    assert [d.what for d in verify(run.path).differences] == ["index.msgpack"]


def test_an_empty_log_proves_nothing(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    run.log_path.write_bytes(b"")
    assert main(["verify", str(run.path)]) == 1
    assert "proves nothing" in capsys.readouterr().out


def test_a_log_that_claims_endless_steps_is_not_made_again(run: RunFolder) -> None:
    with run.log_path.open("ab") as file:
        file.write(b'{"kind":"RunPaused","step":%d}\n' % (1 << 40))
    found = verify(run.path)
    assert found.problem.startswith("The log is silent from step 24 to 1,099,511,627,776")
    assert not found.is_same


def test_another_instruction_set_is_named(run: RunFolder) -> None:
    system, architecture, instructions = run.info.machine.split()
    other = msgspec.structs.replace(run.info, machine=f"{system} {architecture} ALTIVEC")
    assert differs_from_here(run.info) == ""
    assert "ALTIVEC there" in differs_from_here(other)
    compiled = msgspec.structs.replace(
        run.info,
        settings={**run.info.settings, "is_compiled": True},
        versions={**run.info.versions, "kernels": "f00"},
    )
    assert differs_from_here(compiled).startswith("kernels f00 there, ")
    assert instructions in differs_from_here(other)
    older = msgspec.structs.replace(run.info, machine=f"{system} {architecture}")
    assert differs_from_here(older) == ""
