"""The presenter's remote: its buttons do what keys do, and texts are read there alone."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.widgets import Static

from flashcards.app.audience import shared_lesson
from flashcards.app.audience.shared_lesson import Sharing
from flashcards.app.session import OnStage, TalkPlan
from flashcards.app.stage.course_talk import Attending
from flashcards.app.widgets.ballot import Ballot, BallotScreen
from flashcards.audience import messages as ms
from flashcards.audience.phone_room import MAX_PHONES
from flashcards.runs import events as ev
from flashcards.runs.commands import Ask, Pause, Play
from flashcards.talks.course import read_words
from tests import told
from tests.app.asked import answered_walk
from tests.app.lesson import lesson
from tests.app.script import Stage, on_stage
from tests.app.test_audience import LINK, ScriptedServer, _scripted, opened
from tests.golden import words

__all__ = ["_scripted"]  # a fixture of every test here

DEVICE = "a1" * 16


async def joined(stage: Stage) -> ScriptedServer:
    server = await opened(stage)
    server.tell(ms.RemoteJoined(device=DEVICE))
    await stage.settle()
    return server


async def tap(stage: Stage, server: ScriptedServer, what: ms.RemoteCommand, n: int = 0) -> None:
    server.tell(ms.RemoteCommanded(what=what, question=n))
    await stage.settle()


def written(stage: Stage) -> str:
    """The text of the remote's dialog, in one line however long it is."""
    return str(stage.app.screen.query_one("#here", Static).content)


def shown(stage: Stage, server: ScriptedServer) -> dict[str, Any]:
    """What the remote shows now."""
    session = stage.app.session
    session.singleton(Sharing).show(session)
    contents = [m.content for m in server.sent if isinstance(m, ms.RemoteShown)]
    return dict(json.loads(bytes(contents[-1])))


def buttons(stage: Stage, server: ScriptedServer) -> list[str]:
    return [button["what"] for button in shown(stage, server)["buttons"]]


async def test_the_link_stands_behind_a_warning_and_in_a_file_of_its_owner(
    tmp_path: Path,
) -> None:
    pytest.importorskip("segno", reason="needs '.[serve]'")
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await opened(stage)
        (allowed,) = [m for m in server.sent if isinstance(m, ms.RemoteAllowed)]
        link = f"http://192.168.1.23:8080/remote#{allowed.secret}"
        file = tmp_path / "remote.txt"
        assert file.read_text(encoding="utf-8").splitlines()[0] == link
        assert file.stat().st_mode & 0o077 == 0
        assert link not in "".join(stage.rows())
        await stage.press("r")
        assert str(file) in written(stage)
        assert link not in written(stage)
        await stage.press("enter")
        assert link in written(stage)
        server.tell(ms.RemoteJoined(device=DEVICE))
        await stage.settle()
        assert link not in written(stage)
        await stage.press("w")
        withdrawn = [m for m in server.sent if isinstance(m, ms.RemoteAllowed)][-1]
        assert withdrawn.secret != allowed.secret
        assert withdrawn.device == ""
        assert withdrawn.secret in file.read_text(encoding="utf-8")
        await stage.press("escape", ":room", "x")
        assert not file.exists()


async def test_a_room_opened_again_knows_its_remote() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        await joined(stage)
    async with on_stage(lesson(), (80, 24)) as stage:
        await stage.press(":room", "1")
        ScriptedServer.made[-1].tell(ms.Opened(link=LINK))
        await stage.settle()
        (first, again) = (
            next(m for m in server.sent if isinstance(m, ms.RemoteAllowed))
            for server in ScriptedServer.made
        )
        assert again == ms.RemoteAllowed(secret=first.secret, device=DEVICE)
        assert stage.app.session.singleton(Sharing).has_remote


