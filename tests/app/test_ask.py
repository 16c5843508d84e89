"""The ask dialog: what its keys send, what it offers, teaches and answers."""

import gc
import re
import warnings

import msgspec
import pytest
from rich.cells import cell_len
from textual._xterm_parser import XTermParser
from textual.events import Paste
from textual.widgets import Input

from flashcards.app.asking import offered_prompts
from flashcards.app.asking.answer_sheet import AnswerSheet, AnswerView
from flashcards.app.asking.ask_screen import AskScreen
from flashcards.app.stage.presenter import answer_stage
from flashcards.app.widgets.frame import RunHeader
from flashcards.base.language import VARIABLE, capital
from flashcards.runs import commands as cmd, events as ev, values as val
from flashcards.wording import facts, lesson as words_of_lesson
from flashcards.wording.run_kinds import CARDS
from tests import told
from tests.app.asked import (
    answered,
    answered_walk,
    ask,
    asking,
    changed,
    pin_answers,
    rivals,
    shown,
    title,
)
from tests.app.card_rows import card
from tests.app.drawn import plain
from tests.app.lesson import lesson
from tests.app.pictures import check_pictures
from tests.app.script import Stage, on_stage
from tests.golden import words


def typed(stage: Stage) -> str:
    return stage.app.screen.query_one("#prompt", Input).value


async def test_up_offers_what_was_asked_and_down_and_tab_the_cards_with_what_is_typed() -> None:
    async with asking("blorp") as stage:
        await stage.press(*"sing", "enter", "escape", "a")
        await stage.press("up")
        assert typed(stage) == "sing"
        await stage.press("down")
        dialog = stage.app.screen
        assert isinstance(dialog, AskScreen)
        for _ in range(3):  # faster than anything else can happen
            dialog.action_offer(-1)
        assert typed(stage) == "blorp"
        await stage.press("down", "down")
        assert typed(stage) == ""
        await stage.press(*"si", "tab")
        asked = stage.sent[-1]
        assert isinstance(asked, cmd.ListCards)
        assert asked.filter == "si"
        rows = tuple(card(i, prompt=p) for i, p in enumerate(("music", "si", "sing", "sit")))
        await stage.say(
            ev.CardsListed(step=1300, request=asked.request, offset=0, total=4, rows=rows)
        )
        assert typed(stage) == "sing"
        await stage.press("tab")
        assert typed(stage) == "sit"
        await stage.press("down", "down")
        assert typed(stage) == "music"
        await stage.press("enter")
        question = stage.sent[-1]
        assert isinstance(question, cmd.Ask)
        assert question.prompt == "music"
        await stage.press("up", "x", "up")
        assert typed(stage) == "music"
        assert isinstance(stage.app.focused, Input)


async def test_f5_asks_eight_times_and_shows_how_often_each_answer_came() -> None:
    async with asking("walk") as stage:
        await stage.say(answered_walk(1))
        await stage.press("f5")
        asked = stage.sent[-1]
        assert isinstance(asked, cmd.Ask)
        assert asked.options == val.AskOptions(n_answers=8, temperature=1.0)
        spread = (val.AnswerCount("walked", 6), val.AnswerCount("walkt", 2))
        reply = msgspec.structs.replace(
            answered_walk(asked.request), spread=spread, options=asked.options
        )
        await stage.say(reply)
        text = shown(stage)
        assert words("screen: drawn answers", n=8, temperature=1) in text
        assert re.search(r"6 × walked +✓ ━", text)
        assert re.search(r"2 × walkt +. ━", text)
        await stage.press("enter")
        assert stage.sent[-1] == cmd.Ask(prompt="walk", request=asked.request + 1)


def test_what_a_tool_makes_of_a_call_stands_below_the_answer() -> None:
    said = msgspec.structs.replace(
        answered(1, "47 boxes", "calc(47*83)"),
        calls=(val.ToolCall("calc(47*83)", "3901"),),
        worked_out="3901",
    )
    rows = [row.strip() for row in plain(AnswerSheet().draw(AnswerView(answered=said), 76, 20))]
    place = next(i for i, row in enumerate(rows) if row.startswith("tool"))
    assert rows[place].split(maxsplit=1)[1] == "calc(47*83) → 3901"
    assert rows[place + 1].startswith("so it is")
    assert rows[place + 1].endswith("3901")


