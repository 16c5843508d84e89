"""The words of screen, lines, pages and phones: each sentence once, in `tests/words/`.
After a change of words: `FLASHCARDS_PICTURES=write pytest -n0 tests/wording`, and read the diff."""

import os
from pathlib import Path

import pytest

from flashcards.base.language import LANGUAGES, VARIABLE
from flashcards.runs.reward_state import RewardState
from flashcards.runs.rewards import JudgeFacts
from flashcards.runs.state import RunState
from flashcards.wording import rewards
from tests.wording.sentences import sentences

WORDS = Path(__file__).parents[1] / "words"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_is_said_in_the_words_that_were_read(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    entries = list(sentences())
    keys = [key for key, _ in entries]
    assert sorted(keys) == sorted(set(keys))
    lines = [f"{key}\t{text}".replace("\n", "⏎") for key, text in entries]
    file = WORDS / f"{language}.txt"
    if os.environ.get("FLASHCARDS_PICTURES") == "write":
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert lines == file.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    "reward",
    [
        None,
        RewardState(JudgeFacts(kind="answers")),
        RewardState(JudgeFacts(kind="answers"), total=None),
    ],
)
def test_a_run_that_was_not_rewarded_ends_without_a_sentence_of_it(
    reward: RewardState | None,
) -> None:
    assert list(rewards.ends(RunState(reward=reward))) == []
