"""The words of screen, lines, pages and phones: each sentence once, in `tests/words/`.
After a change of words: `FLASHCARDS_PICTURES=write pytest -n0 tests/wording`, and read the diff."""

import ast
import re
from pathlib import Path

import pytest

from flashcards.base.language import LANGUAGES, VARIABLE
from flashcards.runs.reward_state import RewardState
from flashcards.runs.rewards import JudgeFacts
from flashcards.runs.state import RunState
from flashcards.wording import rewards
from tests.golden import MESSAGES, WORDS, as_line, entries, is_written, write
from tests.source import PACKAGE
from tests.wording.sentences import sentences

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_is_said_in_the_words_that_were_read(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    keyed = list(sentences())
    keys = [key for key, _ in keyed]
    assert sorted(keys) == sorted(set(keys))
    lines = [as_line(key, text) for key, text in keyed]
    file = WORDS / f"{language}.txt"
    if is_written():
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


def test_each_message_is_kept_once_and_some_test_names_it() -> None:
    """A test names a whole key, or the part before its colon and what follows in braces."""
    source = "".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py"))
    messages = entries(MESSAGES)
    parts = set(re.findall(r'f"([\w ]+: ){', source))
    used = {
        key: text
        for key, text in messages.items()
        if any(f"{mark}{key}{mark}" in source for mark in "\"'")
        or f"{key.partition(': ')[0]}: " in parts
    }
    if is_written():
        write(MESSAGES, used)
        messages = entries(MESSAGES)
    assert list(messages) == sorted(used)
    assert [text for text in messages.values() if "pytest-" in text] == [], "a folder of a test"
    texts = [*messages.values(), *entries(WORDS / "en.txt").values()]
    assert [text for text in messages.values() if texts.count(text) > 1] == []


WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")
RUN = 5  # words in a row, which are a sentence's


@pytest.mark.slow
def test_no_assert_of_the_app_repeats_what_the_program_says() -> None:
    """`words` and `check_words` name what is meant, so that a change of words changes one file."""
    source = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    program = " ".join(WORD.findall(" ".join(source)))
    repeated = []
    for path in sorted((TESTS / "app").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tested = (node.test for node in ast.walk(tree) if isinstance(node, ast.Assert))
        for node in (part for test in tested for part in ast.walk(test)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = WORD.findall(node.value if " " in node.value else "")
                runs = (" ".join(words[i : i + RUN]) for i in range(len(words) - RUN + 1))
                if any(run in program for run in runs):
                    repeated.append(f"{path.name}:{node.lineno}: {node.value}")
    assert repeated == []
