"""More data, better model: what is the same for all models, and what is told of them."""

import json
import re
from pathlib import Path

import pytest

from flashcards import cli
from flashcards.cards.card import Deck
from flashcards.cards.shelf import load
from flashcards.charts.scaling_chart import picture, row
from flashcards.plain.more_data import BAR_WIDTH
from flashcards.runs import scaling as facts
from flashcards.runs.goal import Goal
from flashcards.runs.run_files import json_line
from flashcards.runs.scaling import AnyScalingFact, Kind, ScalingPoint, ScalingStarted, ScalingWent
from flashcards.runs.values import Score
from flashcards.trainer.scaling.measuring import ScalingError, has, kind_of, nested, scale
from tests.decks import write_capitals, write_sums
from tests.golden import check_words, raises_words, words
from tests.trainer.lessons import run_lesson
from tests.trainer.test_following import write_plurals


@pytest.fixture
def sums(tmp_path: Path) -> Deck:
    return load(write_sums(tmp_path))[0]


def points(happened: list[AnyScalingFact]) -> list[ScalingPoint]:
    return [fact for fact in happened if isinstance(fact, ScalingPoint)]


def test_smaller_sets_of_cards_are_parts_of_larger_ones(sums: Deck) -> None:
    before: set[int] = set()
    for n_cards in (1, 7, 40, len(sums.taught)):
        cards = nested(sums, n_cards)
        assert len(cards) == n_cards
        assert before < set(cards) <= set(sums.taught)
        before = set(cards)
    assert nested(sums, len(sums.taught)) == sums.taught


def test_all_models_are_asked_the_same_cards_and_taught_a_share_each(sums: Deck) -> None:
    happened = list(scale(sums, n_steps=12, shares=(0.5, 0.1, 1.0)))
    start = happened[0]
    assert isinstance(start, ScalingStarted)
    n_taught, n_held_out = len(sums.taught), len(sums.never_seen)
    assert (start.n_taught, start.n_held_out, start.n_steps) == (n_taught, n_held_out, 12)
    assert start.shares == (0.1, 0.5, 1.0)
    assert [fact.n_cards for fact in points(happened)] == [
        round(n_taught * share) for share in start.shares
    ]
    for point in points(happened):
        assert point.seen.total == point.n_cards
        assert point.unseen.total == n_held_out
    went = [fact for fact in happened if isinstance(fact, ScalingWent)]
    assert [fact.step for fact in went] == [0, 10] * 3


@pytest.mark.slow
def test_the_whole_deck_scores_what_a_lesson_of_as_many_steps_does(tmp_path: Path) -> None:
    path = write_plurals(tmp_path)
    (point,) = points(list(scale(load(path)[0], seed=5, n_steps=60, shares=(1.0,))))
    opened, _ = run_lesson(path, tmp_path / "runs", seed=5, goal=Goal(step=60))
    exam = opened.keeper.state.exams.last
    assert exam is not None
    assert (point.seen, point.unseen) == (exam.seen, exam.unseen)
    assert point.seen.right > 0


@pytest.mark.slow
def test_more_cards_make_the_rule_known_where_few_are_learned_by_heart(tmp_path: Path) -> None:
    deck = load(write_plurals(tmp_path))[0]
    few, all_ = points(list(scale(deck, n_steps=100, shares=(0.03, 1.0))))
    assert few.seen.rate == 1.0
    assert all_.unseen.rate is not None
    assert all_.unseen.rate > 0.95
    assert few.interval[1] < all_.interval[0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[a]\nx :: y\nxy :: y\n\n[b]\nz :: y\nzy :: y", Kind("section", "a")),
        ("1+1 :: 2\n1+2 :: 3\n2+3 :: 5\n3+1 :: 4", Kind("numbers", "2")),
        ("one :: 1\ntwo :: 2\nthree :: 3\nfour :: 4", Kind("numbers", "2")),
        ("cat :: a\nrat :: b\ndog :: c\ncow :: d", Kind("ending", "t")),
        ("a? :: b\nc? :: d", None),
        ("a :: b\nca :: d", None),
    ],
)
def test_alike_is_by_section_numbers_ending(text: str, kind: Kind | None, tmp_path: Path) -> None:
    path = tmp_path / "some.deck"
    path.write_text(text + "\n", encoding="utf-8")
    assert kind_of(load(path)[0]) == kind


def test_narrow_and_wide_are_taught_as_many_cards_and_asked_the_same(sums: Deck) -> None:
    start, *happened = scale(sums, n_steps=2, shares=(1.0,), is_diverse=True)
    assert isinstance(start, ScalingStarted)
    assert start.alike is not None
    assert start.alike.by == "numbers"
    measured = points(happened)
    assert [point.draw for point in measured] == ["narrow"] * 3 + ["wide"] * 3
    (n_cards,) = {point.n_cards for point in measured}
    assert n_cards == sum(has(start.alike, sums.cards[i]) for i in sums.taught)
    n_alike = sum(has(start.alike, sums.cards[i]) for i in sums.never_seen)
    assert {point.alike and point.alike.total for point in measured} == {n_alike}
    assert {point.unseen.total for point in measured} == {len(sums.never_seen)}
    assert len(start.measured(measured[:5])) == 1
    assert [facts.decode(json_line(fact)) for fact in happened] == happened


