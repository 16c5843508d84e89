"""A run's report: one page, from its folder alone, made of what was recorded and escaped."""

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from flashcards import cli
from flashcards.base.language import VARIABLE
from flashcards.report import page as report_page
from flashcards.report.questions import N_QUESTIONS, questions
from flashcards.report.story import gather, hardest
from flashcards.runs import events as ev, values as val
from flashcards.runs.bets import Bet, Outcome
from flashcards.runs.folder import RunError
from flashcards.runs.marks import RIGHT, WRONG, pack
from tests import told
from tests.app.lesson import change as change_of_one
from tests.golden import check_words, words
from tests.written_run import written_run

HOSTILE = '<img src=x onerror="alert(1)">'
CARDS = {"France": "Paris", "Peru": "Lima", HOSTILE: "a&b<script>", "Japan": "Tokyo"}
NEVER_SEEN = {"Egypt": "Cairo"}


def start(**changes: object) -> ev.RunStarted:
    fields: dict[str, object] = {
        "name": f"Capitals {HOSTILE}",
        "held_out": pack(bytes([0, 0, 0, 0, 1])),
        "rivals": (val.Rival("lookup", val.Score(4, 4), val.Score(0, 1)),),
    }
    return told.started(**{**fields, **changes})


def exam(step: int, right: int) -> ev.ExamTaken:
    return told.exam(step, (right, 4), (0, 1), cards_taught=step * 4)


def corrected(step: int, prompt: str, guess: str, mark: val.Mark, times_seen: int) -> ev.AnyEvent:
    return ev.CorrectionMeasured(
        step=step,
        correction=val.Correction(
            card_index=list(CARDS).index(prompt),
            prompt=prompt,
            answer=CARDS[prompt],
            section="",
            times_seen=times_seen,
            n_cards=1,
            guess=(val.GuessPiece(guess, 0.9),),
            piece_mark=mark,
            pieces=(val.AnswerPiece(CARDS[prompt], 0.1, False),),
            error_nats=2.3,
        ),
    )


def marked(step: int, *marks: int) -> ev.AnyEvent:
    return ev.DeckMarked(step=step, marks=pack(bytes(marks)))


HAPPENED: tuple[ev.AnyEvent, ...] = (
    exam(0, 0),
    marked(0, WRONG, WRONG, WRONG, WRONG, WRONG),
    corrected(1, "France", "xqx", "wrong", 0),
    corrected(2, HOSTILE, "<b>bold</b>", "wrong", 0),
    corrected(3, "Peru", "Tokyo", "wrong", 1),
    exam(4, 3),
    marked(4, RIGHT, WRONG, RIGHT, RIGHT, WRONG),
    corrected(6, "France", "Paris", "right", 2),
    exam(8, 3),
    marked(8, RIGHT, RIGHT, WRONG, RIGHT, WRONG),
    told.ended("memorised", (3, 4), (0, 1), "no_progress", step=8),
)


NONE_KEPT_BACK: tuple[ev.AnyEvent, ...] = (
    told.exam(0, (0, 4), (0, 0)),
    corrected(1, "France", "xqx", "wrong", 0),
    corrected(2, "Peru", "Tokyo", "wrong", 1),
    told.exam(4, (3, 4), (0, 0)),
    marked(4, RIGHT, RIGHT, RIGHT, WRONG),
    told.exam(8, (4, 4), (0, 0)),
    marked(8, RIGHT, RIGHT, RIGHT, RIGHT),
    told.ended("too_early", (4, 4), (0, 0), step=8),
)


def a_run(
    root: Path,
    happened: tuple[ev.AnyEvent, ...] = HAPPENED,
    *,
    begun: ev.RunStarted | None = None,
) -> Path:
    begun = begun or start()
    lines = [f"{prompt} :: {answer}" for prompt, answer in CARDS.items()]
    if begun.n_held_out:
        lines += [f"? {prompt} :: {answer}" for prompt, answer in NEVER_SEEN.items()]
    folder = written_run(
        root,
        "capitals",
        ("\n".join(lines) + "\n").encode(),
        deck_name="Capitals",
        settings={"width": 64, "tokenizer": HOSTILE},
        versions={"torch": "2"},
    )
    log = folder.open_log()
    for event in (begun, *happened):
        log.append(event)
    log.close()
    folder.release()
    return folder.path