async def test_emoji_are_typed_and_pasted() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a")
        line = stage.app.screen.query_one("#prompt", Input)
        for n_before, prompt in enumerate(("🍎", "👩🏽\u200d🚀 x", "é🇩🇪", "☕\ufe0f")):
            line.value = ""
            line.post_message(Paste(f"{prompt}\nsecond line"))
            await stage.press("enter")
            assert stage.sent[-1] == cmd.Ask(request=2 * n_before + 1, prompt=prompt)
            line.value = ""
            for event in XTermParser().feed(prompt):
                line.post_message(event)
            await stage.press("enter")
            assert stage.sent[-1] == cmd.Ask(request=2 * n_before + 2, prompt=prompt)


async def test_f3_teaches_the_prompt_and_follows_it() -> None:
    async with asking("blorp") as stage:
        await stage.say(answered(1, "blorp", "blop"))
        await stage.press("f3")
        assert stage.app.screen.query_one("#answer", Input).has_focus
        await stage.press("enter")
        assert stage.sent == [cmd.Ask(request=1, prompt="blorp")]
        await stage.press(*"blorpen", "enter")
        assert stage.sent[-2:] == [
            cmd.TeachCard(request=2, prompt="blorp", answer="blorpen"),
            cmd.Ask(request=3, prompt="blorp"),
        ]
        assert f"taught   {words('screen: teaching')}" in shown(stage)
        note = val.DeckNote("file_has_it", ("past-tense.deck",))
        await stage.say(changed(2, note))
        await stage.say(answered(3, "blorp", "blorpen", stamp="seen", times_seen=3))
        assert "TAUGHT 3×" in shown(stage)
        assert f"taught   {words('screen: taught')} {facts.note(note)}" in shown(stage)
        dialog = stage.app.screen
        assert isinstance(dialog, AskScreen)
        dialog.ask_again()
        await stage.settle()
        assert stage.sent[-1] == cmd.Ask(request=4, prompt="blorp")
        dialog.ask_again()  # the last answer is still to come
        await stage.settle()
        assert stage.sent[-1] == cmd.Ask(request=4, prompt="blorp")


async def test_an_answer_to_an_earlier_question_is_not_lost_and_the_hints_can_be_clicked() -> None:
    async with asking("blorp") as stage:
        await stage.press(*"sing", "enter")
        await stage.say(answered(1, "blorp", "blorped"))
        assert "blorped" in shown(stage)
        await stage.say(rivals(1, None, "blorpt", "blurted"))
        assert f"{facts.RIVALS['ngram']}    blorpt" in shown(stage)
        await stage.say(answered(2, "sing", "sang"))
        assert "sang" in shown(stage)
        assert "blorpt" not in shown(stage)
        at = title(stage).index("F2 pin")
        line = stage.app.screen.query_one(".dialog-title")
        await stage.pilot.click(line, offset=(at + 1, 0))
        await stage.settle()
        assert stage.sent[-1] == cmd.Pin(prompt="sing")


async def test_the_decks_answer_stands_there_already_and_escape_goes_back() -> None:
    async with asking("sing") as stage:
        await stage.say(answered(1, "sing", "song", correct_answers=("sang",), stamp="seen"))
        await stage.press("f3")
        assert stage.app.screen.query_one("#answer", Input).value == "sang"
        await stage.press("escape")
        assert stage.app.screen.query_one("#prompt", Input).has_focus
        await stage.press("escape")
        assert stage.app.screen is stage.app.play


async def test_a_refusal_has_its_reason_and_asking_a_closed_run_does_no_harm() -> None:
    async with asking("blorp") as stage:
        await stage.press("f3", "x", "enter")
        await stage.say(
            answered(3, "blorp", "y"),
            ev.TeachingRefused(step=1301, request=2, text="That gives “blurp” away."),
        )
        assert "refused  That gives “blurp” away." in shown(stage)
        await stage.app.session.run.close()
        await stage.press("enter")
        assert isinstance(stage.app.screen, AskScreen)


