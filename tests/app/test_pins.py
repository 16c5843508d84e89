"""Pinned prompts: their histories, who taught them, and the answers of the past."""

import msgspec

from flashcards.app.asking.answer_sheet import AnswerSheet, idea_rows, pick
from flashcards.app.widgets.cells import row_width
from flashcards.runs import commands as cmd, events as ev, values as val
from flashcards.wording.updates import taught_by
from tests.app.asked import SIZES, answered, asking, pin_answers, rivals, shown, title
from tests.app.lesson import lesson
from tests.app.pictures import check_pictures
from tests.app.script import on_stage
from tests.golden import check_words, words


async def test_f2_pins_what_was_asked_and_unpins_it_again() -> None:
    async with asking("blorp") as stage:
        await stage.say(answered(1, "blorp", "xx"))
        await stage.press("f2")
        assert stage.sent == [cmd.Ask(request=1, prompt="blorp"), cmd.Pin(prompt="blorp")]
        history = pin_answers("blorp", (0, "xqz", None), (64, "blop", None), (128, "blorped", None))
        await stage.say(ev.PromptPinned(step=1301, prompt="blorp"), *history)
        assert "pinned   step 0 xqz · 64 blop · 128 blorped" in shown(stage)
        assert "F2 unpin" in title(stage)
        await stage.press("f2")
        assert stage.sent[-1] == cmd.Unpin(prompt="blorp")
        await stage.say(ev.PromptUnpinned(step=1302, prompt="blorp"))
        assert "pinned" not in shown(stage)
        assert "F2 pin" in title(stage)


async def test_a_history_names_only_changes_keeps_the_first_and_marks_what_is_right() -> None:
    async with asking("sing") as stage:
        await stage.say(answered(1, "sing", "sang", correct_answers=("sang",), stamp="seen"))
        said: list[tuple[int, str, val.Mark | None]] = [(0, "q", "wrong")]
        said += [(i, f"guess {i}", "wrong") for i in range(1, 99)]
        said += [(600, "sang", "right"), (700, "sang", "right")]
        await stage.say(ev.PromptPinned(step=0, prompt="sing"), *pin_answers("sing", *said))
        assert "pinned   step 0 q ✗ · …" in shown(stage)
        assert shown(stage).endswith("600 sang ✓")
        assert "700" not in shown(stage)


async def test_f4_asks_the_saved_states_and_shows_them_as_they_answer() -> None:
    async with asking("sing") as stage:
        await stage.say(answered(1, "sing", "sang", correct_answers=("sang",), stamp="seen"))
        await stage.press("f4")
        assert stage.sent[-1] == cmd.AskPast(request=2, prompt="sing")
        first = val.PastAnswer(0, "zzz", 0.1)
        await stage.say(
            ev.PastAnswered(step=1301, request=2, prompt="sing", answers=(first,), n_left=1)
        )
        assert "F4 now · esc back" in title(stage)
        assert shown(stage).split("\n")[0].endswith("1 more…")
        assert "0  zzz    ✗  10 %" in shown(stage)
        now = val.PastAnswer(1301, "sang", 0.9)
        await stage.say(ev.PastAnswered(step=1302, request=2, prompt="sing", answers=(first, now)))
        title_row, heading, oldest, newest = shown(stage).split("\n")
        assert heading.split() == ["step", "says", "how", "sure"]
        assert title_row.startswith("sing → sang")
        assert title_row.endswith(words("screen: all states", n=2))
        assert oldest.startswith("    0  zzz    ✗  10 %")
        assert newest.startswith("1,301  sang   ✓  90 %")
        assert newest.count("━") > 5 * oldest.count("━") > 0
        many = tuple(val.PastAnswer(k, "sang", 0.9) for k in range(1302))
        await stage.say(ev.PastAnswered(step=1302, request=2, prompt="sing", answers=many))
        title_row, _, *rows = shown(stage).split("\n")
        assert title_row.endswith(f" {words('screen: some states', n=len(rows), of='1,302')}")
        await stage.press("escape")
        assert title_row not in shown(stage)
        assert title(stage).endswith("F4 earlier answers · esc close")
        assert shown(stage).startswith(" TAUGHT")


