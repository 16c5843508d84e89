"""The parts of the play screen as text: the wall of cards, big letters, a card's face."""

import math
from itertools import product

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from flashcards.app.lesson.card_wall import CardWall, WallView, fit, in_cells
from flashcards.app.lesson.change_sheet import ChangeSheet
from flashcards.app.lesson.guess_sheet import (
    LABEL_WIDTH,
    GuessSheet,
    GuessView,
)
from flashcards.app.widgets.card_face import CardFace, CardView
from flashcards.app.widgets.cells import HEADING, LIT, Row, wrap, wrap_row
from flashcards.app.widgets.frame import VerdictLine, VerdictView
from flashcards.app.widgets.letters import SIZES, big
from flashcards.base.keyed_text import key_name, sentences
from flashcards.base.language import LANGUAGES, VARIABLE, tr
from flashcards.runs.values import PHASES, AnswerPiece, Correction, Phase
from tests.app.drawn import plain
from tests.app.lesson import change, correction
from tests.golden import words


def test_a_wall_keeps_the_never_seen_cards_apart() -> None:
    view = WallView(bytes([3, 3, 2, 1, 0, 3]), bytes([0, 1, 0, 0, 0, 1]))
    rows = plain(CardWall().draw(view, 30, 8))
    assert [sign for sign in "".join(rows[1:-1]) if sign != " "] == ["■", "▪", "·", "◆", "◆"]
    assert "◆ never taught" not in rows[-1]
    assert rows[-1].split() == ["■◆", "right", "▪◈", "nearly", "·◇", "wrong"]


@pytest.mark.parametrize("n_cards", [2, 3, 7])
def test_as_large_a_share_of_cells_as_of_cards_is_right_and_those_come_first(n_cards: int) -> None:
    marks = bytes([3, 2, 3, 3, 1, 3, 2] * 60)
    cells = in_cells(marks, n_cards)
    assert len(cells) == math.ceil(len(marks) / n_cards)
    assert list(cells) == sorted(cells, reverse=True)
    for mark in (1, 2, 3):
        assert abs(cells.count(mark) - marks.count(mark) / n_cards) < 1
    assert in_cells(marks, 1) == marks
    assert in_cells(b"\3\1\3", 2) == b"\3\1", "a last cell of fewer cards, too"
    assert in_cells(b"", 2) == b""


def test_of_a_large_deck_only_the_cards_of_the_last_exam_are_shown_and_counted() -> None:
    view = WallView(bytes([0, 3, 0, 2, 0, 1, 0, 0]), bytes([0, 0, 0, 0, 0, 1, 1, 0]), current=3)
    rows = plain(CardWall().draw(view, 40, 8))
    assert rows[0] == words("screen: asked last")
    assert [sign for sign in "".join(rows[1:-1]) if sign != " "] == ["■", "▪", "◇"]
    lit = [part for row in CardWall().draw(view, 40, 8) for part in row if part[1] == LIT]
    assert lit == [("▪", LIT)]


def test_cards_that_were_asked_before_they_were_taught_are_not_among_the_taught() -> None:
    """The score beside them counts fewer."""
    view = WallView(bytes([3, 0, 2]), bytes(3), is_first_round=True)
    assert plain(CardWall().draw(view, 40, 8))[0] == words("screen: not all taught yet")


def test_of_a_large_deck_in_another_order_its_order_and_cells_are_said() -> None:
    marks = bytes([3] * 988 + [0] * 3012)
    rows = plain(CardWall().draw(WallView(marks, bytes(4000), order="hardest"), 36, 8))
    assert rows[:2] == ["hardest first: the cards asked last", words("screen: cell right", n=6)]
    assert "■" * 36 in rows[2]
    rows = plain(CardWall().draw(WallView(marks, bytes(4000)), 30, 8))
    assert rows[0] == words("screen: asked last")


