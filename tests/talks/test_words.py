"""Words of the week: texts by language, claims by line, and every word that comes along."""

from pathlib import Path

import pytest

from flashcards.base.errors import UserError
from flashcards.base.language import LANGUAGES, VARIABLE
from flashcards.cards.shelf import load
from flashcards.runs import events as ev
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal, WrittenError
from flashcards.runs.state import RunState
from flashcards.runs.values import ChapterScore, Score, SectionScore
from flashcards.talks.claims import (
    Figure,
    ScoreComparison,
    compared,
    holds_alone,
    missing,
    read_claim,
    scores_of,
)
from flashcards.talks.course import IN_BRACES, Word, find_word, unknown_numbers, word_of, words
from flashcards.talks.parsing import in_language, parse_talk, read_talk
from flashcards.talks.rehearsal import recordings_beside
from flashcards.talks.talk import Claim, Predict, Teach
from tests.app.lesson import folded, lesson
from tests.golden import check_words, raises_words, words as golden_words

WORD = """\
<!-- week: 3 -->
<!-- in en -->
# Memory
It learns. It really does.
<!-- in de -->
# Gedächtnis
Es lernt. Wirklich.
<!-- in es -->
# Memoria
Aprende. De verdad.
```flashcards
teach capitals as plain until step=8
teach capitals shuffled as noise until step=8
claim plain.unseen > noise.unseen by 0.2
```
<!-- in en -->
# What happened
{plain.unseen}, {noise.unseen}
<!-- in de -->
# Was geschah
{plain.unseen}
# Was es nicht zeigt
<!-- in es -->
# Lo que pasó
"""
MAX_LINES = 60


def test_a_file_is_read_in_one_language_and_lines_stay_where_they_are() -> None:
    titles, lines = {}, {}
    for language in LANGUAGES:
        sheet, problems = parse_talk(WORD, language)
        assert problems == []
        assert sheet.week == 3
        titles[language] = [cue.title for cue in sheet.cues if cue.is_slide]
        lines[language] = [cue.line for cue in sheet.cues]
        assert len(sheet.lessons) == 2
    assert titles == {
        "en": ["Memory", "What happened"],
        "de": ["Gedächtnis", "Was geschah", "Was es nicht zeigt"],
        "es": ["Memoria", "Lo que pasó"],
    }
    assert lines["de"] == [6, 11, 20, 22]


def test_a_language_without_a_section_reads_the_first_one() -> None:
    text = "<!-- in de -->\n# Eins\n```flashcards\nview memory\n```\n<!-- in en -->\n# Two\n"
    sheet, _ = parse_talk(text, "en")
    assert [cue.title for cue in sheet.cues] == ["Eins", "", "Two"]


def test_text_outside_sections_is_for_all_and_a_quoted_comment_begins_none() -> None:
    text = "# All\n```\n<!-- in de -->\n```\nalways\n"
    assert in_language(text, "es") == ("# All\n```\n<!-- in de -->\n```\nalways", [])


def test_a_section_of_no_language_is_named_by_its_line() -> None:
    _, (problem,) = parse_talk("# A\n<!-- in xx -->\n# B\n", "en")
    assert problem.line == 2
    assert problem.text == golden_words("talk: no such language")
    _, (problem,) = parse_talk("<!-- week: soon -->\n# A\n")
    check_words("word: no week", problem.text)


def claim(text: str) -> tuple[ScoreComparison, ...]:
    return read_claim(text.split())


def test_claims_and_labels_are_read() -> None:
    sheet, problems = parse_talk(WORD)
    assert problems == []
    assert [(one.label, one.is_shuffled) for one in sheet.lessons] == [
        ("plain", False),
        ("noise", True),
    ]
    comparison = ScoreComparison(Figure("plain", "unseen"), Figure("noise", "unseen"), 0.2)
    assert sheet.claims == (Claim(line=14, comparisons=(comparison,)),)
    assert not any(isinstance(one, Claim) for cue in sheet.cues for one in cue.directives)
    assert Teach(line=1, deck="/a/My Deck.deck").label == "my-deck"
    two = claim("a.unseen > b.x-y.unseen by 0.2 and b.seen > a.judged by 1")
    assert str(two[0]) == "a.unseen > b.x-y.unseen by 0.2"
    assert two[1].right.score == "judged"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "claim: nothing"),
        ("a.unseen > b.unseen", "claim: no distance"),
        ("a.unseen < b.unseen by 0.2", "claim: the smaller one first"),
        ("a.unseen > b.unseen by 0.2 and", "claim: and at the end"),
        ("a.unseen > b.unseen by 2", "claim: a distance above 1"),
        ("a.unseen > b.unseen by x", "claim: a distance that is no number"),
        ("unseen > b.unseen by 0.2", "claim: a score without a run"),
        ("a.x.y.seen > b.unseen by 0.2", "claim: a score of too many parts"),
    ],
)
def test_a_wrong_claim_says_what_is_wrong(text: str, key: str) -> None:
    with raises_words(WrittenError, key):
        claim(text)


