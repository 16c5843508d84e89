from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from flashcards.runs import events as ev
from flashcards.runs.guesses import PastGuess, read_guesses
from tests import told
from tests.app.lesson import correction, started


def taught(step: int, guess: str, prompt: str = "sing", **changes: object) -> ev.CorrectionMeasured:
    return ev.CorrectionMeasured(step=step, correction=correction(prompt, guess=guess, **changes))  # type: ignore[arg-type]


def asked(step: int, answer: str, prompt: str = "sing") -> ev.PromptAnswered:
    return told.answered(
        step, prompt, answer, probability=0.7, stamp="seen", times_seen=3, correct_answers=("sang",)
    )


def write(folder: Path, happened: Sequence[ev.AnyEvent], torn: bytes = b"") -> Path:
    log = folder / "events.jsonl"
    log.write_bytes(b"".join(ev.encode(event) for event in happened) + torn)
    return log


def said(log: Path, card_index: int = 212, prompt: str = "sing", **limits: int) -> list[str]:
    return [g.guess for g in read_guesses(log, card_index, prompt, **limits).guesses]


def test_every_recorded_guess_of_a_card_is_found_oldest_first(tmp_path: Path) -> None:
    log = write(
        tmp_path,
        [
            started(),
            taught(4, "singed", history="ww"),
            taught(5, "rang", prompt="ring"),
            asked(8, "sang"),
            ev.PinAnswered(
                step=9, prompt="sing", answer="sung", probability=0.4, piece_mark="nearly"
            ),
            asked(9, "rung", prompt="ring"),
            taught(12, "sang", piece_mark="right", history="wwr"),
        ],
    )
    first, *_, last = read_guesses(log, 212, "sing").guesses
    assert said(log) == ["singed", "sang", "sung", "sang"]
    assert first == PastGuess(
        step=4,
        how="taught",
        guess="singed",
        mark="wrong",
        probability=0.36,
        error_nats=correction().error_nats,
        mark_before="w",
        card_index=212,
    )
    assert (last.mark, last.mark_before, last.step) == ("right", "r", 12)
    how = [(g.how, g.mark, g.probability) for g in read_guesses(log, 212, "sing").guesses[1:3]]
    assert how == [("asked", "right", 0.7), ("asked", "wrong", 0.4)]


def test_another_card_with_the_same_prompt_is_another_card(tmp_path: Path) -> None:
    log = write(tmp_path, [taught(1, "a", card_index=7), taught(2, "b", card_index=212)])
    assert said(log) == ["b"]
    assert said(log, card_index=7) == ["a"]


def test_before_the_deck_was_changed_the_prompt_alone_tells_the_card(tmp_path: Path) -> None:
    changed = ev.DeckChanged(step=2, start=started(), file="0001.deck")
    log = write(
        tmp_path,
        [taught(1, "a", card_index=7), changed, taught(3, "b", card_index=7), taught(4, "c")],
    )
    assert said(log) == ["a", "c"]


def test_what_a_resumed_run_undid_is_left_out(tmp_path: Path) -> None:
    resumed = ev.RunResumed(step=5, start=started())
    log = write(tmp_path, [taught(5, "a"), taught(6, "b"), taught(7, "c"), resumed, taught(6, "d")])
    assert said(log) == ["a", "d"]


def test_a_torn_or_foreign_line_is_left_out(tmp_path: Path) -> None:
    torn = b'{"kind":"CorrectionMeasured","step":3,"correction":{"prompt":"sing"'
    log = write(tmp_path, [taught(1, "a")], torn=torn + b"\n" + ev.encode(taught(2, "b"))[:-1])
    assert said(log) == ["a"]


def test_a_prompt_that_stands_in_another_cards_change_is_not_its_guess(tmp_path: Path) -> None:
    log = write(tmp_path, [taught(1, "sang")])
    assert said(log, prompt="ring") == []


@pytest.mark.parametrize(
    "prompt", ['say "hi"', "a\\b", "[/bold] [x", "größer\n2", '"prompt":"sing"']
)
def test_any_prompt_is_found(tmp_path: Path, prompt: str) -> None:
    log = write(tmp_path, [taught(1, "x", prompt=prompt), taught(2, "y")])
    assert said(log, prompt=prompt) == ["x"]


def test_of_too_many_guesses_the_newest_are_given_and_it_says_so(tmp_path: Path) -> None:
    log = write(tmp_path, [taught(step, str(step)) for step in range(20)])
    read = read_guesses(log, 212, "sing", max_guesses=2)
    assert ([guess.step for guess in read.guesses], read.is_cut) == ([18, 19], True)
    assert not read_guesses(log, 212, "sing").is_cut


def test_a_log_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        read_guesses(tmp_path / "events.jsonl", 0, "a")


def test_an_answer_that_goes_on_after_the_right_word_is_right_as_in_exams() -> None:
    def mark_of(said: str, *, is_cut: bool = True) -> str | None:
        return msgspec.structs.replace(asked(1, said), is_cut=is_cut).mark_of(said)

    assert mark_of("sang.⏎The past") == mark_of("sang⏎The") == "right"
    assert mark_of("sangria.") == mark_of("the sang.") == "wrong"
    assert mark_of("sang.", is_cut=False) == "nearly"
    assert mark_of("sang", is_cut=False) == "right"
