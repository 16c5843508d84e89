"""A template around each prompt: what the model reads, and that a run keeps it wherever it goes."""

from pathlib import Path

import msgspec
import pytest

from flashcards.cards.card import Deck, filled, is_template
from flashcards.cli import main
from flashcards.learner.encoding import Encoding
from flashcards.runs.catalog import list_runs
from flashcards.runs.folder import RunFolder
from flashcards.trainer.opening import open_learner
from tests.decks import write_capitals
from tests.learner.decks import fruit
from tests.learner.taught import taught
from tests.trainer.chapter_runs import write_coins

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
    """The run that `flashcards train` makes of these words."""
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
    assert "'The capital' is not a text with {prompt} in it once and no other braces" in line
