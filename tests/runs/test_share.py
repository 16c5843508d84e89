"""The line that does a run again, and how often a hand changed it."""

import shlex
from pathlib import Path

import pytest

from flashcards import cli
from flashcards.report.story import gather
from flashcards.runs import events as ev
from flashcards.runs.catalog import list_runs
from flashcards.runs.share import line_again, share_line
from flashcards.runs.values import BranchChange, TextFacts
from tests import told
from tests.app.lesson import folded
from tests.decks import write_capitals
from tests.report.test_report import start
from tests.trainer.kept import weights_at

SPEEDS = ((0, "explain"), (2, "slow"), (5, "brisk"), (15, "full"))
OPENING: list[ev.AnyEvent] = [
    ev.SpeedChanged(step=step, speed=speed)  # type: ignore[arg-type]
    for step, speed in SPEEDS
]


def again(*happened: ev.AnyEvent, step: int) -> tuple[str, int]:
    state = folded([start(), *happened, ev.PromptPinned(step=step, prompt="Peru")])
    return line_again(start(), state, happened)


def test_the_share_line_names_the_deck_as_it_is_named_elsewhere() -> None:
    ended = told.ended("too_early", (4, 4), (0, 0), step=9)
    assert share_line(start(), ended, 9) == "flashcards capitals --seed 7 --until seen=1.0"
    own = start(deck_path="/home/me/my words.deck", deck="my-words")
    assert share_line(own, None, 12) == "flashcards 'my words.deck' --seed 7 --until step=12"
    twin = start(is_shuffled=True)
    assert (
        share_line(twin, None, 12, "full")
        == "flashcards train capitals --seed 7 --shuffled --speed full --steps 12"
    )


def test_settings_that_were_chosen_are_in_the_line() -> None:
    chosen = start(chosen={"tokenizer": "bpe", "size": "medium", "learning_rate": 1e-05})
    options = "--set tokenizer=bpe --size medium --set learning_rate=1e-05"
    line = f"flashcards capitals --seed 7 {options} --until step=12"
    assert share_line(chosen, None, 12) == line
    forged = start(chosen={"x; rm -r ~": "y"})
    assert "--set 'x; rm -r ~=y'" in share_line(forged, None, 12)


def test_a_text_is_named_as_it_is_read_elsewhere() -> None:
    facts = TextFacts(n_characters=900, characters_per_piece=1.0)
    shipped = start(deck="valley", deck_path="decks/texts/valley.deck", text=facts)
    line = "flashcards read valley --seed 7 --until step=12"
    assert share_line(shipped, None, 12, "full") == line
    own = start(deck="tale", deck_path="/home/me/texts/tale.md", text=facts)
    assert share_line(own, None, 12, "full").startswith("flashcards read tale.md --seed 7 ")
    slow = "flashcards valley --seed 7 --speed slow --until step=12"
    assert share_line(shipped, None, 12, "slow") == slow


def test_the_opening_is_no_hand_on_the_run_and_a_new_rate_is() -> None:
    line = "flashcards capitals --seed 7"
    assert again(*OPENING, step=20) == (f"{line} --until step=20", 0)
    assert again(OPENING[0], step=1) == (f"{line} --speed explain --until step=1", 0)
    assert again(step=9) == (f"{line} --speed full --until step=9", 0)
    later = ev.SpeedChanged(step=30, speed="slow")  # of a run that began at full speed
    assert again(later, step=40) == (f"{line} --speed full --until step=40", 1)
    assert again(*OPENING, ev.LearningRateChanged(step=20, factor=2.0), step=20)[1] == 1
    assert again(*OPENING, ev.SpeedChanged(step=30, speed="slow"), step=30)[1] == 1


def test_the_order_that_was_chosen_is_in_the_line_and_one_of_later_is_a_hand() -> None:
    hardest = ev.RecipeChanged(step=0, is_single=False, order="hardest")
    line = "flashcards train capitals --seed 7 --speed full --order hardest --steps 12"
    assert again(ev.OrderChanged(step=0, order="hardest"), hardest, step=12) == (line, 0)
    assert again(ev.OrderChanged(step=5, order="hardest"), step=12)[1] == 1


def test_a_chapters_line_has_its_own_beginning_and_the_hands_since() -> None:
    chapter: list[ev.AnyEvent] = [
        ev.RecipeChanged(step=0, is_single=False),
        ev.LearningRateChanged(step=20, factor=2.0),
        ev.RunBranched(step=40, start=start(), parent="first", change=BranchChange(after="x")),
        ev.ChapterBegan(step=40, start=start(), file="0001-x.deck"),
        ev.RemedyChanged(step=40, rehearsal=0.5, learns="last_layer"),
        ev.RecipeChanged(step=40, is_single=False, rehearsal=0.5, learns="last_layer", seed=3),
    ]
    line = "flashcards train capitals --after first --seed 3 --rehearse 0.5 --only last-layer"
    assert again(*chapter, step=49) == (f"{line} --steps 9", 0)
    slower = BranchChange(learning_rate_factor=0.5)
    branched = ev.RunBranched(step=44, start=start(), parent="second", change=slower)
    assert again(*chapter, branched, step=49) == (f"{line} --steps 9", 1)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ([], ""),
        (["--set", "momentum=0.9", "--size", "small"], "--set momentum=0.9 --size small "),
        (["--size", "small", "--set", "size=small", "--set", "n_ahead=1"], "--set n_ahead=1 "),
    ],
)
def test_the_shared_line_gives_the_same_weights(
    chosen: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write_capitals(tmp_path).parent)
    again = ["train", "capitals.deck", "--seed", "3", "--order", "boxes", "--steps", "7", *chosen]
    hashes = []
    for folder in ("here", "elsewhere"):
        assert cli.main([*again, "--runs", folder]) == 0
        (run,) = list_runs(Path(folder))
        hashes.append(weights_at(run.path, 7))
        line = gather(run.path).share
        assert said in line
        command, *again = shlex.split(line)
        assert command == "flashcards"
    assert hashes[0] == hashes[1]
