"""The doctor says what is in a deck, and one sentence for each thing to change."""

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from flashcards.cards.audit import is_one_sign, near_leaks
from flashcards.cards.format import parse
from flashcards.cards.shelf import ShelfEntry, shelf
from flashcards.doctor.diagnosis import (
    LABEL_WIDTH,
    Diagnosis,
    Probe,
    diagnose,
    lines,
    of_file,
    probed,
)
from flashcards.plain.headless import probe
from flashcards.runs.values import Rival, Score
from tests.golden import check_words
from tests.waiting import PATIENCE_S


def diagnosed(text: str) -> Diagnosis:
    parsed = parse(text.encode(), "x.deck")
    assert parsed.deck is not None
    return diagnose(parsed.deck, [*parsed.diagnostics, *near_leaks(parsed.deck)])


def sums(n: int, front: str = "") -> str:
    """`n` different sums; nothing else is the matter with them."""
    return front + "".join(f"{i}-1 :: {i - 1}\n" for i in range(100, 100 + n))


def test_the_facts_of_a_deck_are_counted_and_measured() -> None:
    said = list(
        lines(diagnosed("[one]\na :: b\na :: c\nDog :: chien\ndog :: cabot\n[two]\n? e :: fgh\n"))
    )
    check_words("doctor: a small deck", "\n".join(said[:15]))


@pytest.mark.parametrize("never_seen", [(7,), (7, 8)])
def test_one_card_that_is_given_away_is_one_card(never_seen: tuple[int, ...]) -> None:
    marked = "".join(f"? 1+{n} :: {1 + n}\n" for n in never_seen)
    text = "".join(f"{i}+1 :: {i + 1}\n" for i in range(50)) + marked
    (line,) = [line for line in lines(diagnosed(text)) if line.startswith("  given away")]
    check_words("doctor: given away", line, n=len(never_seen))


def test_texts_of_one_length_have_that_length_each() -> None:
    said = list(lines(diagnosed("abc :: x\ndef :: y\n")))
    named = {line[: LABEL_WIDTH + 2].strip(): line for line in said}
    prompts, answers = (re.findall(r"\d+", named[label]) for label in ("prompts", "answers"))
    assert (prompts, answers) == (["3", "2"], ["1", "2"])


def test_exceptions_are_named_with_how_many_a_rule_would_answer() -> None:
    said = diagnosed(
        "[irregular]\ngo :: went\nburn :: burned | burnt\n"
        "[regular]\necho :: echoed\nopen :: opened\n"
    )
    (exceptions,) = [fact.text for fact in said.facts if fact.label == "exceptions"]
    check_words("doctor: exceptions", exceptions)


def test_the_lines_that_cost_cards_are_as_many_as_is_said() -> None:
    text = "a\nb\nc :: d\nc :: e\n" + sums(100)
    (said,) = [line for line in diagnosed(text).advice if "cost cards" in line]
    check_words("doctor: lost cards", said)


def test_a_few_long_answers_are_not_said_to_take_seconds_and_minutes() -> None:
    few = "".join(f"{i} :: {'abcdefghij' * 4}{i}\n" for i in range(10, 22))
    expected = [fact.text for fact in diagnosed(few).facts]
    assert any(text.endswith("seconds") for text in expected)
    assert not any("minutes" in text for text in expected)


ADVICE = {
    "advice: none kept back": sums(100),
    "advice: one kept back": sums(1000).replace("100-1", "? 100-1", 1),
    "advice: few kept back": "+++\nheld_out = 0.02\n+++\n" + sums(100),
    "advice: contradictions": sums(100) + "a :: b\na :: c\na :: d\n",
    "advice: a card twice": sums(100) + "101-1 :: 100\n",
    "advice: a card given away": (
        "".join(f"{i}+1 :: {i + 1}\n" for i in range(50)) + "? 1+7 :: 8\n"
    ),
    "advice: a character never taught": sums(100) + "? ß-1 :: 5\n",
    "advice: more kept back than taught": (
        sums(10) + "".join(f"? {i}-1 :: {i - 1}\n" for i in range(200, 230))
    ),
    "advice: a lost card": sums(100) + "no card\n",
    "advice: an invisible character": sums(100) + "a\u200bb :: c\n",
    "advice: one group": '+++\ngroup = "section"\n+++\n[all]\n' + sums(60),
    "advice: a probe": sums(200, "+++\nheld_out = 0.3\n+++\n"),
}


@pytest.mark.parametrize("key", ADVICE)
def test_what_to_change_is_said_in_a_sentence(key: str) -> None:
    check_words(key, "\n".join(diagnosed(ADVICE[key]).advice))


ANIMALS = "".join(f"{chr(0x1F400 + i)} :: animal{i}\n" for i in range(60))
NEW_ANIMALS = "".join(f"? {chr(0x1F43C + i)} :: other{i}\n" for i in range(20))
EXPECTATIONS = {
    "expect: seconds": sums(12),
    "expect: minutes": "".join(f"{i} :: {'abcdefghij' * 4}{i}\n" for i in range(10, 99)),
    "expect: a common answer": "".join(
        f"{i} :: {'no' if i % 4 == 0 else 'yes'}\n" for i in range(100)
    ),
    "expect: signs": ANIMALS + NEW_ANIMALS,
}


