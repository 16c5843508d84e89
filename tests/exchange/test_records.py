"""JSON records of the forms in use are read, one by one or in an array."""

import json

import pytest

from flashcards.base.files import Refused
from flashcards.exchange.notes import Options
from tests.exchange.sources import imported_text, lines_named, losses_of, source_of
from tests.golden import check_words, raises_words

CHAT = [{"role": "user", "content": "dog"}, {"role": "assistant", "content": "chien"}]


@pytest.mark.parametrize(
    ("record", "form"),
    [
        ({"prompt": "dog", "completion": " chien"}, "prompt/completion"),
        ({"prompt": CHAT[:1], "completion": CHAT[1:]}, "prompt/completion"),
        ({"messages": CHAT}, "messages"),
        (
            {
                "conversations": [
                    {"from": "human", "value": "dog"},
                    {"from": "gpt", "value": "chien"},
                ]
            },
            "conversations",
        ),
        ({"instruction": "dog", "input": "", "output": "chien"}, "instruction + input/output"),
        ({"question": "dog", "answer": "chien"}, "question/answer"),
        ({"front": "dog", "back": "chien"}, "front/back"),
    ],
)
def test_each_form_gives_the_same_card(record: dict[str, object], form: str) -> None:
    for text in (json.dumps(record) + "\n", json.dumps([record], indent=1)):
        source = source_of(text)
        assert [(note.prompt, note.answers) for note in source.notes] == [("dog", ("chien",))]
        assert source.form == f"JSON records: {form}"
        assert source.losses.counts() == {}


def test_alpacas_input_follows_the_instruction() -> None:
    source = source_of('{"instruction": "Add", "input": "1+1", "output": 2}')
    assert [(note.prompt, note.answers) for note in source.notes] == [("Add\n1+1", ("2",))]


def test_what_a_conversation_has_more_is_counted() -> None:
    turns = [{"role": "system", "content": "Be brief."}, *CHAT, *CHAT]
    source = source_of(json.dumps({"messages": turns}))
    assert [(note.prompt, note.answers) for note in source.notes] == [("dog", ("chien",))]
    assert source.losses.counts() == {"system": 1, "turns": 1}


def test_parts_of_a_message_are_joined_and_those_without_text_counted() -> None:
    asked = [{"type": "text", "text": "What is"}, {"type": "image_url"}, {"text": "this?"}]
    record = {"messages": [{"role": "user", "content": asked}, CHAT[1]]}
    source = source_of(json.dumps(record))
    assert [(note.prompt, note.answers) for note in source.notes] == [
        ("What is\nthis?", ("chien",))
    ]
    assert source.losses.counts() == {"parts": 1}


def test_records_that_are_none_are_counted_with_their_line() -> None:
    text = '{"prompt": "a", "completion": "b"}\nnope\n\n{"x": 1}\n[1]\n'
    text += '{"prompt": "", "completion": "c"}'
    assert losses_of(text) == {"not-json": 1, "no-shape": 2, "empty": 1}
    imported = imported_text(text)
    assert len(imported.cards) == 1
    assert lines_named(imported.said) == [[2], [4, 5], [6]]
    assert "5 records read" in imported.said


def test_other_keys_are_counted_and_can_be_chosen() -> None:
    text = '{"prompt": "a", "completion": "b", "kana": "c", "id": 7}'
    assert source_of(text).losses.counts() == {"keys": 1}
    source = source_of(text, options=Options(front="prompt", back="kana"))
    assert [(note.prompt, note.answers) for note in source.notes] == [("a", ("c",))]


def test_line_separators_inside_text_part_no_records() -> None:
    source = source_of('{"prompt": "a\u2028b", "completion": "c"}')
    assert [(note.prompt, note.answers) for note in source.notes] == [("a\nb", ("c",))]


def test_records_without_a_form_say_what_to_do() -> None:
    with raises_words(Refused, "import: records of no form"):
        source_of('{"text": "a"}\n{"text": "b"}\n')
    with raises_words(Refused, "import: an array cut short"):
        source_of('[{"prompt": 1,', "x.json")


NOTES = """---
title: French
---
# Animals
- dog::chien
- cat:::chat
* [ ] 7. bird :: oiseau #card

Some prose about `a::b` and more.
std::vector is in which header? :: <vector>

## More animals
Q: What is a cow,
in French?
A: une vache

**Q:** horse
**A:** cheval

Q: nobody knows

sheep
?
mouton
brebis

goat
??
chèvre

```
x::y
```
id:: 6543
"""


def test_every_sign_of_a_card_is_read() -> None:
    source = source_of(NOTES, "x.md")
    assert [(n.prompt, n.answers, n.section, n.is_both_ways) for n in source.notes] == [
        ("dog", ("chien",), "Animals", False),
        ("cat", ("chat",), "Animals", True),
        ("7. bird", ("oiseau #card",), "Animals", False),
        ("std::vector is in which header?", ("<vector>",), "Animals", False),
        ("What is a cow,\nin French?", ("une vache",), "More animals", False),
        ("horse", ("cheval",), "More animals", False),
        ("sheep", ("mouton\nbrebis",), "More animals", False),
        ("goat", ("chèvre",), "More animals", True),
    ]


def test_what_is_no_card_is_counted_with_its_line() -> None:
    losses = {"property": 2, "prose": 1, "unanswered": 1, "code": 3}
    assert losses_of(NOTES, "x.md") == losses
    report = imported_text(NOTES).said
    assert lines_named(report) == [[2, 34], [9], [20], [31, 32, 33]]
    check_words("import: notes of Markdown", report.partition("the first")[0])


def test_questions_and_answers_are_known_without_a_suffix() -> None:
    deck = imported_text("Q: dog\nA: chien\n\nQ: cat\nA: chat\nA: minou\n")
    assert [(card.prompt, card.answers) for card in deck.cards] == [
        ("dog", ("chien",)),
        ("cat", ("chat", "minou")),
    ]
