"""Keys stay keys while a sentence is made of them; where it goes, it is a text as any other."""

import msgspec
import pytest

from flashcards.base.keyed_text import key_name, pieces_of, sentences
from flashcards.base.language import LANGUAGES, VARIABLE, tr


def keys_in(text: str) -> list[str]:
    return [piece for piece, is_key in pieces_of(text) if is_key]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_knows_its_keys(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, language)
    press = tr("Press {key} and type {command}", key=key_name(":"), command="rewind")
    assert keys_in(tr("{do_this} to go back.", do_this=press)) == [":"]
    (key, sign) = tr("Press {key}", key=key_name("b")), f"({tr('full stop')})"
    assert keys_in(key + sign) == ["b"]
    assert keys_in(sign + key) == ["b"]


def test_sentences_one_after_the_other_keep_their_keys() -> None:
    both = sentences(
        "", "Half is right.", key_name("a") + " asks it.", "", key_name("b") + " bets."
    )
    assert both == "Half is right. a asks it. b bets."
    assert keys_in(both) == ["a", "b"]
    assert sentences("", "") == ""


def test_a_text_with_keys_is_a_text_everywhere_else() -> None:
    text = tr("Press {key} to see {n:,} cards.", key=key_name("c"), n=1200)
    plain = "Press c to see 1,200 cards."
    assert (text, f"{text}", str(text)[:7], len(text)) == (plain, plain, plain[:7], len(plain))
    assert {text: 1}[plain] == 1
    assert msgspec.json.decode(msgspec.json.encode(str(text))) == plain
    assert keys_in(f"{text}") == [], "an f-string makes plain text of it"