async def test_teaching_goes_on_after_the_end_of_the_lesson() -> None:
    ended = told.ended("memorised", (1, 1), (0, 0))
    async with on_stage([*lesson(), ended]) as stage:
        await ask(stage, "blorp")
        await stage.press("f3", "x", "enter")
        assert cmd.Play() in stage.sent


@pytest.mark.slow
async def test_a_question_that_is_taken_back_at_once_leaves_nothing_unfinished() -> None:
    async with asking("blorp") as stage:
        dialog = stage.app.screen
        assert isinstance(dialog, AskScreen)
        with warnings.catch_warnings(record=True) as left:
            warnings.simplefilter("always")
            for _ in range(3):
                dialog.action_past()  # shown, hidden, shown: the first is never asked
            await stage.settle()
            gc.collect()
        assert [str(one.message) for one in left] == []


async def test_hostile_text_is_shown_as_text() -> None:
    nasty = "[bold]x[/] [@click=app.quit]y"
    async with asking("x") as stage:
        await stage.say(
            answered(1, nasty, nasty, near_duplicate=nasty, near_stamp="seen"),
            rivals(1, nasty, nasty, nasty),
            ev.PromptPinned(step=1, prompt=nasty),
            *pin_answers(nasty, (1, nasty, "wrong")),
        )
        assert "[bold]x[/]" in shown(stage)
        stage.app.screen.query_one("#prompt", Input).value = nasty
        await stage.press("f3")
        assert "[bold]x[/]" in str(stage.app.screen.query_one(".teach-prompt").render())


async def test_typing_sends_no_key_and_the_lesson_goes_on_meanwhile() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a")
        await stage.press(*"daln", "space", "question_mark", "plus", "q", "L", "right")
        assert stage.sent == []
        assert isinstance(stage.app.screen, AskScreen)
        assert stage.app.screen.query_one(Input).value == "daln ?+qL"
        await stage.say(told.steps(2000, cards_taught=64_000, train_seconds=30.0, loss_nats=0.1))
        await stage.press("escape")
        assert "2,000" in stage.text(RunHeader)
        await stage.press("a")
        await stage.press(*"walk", "enter", "escape")
        await stage.say(answered_walk(1))
        await stage.press("a")
        await stage.settle()
        text = str(stage.app.screen.query_one("AnswerSheet").render())
        assert "walked" not in text


@pytest.mark.parametrize(
    ("height", "answer"), [(5, "glung"), (7, "glung"), (14, "glung"), (1, "clung"), (5, "clung")]
)
def test_an_answer_gives_up_blank_rows_first_and_says_what_no_rival_says(
    height: int, answer: str
) -> None:
    said, beside = answered(1, "gling", answer), rivals(1, None, "clung", "clung").answers
    view = AnswerView(answered=said, rivals=beside)
    rows = [row.strip() for row in plain(AnswerSheet().draw(view, 76, height))]
    assert rows.count("") == (5 if height > 7 else 0)
    assert any(row.startswith(f"it says  {answer}") for row in rows)
    formed = words("screen: no rival", answer="“glung”")
    assert (formed in " ".join(rows)) == (answer == "glung")


COMMON = val.CommonAnswer("glung", val.Score(5, 50), val.Score(10, 20))


@pytest.mark.parametrize(
    ("answer", "rival", "common", "sentence"),
    [
        ("glung", "glung", COMMON, facts.common_answer(COMMON)),
        ("glung", "glung", None, words("screen: copied, too")),
        ("blurt", "glung", None, words("screen: copied alone")),
        ("blurt", "clung", None, words("screen: nobody has it")),
        ("clung", "clung", None, ""),  # nearly
    ],
)
def test_who_has_a_card_that_was_never_taught_is_said_last(
    answer: str, rival: str, common: val.CommonAnswer | None, sentence: str
) -> None:
    said = answered(1, "gling", answer, stamp="held_out", correct_answers=("glung",))
    beside = rivals(1, rival, rival, rival).answers
    view = AnswerView(answered=said, rivals=beside, common=common)
    rows = [row.strip() for row in plain(AnswerSheet().draw(view, 76, 20)) if row.strip()]
    last = " ".join(rows).partition(facts.RIVALS["nearest"])[2]
    copied = f"{rival}   (the card “{said.nearest[0]}”)"
    assert last.strip().startswith(copied)
    assert last.partition(copied)[2].strip() == sentence


