"""The room on the presenter's screen: the way in, questions that wait, an answer on stage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest

from flashcards.app.audience import shared_lesson
from flashcards.app.audience.audience_actions import RoomScreen
from flashcards.app.audience.shared_lesson import MAX_POINTS, Sharing, code_of, facts_of
from flashcards.app.session import OnStage
from flashcards.app.stage.presenter import PresenterView
from flashcards.app.widgets.ballot import Ballot, BallotScreen, BallotSheet
from flashcards.audience import messages as ms
from flashcards.base.extras import how_to_install
from flashcards.base.language import VARIABLE
from flashcards.runs import events as ev
from flashcards.runs.commands import Ask, Pause, PlaceBet, Play
from flashcards.runs.history import History
from flashcards.runs.values import BetQuestion
from tests import told
from tests.app.asked import answered_walk
from tests.app.lesson import folded, lesson
from tests.app.pictures import check_pictures
from tests.app.recordings import told as told_in
from tests.app.script import Stage, on_stage
from tests.golden import check_words, words

LINK = "http://192.168.1.23:8080/k7mqp"


class ScriptedServer:
    made: ClassVar[list[ScriptedServer]] = []

    def __init__(self, opening: ms.Opening) -> None:
        self.opening = opening
        self.sent: list[ms.ToServer] = []
        self.is_closed = False
        self.more: asyncio.Queue[ms.FromServer | None] = asyncio.Queue()
        ScriptedServer.made.append(self)

    async def messages(self) -> AsyncIterator[ms.FromServer]:
        while (message := await self.more.get()) is not None:
            yield message

    def tell(self, *messages: ms.FromServer) -> None:
        for message in messages:
            self.more.put_nowait(message)

    def send(self, message: ms.ToServer) -> None:
        self.sent.append(message)

    def close(self) -> None:
        self.is_closed = True
        self.more.put_nowait(None)


@pytest.fixture(autouse=True)
def _scripted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shared_lesson, "room_file", lambda: tmp_path / "room.json")
    ScriptedServer.made.clear()
    monkeypatch.setattr(shared_lesson, "AudienceClient", ScriptedServer)
    one = {"192.168.1.23": "wlan0"}
    monkeypatch.setattr("flashcards.app.audience.audience_actions.lan_addresses", lambda: one)
    monkeypatch.setattr("flashcards.app.audience.audience_actions.missing", lambda: ())


async def opened(stage: Stage) -> ScriptedServer:
    await stage.press(":room", "1")
    (server,) = ScriptedServer.made
    server.tell(ms.Opened(link=LINK), ms.PhonesCounted(n_phones=23))
    await stage.settle()
    return server


def asks(*prompts: str) -> list[ms.QuestionSent]:
    return [ms.QuestionSent(question=i, prompt=prompt) for i, prompt in enumerate(prompts, 1)]


async def test_the_room_shows_the_way_in_and_texts_on_request_alone() -> None:
    """Everybody looks at this screen, for the code: what a phone sends must not stand there."""
    pytest.importorskip("segno", reason="needs '.[serve]'")
    async with on_stage(told_in("past-tense")) as stage:
        server = await opened(stage)
        server.tell(*asks("glorp", "walk", "<b>go</b> [red]now[/]"))
        await stage.settle()
        assert not any("glorp" in row for row in stage.rows())
        await check_pictures(stage, "room")
        await stage.press("t")
        assert any("glorp" in row for row in stage.rows())
        assert not any("walk" in row for row in stage.rows())  # one at a time
        await stage.press("n", "n")
        assert any("<b>go</b> [red]now[/]" in row for row in stage.rows())
        await stage.press("escape", ":room")
        assert not any("glorp" in row for row in stage.rows())


async def test_what_the_room_lacks_is_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flashcards.base.extras.checkout", lambda: None)
    monkeypatch.setattr("flashcards.app.audience.audience_actions.missing", lambda: ("uvicorn",))
    async with on_stage(lesson(), (80, 24)) as stage:
        await stage.press(":room")
        await stage.until(lambda: bool(stage.app.screen.query("Toast")))
        assert any(how_to_install("serve") in row for row in stage.rows())
        assert ScriptedServer.made == []


@pytest.mark.parametrize("language", ["en", "de", "es"])
async def test_the_link_stands_in_one_line(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("segno", reason="needs '.[serve]'")
    monkeypatch.setenv(VARIABLE, language)
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        link = "http://192.168.100.100:45257/k7mqp"
        server.tell(ms.Opened(link=link), ms.PhonesCounted(n_phones=0))
        await stage.settle()
        assert stage.app.screen.query_one(".dialog-text").content_size.width >= len(link)
        assert stage.app.screen.query_one("#code").region.bottom <= 24


async def test_a_question_is_asked_on_stage_and_its_answer_goes_to_the_phone() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        await stage.press("escape")
        server.tell(*asks("walk", "glorp"))
        await stage.settle()
        assert "?2" in stage.rows()[0]
        await stage.press(":room")
        await stage.press("t", "n", "enter")
        (asked,) = [command for command in stage.sent if isinstance(command, Ask)]
        assert asked.prompt == "glorp"
        await stage.say(msgspec.structs.replace(answered_walk(asked.request), prompt="glorp"))
        assert isinstance(stage.app.screen, PresenterView)
        assert "ASKED" in stage.rows()[0]
        assert "?1" in stage.rows()[0]
        replies = [m for m in server.sent if isinstance(m, ms.QuestionAnswered)]
        assert [(m.question, m.answer) for m in replies] == [(2, "walked")]
        await stage.press("escape")  # takes away what came from the room
        assert not isinstance(stage.app.screen, PresenterView)
        await stage.press("f")
        assert "ASKED" not in stage.rows()[0]


async def test_escape_alone_takes_whatever_phones_sent_off_the_screen() -> None:
    sent = "glorp ☂"  # no big letters
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)

        def is_shown() -> bool:
            return any("glorp" in row for row in stage.rows())

        server.tell(*asks(sent))
        await stage.press("t")
        assert is_shown()
        await stage.press("escape")
        assert not is_shown()
        await stage.press(":room", "t", "enter")
        (asked,) = [command for command in stage.sent if isinstance(command, Ask)]
        await stage.say(msgspec.structs.replace(answered_walk(asked.request), prompt=sent))
        assert is_shown()
        await stage.press("escape")
        for keys in (":room", "escape", "f", "escape", "a", "escape", "8", "1"):
            await stage.press(keys)
            assert not is_shown(), keys
        server.tell(*asks(sent))
        await stage.settle()
        await stage.press(":room", "t", "enter")
        await stage.say(ev.TrainerFailed(step=1284, text="the trainer ended (signal 9)"))
        stage.teachers[-1].leave()
        await stage.until(lambda: any("No answer came" in notice for notice in stage.said))
        assert not is_shown()


async def test_the_presenter_view_shows_the_way_in() -> None:
    pytest.importorskip("segno", reason="needs '.[serve]'")
    a_row = code_of(LINK).split("\n")[3]
    async with on_stage(told_in("past-tense")) as stage:
        server = await opened(stage)
        await stage.press("escape", "f")
        await check_pictures(stage, "presenter-room")
        assert any(a_row in row for row in stage.rows())
        assert any("192.168.1.23:8080/k7mqp" in row for row in stage.rows())
        server.tell(ms.Failed(text="the page server ended (-9)"))
        server.close()
        await stage.settle()
        assert not any(a_row in row for row in stage.rows())


async def test_a_dropped_question_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flashcards.app.audience.audience_actions.lan_addresses", dict)
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        assert server.opening.host == "127.0.0.1"
        server.tell(*asks("walk", "glorp"))
        await stage.settle()
        assert words("screen: no phone") in stage.text(".dialog-text")
        await stage.press("t", "d")
        assert ms.QuestionDropped(question=1) in server.sent
        sharing = stage.app.session.singleton(Sharing)
        assert [question.prompt for question in sharing.questions] == ["glorp"]
        await stage.press("escape", "f")
        assert stage.app.session.singleton(OnStage).code == ""  # no phone could open it


async def test_of_several_networks_one_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    two = {"10.1.2.3": "eth0", "192.168.43.1": "wlan0"}
    monkeypatch.setattr("flashcards.app.audience.audience_actions.lan_addresses", lambda: two)
    async with on_stage(lesson(), (80, 24)) as stage:
        await stage.press(":room", "1")
        assert any("wlan0" in row for row in stage.rows())
        await stage.press("2")
        (server,) = ScriptedServer.made
        assert server.opening.host == "192.168.43.1"


async def test_the_lesson_waits_in_the_lobby_until_enter_starts_it() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        assert stage.sent == [Pause()]
        server.tell(ms.PhonesCounted(n_phones=24))
        await stage.settle()
        assert "enter start" in "".join(stage.rows())
        await stage.press("enter")
        assert stage.sent == [Pause(), Play()]
        assert ms.Bidden(what="close_door") in server.sent
        assert not isinstance(stage.app.screen, RoomScreen)
        await stage.press(":room")
        assert "enter start" not in "".join(stage.rows())
        server.tell(ms.PhonesCounted(n_phones=24, n_at_door=2))
        await stage.settle()
        assert words("screen: at door", n=2) in "".join(stage.rows())
        await stage.press("l")
        assert ms.Bidden(what="let_in") in server.sent


async def test_phones_at_the_door_are_seen_from_every_view() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        await stage.press("enter")
        assert "at the door" not in stage.rows()[0]
        server.tell(ms.PhonesCounted(n_phones=23, n_at_door=2), *asks("walk"))
        for keys in ("1", "3", "f", "escape"):
            await stage.press(keys)
            assert f"?1 · {words('screen: at door', n=2)}" in stage.rows()[0], keys
        server.tell(ms.PhonesCounted(n_phones=25))
        await stage.settle()
        assert "at the door" not in stage.rows()[0]


async def test_a_question_that_may_be_on_the_screen_is_not_replaced_by_another() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        server.tell(*asks("walk", "glorp", "sing"), ms.QuestionsWithdrawn(questions=(1, 2)))
        await stage.press("t")
        assert any("walk" in row for row in stage.rows())
        await stage.press("d")
        assert any("sing" in row for row in stage.rows())


@pytest.mark.slow
async def test_a_room_for_this_machine_alone_comes_back_as_it_was() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        await stage.press(":room", "2")
        server = ScriptedServer.made[-1]
        assert server.opening.host == "127.0.0.1"
        server.tell(ms.Opened(link="http://127.0.0.1:8080/k7mqp"))
        server.tell(ms.Failed(text="the page server ended (-9)"))
        server.close()
        await stage.settle()
        await stage.press(":room")
        again = ScriptedServer.made[-1]
        assert again is not server
        assert again.opening == server.opening
        again.tell(ms.Opened(link="http://127.0.0.1:8080/k7mqp"))
        await stage.settle()
        await stage.press("x", ":room")
        assert any(f"1  {words('screen: alone')}" in row for row in stage.rows())
        await stage.press("1")
        assert ScriptedServer.made[-1].opening.host == "127.0.0.1"
        assert ScriptedServer.made[-1].opening.code != server.opening.code


async def test_a_network_that_is_gone_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        server.tell(ms.Failed(text="nothing can listen on 192.168.1.23"))
        server.close()
        other = {"10.1.2.3": "eth0"}
        monkeypatch.setattr("flashcards.app.audience.audience_actions.lan_addresses", lambda: other)
        await stage.settle()
        await stage.press(":room", "1")
        assert ScriptedServer.made[-1].opening.host == "10.1.2.3"


async def test_a_lesson_that_is_played_closes_the_door() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        await stage.press("escape")
        await stage.say(ev.RunPaused(step=1284), ev.RunPlayed(step=1284))
        assert server.sent.count(ms.Bidden(what="close_door")) == 1


@pytest.mark.slow
async def test_the_room_outlives_its_lesson_and_has_its_link_again() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        await stage.press("enter")
        stage.app.session.open(stage.app.session.run.request)
        await stage.settle()
        assert not server.is_closed
        assert stage.said == []
        await stage.say(ev.TrainerFailed(step=9, text="it was killed"))
        assert stage.app.session.singleton(Sharing).link == LINK
    async with on_stage(lesson(), (80, 24)) as stage:  # the program was started again
        await stage.press(":room", "1")
        again = ScriptedServer.made[-1].opening
        assert (again.code, again.secret) == (server.opening.code, server.opening.secret)
        assert again.ports == server.opening.ports
        await stage.press("x", ":room", "1")
        assert ScriptedServer.made[-1].opening.code != server.opening.code


async def test_a_server_that_dies_takes_nothing_with_it() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        server.tell(*asks("walk"), ms.Failed(text="the page server ended (-9)"))
        server.close()
        await stage.settle()
        assert not isinstance(stage.app.screen, RoomScreen)
        assert "?1" not in stage.rows()[0]
        (said,) = stage.said
        check_words("screen: room closed", said)
        assert stage.app.session.state.liveness == "learning"


async def test_the_class_bets_on_its_phones_and_sees_the_others_when_it_is_over() -> None:
    now_s = 0.0
    async with on_stage(lesson(), (80, 24), clock=lambda: now_s) as stage:
        server = await opened(stage)
        await stage.press("enter", "p")
        await stage.say(ev.RunPaused(step=1284))
        assert ms.BallotOpened(ballot=1, n_places=11) in server.sent
        ballots = [m for m in server.sent if isinstance(m, ms.Shown) and m.part == "ballot"]
        assert b'"60 %"' in bytes(ballots[-1].content)
        hands = (0, 1, 5, 9, 2, 0, 0, 0, 0, 0, 0)
        server.tell(ms.PhonesCounted(n_phones=23, hands=hands, is_voting=True))
        await stage.settle()
        answered = words("screen: answered", n=17, total=23)
        assert any(answered in row for row in stage.rows())
        assert not any("30 %" in row for row in stage.rows())
        now_s = 31.0  # the countdown is over
        await stage.settle()
        assert ms.Bidden(what="end_ballot") in server.sent
        assert any(f"Time is over. {answered}" in row for row in stage.rows())
        server.tell(ms.PhonesCounted(n_phones=23, hands=hands))
        await stage.press("enter")
        await stage.until(lambda: ms.BallotOpened(ballot=2, n_places=11) in server.sent)
        await stage.press("enter")  # ends the other one's countdown
        server.tell(ms.PhonesCounted(n_phones=23, hands=(0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0)))
        await stage.until(lambda: stage.sent[-1] == Play())
        placed, other = (command for command in stage.sent if isinstance(command, PlaceBet))
        assert (placed.share, placed.hands) == (0.3, hands)
        assert (other.bet.side, other.share) == ("unseen", 0.7)
        both = [
            ev.BetPlaced(step=1284, bet=one.bet, share=one.share, hands=one.hands)
            for one in (placed, other)
        ]
        steps = told.steps(1800, cards_taught=40_000, train_seconds=31.5, loss_nats=0.1)
        exam = told.exam(1800, (2592, 2880), (720, 800), seen_loss_nats=0.1, unseen_loss_nats=0.2)
        await stage.say(*both, steps, exam)
        settled, after = (m for m in server.sent if isinstance(m, ms.BallotSettled))
        assert (settled.ballot, after.ballot) == (1, 2)
        result = words("screen: you said", said="40 %", step="1,800", now="90 %")
        assert result in settled.texts[4]
        assert settled.texts[4].endswith("Nobody was nearer.")
        assert settled.texts[2].endswith(words("screen: were nearer", n=11, total=17))
        assert settled.text == "90 %"
        rows = [row.split() for row in stage.rows()]
        (most,) = (row for row in rows if row[:2] == ["30", "%"])
        (right,) = (row for row in rows if row[:2] == ["90", "%"])
        assert most[-1] == "9"
        assert right[-1] == "✓"
        await stage.press("escape")
        await stage.until(lambda: isinstance(stage.app.screen, BallotScreen))
        shown_ballot = stage.app.screen.query_one(BallotSheet).showing
        assert shown_ballot is not None
        assert "cards NEVER TAUGHT" in shown_ballot.question
        await stage.press("escape")
        assert not isinstance(stage.app.screen, BallotScreen)


async def test_a_bet_of_before_the_restart_stays_on_phones_and_is_shown_with_its_outcome() -> None:
    hands, question = (0, 1, 5, 9, 2, 0, 0, 0, 0, 0, 0), BetQuestion(kind="score", at_step=1390)
    bet = ev.BetPlaced(step=1284, bet=question, share=0.3, hands=hands)
    async with on_stage([*lesson(), bet], (80, 24)) as stage:
        server = await opened(stage)
        await stage.press("enter")
        steps = told.steps(1300, cards_taught=20_000, train_seconds=15.0, loss_nats=0.1)
        await stage.say(steps)
        session = stage.app.session
        session.singleton(Sharing).show(session)
        ballots = [m for m in server.sent if isinstance(m, ms.Shown) and m.part == "ballot"]
        assert b"30 % (9)" in bytes(ballots[-1].content)
        steps = told.steps(1800, cards_taught=40_000, train_seconds=31.5, loss_nats=0.1)
        exam = told.exam(1800, (2592, 2880), (720, 800), seen_loss_nats=0.1, unseen_loss_nats=0.2)
        await stage.say(steps, exam)
        (settled,) = [m for m in server.sent if isinstance(m, ms.BallotSettled)]
        assert settled.text == "90 %"
        assert isinstance(stage.app.screen, BallotScreen)


async def test_a_class_answers_again_after_talking_and_sees_both_histograms() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        await stage.press("enter", "p")
        await stage.say(ev.RunPaused(step=1284))
        before, hands = (0, 9, 8, 0, 0, 0, 0, 0, 2, 1, 0), (0, 2, 1, 0, 0, 0, 0, 0, 4, 14, 0)
        server.tell(ms.PhonesCounted(n_phones=23, hands=before))
        await stage.press("a")
        await stage.until(lambda: ms.BallotOpened(ballot=2, n_places=11) in server.sent)
        ballots = [m for m in server.sent if isinstance(m, ms.Shown) and m.part == "ballot"]
        talk = words("screen: talk")
        assert talk.encode() in bytes(ballots[-1].content)
        assert talk in stage.text(BallotSheet)
        await stage.press("a")  # once is enough
        server.tell(ms.PhonesCounted(n_phones=23, hands=hands))
        await stage.press("enter")
        await stage.until(lambda: ms.BallotOpened(ballot=3, n_places=11) in server.sent)
        await stage.press("escape")  # the other question is called off
        server.tell(ms.PhonesCounted(n_phones=23))
        await stage.until(lambda: stage.sent[-1] == Play())
        (placed,) = (command for command in stage.sent if isinstance(command, PlaceBet))
        assert (placed.share, placed.hands, placed.hands_before) == (0.9, hands, before)
        bet = ev.BetPlaced(step=1284, bet=placed.bet, share=0.9, hands=hands, hands_before=before)
        exam = told.exam(1800, (2592, 2880), (720, 800), seen_loss_nats=0.1, unseen_loss_nats=0.2)
        steps = told.steps(1800, cards_taught=40_000, train_seconds=31.5, loss_nats=0.1)
        await stage.say(bet, steps, exam)
        await check_pictures(stage, "ballot-again")


@pytest.mark.parametrize(("hands", "key"), [(0, "enter"), (1, "escape")])
async def test_what_nobody_answered_or_is_called_off_is_no_bet(hands: int, key: str) -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        await stage.press("enter", "p")
        await stage.say(ev.RunPaused(step=1284))
        server.tell(ms.PhonesCounted(n_phones=23, hands=(hands,) * 11))
        await stage.press(key)
        await stage.until(lambda: stage.sent[-1] == Play())
        assert not any(isinstance(command, PlaceBet) for command in stage.sent)


def test_a_tie_shows_as_one() -> None:
    ballot = Ballot(1, "Which?", ("this", "that"), 0.0, lambda *_: None, hands=(4, 4))
    assert ballot.most_given is None


def test_phones_are_told_facts_and_no_file() -> None:
    state = folded(lesson())
    facts = facts_of(state, is_stalled=False)
    assert facts["lesson"]["deck"] == "past-tense"
    assert facts["lesson"]["status"] == "● LIVE"
    assert str(facts["lesson"]["step"]).startswith("step ")
    assert "%" in str(facts["lesson"]["unseen"])
    state.fold(ev.TrainerFailed(step=9, text="/home/somebody/secret is gone"))
    assert "secret" not in str(facts_of(state, is_stalled=False))


def test_the_answer_is_not_told_before_the_guess() -> None:
    state = folded(lesson())
    assert state.card.now is not None
    state.card.now = msgspec.structs.replace(state.card.now, piece_mark=None)
    card = facts_of(state, is_stalled=False)["card"]
    assert card["prompt"] == state.card.now.prompt
    assert (card["guess"], card["answer"]) == ("singed", "")
    state.card.now = msgspec.structs.replace(state.card.now, guess=None)
    assert facts_of(state, is_stalled=False)["card"]["guess"] is None


def test_a_curve_on_a_phone_is_short_and_ends_where_the_lesson_is() -> None:
    state = folded(lesson())
    state.exams.seen_rates = History()
    for step in range(500):
        state.exams.seen_rates.append(step, step / 1000)
    curve = facts_of(state, is_stalled=False)["curve"]["seen"]
    assert isinstance(curve, list)
    assert len(curve) <= MAX_POINTS + 1
    assert curve[0] == (0, 0.0)
    assert curve[-1] == (499, 0.499)
