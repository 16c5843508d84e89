"""A run whose prompts are filled up says so; it stays so, resumed, verified, with another deck."""

from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.runs import commands as cmd
from flashcards.runs import events as ev
from flashcards.runs.goal import Goal
from flashcards.trainer.opening import open_learner
from tests.export.runs import spelled
from tests.trainer.chapter_runs import teach_after
from tests.trainer.lessons import run_lesson


def test_a_filled_run_says_so_and_stays_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deck, runs = tmp_path / "spelled.deck", tmp_path / "runs"
    deck.write_text(spelled(), encoding="utf-8")
    asked: list[tuple[int, cmd.AnyCommand]] = [(1, cmd.CutTexts(texts=("yéar", "Y É A R")))]
    opened, watched = run_lesson(deck, runs, goal=Goal(step=8), script=asked)
    (start,), (cut,) = watched.of(ev.RunStarted), watched.of(ev.TextsCut)
    assert start.filled_to == 10
    assert cut.cuts == (tuple("yéar".ljust(10, "◦")), ("Y ", "É ", "A ", "R "))
    run = opened.keeper.folder.path
    resumed, _ = run_lesson(deck, runs, goal=Goal(step=16), resume=str(run))
    whole, _ = run_lesson(deck, tmp_path / "others", goal=Goal(step=16))
    hashes = {one.training.learner.weights_sha256() for one in (resumed, whole)}
    assert len(hashes) == 1
    assert main(["verify", str(run)]) == 0
    assert main(["replay", str(run), "--plain"]) == 0
    assert "It reads prompts filled up with ◦ to 10 characters" in " ".join(
        capsys.readouterr().out.split()
    )


def test_a_later_deck_with_longer_prompts_is_read_by_the_same_rule(tmp_path: Path) -> None:
    deck, later = tmp_path / "spelled.deck", tmp_path / "longer.deck"
    deck.write_text(spelled(), encoding="utf-8")
    later.write_text("".join(f"{'long' * i}a :: b{i}\n" for i in range(1, 9)), encoding="utf-8")
    first, _ = run_lesson(deck, tmp_path / "runs", goal=Goal(step=4))
    second = teach_after(first.keeper.folder.path, later, steps=8)
    learner = open_learner(second.path).learner
    assert learner.settings.filled_to == 10
    assert [len(ids) for ids in learner.tokenizer.prompts(["longa", "long" * 8 + "a"])] == [10, 33]