@pytest.mark.parametrize("probability", [0.97, 0.004])
def test_where_no_card_says_what_is_right_the_screen_says_so(probability: float) -> None:
    asked, beside = (
        answered(1, "gling", "glung", probability=probability),
        rivals(1, None, "a", "b"),
    )
    view = AnswerView(answered=asked, rivals=beside.answers)
    drawn = " ".join(row.strip() for row in plain(AnswerSheet().draw(view, 76, 20)))
    assert words("screen: nobody can tell") in drawn
    is_guess = probability < 0.5
    assert (words("screen: no rival", answer="“glung”") in drawn) != is_guess
    # an idle guess is compared with nobody
    assert (facts.RIVALS["nearest"] in drawn) != is_guess


@pytest.mark.parametrize(
    ("answer", "mark", "probability", "share"),
    [
        ("MC", "wrong", 0.003, "0.3 %"),
        ("MC", "wrong", 0.2, "20 %"),
        ("MC", "wrong", 0.97, "97 %"),
        ("IX", "right", 0.2, "20 %"),
        ("IX", "right", 0.97, "97 %"),
    ],
)
def test_how_good_and_how_sure_an_answer_is_stands_in_words_in_the_dialog_and_on_stage(
    answer: str, mark: val.Mark, probability: float, share: str
) -> None:
    said = answered(1, "9", answer, correct_answers=("IX",), probability=probability)
    sheet = plain(AnswerSheet().draw(AnswerView(answered=said), 76, 20))
    judgement = words_of_lesson.judgement(mark, probability)
    assert share in judgement
    assert f"{words_of_lesson.MARK_SIGNS[mark]}  {judgement}" in "\n".join(sheet)
    assert answer_stage(said, []).sentence.endswith(f" {capital(judgement)}.")


@pytest.mark.parametrize("width", [76, 116])
def test_the_pieces_of_a_prompt_stand_in_the_dialog_and_on_stage(width: int) -> None:
    pieces = ("r", " in", " st", "raw", "ber", "ry")
    answer = answered(1, "r in strawberry", "2", prompt_pieces=pieces)
    sheet = plain(AnswerSheet().draw(AnswerView(answered=answer), width, 20))
    assert any(row.split() == ["it", "reads", "r|in|st|raw|ber|ry"] for row in sheet)
    prompt, read, _ = answer_stage(answer, []).lines
    assert (prompt.text, read.text) == ("r in strawberry", "r|in|st|raw|ber|ry")
    whole = answered(1, "walk", "walked")
    assert "it reads" not in "\n".join(
        plain(AnswerSheet().draw(AnswerView(answered=whole), 76, 20))
    )
    assert len(answer_stage(whole, []).lines) == 2
    long = answered(1, "what", "2", prompt_pieces=("wha", "t") * 9)
    assert len(answer_stage(long, []).lines) == 2  # a whole sentence is no picture of pieces


def test_a_long_answer_and_its_judgement_are_both_whole() -> None:
    answer = "a whole sentence, much longer than what is left of the row"
    said = answered(1, "9", answer, correct_answers=("IX",), probability=0.003)
    sheet = "\n".join(plain(AnswerSheet().draw(AnswerView(answered=said), 76, 20)))
    assert answer in sheet
    assert f"✗  {words_of_lesson.judgement('wrong', 0.003)}" in sheet


@pytest.mark.parametrize(
    ("stamp", "is_there"), [("seen", False), ("not_yet_taught", False), ("held_out", True)]
)
def test_programs_that_have_the_very_card_are_not_compared(
    stamp: val.Stamp, is_there: bool
) -> None:
    answer = answered(1, "binis", "ulll", stamp=stamp, correct_answers=("gumer",))
    view = AnswerView(answered=answer, rivals=rivals(1, *["gumer"] * 3).answers)
    sheet = " ".join(plain(AnswerSheet().draw(view, 76, 20)))
    assert (facts.rival_name("lookup") in sheet) is is_there