@pytest.mark.parametrize("key", EXPECTATIONS)
def test_what_to_expect_is_no_advice(key: str) -> None:
    diagnosis = diagnosed(EXPECTATIONS[key])
    (expected,) = [fact.text for fact in diagnosis.facts if fact.label == "expect"]
    check_words(key, expected)
    assert all(expected[:20] not in advice for advice in diagnosis.advice)


def test_a_sign_that_looks_otherwise_is_one_sign_and_two_are_none() -> None:
    emoji, heart = "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}", "\N{GREEN HEART}"
    assert is_one_sign(emoji)
    assert is_one_sign(heart)
    assert not is_one_sign(emoji + heart)
    assert not is_one_sign("ab")


@pytest.mark.parametrize(
    "deck", [entry for entry in shelf() if entry.place == "shipped"], ids=lambda deck: deck.slug
)
def test_the_doctor_would_change_nothing_in_a_bundled_deck(deck: ShelfEntry) -> None:
    diagnosis = of_file(deck.path)
    assert diagnosis.advised(is_brought=True) == ()
    assert diagnosis.n_problems == 0


@pytest.mark.parametrize("n", [45, 60, 100, 400, 5000])
def test_the_share_that_is_advised_holds_out_enough(n: int) -> None:
    [sentence] = [s for s in diagnosed(sums(n)).advice if "write held_out" in s]
    (line,) = re.findall(r"held_out = [\d.]+", sentence)
    front = f"+++\n{line}\n+++\n"
    deck = parse(sums(n, front).encode(), "x.deck").deck
    assert deck is not None
    assert 15 <= len(deck.never_seen) <= n / 2 + 5


def test_a_deck_without_a_fault_gets_no_advice_but_the_probe() -> None:
    assert len(diagnosed(sums(400, "+++\nheld_out = 0.2\n+++\n")).advice) == 1


@pytest.mark.parametrize(
    ("seen", "unseen", "rivals", "key"),
    [
        ((400, 400), (328, 400), (), "probe: a rule"),
        ((300, 400), (40, 400), (), "probe: the beginning of a rule"),
        ((400, 400), (2, 400), (), "probe: no rule"),
        ((3, 400), (0, 400), (), "probe: too early"),
        (
            (400, 400),
            (328, 400),
            (Rival("ngram", Score(400, 400), Score(340, 400)),),
            "probe: no better than a rival",
        ),
        ((50, 50), (3, 5), (), "probe: too few kept back"),
    ],
)
def test_a_probe_says_its_seconds_and_whether_there_is_a_rule(
    seen: tuple[int, int], unseen: tuple[int, int], rivals: tuple[Rival, ...], key: str
) -> None:
    check_words(key, probed(Probe(10.02, Score(*seen), Score(*unseen), rivals)))


def test_a_lesson_of_less_than_a_second_is_not_said_to_have_taken_none() -> None:
    check_words("probe: less than a second", probed(Probe(0.3, Score(50, 50), Score(0, 0), ())))


def test_a_probe_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "x.deck").write_text(sums(60, "+++\nheld_out = 0.4\n+++\n"), "utf-8")
    found = probe(str(tmp_path / "x.deck"), seconds=0.2)
    assert found.seconds >= 0.2
    assert 0 < found.seen.total <= 34  # of the taught, those that had their turn within the time
    assert found.unseen.total == 26
    assert {rival.name for rival in found.rivals} >= {"lookup"}
    assert [path.name for path in tmp_path.iterdir()] == ["x.deck"]


@pytest.mark.slow
def test_as_a_process_it_prints_one_diagnosis_whatever_the_file_is(tmp_path: Path) -> None:
    def said(path: Path) -> Diagnosis:
        command = [sys.executable, "-m", "flashcards.doctor.diagnosis", str(path)]
        done = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE_S)
        return msgspec.json.decode(done.stdout, type=Diagnosis)

    (tmp_path / "x.deck").write_text(sums(12), "utf-8")
    (tmp_path / "\x1b.deck").write_bytes(b"\xff")
    assert said(tmp_path / "x.deck") == diagnosed(sums(12))
    assert said(tmp_path / "\x1b.deck").problem.startswith("␛.deck:1:1: error: ")
    assert said(tmp_path).problem.endswith("[is-a-directory]")


def test_a_lesson_shows_no_advice_to_probe_and_our_own_model_none_on_how_to_ask() -> None:
    words = "".join(f"{first}{second}a :: b{first}\n" for first in "abcdefgh" for second in "klmno")
    diagnosis = diagnosed(f"+++\nheld_out = 0.5\n+++\nask = :: the word --probe\n{words}")
    assert diagnosis.before_a_lesson in diagnosis.advice
    assert diagnosis.for_brought in diagnosis.advice
    kept = [sentence for sentence in diagnosis.advice if sentence != diagnosis.before_a_lesson]
    assert list(diagnosis.advised(is_brought=True)) == kept
    assert list(diagnosis.advised()) == [s for s in kept if s != diagnosis.for_brought]


def test_a_model_that_others_have_trained_reads_letters_that_no_taught_card_has() -> None:
    diagnosis = diagnosed("Rome :: Tiber\nCairo :: Nile\n? Baghdad :: Tigris\n")
    letters = "characters that no taught card has"
    assert any(letters in sentence for sentence in diagnosis.advised())
    assert not any(letters in sentence for sentence in diagnosis.advised(is_brought=True))
    assert any(fact.text in diagnosis.for_own for fact in diagnosis.facts)  # how a card is cut