@pytest.mark.parametrize(("width", "n_rows"), [(30, 6), (46, 11), (74, 27)])
def test_every_card_has_a_cell(width: int, n_rows: int) -> None:
    for sides in product((1, 12, 50, 2880, 100_000), (0, 20, 800)):  # taught and never taught
        n_cards, pitch, n_apart = fit(sides, width, n_rows)
        per_row = (width + pitch - 1) // pitch
        cells = [math.ceil(n / n_cards) for n in sides]
        needed = sum(math.ceil(n / per_row) for n in cells)
        assert needed * n_apart - (n_apart - 1) <= n_rows, sides


@pytest.mark.parametrize(
    ("prompt", "height", "beside"),
    [("sing", 8, ""), ("si ng", 12, "si ng"), ("séng", 8, "séng")],
)
def test_a_card_has_its_words_beside_letters_that_do_not_say_them_plainly(
    prompt: str, height: int, beside: str
) -> None:
    rows = plain(CardFace().draw(CardView(prompt, "irregular", "taught 31×"), 18, height))
    assert len(rows) == height
    assert rows[0] == "────── irregular ─"
    assert rows[-1] == f"{beside:<8}taught 31×"


def test_a_guess_that_runs_on_is_cut_soon_after_the_answer() -> None:
    card = correction("🍎", "apple", "chy" + "m" * 30)
    rows = plain(GuessSheet().draw(GuessView(card, None, 3.3), 28, 8))
    assert rows[1].split() == ["guess", "chymmm…"]
    assert rows[3].split() == ["answer", "apple", "⏎"]


@pytest.mark.parametrize(
    ("guess", "answer"),
    [("don't know", "Bangkok"), ("Bangkok", "don't know"), ("bee", "beetle"), ("Kyis", "Paris")],
)
def test_a_wrong_guess_and_the_answer_are_two_words_without_holes_or_crosses(
    guess: str, answer: str
) -> None:
    card = correction("p", answer, guess)
    for is_plain, (width, height) in product((True, False), ((29, 8), (60, 10), (90, 30))):
        view = GuessView(card, None, 3.3, is_plain=is_plain, has_history=not is_plain)
        rows = plain(GuessSheet().draw(view, width, height))
        for word in f"{guess} {answer}".split(" "):
            forms = [[word], *(big(word, size) for size in SIZES)]
            assert any(
                all(any(part.rstrip() in row for row in rows) for part in form) for form in forms
            ), (word, rows)
        n_histories = 0 if is_plain or height < 8 else 1
        assert sum("✗" in row for row in rows) == 1 + n_histories, "beside the word alone"


@pytest.mark.parametrize(
    ("guess", "answer", "letters", "under"),
    [
        ("aple", "apple", "ap_le", "_"),
        ("appple", "apple", "appple", "p"),
        ("Bangkik", "Bangkok", "Bangkik", "i"),
        ("app", "apps", "app_", "_"),
    ],
)
def test_one_slip_is_one_cross_under_the_letter_or_its_blank(
    guess: str, answer: str, letters: str, under: str
) -> None:
    view = GuessView(correction("p", answer, guess), is_plain=True)
    said, mark, right = plain(GuessSheet().draw(view, 60, 3))
    assert (said[LABEL_WIDTH:].strip(), right[LABEL_WIDTH:].strip()) == (letters, answer)
    assert mark.startswith("≈ nearly")
    place = mark.index("✗")
    assert said[place : place + 1].strip() == under
    assert right[place] != said[place : place + 1], "above it the missing letter of the answer"


def test_the_cross_of_large_letters_is_under_the_middle_of_the_letter() -> None:
    view = GuessView(correction("p", "sang", "sung"), is_plain=True)
    rows = plain(GuessSheet().draw(view, 60, 9))
    assert rows[4].index("✗") == LABEL_WIDTH + 6 + 2