@pytest.mark.parametrize(
    ("before", "after", "line", "key"),
    [
        ("as noise", "as plain", 14, "claim: several runs"),
        ("> noise", "> nois", 14, "claim: no such run"),
        ("plain until step=8", "plain", 12, "claim: a run without an end"),
        ("as plain", "as Plain", 12, "claim: a wrong label"),
        (
            "shuffled as noise",
            "answered-by teacher as noise",
            13,
            "claim: answered by no run",
        ),
        ("shuffled as noise", "answered-by Plain", 13, "claim: answered by no label"),
        ("```\n<!-- in en", "exam n=2\n```\n<!-- in en", 15, "claim: an exam without a label"),
        ("```\n<!-- in en", "exam bits=1 as x\n```\n<!-- in en", 15, "claim: an exam of 1 bit"),
        ("```\n<!-- in en", "exam tiny=1 as x\n```\n<!-- in en", 15, "claim: an exam's option"),
        (
            "```\n<!-- in en",
            "exam without=eyes as x\n```\n<!-- in en",
            15,
            "claim: an exam without eyes",
        ),
        ("```\n<!-- in en", "step phases\n```\n<!-- in en", 15, "claim: a run by hand"),
    ],
)
def test_mistakes_around_claims_are_named_by_line(
    before: str, after: str, line: int, key: str, tmp_path: Path
) -> None:
    path = tmp_path / "memory.md"
    path.write_text(WORD.replace(before, after, 1), "utf-8")
    _, problems = read_talk(path, "en")
    first = problems[0]
    assert first.line == line
    check_words(key, first.text)


def test_a_number_of_no_run_is_named_in_the_line_of_its_language(tmp_path: Path) -> None:
    path = tmp_path / "memory.md"
    numbers = "{plan.unseen} {plain.right} {plain.curve}\n"
    path.write_text(WORD.replace("{plain.unseen}\n", numbers), "utf-8")
    sheet, _ = read_talk(path, "de")
    problems = list(unknown_numbers(sheet, path, "de"))
    assert [problem.line for problem in problems] == [21, 21, 21]
    check_words("word: wrong numbers", "\n".join(problem.text for problem in problems))
    assert list(unknown_numbers(read_talk(path, "en")[0], path, "en")) == []


def runs(plain: tuple[int, int], noise: tuple[int, int]) -> dict[str, dict[str, Score]]:
    both = {"plain": plain, "noise": noise}
    return {
        label: {"seen": Score(seen, 10), "unseen": Score(unseen, 10)}
        for label, (seen, unseen) in both.items()
    }


def test_a_claim_holds_where_every_seed_lies_above_every_other() -> None:
    (comparison,) = claim("plain.unseen > noise.unseen by 0.2")
    assert compared(comparison, [runs((10, 7), (10, 5)), runs((10, 8), (10, 1))]).holds  # 0.7 - 0.5
    crossed = compared(comparison, [runs((10, 7), (10, 1)), runs((10, 9), (10, 6))])
    assert (crossed.low, crossed.high, crossed.holds) == (0.7, 0.6, False)


def test_a_claim_about_one_run_says_nothing() -> None:
    seeds = [runs((10, 2), (9, 0))]
    within = claim("noise.seen > noise.unseen by 0.5")
    assert compared(within[0], seeds).holds
    assert holds_alone(within, seeds) == "noise"
    between = claim("noise.seen > noise.unseen by 0.5 and plain.unseen > noise.unseen by 0.2")
    assert holds_alone(between, seeds) == ""
    same = claim("plain.unseen > plain.unseen by 0.1")
    assert not compared(same[0], seeds).holds