async def test_a_phone_that_may_send_no_more_is_known_after_a_restart() -> None:
    muted = ("ab" * 12, "cd" * 12)
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await joined(stage)
        assert server.opening.muted == ()
        server.tell(ms.PhonesCounted(n_phones=23, muted=muted))
        await stage.settle()
    async with on_stage(lesson(), (80, 24)) as stage:
        await stage.press(":room", "1")
        assert ScriptedServer.made[-1].opening.muted == muted
        ScriptedServer.made[-1].tell(ms.Opened(link=LINK))
        await stage.settle()
        await stage.press("x")
        assert shared_lesson.kept_room().muted == ()


def test_a_room_with_a_thousand_phones_that_may_send_no_more_is_opened_again() -> None:
    muted = tuple(f"{n:024x}" for n in range(MAX_PHONES))
    room = msgspec.structs.replace(shared_lesson.kept_room(), muted=muted)
    shared_lesson.keep(room)
    assert shared_lesson.kept_room() == room


async def test_no_question_has_the_number_of_one_before_the_restart() -> None:
    """Phones stay through a restart, and would keep the places of that question."""
    shared_lesson.keep(msgspec.structs.replace(shared_lesson.kept_room(), n_ballots=4))
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await joined(stage)
        await tap(stage, server, "on")
        stage.app.session.class_mode.is_on = True
        assert "no_bet" in buttons(stage, server)
        await tap(stage, server, "question")
        await stage.say(ev.RunPaused(step=1284))
        await stage.until(lambda: isinstance(stage.app.screen, BallotScreen))
        assert ms.BallotOpened(ballot=5, n_places=11) in server.sent
        assert shared_lesson.kept_room().n_ballots == 5
        assert "no_bet" not in buttons(stage, server)  # an outcome, while the class is asked


async def test_texts_are_read_on_the_remote_and_the_screen_shows_what_was_let_through() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await joined(stage)
        spam = [ms.QuestionSent(question=n, prompt=f"rude {n}", phone=1) for n in range(1, 33)]
        server.tell(*spam, ms.QuestionSent(question=40, prompt="walk", phone=2))
        await stage.press("t")
        assert not any("rude" in row for row in stage.rows())
        remote = shown(stage, server)
        assert [text["prompt"] for text in remote["texts"]] == [f"rude {n}" for n in range(1, 31)]
        assert remote["more"] == 3
        await tap(stage, server, "drop", 1)
        assert server.sent[-2:].count(ms.QuestionDropped(question=1)) == 1
        await tap(stage, server, "drop_phone", 2)
        assert ms.PhoneDropped(question=2) in server.sent
        assert [text["prompt"] for text in shown(stage, server)["texts"]] == ["walk"]
        await tap(stage, server, "ask", 40)
        (asked,) = [command for command in stage.sent if isinstance(command, Ask)]
        await stage.say(msgspec.structs.replace(answered_walk(asked.request), prompt="walk"))
        assert "ASKED" in stage.rows()[0]
        assert shown(stage, server)["now"] == "walk → walked"
        await tap(stage, server, "away")
        assert "ASKED" not in "".join(stage.rows())
        await tap(stage, server, "close_questions")
        assert ms.Bidden(what="close_questions") in server.sent
        assert "open_questions" in buttons(stage, server)
        await tap(stage, server, "ask", 40)  # it was asked already
        assert sum(isinstance(command, Ask) for command in stage.sent) == 1


async def test_the_lesson_begins_pauses_and_goes_on_by_the_remote() -> None:
    now_s = 100.0
    async with on_stage(lesson(), (80, 24), clock=lambda: now_s) as stage:
        server = await joined(stage)
        assert buttons(stage, server)[0] == "on"
        assert shown(stage, server)["clock"] == "not begun"
        await tap(stage, server, "on")
        assert stage.sent == [Pause(), Play()]
        assert ms.Bidden(what="close_door") in server.sent
        now_s = 175.0
        assert shown(stage, server)["clock"] == "01:15"
        await tap(stage, server, "on")
        assert stage.sent[-1] == Pause()
        server.tell(ms.PhonesCounted(n_phones=23, n_at_door=2))
        await stage.settle()
        assert "let_in" in buttons(stage, server)
        await tap(stage, server, "let_in")
        assert ms.Bidden(what="let_in") in server.sent