def test_unlike_cards_are_drawn_widely(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "all.deck"
    path.write_text("a? :: b\n? c? :: d\n", encoding="utf-8")
    assert cli.main(["scaling", str(path), "--diverse"]) == 1
    check_words("scaling: no kinds", capsys.readouterr().err)


def test_a_row_for_each_draw_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["scaling", str(write_sums(tmp_path)), "--diverse", "--steps", "1"]
    target = tmp_path / "diverse.svg"
    assert cli.main([*words, "-o", str(target)]) == 0
    output = capsys.readouterr().out
    rows = [line.split()[:2] for line in output.splitlines() if "◆" in line]
    assert rows == [["one", "kind"], ["all", "kinds"]]
    (sentence,) = re.findall(r"No .*", output, re.DOTALL)
    check_words("scaling: no difference", " ".join(sentence.split()))
    texts = re.findall(r">([^<]+)</text>", target.read_text(encoding="utf-8"))
    check_words("scaling: the dots", next(text for text in texts if "dot" in text))
    check_words("scaling: the kinds", next(text for text in texts if text.endswith("?")))


def test_shares_that_come_to_the_same_cards_are_measured_once(tmp_path: Path) -> None:
    deck = load(write_capitals(tmp_path))[0]
    happened = list(scale(deck, n_steps=2, shares=(0.01, 0.05, 0.1, 1.0)))
    assert [fact.n_cards for fact in points(happened)] == [1, 10]


def test_it_says_how_to_hold_cards_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "all.deck"
    path.write_text("a :: b\nc :: d\n", encoding="utf-8")
    with raises_words(ScalingError, "scaling: none is kept back"):
        next(scale(load(path)[0]))
    assert cli.main(["scaling", str(path)]) == 1
    sentence = words("scaling: none is kept back")
    assert capsys.readouterr() == ("", f"flashcards: {sentence}\n")


def test_it_prints_what_is_asked(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    words = ["scaling", str(write_sums(tmp_path)), "--steps", "2", "--shares", "0.1,1"]
    target = tmp_path / "scaling.svg"
    assert cli.main([*words, "--json-lines"]) == 0
    lines = capfdbinary.readouterr().out.splitlines(keepends=True)
    told = [facts.decode(line) for line in lines]
    assert [type(fact) for fact in told] == [ScalingStarted, *(ScalingWent, ScalingPoint) * 2]
    assert cli.main([*words, "--json", "-o", str(target)]) == 0
    report = json.loads(capfdbinary.readouterr().out)
    assert report["steps"] == 2
    assert [point["cards"] for point in report["points"]] == [
        point.n_cards for point in points(told)
    ]
    for point, told_point in zip(report["points"], points(told), strict=True):
        assert Score(**point["unseen"]) == told_point.unseen
        assert point["interval"] == pytest.approx(list(told_point.interval), abs=1e-6)
    assert target.read_text(encoding="utf-8").startswith("<svg ")
    assert cli.main(words) == 0
    text = capfdbinary.readouterr().out.decode()
    assert [line.split()[0] for line in text.splitlines()[-2:]] == ["10", "100"]
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("shares", ["", "0", "1.5", "x", "0.1,,1", "nan"])
def test_shares_that_are_none_are_refused(shares: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["scaling", "plurals", "--shares", shares])
    assert ended.value.code == 2
    assert "--shares" in capsys.readouterr().err


START = ScalingStarted(
    deck="plurals",
    name="Plurals <&>",
    seed=1,
    n_steps=1000,
    batch_size=32,
    n_taught=2000,
    n_held_out=900,
    n_parameters=200_000,
    shares=(0.05, 1.0),
)
POINTS = (
    ScalingPoint(share=0.05, n_cards=100, seen=Score(100, 100), unseen=Score(90, 900)),
    ScalingPoint(share=1.0, n_cards=2000, seen=Score(1990, 2000), unseen=Score(855, 900)),
)


def test_a_line_of_the_chart_has_the_scores_and_their_interval() -> None:
    assert row(POINTS[0], 20) == (
        "      5 %     100     100 %         10 %   ━╍◆─────────────────  8–12 %"
    )
    assert row(POINTS[1], 20).endswith("93–96 %")
    sure = ScalingPoint(share=1.0, n_cards=90_000, seen=Score(9, 9), unseen=Score(9_999, 10_000))
    assert len(row(sure, BAR_WIDTH)) <= 80


def test_the_picture_carries_every_point_and_its_value() -> None:
    svg = picture(START, POINTS, "source")
    assert "Plurals &lt;&amp;&gt;" in svg
    assert svg.count('class="whisker unseen"') == 2
    assert ">10 %<" in svg
    assert ">95 %<" in svg
    assert ">2,000<" in svg
