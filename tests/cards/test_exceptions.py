"""What the rule of a deck would make of its exceptions."""

from flashcards.cards.exceptions import exception_sections, rule_forms
from tests.decks import deck_of

VERBS = """\
[Irregular]
go :: went
come :: came
run :: ran
fly :: flew
read :: read
burn :: burned | burnt
buy :: bought
[regular]
echo :: echoed
veto :: vetoed
radio :: radioed
use :: used
love :: loved
welcome :: welcomed
stun :: stunned
pin :: pinned
open :: opened
try :: tried
cry :: cried
play :: played
stay :: stayed
"""


def forms_of(text: str) -> dict[str, tuple[str, ...]]:
    deck = deck_of(text)
    return {deck.cards[i].prompt: forms for i, forms in rule_forms(deck).items()}


def test_sections_of_exceptions_go_by_their_name_in_any_case() -> None:
    assert exception_sections(deck_of(VERBS)) == ("Irregular",)
    assert exception_sections(deck_of("[exceptions]\na :: b\n[rest]\nc :: d\n")) == ("exceptions",)
    assert exception_sections(deck_of("[irregularities]\na :: b\n")) == ()


def test_the_rule_is_what_regular_prompts_with_the_same_last_letter_do() -> None:
    forms = forms_of(VERBS)
    assert forms["go"] == ("goed",)
    assert forms["come"] == ("comed",)
    assert forms["run"] == ("runned", "runed")
    assert forms["fly"] == ("flied", "flyed")


def test_without_enough_prompts_of_that_letter_all_letters_count() -> None:
    assert forms_of(VERBS)["read"][0] == "readed"
    assert "readd" in forms_of(VERBS)["read"]


def test_an_answer_that_counts_as_right_is_never_called_the_rule() -> None:
    assert forms_of(VERBS)["burn"] == ("burnned",)


def test_never_seen_cards_teach_no_rule_but_have_its_forms() -> None:
    held = VERBS.replace("echo", "? echo").replace("veto", "? veto").replace("radio", "? radio")
    assert forms_of(held)["go"] != ("goed",)
    assert forms_of(VERBS.replace("go ::", "? go ::"))["go"] == ("goed",)


def test_a_deck_without_exceptions_or_without_a_rule_has_no_forms() -> None:
    assert forms_of("[regular]\nuse :: used\n") == {}
    assert forms_of("[irregular]\ngo :: went\n") == {}