async def test_how_another_answer_came_about_is_asked_while_that_is_shown() -> None:
    async with asking("sing") as stage:
        await stage.say(answered(1, "sing", "sang"))
        await stage.press("f4", *"ring", "enter")
        assert stage.sent[-2:] == [
            cmd.Ask(request=3, prompt="ring"),
            cmd.AskPast(request=4, prompt="ring"),
        ]
        await stage.press("escape")
        await stage.press(*"blorp", "enter")
        assert stage.sent[-1] == cmd.Ask(request=5, prompt="blorp")


async def test_enter_in_view_3_shows_how_what_was_pinned_last_came_about() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("3", "enter")
        assert stage.sent == []
        await stage.say(
            ev.PromptPinned(step=1300, prompt="ring"), ev.PromptPinned(step=1301, prompt="sing")
        )
        assert words("screen: pin opens") in "\n".join(stage.rows())
        await stage.press("enter")
        assert stage.sent == [
            cmd.Ask(request=1, prompt="sing"),
            cmd.AskPast(request=2, prompt="sing"),
        ]


async def test_f4_with_nothing_asked_is_of_what_was_pinned_last() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a", "f4")
        assert stage.sent == []
        await stage.say(ev.PromptPinned(step=1300, prompt="ring"))
        await stage.press("f4")
        assert stage.sent[-1] == cmd.AskPast(request=2, prompt="ring")


def test_of_many_states_those_stay_where_the_answer_became_another_one() -> None:
    said = ["", "x", "x", "x", "a", "a", "a", "a", "an", "an", "ann", "ann"]
    answers = pin_answers("banana", *((2**i, answer, None) for i, answer in enumerate(said)))
    assert pick(answers, 20) == answers
    assert [one.answer for one in pick(answers, 6)] == ["", "x", "a", "an", "ann", "ann"]
    assert [one.step for one in pick(answers, 3)] == [1, 1024, 2048]
    assert [len(pick(answers, n)) for n in range(1, 14)] == [*range(1, 13), 12]
    assert {row_width(row) for row in idea_rows(answers, 40, 8)} == {40}
    assert idea_rows((), 40, 8) == idea_rows(answers, 40, 1) == []


async def test_the_pins_are_listed_before_anything_is_asked() -> None:
    pins: list[ev.AnyEvent] = [
        ev.PromptPinned(step=0, prompt="sing"),
        *pin_answers("sing", (0, "q", "wrong")),
    ]
    async with on_stage([*lesson(), *pins, ev.PromptPinned(step=9, prompt="new")]) as stage:
        await stage.press("a")
        await stage.settle()
        lines = [line.rstrip() for line in shown(stage).split("\n")]
        message, listed = " ".join(lines[:3]), lines[-2:]
        assert "asking changes nothing" in message
        assert listed[0].split() == ["sing", "step", "0", "q", "✗"]
        assert listed[1].split(maxsplit=1) == ["new", words("screen: pin waits")]


async def test_what_is_typed_is_asked_when_it_is_pinned_as_is_the_card_that_is_shown() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a", *"sing", "f2")
        assert stage.sent == [cmd.Ask(request=1, prompt="sing"), cmd.Pin(prompt="sing")]
        await stage.press("escape")
        await stage.press(":pin")
        assert stage.sent[2:] == [cmd.Pin(prompt="sing")]
        (told,) = stage.said
        assert "“sing” is pinned" in told
        await stage.say(ev.PromptPinned(step=1290, prompt="sing"))
        await stage.press(":pin")
        assert stage.sent[-1] == cmd.Unpin(prompt="sing")
        (told,) = stage.said
        check_words("screen: unpinned", told)


