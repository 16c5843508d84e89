"""Cue sheets: what a file says, and every mistake by its line."""

import time
from pathlib import Path

import pytest

from flashcards.base.errors import UserError
from flashcards.runs import commands as cmd
from flashcards.runs.goal import Goal
from flashcards.runs.values import BetQuestion
from flashcards.talks import talk
from flashcards.talks.parsing import parse_talk, read_talk
from flashcards.talks.talk import Cue, Predict
from tests.golden import check_words, raises_words

SHEET = """\
# What training **means**

Nobody tells the model
a rule.

- one `card`
- another [card](http://x)

<!-- Breathe.
Smile. -->

```flashcards
# a note in a block
teach capitals seed=7 until seen=0.9 | step=200
present on
wait
ask "Where is it?"
```
More, without a headline.
---
## End
"""


def problems_of(directive: str) -> list[tuple[int, str]]:
    _, problems = parse_talk(f"# T\n```flashcards\n{directive}\n```\n")
    return [(problem.line, problem.text) for problem in problems]


def directive_of(text: str) -> talk.AnyDirective:
    sheet, problems = parse_talk(f"```flashcards\n{text}\n```\n")
    assert problems == []
    (cue,) = sheet.cues
    (directive,) = cue.directives
    return directive


def test_a_sheet_is_slides_and_cues_in_order() -> None:
    sheet, problems = parse_talk(SHEET)
    assert problems == []
    assert sheet.title == "What training means"
    goal = Goal(seen=0.9, step=200)
    text = ("Nobody tells the model a rule.", "• one card", "• another card")
    assert sheet.cues == (
        Cue(line=1, title="What training means", text=text, notes=("Breathe. Smile.",)),
        Cue(
            line=12,
            directives=(
                talk.Teach(line=14, deck="capitals", seed=7, goal=goal),
                talk.Present(line=15, is_on=True),
            ),
            written=("teach capitals seed=7 until seen=0.9 | step=200", "present on"),
        ),
        Cue(
            line=16,
            directives=(talk.AskModel(line=17, prompt="Where is it?"),),
            written=('ask "Where is it?"',),
        ),
        Cue(line=19, text=("More, without a headline.",)),
        Cue(line=21, title="End"),
    )


@pytest.mark.parametrize(
    ("text", "directive"),
    [
        ("pause", talk.Send(line=2, command=cmd.Pause())),
        ("view memory", talk.Show(line=2, view="memory")),
        ("step phases", talk.StepPhases(line=2)),
        ("speed slow", talk.Send(line=2, command=cmd.SetSpeed(speed="slow"))),
        ("twin off", talk.WithTwin(line=2, is_on=False)),
        ("rate x8", talk.Send(line=2, command=cmd.SetLearningRate(factor=8.0))),
        ("rate 0.5", talk.Send(line=2, command=cmd.SetLearningRate(factor=0.5))),
        ("hand over", talk.HandOver(line=2)),
        ("humans", talk.Guessing(line=2)),
        ("go on", talk.GoOn(line=2)),
        ("go on until unseen=0.5", talk.GoOn(line=2, goal=Goal(unseen=0.5))),
        (
            'teach "my own.deck" speed=explain',
            talk.Teach(line=2, deck="my own.deck", speed="explain"),
        ),
        ("teach x until seconds=8", talk.Teach(line=2, deck="x", goal=Goal(seconds=8.0))),
    ],
)
def test_each_directive_is_read(text: str, directive: talk.AnyDirective) -> None:
    assert directive_of(text) == directive


MISTAKES = [
    "tech capitals",
    "sing",
    "teach",
    "teach seed=7",
    "teach x sead=7",
    "teach x seed=a",
    "teach x until",
    "teach x until seen=2",
    "teach x until seen=nan",
    "teach x until luck=1",
    "teach x until step=1e3",
    "view curtains",
    "speed fast",
    "step",
    "ask",
    "ask two words",
    'ask "open',
    "present maybe",
    "rate x0",
    "pause now",
    "wait 5",
    'wait""',
    "reward x judge=sortd",
    "reward x judge=len(",
]


