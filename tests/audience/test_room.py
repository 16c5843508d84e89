"""Who is in the room and what they ask: limits, replies, phones that come again."""

import pytest

from flashcards.audience.messages import MAX_PROMPT_CHARACTERS, MAX_WAITING
from flashcards.audience.phone_room import (
    EVERY_S,
    KEY_PART,
    MAX_OF_ADDRESS,
    MAX_PHONES,
    MAX_REPLIES,
    MAX_WAITING_OF_ONE,
    FullError,
    Phone,
    PhoneRoom,
)


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def a_room() -> tuple[PhoneRoom, Clock]:
    clock = Clock()
    return PhoneRoom(clock, "secret"), clock


def test_a_phone_asks_once_a_second_and_five_of_its_questions_wait_at_most() -> None:
    room, clock = a_room()
    phone = room.new_phone()
    assert room.ask(phone, "go") == (1, "go")
    clock.now_s = 0.9
    assert room.ask(phone, "go") == "too_soon"
    for n in range(2, MAX_WAITING_OF_ONE + 1):
        clock.now_s = 2.0 * n
        assert room.ask(phone, "go") == (n, "go")
    clock.now_s = 100.0
    assert room.ask(phone, "go") == "too_many"
    room.settle(1, {"answer": "went"})
    assert room.ask(phone, "go") == (MAX_WAITING_OF_ONE + 1, "go")


def test_marks_are_not_stacked_over_other_lines() -> None:
    room, _ = a_room()
    asked = room.ask(room.new_phone(), "x" + "\u0331" * 200 + "y\u0331")
    assert asked == (1, "x" + "\u0331" * 8 + "y\u0331")


def test_a_sign_that_encloses_a_letter_is_a_mark_too() -> None:
    """It has no combining class: marks between such signs made a text four phones wide."""
    room, _ = a_room()
    asked = room.ask(room.new_phone(), "Z" + "\u0489\u0335" * 100)
    assert isinstance(asked, tuple)
    assert len(asked[1]) == 9


def test_a_text_with_a_refused_word_is_not_taken() -> None:
    room = PhoneRoom(Clock(), "secret", ("Rude", "very bad"))
    phone = room.new_phone()
    assert room.ask(phone, "so RUDE!") == "refused"
    assert room.ask(phone, "Very bad") == "refused"
    assert room.ask(phone, "crude") == (1, "crude")  # whole words
    room.open_ballot(1, 0)
    assert room.vote(phone, 1, -1, "rude") == "refused"
    assert room.hands == []


def test_answers_that_are_typed_are_counted_by_text() -> None:
    room, _ = a_room()
    one, two, three = room.new_phone(), room.new_phone(), room.new_phone()
    room.open_ballot(1, 0)
    for phone, text in ((one, "went"), (two, " went "), (three, "goed"), (three, "gone")):
        assert room.vote(phone, 1, -1, text) is None
    assert room.vote(one, 1, 0) == "empty"
    assert dict(zip(room.texts, room.hands, strict=True)) == {"went": 2, "goed": 0, "gone": 1}
    room.settle_ballot(1, "go", {0: "right"}, "wrong")
    replies = [phone.replies[0] for phone in (one, two, three)]
    answers = [(reply["answer"], reply["is_for_all"]) for reply in replies]
    assert answers == [("right", False), ("right", False), ("wrong", True)]


def test_an_answer_to_the_question_before_is_none_to_this_one() -> None:
    """A phone that slept shows the places of that question, and its first one means another."""
    room, _ = a_room()
    phone = room.new_phone()
    room.open_ballot(1, 3)
    room.open_ballot(2, 11)
    assert room.vote(phone, 1, 2) == "over"
    assert sum(room.hands) == 0
    assert room.vote(phone, 2, 2) is None


def asked_at(room: PhoneRoom, clock: Clock, phone: Phone) -> object:
    clock.now_s += EVERY_S
    return room.ask(phone, "go")