def test_an_answer_is_large_where_there_is_room_and_the_right_one_beside_a_wrong_one() -> None:
    said = msgspec.structs.replace(answered(1, "Norway", "Oslx"), correct_answers=("Oslo",))

    def n_dotted(said: ev.PromptAnswered, n_rows: int) -> int:
        sheet = plain(AnswerSheet().draw(AnswerView(answered=said), 116, n_rows))
        return sum(
            not set(row[9:].strip()) - set(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█") and bool(row) for row in sheet
        )

    right = msgspec.structs.replace(said, answer="Oslo")
    assert n_dotted(said, 12) == 0
    assert n_dotted(said, 40) > n_dotted(right, 40) > n_dotted(right, 20) > 0


def test_letters_keep_their_size_as_the_copying_programs_answer() -> None:
    said = msgspec.structs.replace(answered(1, "Norway", "Oslo"), correct_answers=("Oslo",))
    copied = rivals(1, None, "Rome", "Rome").answers
    for height in range(12, 40):
        alone, beside = (
            plain(AnswerSheet().draw(AnswerView(answered=said, rivals=rivals), 116, height))
            for rivals in (None, copied)
        )
        large = [[row for row in rows if "█" in row or "▀" in row] for rows in (alone, beside)]
        assert large[0] == large[1]


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_what_can_be_done_fits_the_narrowest_usual_screen(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    for is_pinned in (True, False):
        markup = offered_prompts.title(CARDS, None, is_pinned, False)
        assert cell_len(re.sub(r"\[.*?\]", "", markup)) <= 76


async def test_f6_asks_a_brought_model_the_same_without_its_adapter() -> None:
    start = told.started(
        n_taught=50, n_held_out=20, base="SmolLM2", n_parameters=134_500_000, n_learned=460_800
    )
    async with on_stage([start, told.exam(0, (28, 50), (3, 20)), told.steps(50)]) as stage:
        await ask(stage, "Malta")
        asked = stage.sent[-1]
        assert isinstance(asked, cmd.Ask)
        with_adapter = {"step": 50, "correct_answers": ("Valletta",), "alternatives": ()}
        await stage.say(answered(asked.request, "Malta", "Valletta", **with_adapter))
        assert re.search(f"F6 +{words('screen: F6 off')}", shown(stage))
        await stage.press("f6")
        assert stage.sent[-1] == cmd.SwitchAdapter(is_on=False)
        await stage.say(ev.AdapterSwitched(step=50, is_on=False), ev.RunPaused(step=50))
        again = stage.sent[-1]
        assert isinstance(again, cmd.Ask)
        assert again.prompt == "Malta"
        without = {**with_adapter, "is_adapter_off": True}
        await stage.say(answered(again.request, "Malta", "the Maltese", **without))
        assert words("screen: asked without", step=50) in shown(stage)
        assert re.search(r"before +Valletta  ✓", shown(stage))
        assert re.search(f"F6 +{words('screen: F6 on')}", shown(stage))
        await check_pictures(stage, "ask-adapter-off")


async def test_f6_is_not_offered_where_no_adapter_learns() -> None:
    async with asking("walk") as stage:
        asked = stage.sent[-1]
        assert isinstance(asked, cmd.Ask)
        await stage.say(answered_walk(asked.request))
        assert "F6" not in shown(stage)
        n_sent = len(stage.sent)
        await stage.press("f6")
        assert len(stage.sent) == n_sent


def test_the_deck_stands_beside_the_step_where_there_is_room() -> None:
    said = answered_walk(1)
    for width, is_there in ((110, True), (70, False)):
        view = AnswerView(answered=said, deck="English verbs")
        (row,) = [r for r in plain(AnswerSheet().draw(view, width, 20)) if "1,284" in r]
        assert ("English verbs" in row) == is_there
    for width in range(70, 110):  # and does not run on from the words before it
        view = AnswerView(answered=said, deck="English verbs")
        (row,) = [r for r in plain(AnswerSheet().draw(view, width, 20)) if "1,284" in r]
        assert "English verbs" not in row or "   English verbs" in row