def test_long_answers_wrap_at_spaces_and_show_where_they_part() -> None:
    right = "sie sehen die roten Blumen und den kleinen Garten hinter dem Haus"
    card = correction("p", right, right.replace("Haus", "Hof"))
    rows = [row.strip() for row in plain(GuessSheet().draw(GuessView(card, None, 3.3), 36, 8))]
    assert [row for row in rows if "Hof" in row or "Haus" in row] == [
        "hinter dem Hof",
        "hinter dem Haus ⏎",
    ]
    assert any("0 = expected" in row for row in rows)


def test_every_piece_of_the_answer_has_its_bar_under_its_letters() -> None:
    texts, odds = ("gar", "den", " er", "⏎"), (0.9, 1e-9, 0.9, 0.9)
    pieces = tuple(AnswerPiece(text, odd, True) for text, odd in zip(texts, odds, strict=True))
    card = correction("p", "garden er", "garden er", pieces=pieces)
    rows = plain(GuessSheet().draw(GuessView(card, None, 3.3), 40, 8))
    answer = next(y for y, row in enumerate(rows) if row.startswith("answer"))
    bars = next(row for row in rows[answer:] if row.startswith("error"))
    assert rows[answer][LABEL_WIDTH:] == "garden er ⏎"
    assert bars[LABEL_WIDTH:].rstrip() == "▁▁ ██  ▁  ▁"


@pytest.mark.parametrize(("width", "height"), [(28, 8), (46, 14), (90, 18)])
@pytest.mark.parametrize(("answer", "guess"), [("sang", "singed"), ("x" * 60, "x" * 50)])
def test_the_labels_stay_while_explaining(width: int, height: int, answer: str, guess: str) -> None:
    whole = correction("p", answer, guess, n_cards=1)
    known: dict[str, dict[str, object]] = {
        "data": {},
        "prediction": {"guess": whole.guess},
        "error": {
            "guess": whole.guess,
            "piece_mark": whole.piece_mark,
            "pieces": whole.pieces,
            "error_nats": whole.error_nats,
        },
    }
    places = set()
    for phase in PHASES[:4]:
        card = Correction(
            card_index=1,
            prompt="p",
            answer=answer,
            section="",
            times_seen=1,
            n_cards=1,
            history="w",
            **known.get(phase, {}),  # type: ignore[arg-type]
        )
        rows = plain(GuessSheet().draw(GuessView(card, phase, 3.3), width, height))
        labels = ("guess", "answer", "surprise", "error", "history")
        places.add(
            tuple((y, label) for y, row in enumerate(rows) for label in labels if label in row)
        )
    assert len(places) == 1


def test_a_guess_is_not_judged_before_the_error_and_what_comes_is_said_in_its_place() -> None:
    whole = correction("p", "sang", "singed", n_cards=1)
    guessed = replace(whole, pieces=None, error_nats=None)
    asked = replace(guessed, guess=None, piece_mark=None)
    cards: dict[Phase, Correction] = {"model": asked, "prediction": guessed, "error": whole}
    drawn = {
        phase: plain(GuessSheet().draw(GuessView(card, phase, 3.3, is_plain=True), 40, 4))
        for phase, card in cards.items()
    }
    sheets = {phase: " ".join(" ".join(rows).split()) for phase, rows in drawn.items()}
    assert sheets == {
        "model": f"it says ({words('screen: working')}) right is (hidden for now)",
        "prediction": "it says singed right is (comes next)",
        "error": "it said singed ✗ wrong right is sang",
    }


def test_an_exception_answered_by_the_rule_is_told_apart_from_other_mistakes() -> None:
    by_rule = correction("go", "went", "goed", is_by_rule=True)
    rows = plain(GuessSheet().draw(GuessView(by_rule), 50, 10))
    assert any(row.startswith("↻ rule") for row in rows)
    assert not any("✗ wrong" in row for row in rows)