async def test_a_ninth_pin_says_which_one_goes() -> None:
    pins = [ev.PromptPinned(step=0, prompt=f"land {i}") for i in range(cmd.MAX_PINS)]
    async with on_stage([*lesson(), *pins]) as stage:
        await stage.press(":pin")
        (said,) = stage.said
        check_words("screen: ninth pin", said)


async def test_who_taught_a_pinned_card_is_never_told_without_what_kind_of_number_it_is() -> None:
    by = tuple(val.TaughtBy(prompt, -0.9) for prompt in ("rethink", "think", "feel", "sell", "dig"))
    told = ev.PinTaught(step=300, prompt="kneel", by=by, is_exact=True, since_step=12)
    async with asking("kneel") as stage:
        answers = pin_answers("kneel", (12, "a", "wrong"), (300, "b", "wrong"))
        await stage.say(
            answered(1, "kneel", "kneleled", stamp="held_out", correct_answers=("knelt",)),
            rivals(1, None, "felt", "keeled"),
            ev.PromptPinned(step=0, prompt="kneel"),
            *answers,
        )
        for size in SIZES:
            await stage.resize(size)
            for is_exact, how in ((True, "measured"), (False, "estimated")):
                await stage.say(msgspec.structs.replace(told, is_exact=is_exact))
                height = stage.app.screen.query_one(AnswerSheet).size.height
                seen = "\n".join(shown(stage).split("\n")[:height])
                first = msgspec.structs.replace(told, is_exact=is_exact, by=by[:1])
                named, _, number = taught_by(first, 1).partition("; ")
                assert number.startswith(how)
                assert f"learned from {named}" in seen, size
                assert f"; {number}" in " ".join(seen.split()), size
                # nor does it push the last rival out of sight
                assert size[0] < 80 or "keeled" in seen, size
                nobody = msgspec.structs.replace(told, by=(), is_exact=is_exact)
                await stage.say(nobody)
                assert f"learned from {taught_by(nobody, 1)}" in shown(stage), size


async def test_a_pinned_answer_looks_as_it_should() -> None:
    async with asking("Sing ") as stage:
        near = {"near_duplicate": "sing", "near_stamp": "seen", "near_times_seen": 31}
        said: list[tuple[int, str, val.Mark | None]] = [
            (0, "xqzzz", None),
            (16, "i", None),
            (128, "singed", None),
            (512, "singed", None),
            (900, "sunged", None),
            (1284, "sang", None),
        ]
        await stage.say(
            answered(1, "Sing", "sang", **near),
            rivals(1, None, "singed", "sang"),
            ev.PromptPinned(step=0, prompt="Sing"),
            *pin_answers("Sing", *said),
        )
        await check_pictures(stage, "ask-pinned")


async def test_how_an_answer_came_about_has_a_row_for_each_saved_state() -> None:
    past = [
        (0, "vkqqkqvqkq", 0.0001),
        (1, "nnnnnnn", 0.001),
        (2, "ed", 0.02),
        (128, "singed", 0.61),
        (1024, "sang", 0.57),
        (1280, "sang", 0.95),
    ]
    async with asking("sing") as stage:
        await stage.say(answered(1, "sing", "sang", correct_answers=("sang",), stamp="seen"))
        await stage.press("f4")
        answers = tuple(val.PastAnswer(*row) for row in past)
        await stage.say(ev.PastAnswered(step=1301, request=2, prompt="sing", answers=answers))
        rows = [row for row in stage.rows() if "%" in row]
        assert [row.split()[:4] for row in rows] == [
            ["0", "vkqqkqvqkq", "✗", "0.01"],
            ["1", "nnnnnnn", "✗", "0.1"],
            ["2", "ed", "✗", "2.0"],
            ["128", "singed", "✗", "61"],
            ["1,024", "sang", "✓", "57"],
            ["1,280", "sang", "✓", "95"],
        ]
        length = rows[0].count("─")
        for row, (_, _, sureness) in zip(rows, past, strict=True):
            assert abs(row.count("━") - sureness * length) <= 1
