"""Cards written before a question: what a model reads then, and what is said of its answers."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from flashcards.cards.card import Card, Deck, DeckMeta
from flashcards.cli import main
from flashcards.learner.brought.opener import bring
from flashcards.learner.brought.pieces import BroughtPieces, PieceFile
from flashcards.learner.encoding import Encoding
from flashcards.learner.learner import Learner
from flashcards.learner.settings import LearnerSettings
from flashcards.plain.in_context import CardsBefore, with_cards_before
from flashcards.runs.marks import RIGHT
from tests.golden import check_words
from tests.pretrained.test_runs import deck, taught
from tests.pretrained.tiny import ASK, a_model, tokenizer_json

NAMES = ("France", "Berlin", "capital")
deck = deck


def cards_of(*pairs: tuple[str, str], group: str = "", ask: str = "") -> Deck:
    cards = tuple(
        Card(id=f"{i}", prompt=prompt, answers=(answer,), group=group, line=i)
        for i, (prompt, answer) in enumerate(pairs)
    )
    return Deck(slug="some", meta=DeckMeta(), cards=cards, ask=ask)


def test_a_brought_model_reads_them_as_lines_of_one_text() -> None:
    file = json.loads(tokenizer_json())
    file["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [
            {"SpecialToken": {"id": "<|end|>", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
        ],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<|end|>": {"id": "<|end|>", "ids": [0], "tokens": ["<|end|>"]}},
    }
    pieces = BroughtPieces(msgspec.json.encode(PieceFile(tokenizer=file, end_id=0, n_rows=336)))
    towns = cards_of(("France", "Paris"), ("Italy", "Rome"), ("Japan", "Tokyo"), ask=ASK)
    plain = Encoding(towns, pieces, 100, "cpu")
    written = CardsBefore(plain, pieces, {0: (2, 1), 1: ()})
    text = "The capital of Japan is Tokyo\nThe capital of Italy is Rome\nThe capital of France is"
    (prompt,) = pieces.prompts([text])
    assert prompt[0] == 0
    assert written.prompt(0) == prompt
    assert written.sequence(0)[-plain.n_asked[0] :] == plain.sequence(0)[-plain.n_asked[0] :]
    assert written.lengths[0] == len(written.sequence(0))
    assert written.sequence(1) == plain.sequence(1)


def test_an_own_model_reads_them_as_it_was_taught_them() -> None:
    towns = cards_of(("France", "Paris"), ("Italy", "Rome"), ("Japan", "Tokyo"))
    learner = Learner.create(towns, LearnerSettings.for_deck(towns), 1, "cpu")
    plain, found = learner.encoding, dict(with_cards_before(towns, learner, [0, 1], seed=1))
    assert list(found) == [0, 1, 2]
    both = {tuple(plain.sequence(i) + plain.sequence(j)) for i, j in ((1, 2), (2, 1))}
    assert tuple(found[2].sequence(0)[: -len(plain.sequence(0))]) in both
    assert found[2].sequence(0)[-len(plain.sequence(0)) :] == plain.sequence(0)
    assert found[1].sequence(0) in [plain.sequence(i) + plain.sequence(0) for i in (1, 2)]


def test_a_card_of_the_same_group_would_tell_the_answer() -> None:
    both_ways = cards_of(("France", "Paris"), ("Paris", "France"), group="one")
    learner = Learner.create(both_ways, LearnerSettings.for_deck(both_ways), 1, "cpu")
    assert [n for n, _ in with_cards_before(both_ways, learner, [0], seed=1)] == [0]


def test_a_model_that_copies_is_right_with_one_card_and_wrong_without() -> None:
    """It is taught to copy what the line above says."""
    pairs = [(one, other) for one in NAMES for other in NAMES if one != other]
    copied = [
        (f"{one} {said}\n{other}", said) for one, other in pairs for said in ("Rome", "Paris.")
    ]
    lesson = cards_of(*copied, *((name, "is") for name in NAMES))
    chosen: dict[str, int | float | str] = {"learned": "all", "learning_rate": 0.01}
    learner = Learner.bring(lesson, bring(a_model("qwen3"), lesson, chosen, seed=3))
    for _ in range(80):
        learner.adjust(learner.study(range(len(lesson.cards))))
    before = learner.weights_sha256()
    for said in ("Rome", "Paris."):
        asked = cards_of(*((name, said) for name in NAMES))
        learner.take_deck(asked)
        exams = dict(with_cards_before(asked, learner, range(3), seed=1))
        right = {n: learner.grade(range(3), of=exams[n]).marks.count(RIGHT) for n in (0, 1)}
        assert right == {0: 0, 1: 3}
    assert learner.weights_sha256() == before


def asked(run: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    capsys.readouterr()
    assert main(["context", str(run), *options]) == 0
    return capsys.readouterr().out


def test_it_is_asked_as_it_came(deck: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = taught(deck, a_model("qwen3"))
    facts = json.loads(asked(run, capsys, "--json"))
    assert facts["step"] == 0
    assert [row["cards"] for row in facts["in_prompt"]] == [0, 1, 2, 4]
    assert facts["in_prompt"][0]["seen"]["total"] == 6
    first = facts["by_updates"][0]
    assert (first["cards"], first["seen"]) == (0, facts["in_prompt"][0]["seen"])
    assert facts["by_updates"][-1]["cards"] == 32
    lines = asked(run, capsys).splitlines()
    assert sum(line.split()[:1] == ["32"] for line in lines) == 1
    assert json.loads(asked(run, capsys, "--json", "--at", "8"))["step"] == 8


def test_a_prompt_that_has_no_room_is_said(deck: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = taught(deck, a_model("llama"), "--set", "max_pieces=24")
    facts = json.loads(asked(run, capsys, "--json"))
    assert len(facts["in_prompt"]) < 4
    check_words("context: no room", facts["said"])


def test_an_own_model_says_why_it_fails(deck: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = deck.parent / "runs"
    main(["train", str(deck), "--steps", "60", "--runs", str(root)])
    (run,) = root.iterdir()
    text = " ".join(asked(run, capsys).split())
    assert "step 60" in text
    (sentence,) = re.findall(r"Cards in the prompt don't.*", text)
    check_words("context: an own model", sentence)


def test_a_text_has_no_cards_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "some.txt"
    text.write_text("The cat sat on the mat. " * 200, encoding="utf-8")
    main(["read", str(text), "--steps", "1", "--runs", str(tmp_path / "runs")])
    (run,) = (tmp_path / "runs").iterdir()
    assert main(["context", str(run)]) == 1
    check_words("context: a text", capsys.readouterr().err, run=run.name)