def test_a_score_that_a_run_lacks_is_named() -> None:
    comparisons = claim("plain.odd.unseen > noise.unseen by 0.2")
    text = missing(comparisons, runs((1, 1), (1, 1)))
    check_words("claim: no such score", text)
    check_words("claim: no runs", missing(comparisons, {}))


def test_a_run_has_scores_by_the_sections_of_its_deck() -> None:
    odd = SectionScore("Not a country!", Score(3, 4), Score(1, 2))
    before = ChapterScore(deck="Capitals", seen=Score(5, 6), unseen=Score(0, 6))
    exam = ev.ExamTaken(
        step=2000,
        cards_taught=1,
        is_full=True,
        seen=Score(7, 8),
        unseen=Score(2, 4),
        seen_loss_nats=None,
        unseen_loss_nats=None,
        sections=(odd,),
        earlier=(before,),
        judged=Score(4, 4),
    )
    state = folded([*lesson(), exam])
    assert scores_of(state) == {
        "seen": Score(7, 8),
        "unseen": Score(2, 4),
        "judged": Score(4, 4),
        "not-a-country.seen": Score(3, 4),
        "not-a-country.unseen": Score(1, 2),
        "capitals.seen": Score(5, 6),
        "capitals.unseen": Score(0, 6),
    }
    assert scores_of(RunState()) == {}


def test_a_word_is_found_by_its_title_in_the_language_that_is_spoken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert find_word("Fine-tuning").stem == "fine-tuning"
    monkeypatch.setenv(VARIABLE, "de")
    assert find_word("Überanpassung").stem == "overfitting"
    assert find_word("halluzination").stem == "hallucination"
    assert find_word("hallucination").stem == "hallucination"


def test_words_come_by_week_with_a_title_and_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "memory.md").write_text(WORD, "utf-8")
    (tmp_path / "zebra.md").write_text("<!-- week: 1 -->\n# Zebra\n\nAn animal\n", "utf-8")
    first, second = words(tmp_path, "de")
    assert (first.name, first.about) == ("zebra", "An animal")
    expected = Word(3, "memory", "Gedächtnis", "Es lernt.", tmp_path / "memory.md")
    assert second == expected == word_of(tmp_path / "memory.md", "de")
    with raises_words(UserError, "word: none of this name", name="'zebr'"):
        find_word("zebr")


@pytest.mark.parametrize("word", words(), ids=lambda word: str(word.name))
def test_a_shipped_word_is_whole_in_every_language(word: Word) -> None:
    text = word.path.read_text("utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    shapes = []
    for language in LANGUAGES:
        assert f"<!-- in {language} -->" in text
        sheet, problems = read_talk(word.path, language)
        assert [*problems, *unknown_numbers(sheet, word.path, language)] == []
        numbers = [IN_BRACES.findall(" ".join(cue.text)) for cue in sheet.cues if cue.is_slide]
        shapes.append([len(cue.directives) for cue in sheet.cues])
        assert sheet.claims, "a word claims something"
        asked = [one for cue in sheet.cues for one in cue.directives if isinstance(one, Predict)]
        assert asked, "a word asks for a prediction"
        assert not any(command.bet.text for command in asked), "a question in one language alone"
        assert any(numbers), "a word says what happened in numbers of its run"
        for lesson_ in sheet.lessons:
            load(Path(lesson_.deck))
    assert shapes[0] == shapes[1] == shapes[2]
    assert word.week > 0


def test_every_word_has_a_week_of_its_own() -> None:
    assert len({word.week for word in words()}) == len(words())


def test_a_word_about_a_model_of_others_has_a_recording_of_what_it_claims() -> None:
    wanting = [word for word in words() if read_talk(word.path)[0].wants_model]
    assert [word.name for word in wanting] == ["pre-training"]
    sheet = read_talk(wanting[0].path)[0]
    ((deck, seed, folder),) = recordings_beside(sheet, wanting[0].path)
    real = next(lesson_ for lesson_ in sheet.lessons if lesson_.model == "")
    assert (deck, seed) == (real.deck, real.seed)
    assert real.goal == Goal(step=0)  # then it goes on
    scores = scores_of(folded(RunFolder.open(folder).events()))
    (comparison,) = sheet.claims[0].comparisons
    assert (scores["unseen"].rate or 0.0) >= comparison.by
    assert scores["unseen"].total > 0