class Tags(HTMLParser):
    VOID = ("meta", "br", "input")

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        self.texts.append(data)

    def text_with(self, part: str) -> str:
        """Return the one text between two tags that has this part."""
        (text,) = {" ".join(text.split()) for text in self.texts if part in text}
        return text


def report_of(tmp_path: Path, happened: tuple[ev.AnyEvent, ...]) -> str:
    target = tmp_path / "report.html"
    assert cli.main(["report", str(a_run(tmp_path, happened)), "-o", str(target)]) == 0
    return target.read_text(encoding="utf-8")


@pytest.fixture
def page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    written = report_of(tmp_path, HAPPENED)
    assert capsys.readouterr().out.strip() == str(tmp_path / "report.html")
    return written


def read(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def test_a_report_is_one_page_that_needs_nothing_else(page: str) -> None:
    tags = read(page)
    assert tags.open == []
    assert {"script", "link", "img", "iframe", "object"} & set(tags.names) == set()
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", page)
    assert all(name not in ("src", "href") and name[:2] != "on" for name, _ in tags.attributes)
    assert "@media print" in page
    assert "prefers-color-scheme:dark" in page


def test_what_a_deck_or_a_model_says_is_text_and_never_markup(page: str) -> None:
    tags = read(page)
    assert "b" in tags.names  # the page's own
    assert HOSTILE in tags.text
    assert "a&b<script>" in tags.text
    assert "<b>bold" not in page.lower()


def test_a_report_tells_the_verdict_the_scores_and_the_way_to_do_it_again(page: str) -> None:
    assert "never taught</dd>" in page
    text = read(page).text
    assert words("line: the end of a replay").partition(". ")[2] in text
    assert "75 % 3/4" in text
    assert "looks it up" in text
    assert "<details><summary>Settings</summary>" in page  # which paper leaves out
    assert "flashcards capitals --seed 7 --speed full --until step=8" in text
    assert "xqx" in text


def test_the_signs_of_the_cards_are_told_apart_where_a_browser_joins_spaces(page: str) -> None:
    check_words("report: signs", "".join(re.findall("■ right[^<]*", page)))


def test_a_report_of_an_unfinished_run_shows_its_sample_and_pins(tmp_path: Path) -> None:
    sampled = tuple(
        msgspec.structs.replace(event, is_full=False) if isinstance(event, ev.ExamTaken) else event
        for event in HAPPENED[:-1]
    )
    pinned = (
        ev.PromptPinned(step=8, prompt=HOSTILE),
        ev.PinAnswered(step=8, prompt=HOSTILE, answer="", probability=0.5),
        ev.LearningRateChanged(step=8, factor=2.0),
    )
    tags = read(report_of(tmp_path, (*sampled, *pinned)))
    assert tags.open == []
    assert "4 taught cards" in tags.text  # so few that "So far" would say nothing
    assert f"{HOSTILE}step 8 (nothing) 50 %" in tags.text.replace("\n", "")
    check_words("report: a sample", tags.text_with("a sample"))
    check_words("report: changed by hand", tags.text_with("by hand"))


def test_a_report_of_a_run_without_an_exam_has_no_scores_and_no_curve(tmp_path: Path) -> None:
    tags = read(report_of(tmp_path, (corrected(1, "France", "Paris", "right", 0),)))
    assert tags.open == []
    check_words("report: no exam", tags.text_with("nothing can"))
    check_words("report: no hard card", tags.text_with("Every taught"))
    assert "table" not in tags.names
    assert "How it came" not in tags.text


def test_the_hardest_card_is_the_one_wrong_in_most_exams(tmp_path: Path) -> None:
    story = gather(a_run(tmp_path))
    first, *_ = hardest(story, 4)
    assert (first.prompt, first.n_wrong, first.n_asked, first.first_right_step) == ("Peru", 2, 3, 8)
    forgotten = story.cards[2]
    assert (forgotten.n_forgotten, forgotten.last_mark) == (1, WRONG)


def test_of_equals_no_card_is_the_hardest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flashcards.report.questions.N_QUESTIONS", 99)
    story = gather(a_run(tmp_path))
    for card in story.cards:
        card.n_asked, card.n_wrong, card.first_right_step = 3, 2, 8

    def asked() -> list[str]:
        return [one.text for one in questions(story) if "the hardest card" in one.text]

    assert asked() == []
    story.cards[3].n_wrong = 3
    assert len(asked()) == 1


def test_marks_that_were_altered_in_the_log_are_left_out(tmp_path: Path) -> None:
    altered = (*HAPPENED, ev.DeckMarked(step=HAPPENED[-1].step, marks="no marks"))
    one, other = (
        gather(a_run(tmp_path / name, happened))
        for name, happened in (("a", HAPPENED), ("b", altered))
    )
    assert other.cards == one.cards


def test_ten_questions_quote_what_this_run_said(tmp_path: Path) -> None:
    asked = questions(gather(a_run(tmp_path)))
    texts = [question.text for question in asked]
    assert len(set(texts)) == N_QUESTIONS
    check_words("report: questions", "\n".join(texts))
    quoted = [re.findall("“(.*?)”", text) for text in texts]
    assert ["xqx", "France", "Paris"] in quoted
    assert ["Tokyo", "Peru", "Japan"] in [texts[:3] for texts in quoted]
    assert any(texts[:1] == ["Egypt"] for texts in quoted)


def test_the_seed_that_is_compared_with_is_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flashcards.report.questions.N_QUESTIONS", 99)
    asked = questions(gather(a_run(tmp_path)))
    (text,) = [question.text for question in asked if "--seed 7" in question.note]
    assert re.findall(r"\d+", text) == ["7", "8"]


@pytest.mark.parametrize(
    ("helped", "key"),
    [("Egypt", "report: helped, never taught"), ("Japan", "report: helped, taught later")],
)
def test_a_card_that_was_taught_later_is_not_called_never_seen(
    helped: str, key: str, tmp_path: Path
) -> None:
    """Japan was never taught then, and is taught in the deck of the end."""
    event = corrected(1, "France", "xqx", "wrong", 1)
    assert isinstance(event, ev.CorrectionMeasured)
    ripple = val.Ripple(helped, -0.2, is_never_seen=True)
    change = msgspec.structs.replace(change_of_one(), helped=(ripple,), hurt=())
    event = msgspec.structs.replace(
        event, correction=msgspec.structs.replace(event.correction, change=change)
    )
    texts = [one.text for one in questions(gather(a_run(tmp_path, (*HAPPENED[:2], event))))]
    (text,) = [text for text in texts if f"“{helped}”, a card" in text]
    check_words(key, text)


def test_a_wall_has_a_cell_for_each_card_and_of_many_the_same_share_right(
    tmp_path: Path,
) -> None:
    taught, untaught = [
        [card for card in gather(a_run(tmp_path)).cards if card.is_never_seen == is_never_seen]
        for is_never_seen in (False, True)
    ]
    wall = report_page.wall_of((*untaught, *taught))
    assert [card for card, _, _ in wall.cells] == [*taught, *untaught]
    assert len({(x, y) for _, x, y in wall.cells}) == len(CARDS) + len(NEVER_SEEN)
    marks = [card.last_mark for card in taught]
    many = report_page.wall_of(taught * report_page.MAX_CELLS)
    shown = [card.last_mark for card, _, _ in many.cells]
    assert len(shown) <= report_page.MAX_CELLS
    assert shown == sorted(shown, reverse=True)
    assert WRONG in marks
    for mark in marks:
        assert abs(shown.count(mark) / len(shown) - marks.count(mark) / len(marks)) < 0.01


def helping(step: int, prompt: str, n_cards: int, nats: float) -> ev.AnyEvent:
    """A correction of so many cards that made “Japan” easier by so much."""
    event = corrected(step, prompt, "xqx", "wrong", 1)
    assert isinstance(event, ev.CorrectionMeasured)
    ripple = val.Ripple("Japan", -nats, is_never_seen=False)
    change = msgspec.structs.replace(change_of_one(), helped=(ripple,), hurt=())
    return msgspec.structs.replace(
        event,
        correction=msgspec.structs.replace(event.correction, change=change, n_cards=n_cards),
    )


@pytest.mark.parametrize(
    ("corrections", "is_asked_about"),
    [
        ([("France", 1, 0.9), ("Peru", 8, 0.1)], "“France”"),
        ([("France", 8, 0.9), ("Peru", 1, 0.1)], "“Peru”"),  # of one card, so clearer
        ([("France", 8, 0.9), ("Peru", 8, 0.1)], "a batch of cards with “France”"),
        ([("France", 8, 0.1), ("Peru", 8, 0.9)], "a batch of cards with “Peru”"),
    ],
)
def test_a_side_effect_is_asked_about_where_it_is_seen_best(
    corrections: list[tuple[str, int, float]], is_asked_about: str, tmp_path: Path
) -> None:
    happened = [helping(n, *each) for n, each in enumerate(corrections, 1)]
    texts = [one.text for one in questions(gather(a_run(tmp_path, (*HAPPENED[:2], *happened))))]
    (text,) = (text for text in texts if "“Japan”" in text and "became easier" in text)
    assert is_asked_about in text


def test_a_report_says_that_no_card_was_kept_back_and_what_would_keep_some(tmp_path: Path) -> None:
    rival = val.Rival("lookup", val.Score(4, 4), val.Score(0, 0))
    begun = start(n_taught=4, n_held_out=0, held_out=pack(bytes(4)), rivals=(rival,))
    run, target = a_run(tmp_path, NONE_KEPT_BACK, begun=begun), tmp_path / "report.html"
    assert cli.main(["report", str(run), "-o", str(target)]) == 0
    text = " ".join(read(target.read_text("utf-8")).text.split())
    assert "4 taught, none" in text
    none_kept = words("verdict: few_never_seen, none, no way to test").replace("40/40", "4/4")
    assert none_kept in text
    assert "`held_out = 0.5`" in text
    assert "0/0" not in text
    asked = " ".join(f"{question.text} {question.note}" for question in questions(gather(run)))
    assert "0/0" not in asked
    assert "had not reached" not in asked


def test_only_what_was_improbable_is_called_a_surprise(tmp_path: Path) -> None:
    def asked(before: float) -> str:
        happened = corrected(1, "France", "Paris", "right", 1)
        assert isinstance(happened, ev.CorrectionMeasured)
        pieces = (val.AnswerPiece("Paris", before, True),)
        happened = msgspec.structs.replace(
            happened, correction=msgspec.structs.replace(happened.correction, pieces=pieces)
        )
        story = gather(a_run(tmp_path / str(before), (*HAPPENED[:2], happened)))
        return " ".join(question.text for question in questions(story))

    assert "surprised it most" in asked(0.1)
    assert "surprised it most" not in asked(0.99)


@pytest.mark.parametrize(
    ("language", "first", "heading"),
    [
        ("de", "auf „France“ mit „xqx“. Warum nicht mit „Paris“?", "Zehn Fragen an eine Klasse"),
        ("es", "respondió «xqx» a «France». ¿Por qué no «Paris»?", "Diez preguntas para una clase"),
    ],
)
def test_the_questions_are_in_the_language_of_the_page(
    language: str, first: str, heading: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(tmp_path)
    english = {part for one in questions(gather(run)) for part in (one.text, one.note)}
    monkeypatch.setenv(VARIABLE, language)
    asked = questions(gather(run))
    assert first in asked[0].text
    assert not english & {part for command in asked for part in (command.text, command.note)}
    assert cli.main(["report", str(run), "-o", str(tmp_path / "r.html")]) == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert heading in page
    assert 'lang="en"' not in page


def test_a_run_of_one_exam_has_ten_questions_too(tmp_path: Path) -> None:
    only = (*HAPPENED[:2], corrected(1, "France", "Paris", "right", 0))
    story = gather(a_run(tmp_path, only))
    assert len({question.text for question in questions(story)}) >= 8


def test_a_run_without_steps_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = a_run(tmp_path, ())
    assert cli.main(["report", str(run), "-o", str(tmp_path / "r.html")]) == 1
    assert "nothing was taught" in capsys.readouterr().err
    with pytest.raises(RunError, match="not a run"):
        gather(tmp_path / "none")


def test_a_report_replaces_a_page_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, deck, target = a_run(tmp_path), tmp_path / "my.deck", tmp_path / "r.html"
    deck.write_text("one :: two\n")
    assert [cli.main(["report", str(run), "-o", str(target)]) for _ in range(2)] == [0, 0]
    assert cli.main(["report", str(run), "-o", str(deck)]) == 1
    check_words("report: a deck is there", capsys.readouterr().err, path=deck)
    assert deck.read_text() == "one :: two\n"


def test_a_worksheet_has_its_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, target = a_run(tmp_path), tmp_path / "sheet.html"
    assert cli.main(["report", str(run), "--worksheet", "-o", str(target)]) == 0
    written = target.read_text(encoding="utf-8")
    whole = report_page.page(gather(run), ())
    n = written.count('class="write"')
    assert n > 2
    assert written.count("<li>") == 2 * n
    asked = written.partition("<li>")[2].partition("<div")[0]
    assert asked in whole
    assert "TAUGHT" not in written.partition("<ol")[0]


def test_what_was_predicted_is_listed_with_what_came_of_it(tmp_path: Path) -> None:
    bet = val.BetQuestion(kind="score", side="seen", because=HOSTILE)
    happened = (
        *HAPPENED[:3],
        ev.BetPlaced(
            step=1, bet=bet, share=0.4, hands=(0, 1, 7, 2, 0), hands_before=(6, 1, 3, 0, 0)
        ),
        *HAPPENED[3:],
        ev.BetPlaced(step=8, bet=val.BetQuestion(kind="answer", prompt=HOSTILE), choice="wrong"),
    )
    written = report_page.page(gather(a_run(tmp_path, happened)), ())
    assert "What was predicted" in written
    texts = re.findall(">([^<]+)<", written)
    lost = next(text for text in texts if "3 of 4" in text).partition("&lt;")[0]
    check_words("report: a lost bet", lost.strip())
    assert "Not settled." in written
    assert written.count('class="hands"') == 1
    assert "after talking" in written
    rows = re.sub(r"<svg width=(\S+).*?</svg>", r"\1", written.replace(' class="hand"', ""))
    assert '<td>2</td><td>"34%" 3</td><td>"80%" 7</td><td></td>' in rows
    assert '<td></td><td>"23%" 2</td><td>◀ 75 %</td>' in rows
    assert written.count("◀") == 1
    assert HOSTILE not in written
    assert "What was predicted" not in report_page.page(gather(a_run(tmp_path)), ())


def test_predictions_of_a_share_stand_in_per_cent_with_the_outcome_marked() -> None:
    placed = ev.BetPlaced(
        step=1,
        bet=val.BetQuestion(kind="score", side="seen"),
        share=0.3,
        hands=(0, 0, 1, 2, 0, 0, 0, 0, 4, 0, 0),
    )
    outcome = Outcome(step=8, score=val.Score(47, 60))
    rows = report_page.hands_of(Bet(placed=placed, outcome=outcome), n_cards=60)
    assert [name for name, _, _ in rows] == [f"{10 * n} %" for n in range(11)]
    assert [name for name, _, mark in rows if mark] == ["80 %"]
    assert rows[8] == ("80 %", (4,), "◀ 78 %")
    words = ev.BetPlaced(
        step=1, bet=val.BetQuestion(kind="rate", factor=32.0), choice="more", hands=(3, 4, 16)
    )
    of_words = report_page.hands_of(Bet(placed=words, outcome=Outcome(step=8, choice="fewer")), 60)
    assert [mark for _, _, mark in of_words] == ["", "", "◀"]
    after_an_edit = report_page.hands_of(Bet(placed=placed), n_cards=7)
    assert [name for name, _, _ in after_an_edit] == [name for name, _, _ in rows]
    assert not any(mark for _, _, mark in after_an_edit)
