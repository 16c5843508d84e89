"""Prompts with a template around them, or filled up: what is read, and that a run keeps it."""

from pathlib import Path

import msgspec
import pytest

from flashcards.cards.card import Deck, filled, is_template
from flashcards.cli import main
from flashcards.learner.encoding import Encoding
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.catalog import list_runs
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.trainer.opening import open_learner
from tests.decks import write_capitals
from tests.export.runs import spelled
from tests.golden import check_words
from tests.learner.decks import fruit, taught
from tests.trainer.chapter_runs import teach_after, write_coins
from tests.trainer.lessons import run_lesson

ASK = "The capital of {prompt} is"


def test_a_template_has_one_place_for_the_prompt_and_no_other_braces() -> None:
    for text in (ASK, "{prompt}", "{prompt} ::", "In {prompt}, one says"):
        assert is_template(text)
        assert filled(text, "{prompt}") == text
    for text in ("", "x", "{prompt}{prompt}", "{prompt} {x}", "{{prompt}}", "{}"):
        assert not is_template(text), text


def test_the_model_reads_the_template_with_the_prompt_in_it() -> None:
    deck = msgspec.structs.replace(fruit(), ask="A {prompt} is a")
    learner = taught(deck, 2, batch_size=6)
    encoding = Encoding(deck, learner.tokenizer, 64, "cpu")
    for index, card in enumerate(deck.cards):
        read = learner.tokenizer.text(encoding.prompt(index)[:-1])
        assert read == f"A {card.prompt} is a"
    # and what is typed is read as the cards are: what it says is what it is graded for
    prompts = [card.prompt for card in deck.cards]
    said = [answer.text for answer in learner.answer_each(prompts)]
    right = [mark == 3 for mark in learner.grade(range(len(prompts))).marks]
    assert right == [text == card.answer for text, card in zip(said, deck.cards, strict=True)]


def begun(folder: Path, *words: str) -> RunFolder:
    runs = folder / "runs"
    before = {run.path for run in list_runs(runs)} if runs.exists() else set()
    assert main(["train", *words, "--steps", "4", "--json", "--runs", str(runs)]) == 0
    (path,) = {run.path for run in list_runs(runs)} - before
    return RunFolder.open(path)


def deck_of(run: RunFolder) -> Deck:
    return open_learner(run.path).deck


def test_a_run_is_asked_on_as_it_was(tmp_path: Path) -> None:
    deck = str(write_capitals(tmp_path))
    run = begun(tmp_path, deck, "--ask", ASK)
    assert run.info.asks == (ASK,)
    assert deck_of(run).ask == ASK
    runs = ["--runs", str(tmp_path / "runs")]
    assert main(["train", "--resume", str(run.path), "--steps", "8", "--json", *runs]) == 0
    assert main(["verify", str(run.path), *runs]) == 0
    branch = begun(tmp_path, "--branch", str(run.path), "--at", "2")
    assert (branch.info.asks, deck_of(branch).ask) == ((ASK,), ASK)
    later = begun(tmp_path, str(write_coins(tmp_path)), "--after", str(run.path))
    assert later.info.asks == (ASK, "")
    merged = deck_of(later)
    (kept,) = merged.chapters
    assert merged.read_prompts([0, kept[0]]) == ["France", "The capital of France is"]
    assert main(["verify", str(later.path), *runs]) == 0


def test_the_deck_s_own_template_is_for_a_model_that_others_have_trained(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    text = deck.read_text(encoding="utf-8").replace("+++\n", f'+++\nask = "{ASK}"\n', 1)
    deck.write_text(text, encoding="utf-8")
    run = begun(tmp_path, str(deck))
    assert (run.info.asks, deck_of(run).ask, deck_of(run).meta.ask) == ((), "", ASK)


def test_a_template_without_a_place_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "capitals", "--steps", "1", "--ask", "The capital"])
    (line,) = capsys.readouterr().err.splitlines()
    check_words("train: a template without a place", line)


SMALL = "+++\nn_layers = 1\nwidth = 32\n+++\n"


@pytest.mark.slow
def test_a_filled_run_stays_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deck, runs = tmp_path / "spelled.deck", tmp_path / "runs"
    deck.write_text(SMALL + spelled(), encoding="utf-8")
    asked: list[tuple[int, cmd.AnyCommand]] = [(1, cmd.CutTexts(texts=("yéar", "Y É A R")))]
    opened, watched = run_lesson(deck, runs, goal=Goal(step=8), script=asked)
    (start,), (cut,) = watched.of(ev.RunStarted), watched.of(ev.TextsCut)
    assert start.filled_to == 10
    assert cut.cuts == (tuple("yéar".ljust(10, "◦")), ("Y ", "É ", "A ", "R"))
    run = opened.keeper.folder.path
    resumed, _ = run_lesson(deck, runs, goal=Goal(step=16), resume=str(run))
    whole, _ = run_lesson(deck, tmp_path / "others", goal=Goal(step=16))
    hashes = {one.training.learner.weights_sha256() for one in (resumed, whole)}
    assert len(hashes) == 1
    assert main(["verify", str(run)]) == 0
    assert main(["replay", str(run), "--plain"]) == 0
    sentences = " ".join(capsys.readouterr().out.split()).split(". ")
    check_words("line: filled prompts", next(text for text in sentences if "◦" in text))


@pytest.mark.slow
def test_a_later_deck_with_longer_prompts_is_read_by_the_same_rule(tmp_path: Path) -> None:
    deck, later = tmp_path / "spelled.deck", tmp_path / "longer.deck"
    deck.write_text(SMALL + spelled(), encoding="utf-8")
    later.write_text("".join(f"{'long' * i}a :: b{i}\n" for i in range(1, 9)), encoding="utf-8")
    first, _ = run_lesson(deck, tmp_path / "runs", goal=Goal(step=4))
    second = teach_after(first.keeper.folder.path, later, steps=8)
    learner = open_learner(second.path).learner
    assert learner.settings.filled_to == 10
    assert [len(ids) for ids in learner.tokenizer.prompts(["longa", "long" * 8 + "a"])] == [10, 33]