@pytest.mark.parametrize(
    "directive", dict.fromkeys(text.split('"')[0].split()[0] for text in MISTAKES)
)
def test_a_mistake_is_said_with_its_line(directive: str) -> None:
    problems = {text: problems_of(text) for text in MISTAKES if text.startswith(directive)}
    assert {line for ((line, _),) in problems.values()} == {3}
    said = "\n".join(f"{text} → {problem}" for text, ((_, problem),) in problems.items())
    check_words(f"talk line: {directive}", said)


def test_every_mistake_is_said_and_the_rest_is_read() -> None:
    sheet, problems = parse_talk("# T\n```flashcards\nsing\npause\ndance\n```\n")
    assert [problem.line for problem in problems] == [3, 5]
    assert sheet.cues[1].directives == (talk.Send(line=4, command=cmd.Pause()),)


def test_a_block_that_never_ends_is_named_by_its_first_line() -> None:
    sheet, problems = parse_talk("# T\n\n```flashcards\npause\n")
    assert [problem.line for problem in problems] == [3]
    assert len(sheet.cues) == 2


def test_other_blocks_are_shown_as_they_stand() -> None:
    sheet, _ = parse_talk("# T\n```\na :: b\n  c :: d\n```\n")
    assert sheet.cues == (Cue(line=1, title="T", text=("a :: b", "  c :: d")),)


def test_an_empty_file_is_a_mistake() -> None:
    assert [problem.line for problem in parse_talk("")[1]] == [1]


def test_a_comment_moves_no_line() -> None:
    _, problems = parse_talk("<!--\n\n-->\n```flashcards\nsing\n```\n")
    assert [problem.line for problem in problems] == [5]


def test_a_talk_can_want_a_language() -> None:
    assert parse_talk("<!-- language: de -->\n# Hallo\n")[0].language == "de"
    assert parse_talk("# Hello\n<!-- mind the language: of course -->\n")[0].language == ""


def test_a_talk_that_wants_an_unknown_language_says_which_there_are(tmp_path: Path) -> None:
    (tmp_path / "talk.md").write_text("# Hello\n\n<!-- language: xx -->\n")
    _, (problem,) = read_talk(tmp_path / "talk.md")
    assert problem.line == 1
    check_words("talk: no such language", problem.text)


def test_a_talk_that_is_not_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "talk.md").write_bytes("# Hello\n\nÜber\n".encode("latin-1"))
    with raises_words(UserError, "talk: not UTF-8", path=tmp_path / "talk.md"):
        read_talk(tmp_path / "talk.md")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 80_000,
        "[](" * 60_000,
        "[](()" * 40_000,
        "<!--language:" * 15_000,
        "<!--" * 50_000,
        "# " + "# " * 2_000 + "x",
        "# x" + " " * 100_000 + "y",
        "- " * 90_000 + "x",
        "`*_" * 60_000,
        "a\n" * 90_000,
        "```flashcards\n" + 'ask "' + "a" * 190_000 + '"',
        "```flashcards\n" + "zz\n" * 60_000,
    ],
    ids=range(12),
)
def test_reading_takes_a_time_that_grows_with_the_text_alone(text: str) -> None:
    started_s = time.process_time()
    parse_talk(text)
    assert time.process_time() - started_s < 5  # half a second; a square took a minute


def test_headlines_rules_and_links_are_read_as_they_were() -> None:
    sheet, problems = parse_talk(
        "# a ## b ##\n[x](http://e.org/a_(b)) and ![y](z)\n- - -\ntext\n####### no headline\n"
    )
    assert problems == []
    assert [(cue.title, cue.text) for cue in sheet.cues] == [
        ("a ## b", ("x and y",)),
        ("", ("text ####### no headline",)),
    ]