def test_what_goes_on_after_the_end_is_never_cut_off() -> None:
    view = VerdictView("word " * 60, "verdict", tail="Space goes on.")
    rows = plain(VerdictLine().draw(view, 40, 2))
    assert len(rows) == 2
    assert rows[-1].endswith("… Space goes on.")
    assert all(cell_len(row) <= 40 for row in rows)
    rows = plain(VerdictLine().draw(VerdictView("word " * 7, tail="Space goes on."), 40, 2))
    assert [row.rstrip() for row in rows] == [
        "word word word word word word word",
        "Space goes on.",
    ]
    (short,) = plain(VerdictLine().draw(VerdictView("It has.", tail="Space goes on."), 40, 2))
    assert short == "It has. Space goes on."


def lit_in(view: VerdictView, width: int, height: int) -> list[str]:
    rows = VerdictLine().draw(view, width, height)
    return [text for row in rows for text, style in row if style == HEADING]


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_are_lit_wherever_a_sentence_has_them(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    view = VerdictView(
        sentences(
            tr("Press {live_key} to come back to now.", live_key=key_name("end")),
            "Press on and see: this press is no key.",
        ),
        lead="LEAD",
        tail=tr("{key} goes on with step {step} of the last time.", key=key_name("c"), step="7"),
    )
    for width in (24, 40, 200):
        assert lit_in(view, width, 12) == ["end", "c"]
        (lead, _), *_ = VerdictLine().draw(view, width, 12)[0]
        assert lead == "LEAD"
    assert lit_in(view, 70, 1)[-1] == "c", "the tail has its key where the sentence is cut"


def test_a_row_is_wrapped_as_its_text_is_and_keeps_its_styles() -> None:
    row: Row = [("one two ", "a"), ("three", "b"), (" 7 % and a long-word-without-end", "c")]
    text = "".join(part for part, _ in row)
    for width in range(1, 45):
        for n_lines in (1, 2, 9):
            rows = wrap_row(row, width, n_lines)
            lines = ["".join(part for part, _ in line) for line in rows]
            assert lines == wrap(text, width, n_lines)
            letters = "".join(part for line in rows for part, style in line if style == "b")
            assert "three".startswith(letters.removesuffix("…"))


@pytest.mark.parametrize(
    ("before", "after", "width", "said"),
    [
        (1 / 168e6, 1 / 135e6, 22, ["▲ more likely: ab", "1 in 168 million", "▸ 1 in 135 million"]),
        (0.974, 0.972, 22, ["▼ less likely: ab", "97.4 % ▸ 97.2 %"]),
        (0.5, 0.5, 40, ["as likely as before: ab  50 %"]),
    ],
)
def test_how_likely_it_became(before: float, after: float, width: int, said: list[str]) -> None:
    shown = (correction("x", "ab", n_cards=1, change=change(before, after)), None, None)
    rows = [row.rstrip() for row in plain(ChangeSheet().draw(shown, width, 8))]
    assert rows[2 : 2 + len(said)] == said
    assert [row.split()[0] for row in rows[-2:]] == ["better", "worse"]


@pytest.mark.parametrize("width", [14, 22, 40])
def test_what_a_step_did_to_others_is_named_where_all_of_it_has_room(width: int) -> None:
    shown = (correction("x", "ab", n_cards=1, change=change(0.974, 0.975)), None, None)
    whole = ChangeSheet().draw(shown, width, 99)
    assert [row.split()[0] for row in plain(whole[-2:])] == ["better", "worse"]
    named = []
    for height in range(5, len(whole) + 1):
        rows = ChangeSheet().draw(shown, width, height)
        assert len(rows) <= height
        named.append(rows[-2:] == whole[-2:])
    assert named == sorted(named)
    assert named[-1]


def test_a_stamp_as_wide_as_its_card_is_shown() -> None:
    stamp = "noch nicht gelehrt"
    assert plain(CardFace().draw(CardView("🍎", stamp=stamp), len(stamp), 8))[-1].strip() == stamp
    long = plain(CardFace().draw(CardView("🍎", stamp="the first card is coming"), 18, 8))
    assert long[-1].strip() == "the first card is…"
