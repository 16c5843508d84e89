"""Runs of a brought model: resumed, gone back in, verified; and what is said when it is gone."""

import re
import shutil
from pathlib import Path

import msgspec
import pytest

from flashcards.app.audience.shared_lesson import facts_of
from flashcards.app.stage.presenter import stage_of
from flashcards.base.errors import UserError
from flashcards.cards.shelf import general_deck
from flashcards.cli import main
from flashcards.runs.folder import RunFolder
from flashcards.runs.marks import NOT_ASKED
from flashcards.runs.recording import Recording
from flashcards.trainer.again.replaying import Replay
from flashcards.trainer.again.traveller import learner_at
from flashcards.trainer.checkpoints import Restorer
from flashcards.trainer.exams import N_SENTENCES, Examiner
from flashcards.trainer.opening import open_learner
from flashcards.trainer.schedule import Cost
from flashcards.wording.numbers import percent_right
from tests.golden import check_words
from tests.pretrained.tiny import ASK, N_GENERAL, a_model
from tests.trainer.kept import as_if_elsewhere

DECK = """+++
format = 1
+++
France :: Paris
Italy :: Rome
Germany :: Berlin
Japan :: Tokyo
Spain :: Madrid
Greece :: Athens
"""


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    path = tmp_path / "towns.deck"
    path.write_text(DECK, encoding="utf-8")
    return path


def taught(deck: Path, model: Path, *options: str, n_steps: int = 8, runs: str = "runs") -> Path:
    root = deck.parent / runs
    command = ["train", str(deck), "--model", str(model), "--ask", ASK]
    command += ["--set", "learned=adapter", "--runs", str(root), "--steps", str(n_steps)]
    assert main([*command, *options]) in (0, 3)
    (run,) = root.iterdir()
    return run


def test_any_step_is_trained_again_and_verified(deck: Path) -> None:
    run = taught(deck, a_model("qwen3"), n_steps=9)
    assert learner_at(run, 5).learner.step == 5
    assert main(["verify", str(run)]) == 0
    assert main(["ask", str(run), "France", "--at", "7"]) == 0
    as_if_elsewhere(RunFolder.open(shutil.copytree(run, deck.parent / "elsewhere")))
    assert main(["verify", str(deck.parent / "elsewhere")]) == 0
    folder = RunFolder.open(run)
    replay = Replay(folder, at_most=8)
    assert replay.step == 0  # what only answers is nothing to go on from
    replay.give(8)
    stored = open_learner(run, 8).learner
    assert stored.averaged_flat.equal(replay.training.learner.averaged_flat)
    folder.save_keyframe(7, stored.save({}), is_alone=True)
    assert main(["verify", str(run)]) == 1