def test_a_directive_after_humans_is_a_mistake_since_it_would_take_the_round_away() -> None:
    block = "```flashcards\n{}\n```\n"
    _, problems = parse_talk(block.format("teach apple\nhumans\nview cards\nspeed slow"))
    (problem,) = problems
    assert problem.line == 4
    check_words("talk: a line after humans", problem.text)
    assert parse_talk(block.format("teach apple\nhumans\nwait\nview cards"))[1] == []


def test_predictions_are_read() -> None:
    text = """\
```flashcards
predict unseen step=200 ask "How many?" because "Nothing gives it away."
predict seen seconds=8
predict first regular irregular
predict answer "17+25" right "42"
predict correction
predict rate x32
```
"""
    sheet, problems = parse_talk(text)
    assert problems == []
    bets = [one.bet for one in sheet.cues[0].directives if isinstance(one, Predict)]
    assert bets == [
        BetQuestion(kind="score", at_step=200, text="How many?", because="Nothing gives it away."),
        BetQuestion(kind="score", side="seen", at_seconds=8.0),
        BetQuestion(kind="first", names=("regular", "irregular")),
        BetQuestion(kind="answer", prompt="17+25", answer="42"),
        BetQuestion(kind="correction"),
        BetQuestion(kind="rate", factor=32.0),
    ]


WRONG_PREDICTIONS = [
    "predict",
    "predict whether",
    "predict unseen until=3",
    "predict unseen soon",
    "predict first seen",
    "predict answer",
    "predict rate",
    "predict rate x0",
    "predict seen ask",
    'predict seen right "x"',
    "predict correction a b",
]


def test_a_prediction_that_is_written_wrongly_says_how_to_mend_it() -> None:
    said = []
    for line in WRONG_PREDICTIONS:
        (problem,) = parse_talk(f"```flashcards\n{line}\n```\n")[1]
        said.append(f"{line} → {problem.text}")
    check_words("talk line: predict", "\n".join(said))


def test_chapters_rewards_and_votes_are_read() -> None:
    assert directive_of("teach many after until step=50") == talk.Teach(
        line=2, deck="many", is_after=True, goal=Goal(step=50)
    )
    assert directive_of("reward sorting judge=in-order") == talk.Teach(
        line=2, deck="sorting", is_after=True, is_rewarded=True, judge="in-order"
    )
    assert directive_of("read valley seed=3") == talk.Teach(line=2, deck="valley", seed=3)
    assert directive_of("rehearse 0.1") == talk.Send(line=2, command=cmd.SetRemedy(rehearsal=0.1))
    only = talk.Send(line=2, command=cmd.SetRemedy(learns="adapter"))
    assert directive_of("only adapter") == only
    off = talk.Send(line=2, command=cmd.SwitchAdapter(is_on=False))
    assert directive_of("adapter off") == off
    assert directive_of("rewards shuffled") == talk.Send(
        line=2, command=cmd.SetPractice(practice="shuffled")
    )
    assert directive_of("vote") == talk.Voting(line=2)
    for wrong in ("reward", "reward sorting seed=2", "rehearse 2", "rewards none", "vote now"):
        assert problems_of(wrong), wrong
    assert problems_of("teach many after seed=3")


def test_comments_are_notes_beside_the_cue_they_stand_at() -> None:
    sheet, problems = parse_talk(
        "<!-- language: en -->\n<!-- Before all. -->\n# One\ntext\n<!-- Breathe.\nSmile. -->\n"
        '```flashcards\nteach capitals until step=9\npause\nwait\nask "x"\n```\n<!-- Wait. -->\n'
        "<!-- in de -->\n# Zwei\n"
    )
    assert problems == []
    assert [cue.notes for cue in sheet.cues] == [
        ("Before all.", "Breathe. Smile."),
        (),
        ("Wait.",),
        (),
    ]
    assert [cue.outline for cue in sheet.cues] == [
        "One",
        "teach capitals until step=9 · pause",
        'ask "x"',
        "Zwei",
    ]
