"""One sentence a fact: screen, lines, page and phones say it in the same words."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from flashcards.app.audience.shared_lesson import facts_of
from flashcards.app.stage.presenter import stage_of
from flashcards.app.story.story_view import StorySheet, StorySoFar
from flashcards.app.view import sentence_of
from flashcards.base.language import LANGUAGES, VARIABLE
from flashcards.plain.narrator import Narrator
from flashcards.report.page import shared
from flashcards.report.story import gather
from flashcards.runs import events as ev, markers as mk
from flashcards.runs.values import BetQuestion, ChapterScore, Knowledge, Rival, Score, TextFacts
from flashcards.runs.verdict import VerdictCase
from flashcards.wording import bets, facts, markers
from tests import told
from tests.app.lesson import correction, folded, started
from tests.app.test_broken import broken, report
from tests.report.test_report import a_run


def exam(step: int, seen: int, unseen: int) -> ev.ExamTaken:
    return told.exam(step, (seen, 50), (unseen, 50))


def kept(right: int) -> ChapterScore:
    return ChapterScore(deck="First", seen=Score(right, 50), unseen=Score(0, 9))


def rivals(ngram: int, nearest: int, total: int) -> ev.RivalsGraded:
    scores = {"lookup": 0, "ngram": ngram, "nearest": nearest}
    graded = (Rival(name, Score(9, 9), Score(n, total)) for name, n in scores.items())
    return ev.RivalsGraded(step=0, rivals=tuple(graded))


BET = BetQuestion(kind="score", side="seen", at_step=20)
SECOND = ev.ChapterBegan(
    step=60, start=started(50, 50, name="Second"), file="x", earlier=("First",)
)
SAVED = ev.DeckChanged(step=40, start=started(52, 50), file="x", n_added=2, n_changed=1)
MARKED: tuple[ev.AnyEvent, ...] = (
    started(50, 50),
    rivals(0, 1, 50),
    ev.CorrectionMeasured(step=5, correction=correction(guess="sang", mark="right")),
    ev.BetPlaced(step=6, bet=BET, share=0.4),
    exam(20, 50, 0),
    exam(30, 5, 40),
    exam(35, 50, 40),
    ev.OrderChanged(step=31, order="hardest"),
    ev.LearningRateChanged(step=32, factor=0.5),
    SAVED,
    ev.BookmarkSet(step=41, text="look here"),
    SECOND,
    told.exam(62, (0, 50), (0, 50), earlier=(kept(1),)),
    told.exam(66, (50, 50), (0, 50), earlier=(kept(49),)),
    told.ended("memorised", (50, 50), (0, 50), step=70),
)


def lines_of(happened: Sequence[ev.AnyEvent]) -> tuple[Narrator, list[str]]:
    narrator = Narrator()
    return narrator, [line for event in happened for line in narrator.tell(event, event.step * 9.0)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_marker_is_on_the_screen_and_in_the_lines_in_the_same_words(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    kinds = set()
    back = ev.RunRewound(step=700, from_step=806, factor=1.0)
    well = [report(1001 + 7 * i, 0.3) for i in range(1, 20)]
    for happened in (MARKED, broken(), (*broken(), *well), (*broken(), back)):
        narrator, lines = lines_of(happened)
        found = tuple(narrator.state.markers.reached)
        kinds |= {marker.kind for marker in found}
        rows = StorySheet().draw(StorySoFar(found, chosen=0, step=0, right=""), 400, 40)
        screen = "\n".join("".join(text for text, _ in row) for row in rows)
        for marker in found:
            sentence = markers.marker(marker)
            assert sentence in screen
            assert any(sentence[1:] in line for line in lines), (sentence, lines)
    assert kinds == {kind.__struct_config__.tag for kind in get_args(mk.FoundMarker)}


KNEW = Knowledge(seen=Score(3, 5), unseen=Score(0, 0))
VERDICTS: dict[VerdictCase, tuple[ev.AnyEvent, ...]] = {
    "few_never_seen": (told.ended("too_early", (40, 40), (0, 0)),),
    "learning": (rivals(52, 30, 100), told.ended("too_early", (10, 50), (3, 100))),
    "between": (rivals(52, 30, 100), told.ended("too_early", (100, 100), (55, 100))),
    "understood": (rivals(0, 0, 50), told.ended("understood", (50, 50), (49, 50))),
    "understood_by_rival": (rivals(176, 158, 176), told.ended("too_early", (9, 9), (176, 176))),
    "memorised": (rivals(2, 1, 40), told.ended("memorised", (60, 60), (1, 40))),
    "no_better_than_rival": (rivals(52, 30, 100), told.ended("memorised", (99, 99), (50, 100))),
    "read": (told.ended("read", (90, 100), (50, 100)),),
    "knew": (
        told.exam(9, (50, 50), (0, 50), known=KNEW),
        told.ended("knew", (50, 50), (0, 50)),
    ),
}


@pytest.mark.parametrize("case", get_args(VerdictCase))
def test_every_verdict_is_the_same_sentence_wherever_it_is_said(
    case: VerdictCase, tmp_path: Path
) -> None:
    text = TextFacts(n_characters=640) if case == "read" else None
    start = started(50, 50, text=text)
    happened = (start, *VERDICTS[case])
    state = folded(happened)
    assert state.end_verdict is not None
    assert state.end_verdict.case == case
    sentence = facts.verdict(state.end_verdict)
    assert sentence_of(state, is_stalled=False).text == sentence
    assert stage_of(state, "deck", []).sentence == sentence
    assert str(facts_of(state, is_stalled=False)["lesson"]["sentence"]).endswith(sentence)
    assert sentence in " ".join(lines_of(happened)[1])
    story = replace(gather(a_run(tmp_path)), start=start, state=state, verdict=state.end_verdict)
    assert shared(story)["verdict"] == sentence


def test_a_verdict_that_may_change_has_the_same_words_before_it_everywhere(tmp_path: Path) -> None:
    happened = (started(50, 50), rivals(2, 1, 50), exam(20, 50, 0))
    state = folded(happened)
    judged = state.latest_verdict
    assert judged is not None
    whole = f"So far: {facts.verdict(judged)}"
    shown = sentence_of(state, is_stalled=False)
    assert f"{shown.lead} {shown.text}" == whole
    assert whole in lines_of(happened)[1]
    story = replace(gather(a_run(tmp_path)), state=state, verdict=judged, has_ended=False)
    assert shared(story)["verdict"] == whole
    early = msgspec.structs.replace(judged, case="learning")
    assert facts.so_far(early) == ""


def test_a_bet_is_asked_and_settled_in_the_same_words(tmp_path: Path) -> None:
    placed = ev.BetPlaced(step=1, bet=BetQuestion(kind="score", side="seen"), share=0.4)
    happened = (started(50, 50), placed, exam(20, 5, 0), told.ended("too_early", (5, 50), (0, 50)))
    narrator, lines = lines_of(happened)
    (bet,) = narrator.state.bets
    assert bet.outcome is not None
    asked = bets.question_and_prediction(placed, 50)
    assert any(line.endswith(asked) for line in lines)
    assert any(line.endswith(bets.settled(placed, bet.outcome)) for line in lines)


def test_a_break_is_the_same_sentence_on_the_screen_and_in_the_lines() -> None:
    nan = (started(), ev.RunDiverged(step=9))
    assert sentence_of(folded(nan), is_stalled=False).text in lines_of(nan)[1][-1]