@pytest.mark.slow
def test_a_state_holds_the_adapter_alone_and_names_its_base(deck: Path) -> None:
    run = taught(deck, a_model("qwen2"))
    folder = RunFolder.open(run)
    assert folder.info.base is not None
    assert folder.info.base.path == str(a_model("qwen2"))
    learner = open_learner(run).learner
    alone = 4 * learner.n_learned("all")
    sizes = {step: path.stat().st_size for step, path in folder.state_files(is_to_ask=True)}
    assert sizes.pop(8) // alone == 4
    assert set(sizes) >= {0, 1, 2, 4}  # and others, as a busy machine saves more often
    assert {size // alone for size in sizes.values()} == {1}
    assert learner.n_learned("all") < learner.n_parameters


def test_why_there_is_no_page_is_said(deck: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = taught(deck, a_model("qwen2"), n_steps=2)
    assert main(["page", str(run), "-o", str(deck.parent / "page.html")]) == 1
    check_words("page: another form", capsys.readouterr().err.rpartition(": ")[2])
    assert main(["report", str(run), "-o", str(deck.parent / "report.html")]) == 0


def test_a_second_deck_is_taught_to_it_as_the_first_was(
    deck: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = taught(deck, a_model("llama"))
    again = deck.with_name("towns2.deck")
    again.write_text(DECK.replace("France :: Paris", "Austria :: Vienna"), encoding="utf-8")
    runs = ["--runs", str(run.parent)]
    after = ["train", str(again), "--after", str(run), "--steps", "3", *runs]
    assert main([*after, "--only", "last-layer"]) == 1
    check_words("train: only of a brought model", capsys.readouterr().err)
    assert main(after) in (0, 3)
    (later,) = set(run.parent.iterdir()) - {run}
    learner = open_learner(later).learner
    first = open_learner(run).learner
    assert learner.settings.learning_rate == first.settings.learning_rate
    assert learner.settings.batch_size == first.settings.batch_size
    assert main(["verify", str(later)]) == 0


def test_it_reads_a_text_and_is_rewarded(deck: Path) -> None:
    text = deck.with_name("some.txt")
    text.write_text("Rome is the capital of Italy. " * 200, encoding="utf-8")
    end = ["--model", str(a_model("qwen3")), "--steps", "3", "--runs", str(deck.parent / "r")]
    assert main(["read", str(text), *end]) in (0, 3)
    assert main(["reward", str(deck), "--judge", "answers", *end]) in (0, 3)
    for run in (deck.parent / "r").iterdir():
        assert main(["verify", str(run)]) == 0


def test_a_run_without_its_base_says_which_file_is_missing(deck: Path) -> None:
    model = deck.parent / "model"
    shutil.copytree(a_model("llama"), model)
    run = taught(deck, model)
    config = model / "config.json"
    was = config.read_text()
    config.write_text(was.replace('"factor": ', '"factor": 1'))
    with pytest.raises(UserError, match="has changed"):
        open_learner(run)
    config.write_text(was)
    numbers = model / "model.safetensors"
    numbers.write_bytes(numbers.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match="has changed"):
        open_learner(run)
    shutil.rmtree(model)
    with pytest.raises(UserError, match=r"model is missing"):
        open_learner(run)


def test_what_it_knew_before_is_apart(deck: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is taught some towns; then a deck with them and others is the next chapter."""
    run = taught(deck, a_model("llama"), "--set", "learning_rate=0.01", n_steps=60)
    first = Recording.open(RunFolder.open(run)).state.exams.last
    assert first is not None
    assert first.known is not None
    assert first.known.cards.total == 0  # a random model knows no town
    assert first.known.sentences is not None
    assert first.known.sentences.total == N_GENERAL
    more = deck.with_name("more.deck")
    more.write_text(f"{DECK}Norway :: Oslo\n? Cuba :: Havana\n", encoding="utf-8")
    options = ["--after", str(run), "--ask", ASK, "--runs", str(run.parent), "--steps", "3"]
    assert main(["train", str(more), *options]) == 0
    (later,) = set(run.parent.iterdir()) - {run}
    state = Recording.open(RunFolder.open(later)).state
    n_right = first.seen.right
    assert n_right > 0
    assert state.marks.known.count(1) == n_right
    assert state.exams.last is not None
    assert state.exams.last.known is not None
    assert state.exams.last.known.cards.total == n_right
    assert state.latest_verdict is not None
    assert state.latest_verdict.kind == "knew"
    knew = percent_right(state.exams.last.known.cards)
    assert facts_of(state, is_stalled=False)["lesson"]["knew"] == knew
    ended = stage_of(msgspec.structs.replace(state, liveness="finished"), "more", [])
    assert (ended.lines[-1].label, ended.lines[-1].text) == ("● KNEW IT BEFORE", knew)
    capsys.readouterr()
    assert main(["runs", "--runs", str(run.parent)]) == 0
    listed = capsys.readouterr().out
    assert f"●{100 * (state.exams.last.known.cards.rate or 0):.0f} %" in listed
    assert max(map(len, listed.splitlines()[:3])) <= 80
    page = deck.parent / "report.html"
    assert main(["report", str(later), "-o", str(page)]) == 0
    assert len(re.findall('<circle class="k-', page.read_text(encoding="utf-8"))) == n_right
    assert main(["verify", str(later)]) == 0


def test_each_question_of_before_is_asked_once_and_the_run_has_what_it_asks(deck: Path) -> None:
    folder = RunFolder.open(taught(deck, a_model("qwen3"), n_steps=2))
    copied = folder.path / "deck" / "general.deck"
    assert copied.read_text(encoding="utf-8") == general_deck().text
    copied.write_text(copied.read_text(encoding="utf-8").replace("of big is", "of huge is"))
    training = Restorer(folder).restore(0)
    cards, learner = range(len(training.deck.cards)), training.learner
    assert training.grade(cards) == learner.grade(cards)
    assert len(training.first_nats) == len(cards)
    assert training.general_deck.cards[0].prompt == "The opposite of huge is"
    assert sum(mark != NOT_ASKED for mark in training.general) == 2 * N_SENTENCES
    later = Restorer(folder).restore()
    assert later.learner.step == 2
    Examiner(later, Cost(5.0)).take(is_full=True)
    of = learner.encode(training.general_deck)
    assert later.general == bytearray(learner.grade(range(of.n_cards), of=of).marks)


def test_a_run_that_was_left_goes_on_to_the_bit_with_kept_states_of_lower_layers(
    deck: Path,
) -> None:
    upper = ("--set", "n_adapted_layers=1")
    run = taught(deck, a_model("llama"), *upper, n_steps=4)
    assert main(["train", "--resume", str(run), "--steps", "9"]) in (0, 3)
    whole = taught(deck, a_model("llama"), *upper, n_steps=9, runs="whole")
    resumed, straight = open_learner(run).learner, open_learner(whole).learner
    assert resumed.base is not None
    assert resumed.base.known_states is not None
    assert resumed.weights_sha256() == straight.weights_sha256()
    assert main(["verify", str(run)]) == 0