async def test_a_question_to_all_begins_ends_and_is_asked_again_by_the_remote() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await joined(stage)
        await tap(stage, server, "on")
        await tap(stage, server, "question")
        await stage.say(ev.RunPaused(step=1284))
        await stage.until(lambda: isinstance(stage.app.screen, BallotScreen))
        assert buttons(stage, server)[:3] == ["end_question", "second_round", "call_off"]
        hands = (0, 9, 8, 0, 0, 0, 0, 0, 2, 1, 0)
        server.tell(ms.PhonesCounted(n_phones=23, hands=hands))
        await stage.settle()
        assert words("screen: answered", n=20, total=23) in shown(stage, server)["now"]
        await tap(stage, server, "second_round")
        await stage.until(lambda: ms.BallotOpened(ballot=2, n_places=11) in server.sent)
        await stage.until(lambda: isinstance(stage.app.screen, BallotScreen))
        assert buttons(stage, server)[:2] == ["end_question", "call_off"]
        server.tell(ms.PhonesCounted(n_phones=23, hands=hands))
        await tap(stage, server, "end_question")
        await stage.until(lambda: ms.BallotOpened(ballot=3, n_places=11) in server.sent)
        await stage.until(lambda: isinstance(stage.app.screen, BallotScreen))
        server.tell(ms.PhonesCounted(n_phones=23))
        await tap(stage, server, "call_off")
        await stage.until(lambda: not isinstance(stage.app.screen, BallotScreen))


async def test_a_talk_is_given_with_its_notes_in_the_hand() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await joined(stage)
        plan = TalkPlan("One card", "A rule", ("Breathe.",), "3/12")
        stage.app.session.singleton(OnStage).plan = lambda: plan
        await tap(stage, server, "on")
        remote = shown(stage, server)
        assert (remote["now"], remote["next"], remote["notes"]) == (
            "One card",
            "A rule",
            ["Breathe."],
        )
        assert remote["clock"].endswith(" · 3/12")
        assert buttons(stage, server)[:2] == ["on", "back"]
        assert shown(stage, server)["buttons"][0]["label"] == "On"
        plan = msgspec.structs.replace(plan, is_done=False)
        assert shown(stage, server)["buttons"][0]["label"] == words("screen: skip")


async def test_phones_are_given_the_model_once_the_lesson_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages = iter(["<p>the model</p>", None])
    monkeypatch.setattr(shared_lesson, "_model_page", lambda folder: next(pages))
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await joined(stage)
        await stage.say(told.ended("understood", (2880, 2880), (700, 800)))
        await stage.until(lambda: ms.ModelGiven(html="<p>the model</p>") in server.sent)
        await tap(stage, server, "give_model")
        await stage.until(lambda: any("no page with a model" in notice for notice in stage.said))
        stage.app.session.class_mode.is_on = True
        assert "give_model" not in buttons(stage, server)


async def test_phones_see_what_the_class_said_until_it_is_settled() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        server = await joined(stage)
        session = stage.app.session
        ballot = Ballot(4, "How many?", ("10 %", "20 %", "30 %"), 0.0, lambda texts, others: None)
        ballot.hands = (4, 9, 0)
        session.singleton(OnStage).ballots.append(ballot)
        session.singleton(Sharing).show(session)
        shown_parts = [m for m in server.sent if isinstance(m, ms.Shown) and m.part == "ballot"]
        open_bet = json.loads(bytes(shown_parts[-1].content))["open"]
        assert open_bet == {"question": "How many?", "counts": "20 % (9) · 10 % (4)"}


async def test_the_remote_names_what_comes_next_in_words_and_counts_the_cues_of_one_word() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        course, _ = read_words()
        first = next(i for i, key in enumerate(course.keys) if key == "hallucination")
        talking = Attending(stage.app.session, course, first)
        talking.index = course.starts[first]
        plan = talking.plan()
        assert plan.now == "Hallucination"
        asks = words("screen: cue asks", prompt="Czechia")
        assert plan.next == f"it learns capitals-only · {asks}"
        assert plan.place == "1/5"
        talking.index += 1
        assert "question to all" in talking.plan().next