def test_of_many_waiting_questions_every_phone_may_add_one() -> None:
    """A program with forty cookies, at the address that a whole school has."""
    room, clock = a_room()
    school = "10.0.0.1"
    flooding = [room.new_phone(school) for _ in range(MAX_WAITING // MAX_WAITING_OF_ONE)]
    for phone in flooding * MAX_WAITING_OF_ONE:
        assert isinstance(asked_at(room, clock, phone), tuple)
    assert room.n_waiting == MAX_WAITING
    for phone in [room.new_phone(school) for _ in range(300)]:
        assert isinstance(asked_at(room, clock, phone), tuple)
        assert asked_at(room, clock, phone) == "full"
    room.settle(1, {})
    assert asked_at(room, clock, flooding[0]) == "full"


def test_new_phones_without_end_do_not_fill_the_queue() -> None:
    room, clock = a_room()
    inside = room.new_phone("10.0.0.2")
    room.begin_stream(inside)
    asked: set[int] = set()
    for _ in range(2 * MAX_OF_ADDRESS + MAX_WAITING):
        taken = asked_at(room, clock, room.new_phone("10.0.0.1"))
        assert isinstance(taken, tuple)
        asked.add(taken[0])
    assert room.n_waiting == MAX_OF_ADDRESS
    assert len(asked - set(room.withdrawn)) == MAX_OF_ADDRESS
    assert isinstance(asked_at(room, clock, inside), tuple)


def test_a_prompt_is_cut_cleaned_and_never_empty() -> None:
    room, _ = a_room()

    def asked(text: str) -> object:
        taken = room.ask(room.new_phone(), text)
        return taken[1] if isinstance(taken, tuple) else taken

    assert asked("  go\n ") == "go"
    assert asked("\x1b[2Jgo\x07") == "␛[2Jgo␇"
    assert asked("\u202egnirts") == "⟨U+202E⟩gnirts"
    assert asked("<b>go</b>") == "<b>go</b>"
    assert asked("a\nb") == "a b"
    assert asked(" \n ") == "empty"
    assert len(str(asked("x" * 10_000))) == MAX_PROMPT_CHARACTERS
    assert len(str(asked("\u202e" * 10_000))) == MAX_PROMPT_CHARACTERS


def test_a_phone_is_told_what_is_newest_and_its_own_replies_alone() -> None:
    room, _ = a_room()
    one, other = room.new_phone(), room.new_phone()
    room.ask(one, "go")
    room.show("lesson", b"1")
    room.show("lesson", b"2")
    room.settle(1, {"answer": "went"})
    told = [("where", {"where": "lobby"}), ("lesson", b"2")]
    assert room.news(one) == [*told, ("reply", {"prompt": "go", "answer": "went"})]
    assert room.news(one) == []
    assert room.news(other) == told
    room.begin_stream(other)  # a page that was opened again is empty
    assert room.news(other) == told
    room.close_door()
    assert room.news(one) == [("where", {"where": "lesson"})]
    late = room.new_phone()
    assert room.news(late) == [("where", {"where": "door"})]
    room.begin_stream(late)
    room.let_in()
    assert room.news(late) == [("where", {"where": "lesson"}), ("lesson", b"2")]


def test_replies_to_a_phone_that_went_are_kept_and_not_without_end() -> None:
    room, clock = a_room()
    phone = room.new_phone()
    for n in range(1, MAX_REPLIES + 4):
        clock.now_s = 2.0 * n
        room.ask(phone, str(n))
        room.settle(n, {})
    told = [reply["prompt"] for _, reply in room.news(phone)[1:] if isinstance(reply, dict)]
    assert told == [str(n) for n in range(4, MAX_REPLIES + 4)]


def test_who_opens_the_page_again_takes_the_place_of_itself() -> None:
    room, _ = a_room()
    phone = room.new_phone()
    first = room.begin_stream(phone)
    second = room.begin_stream(phone)
    room.end_stream(phone, first)
    assert room.n_following == 1
    room.end_stream(phone, second)
    assert room.n_following == 0


def test_a_full_room_gives_the_place_of_who_left_to_who_comes() -> None:
    room, _ = a_room()
    phones = [room.new_phone(f"10.0.0.{n // 50}") for n in range(MAX_PHONES)]
    streams = [room.begin_stream(phone) for phone in phones]
    with pytest.raises(FullError):
        room.new_phone("10.0.1.1")
    room.end_stream(phones[3], streams[3])
    assert room.phone(room.new_phone("10.0.1.1").key) is not None
    assert room.phone(phones[3].key) is not phones[3]  # it takes the place back


def test_one_address_has_places_for_a_class_and_not_for_everybody() -> None:
    room, _ = a_room()
    for _ in range(MAX_OF_ADDRESS):
        room.begin_stream(room.new_phone("10.0.0.1"))
    with pytest.raises(FullError):
        room.new_phone("10.0.0.1")
    assert room.new_phone("10.0.0.2").is_in


def test_all_that_one_phone_asks_is_dropped_and_it_asks_no_more() -> None:
    room, clock = a_room()
    rude, other = room.new_phone(), room.new_phone()
    assert room.ask(rude, "one") == (1, "one")
    assert room.ask(other, "go") == (2, "go")
    clock.now_s = 2 * EVERY_S
    assert room.ask(rude, "two") == (3, "two")
    assert (rude.number, other.number) == (1, 2)
    room.drop_phone(3)
    assert room.n_waiting == 1
    assert [reply["prompt"] for reply in rude.replies] == ["one", "two"]
    clock.now_s = 9 * EVERY_S
    assert room.ask(rude, "three") == "not_now"
    assert room.ask(other, "sing") == (4, "sing")
    room.drop_phone(3)  # it is gone already
    assert room.n_waiting == 2


def test_a_phone_that_may_ask_no_more_may_not_after_a_crash_either() -> None:
    room, _ = a_room()
    rude, other = room.new_phone(), room.new_phone()
    room.ask(rude, "one")
    room.drop_phone(1)
    again = PhoneRoom(Clock(), "secret", muted=tuple(room.muted))
    rude_again, other_again = again.phone(rude.key), again.phone(other.key)
    assert rude_again is not None
    assert other_again is not None
    assert again.ask(rude_again, "two") == "not_now"
    assert again.ask(other_again, "go") == (1, "go")
    assert not any(number in rude.key[KEY_PART:] for number in again.muted)  # it signs nothing


def test_nobody_asks_while_no_questions_are_taken() -> None:
    room, _ = a_room()
    room.takes_questions = False
    assert room.ask(room.new_phone(), "go") == "not_now"
    room.takes_questions = True
    assert room.ask(room.new_phone(), "go") == (1, "go")
