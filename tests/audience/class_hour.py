"""A whole lesson in a room: `python -m tests.audience.class_hour [N_PHONES]` (Linux).

The real program in a terminal, in German; so many pages in Chromium, each a phone of its own; one
more page with the presenter's remote, which alone steers. A word of the week, then a deck: bets in
two rounds, texts let through and dropped, a program that is killed in the middle and started again,
and mischief by pupils, all counted. Printed is what was looked at, and what did not hold.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyte

from flashcards.base.language import choose, tr
from tests.audience.chromium import chromium
from tests.posix import send_signal
from tests.terminal import FLASHCARDS, Terminal

PATIENCE_S = 90.0
COLUMNS, ROWS = 100, 30
PHONE = {"width": 390, "height": 844}


def voted() -> str:
    return tr("Your answer is in. You can change it until time is over.")


@dataclass
class Report:
    held: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    n_attacks: int = 0

    def look(self, is_so: object, what: str) -> bool:
        (self.held if is_so else self.faults).append(what)
        print("held " if is_so else "FAULT", what, flush=True)
        return bool(is_so)

    def attack(self, is_without_effect: object, what: str, n: int = 1) -> None:
        self.n_attacks += n
        self.look(is_without_effect, f"mischief ×{n}: {what}")


class Projector:
    """The real program in a terminal, and what its screen shows."""

    def __init__(self, data: Path, words: Sequence[str]) -> None:
        env = {**os.environ, "XDG_DATA_HOME": str(data), "XDG_CONFIG_HOME": str(data / "config")}
        command = (*FLASHCARDS, *words, "--runs", str(data / "runs"))
        self.terminal = Terminal(command, COLUMNS, ROWS, env=env)
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        asyncio.get_running_loop().add_reader(self.terminal.fd, self._read)

    def _read(self) -> None:
        self._stream.feed(self.terminal.read(0.0))
        if self.terminal.exit_code() is not None:
            asyncio.get_running_loop().remove_reader(self.terminal.fd)

    @property
    def text(self) -> str:
        return "\n".join(row.rstrip() for row in self._screen.display)

    def kill(self) -> None:
        """As a crash of the machine would: nothing is saved, nothing is said."""
        asyncio.get_running_loop().remove_reader(self.terminal.fd)
        send_signal(self.terminal.pid, "KILL")
        self.terminal.close()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.terminal.fd)
        self.terminal.close()


async def until(
    is_so: Callable[[], Awaitable[bool]], what: str, patience_s: float = PATIENCE_S
) -> None:
    ends_s = time.monotonic() + patience_s
    while not await is_so():
        if time.monotonic() > ends_s:
            raise TimeoutError(what)
        await asyncio.sleep(0.25)


class Room:
    """One hour: its pupils' phones, its teacher's remote, its projector, and what is noted."""

    def __init__(self, browser: Any, data: Path, report: Report, n_phones: int) -> None:
        self.browser, self.data, self.report, self.n_phones = browser, data, report, n_phones
        self.pupils: list[Any] = []
        self.faults: list[str] = []

    async def open(self, *words: str) -> None:
        self.projector = Projector(self.data, ("serve", *words, "--lan", "--language", "de"))

        async def is_written() -> bool:
            return self.link_of_remote() != ""

        await until(is_written, f"the room is not open:\n{self.projector.text}")

    def link_of_remote(self) -> str:
        file = self.data / "flashcards" / "remote.txt"
        lines = file.read_text("utf-8").splitlines() if file.exists() else [""]
        return lines[0]

    def code(self) -> str:
        room = json.loads((self.data / "flashcards" / "room.json").read_text("utf-8"))
        return str(room["code"])

    @property
    def link(self) -> str:
        return self.link_of_remote().partition("/remote")[0] + "/" + self.code()

    async def page(self, address: str) -> Any:
        context = await self.browser.new_context(viewport=PHONE, locale="de-DE")
        page = await context.new_page()
        page.set_default_timeout(1000 * PATIENCE_S)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        await page.goto(address)
        return page

    async def come_in(self) -> None:
        for _ in range(self.n_phones):
            self.pupils.append(await self.page(self.link))
        self.teacher = await self.page(self.link_of_remote())

    async def tap(self, label: str, *, exact: bool = True) -> None:
        await self.teacher.get_by_role("button", name=label, exact=exact).first.click()

    async def has(self, page: Any, selector: str) -> bool:
        return bool(await page.locator(selector).first.is_visible())

    async def go_on_until(self, is_so: Callable[[], Awaitable[bool]], what: str) -> None:
        """Tap what goes on with the lesson, where it waits, until it is so."""
        on = self.teacher.get_by_role("button", name=tr("On"), exact=True)
        ends_s = time.monotonic() + 3 * PATIENCE_S
        while not await is_so():
            if time.monotonic() > ends_s:
                raise TimeoutError(f"{what}\n{self.projector.text}")
            if await on.count():
                await on.click()
                await asyncio.sleep(1.5)  # the remote is told once a second
            await asyncio.sleep(0.25)

    async def shows(self, page: Any, text: str) -> bool:
        return text in await page.inner_text("body")

    async def all_show(self, text: str, what: str, pages: Sequence[Any] | None = None) -> bool:
        """Note whether every page shows this text, in time."""
        wanted = list(self.pupils if pages is None else pages)
        ends_s = time.monotonic() + PATIENCE_S
        while wanted and time.monotonic() < ends_s:
            wanted = [page for page in wanted if not await self.shows(page, text)]
            await asyncio.sleep(0.25 if wanted else 0)
        for page in wanted:
            print(self.pupils.index(page), (await page.inner_text("body")).replace("\n", " | "))
        return self.report.look(not wanted, what)

    async def is_asked(self) -> bool:
        return await self.has(self.pupils[0], "#ballot")

    async def post(self, page: Any, path: str, body: object, n: int = 1) -> list[int]:
        """Send this from a phone's page, as a script of a pupil would; the statuses."""
        script = """async ([path, body, n]) => {
          const once = async () => {
            const init = { method: "POST", body, headers: { "content-type": "application/json" } };
            const reply = await fetch(path, init).catch(() => ({ status: 0 }));
            return reply.status;
          };
          return Promise.all(Array.from({ length: n }, once));
        }"""
        text = body if isinstance(body, str) else json.dumps(body)
        return list(await page.evaluate(script, [path, text, n]))

    async def status(self, page: Any, path: str) -> int:
        return int(await page.evaluate("async (path) => (await fetch(path)).status", path))

    async def vote(self, pupils: Sequence[Any], number: int, place: Callable[[int], int]) -> None:
        """Let each of them answer the question of this number, once it is on its phone."""
        for i, page in enumerate(pupils):

            async def is_there(page: Any = page) -> bool:
                return bool(await page.evaluate("shownBallot") == number)

            await until(is_there, f"question {number} is not on the phone of pupil {i}")
            await page.locator("#places button").nth(place(i)).click()
            await page.locator("#voted", has_text=voted()).wait_for()

    async def n_answered(self) -> str:
        """What the remote says of how many have answered."""
        return str(await self.teacher.inner_text("#now"))


# The lesson, in the order in which it is given

HOSTILE = "<img src=x onerror=\"document.title='stolen'\"><script>document.title='stolen'</script>"
RUDE = "Blödmann"
WAITING = "Katze"


async def enter(room: Room) -> None:
    report = room.report
    await room.come_in()
    in_lobby = tr("You are in. Wait here: the lesson begins when the presenter starts it.")
    await room.all_show(in_lobby, f"{room.n_phones} phones are in the lobby, told so in German")
    languages = {await page.get_attribute("html", "lang") for page in (*room.pupils, room.teacher)}
    report.look(languages == {"de"}, "every page says that it is in German")

    async def counted() -> bool:
        n_phones = tr("{n} phones", n=str(room.n_phones))
        return await room.shows(room.teacher, n_phones)

    await until(counted, "the remote does not count all phones")
    secret = room.link_of_remote().partition("#")[2]
    report.look(secret not in room.projector.text, "the remote's secret is not on the projector")
    report.look(secret not in room.teacher.url, "nor in the address line of the teacher's phone")


async def send(page: Any, text: str) -> None:
    await page.fill("#question", text)
    await page.press("#question", "Enter")
    await page.locator(
        "#told", has_text=tr("Sent. The presenter chooses what is asked on stage.")
    ).wait_for()


async def texts_of(room: Room) -> list[str]:
    return [str(text) for text in await room.teacher.locator("#texts li b").all_inner_texts()]


async def send_mischief(room: Room) -> None:
    """Texts that pupils send for fun, and what the teacher sees and does of them."""
    report, pupils = room.report, room.pupils
    family = "👨‍👩‍👧‍👦"
    sent = {
        1: HOSTILE,
        2: "abc\u202edcba\u2066x\u200b",
        3: family * 90,
        4: "Z" + "\u0335\u0489\u0310" * 180,
        5: f"Frau Meier ist ein {RUDE}",
        6: "Hund",
    }
    for number, text in sent.items():
        await send(pupils[number], text)
    too_long = await room.post(pupils[7], "/questions", {"prompt": "x" * 10_000})
    report.attack(too_long == [413], "a text of 10,000 letters is refused")
    typed = "y" * 5_000
    await pupils[8].fill("#question", typed)
    length = await pupils[8].evaluate("document.getElementById('question').value.length")
    report.attack(length <= 640, f"of 5,000 typed letters the field takes {length}")
    await pupils[8].fill("#question", "")
    flood = await room.post(pupils[9], "/questions", {"prompt": "Spam"}, 200)
    n_taken = flood.count(202)
    few = 1 <= n_taken <= 5  # one a second, and five that wait
    report.attack(
        few and flood.count(429) == 200 - n_taken, "of 200 texts at once a few are taken", 200
    )

    async def arrived() -> bool:
        return len(await texts_of(room)) >= len(sent) + n_taken

    await until(arrived, "the texts are not on the remote")
    texts = await texts_of(room)
    report.attack(HOSTILE in texts, "markup and a script stand on the remote as text")
    report.attack(
        await room.teacher.title() == tr("Remote")
        and not await room.teacher.locator("#texts img").count(),
        "and did nothing there",
    )
    report.attack(
        any("⟨U+202E⟩" in text for text in texts) and not any("\u202e" in text for text in texts),
        "a right-to-left override is a visible sign",
    )
    wide = await room.teacher.evaluate("document.documentElement.scrollWidth <= innerWidth")
    report.attack(wide, "90 families of emoji do not widen the remote")
    marks = max(text.count("\u0335") for text in texts)
    report.attack(marks <= 8, f"of 180 stacked marks {marks} stay on their letter")
    shown = room.projector.text
    report.attack(
        not any(word in shown for word in (RUDE, "Spam", "onerror")),
        "none of these texts is on the projector",
    )
    rude = room.teacher.locator("#texts li", has_text=RUDE)
    await rude.get_by_role("button", name=tr("drop all of this phone")).click()
    await rude.get_by_role(
        "button", name=tr("Tap again: its texts go, and it can send no more.")
    ).click()
    await rude.wait_for(state="detached")
    await pupils[5].fill("#question", f"doch ein {RUDE}")
    await pupils[5].press("#question", "Enter")
    await pupils[5].locator("#told", has_text=tr("No texts are taken now.")).wait_for()
    report.attack(RUDE not in "".join(await texts_of(room)), "who was rude can send no more")
    for text in (*["Spam"] * n_taken, HOSTILE[:20]):
        item = room.teacher.locator("#texts li", has_text=text).first
        number = await item.get_attribute("data-question")
        item = room.teacher.locator(f'#texts li[data-question="{number}"]')
        await item.get_by_role("button", name=tr("drop"), exact=True).click()
        await item.wait_for(state="detached")
    await room.all_show(
        tr("This one is not asked on stage."), "who sent a dropped text is told", [pupils[1]]
    )
    item = room.teacher.locator("#texts li", has_text="Hund")
    await item.get_by_role("button", name=tr("ask on stage")).click()

    async def answered() -> bool:
        return bool(await pupils[6].locator("#replies b").count())

    await until(answered, "the text that was let through is not answered")
    report.look(True, "the phone of the text that was let through has its answer")
    await room.tap(tr("Everything off the screen"))
    await room.tap(tr("Take no more texts"))
    await room.teacher.get_by_role("button", name=tr("Take texts again")).wait_for()
    await pupils[10].fill("#question", "noch einer")
    await pupils[10].press("#question", "Enter")
    await room.all_show(
        tr("No texts are taken now."), "no phone can send while texts are closed", [pupils[10]]
    )
    await room.tap(tr("Take texts again"))


async def attack_remote(room: Room) -> None:
    """What a pupil who knows the code and listens in the network tries with the remote."""
    report, pupil = room.report, room.pupils[11]
    heard: list[tuple[str, str]] = []
    room.teacher.on("request", lambda request: heard.append((request.url, request.post_data or "")))
    await room.tap(tr("Take no more texts"))
    await room.tap(tr("Take texts again"))
    commands = [body for url, body in heard if url.endswith("/remote/commands")]
    report.look(len(commands) == 2, "two taps are two commands in the network")
    challenge = await pupil.evaluate(
        "async () => (await (await fetch('/remote/challenge')).json()).challenge"
    )
    forged = [
        {
            "device": f"{n:032x}",
            "counter": 2**52 + n,
            "command": '{"what":"on"}',
            "mac": f"{n:064x}",
        }
        for n in range(40)
    ]
    statuses = [
        status for body in forged for status in await room.post(pupil, "/remote/commands", body)
    ]
    report.attack(set(statuses) == {403}, "forged commands are refused", len(forged))
    replies = [
        status
        for body in commands
        for status in await room.post(pupil, "/remote/commands", body, 10)
    ]
    report.attack(
        set(replies) == {409}, "commands that were heard and sent again are refused", len(replies)
    )
    turned = json.loads(commands[0])
    turned["command"] = '{"what":"on"}'
    report.attack(
        await room.post(pupil, "/remote/commands", turned) == [403],
        "nor one with another command in it",
    )
    report.attack(
        bool(challenge)
        and await room.status(pupil, "/remote/events?device=0&counter=1&mac=0") == 403,
        "a pupil does not see what the remote shows",
    )
    pupils_remote = await room.page(room.link.rpartition("/")[0] + "/remote")
    nolink = tr("Open the whole link of the remote, with what stands behind #.")
    report.attack(
        await room.shows(pupils_remote, nolink), "the remote's page without its link does nothing"
    )
    thief = await room.page(room.link_of_remote())
    taken = tr("Another device has the remote. Withdraw it on the presenter's screen first.")
    await until(lambda: room.shows(thief, taken), "a second device has the remote, too")
    report.attack(True, "a second device with the very link is refused")
    report.look(await room.has(room.teacher, "#buttons"), "the teacher's own remote goes on")
    for page in (pupils_remote, thief):
        await page.context.close()


async def vote_with_mischief(room: Room) -> int:
    """A bet in two rounds; pupils try to have two voices, or one of another kind. Returns the
    number of the last question."""
    report, pupils, n = room.report, room.pupils, room.n_phones
    await until(room.is_asked, "nobody is asked")
    await room.all_show(tr("Your answer"), "every phone is asked")
    n_places = await pupils[0].locator("#places button").count()
    sleeper = pupils[n - 1]
    await sleeper.evaluate("stream.close()")  # as a phone that sleeps: its page stays as it is
    number = int(await pupils[0].evaluate("shownBallot"))
    await room.vote(pupils[: n - 2], number, lambda i: i % n_places)

    async def n_counted(wanted: int) -> bool:
        counted = tr("{n} of {total} have answered", n=wanted, total=0).split("0")[0].strip()
        return counted in await room.n_answered()

    await until(lambda: n_counted(n - 2), f"not {n - 2} have answered: {await room.n_answered()}")
    twice = await room.post(pupils[0], "/votes", {"ballot": number, "place": 1}, 50)
    report.attack(
        set(twice) == {202} and await n_counted(n - 2),
        "one phone that votes 50 times has one voice",
        50,
    )
    second = await pupils[1].context.new_page()
    await second.goto(room.link)
    await second.locator("#places button").first.click()
    await second.locator("#voted", has_text=voted()).wait_for(state="attached")
    await asyncio.sleep(1.5)
    report.attack(await n_counted(n - 2), "a second tab is the same voice")
    await second.close()
    await pupils[1].bring_to_front()
    await pupils[1].locator("h1").click()
    fresh = await room.page(room.link)
    report.attack(
        await room.post(fresh, "/votes", {"ballot": number, "place": 0}) == [403],
        "who lost the cookie waits at the door, and has no voice",
    )
    await fresh.context.close()
    statuses = [
        status
        for body in (
            {"ballot": number, "place": 99},
            {"ballot": number, "place": -1},
            {"ballot": number - 1, "place": 0},
            '{"place":1',
            {"ballot": number, "place": 1e400},
            {"ballot": number, "places": [1]},
        )
        for status in await room.post(
            pupils[2], "/votes", body if isinstance(body, str) else json.dumps(body)
        )
    ]
    report.attack(
        all(status in (400, 409) for status in statuses),
        "votes for no place, another question, or no JSON",
        len(statuses),
    )
    counts = re.findall(r"\d+ %", room.projector.text)
    report.attack(counts == [], "the projector shows nobody's answer before time is over")
    await room.tap(tr("Talk, then answer again"))
    again = tr("Talk to a neighbour, then answer again.")
    await room.all_show(again, "every phone that is awake is asked again", pupils[: n - 1])
    late = await sleeper.evaluate("shownBallot")
    report.attack(
        late == number
        and await room.post(sleeper, "/votes", {"ballot": late, "place": 0}) == [409],
        "a phone that slept answers the first question: too late",
    )
    await sleeper.evaluate("follow()")
    await room.all_show(again, "and once it is awake it is asked again", [sleeper])
    await room.vote(pupils, number + 1, lambda i: (i * 2) % n_places)
    await until(lambda: n_counted(n), "not all have answered the second time")
    await room.tap(tr("End the question"))
    return number + 1


async def is_bet_shown(room: Room) -> bool:
    return await room.has(room.pupils[0], "#bet")


async def a_word(room: Room) -> None:
    """The first part: a word of the week, from the lobby to what it does not show."""
    report, n = room.report, room.n_phones
    await enter(room)
    report.attack(
        await room.status(room.pupils[0], "/model") == 404,
        "the model's page is not there before it is given",
    )
    await room.tap(tr("Start the lesson"))
    await room.go_on_until(room.is_asked, "the word's own question")
    await vote_with_mischief(room)

    async def is_told() -> bool:
        replies = await room.pupils[0].locator("#replies b").all_inner_texts()
        return bool(replies)

    await room.go_on_until(is_told, "no phone is told how it came out")
    await room.all_show(
        tr(
            "You said {said}; at step {step} it was {is_now} ({score}).",
            said="",
            step="",
            is_now="",
            score="",
        ).split(":")[0],
        f"all {n} phones are told how near they were",
    )


async def a_deck(room: Room, deck: str) -> None:
    """The second part: a German deck in class mode, killed in the middle and gone on with."""
    report, n = room.report, room.n_phones
    room.projector.close()
    await room.open(deck, "--speed", "brisk")
    in_lobby = tr("You are in. Wait here: the lesson begins when the presenter starts it.")
    await room.all_show(
        in_lobby, f"for the next lesson all {n} phones are there again by themselves"
    )
    await room.teacher.get_by_role("button", name=tr("Start the lesson")).wait_for()
    report.look(True, "the remote is still the teacher's")
    await room.tap(tr("Start the lesson"))
    await room.teacher.get_by_role("button", name=tr("Ask everybody")).wait_for()
    await asyncio.sleep(4)
    outcome = await room.has(room.pupils[0], "#scores")
    report.look(
        not outcome and "%" not in room.projector.text,
        "class mode: no score on the projector or a phone",
    )
    await send_mischief(room)
    await attack_remote(room)
    await room.tap(tr("Ask everybody"))
    number = await vote_with_mischief(room) + 1
    await until(room.is_asked, "the second question")
    report.look(
        not await room.has(room.pupils[3], "#scores"),
        "the first answer shows no score that the second is about",
    )
    await room.vote(room.pupils, number, lambda i: i % 5)
    await room.tap(tr("End the question"))
    await until(lambda: is_bet_shown(room), "no phone shows the class's bet")
    await until(lambda: room.has(room.pupils[0], "#scores"), "no score after the bet")
    report.look(True, "after the bet the scores are there")
    own = tr("Your answer: {said}.", said="")[:12]
    await room.all_show(own, "every phone keeps its own answer in sight")

    await send(room.pupils[12], WAITING)

    async def arrived() -> bool:
        return WAITING in await texts_of(room)

    await until(arrived, "a text is not on the remote")
    waiting = sorted(await texts_of(room))
    run = next((room.data / "runs").glob(f"*{deck}*"))
    room.projector.kill()
    await room.all_show(
        tr("No connection; trying again…"), "after the crash phones say that there is no connection"
    )
    await room.open(str(run))
    await room.all_show(in_lobby, f"after the crash all {n} phones are back by themselves")

    async def waits_again() -> bool:
        return sorted(await texts_of(room)) == waiting

    await until(waits_again, f"after the crash {waiting} are not on the remote")
    report.look(True, f"after the crash {len(waiting)} texts wait again, and no other")
    await room.pupils[5].fill("#question", f"wieder {RUDE}")
    await room.pupils[5].press("#question", "Enter")
    await room.pupils[5].locator("#told", has_text=tr("No texts are taken now.")).wait_for()
    report.attack(await waits_again(), "who was rude can send no more then, either")
    await room.tap(tr("Start the lesson"))
    await room.all_show(own, "and show their own answer and the class's, of before the crash")
    report.look(
        await room.has(room.pupils[0], "#scores"), "what the class has bet on is not hidden again"
    )
    room.projector.terminal.type("++++")

    async def is_marked() -> bool:
        return "◀" in room.projector.text

    await until(is_marked, "no outcome on the projector after the crash")
    report.look(True, "the projector shows the outcome beside what the class said before the crash")
    last = [await page.locator("#replies li").first.inner_text() for page in room.pupils]
    report.look(all("%" in text for text in last), "and every phone is told")
    await room.tap(tr("Everything off the screen"))
    await room.tap(tr("Give phones the model"))
    await room.all_show(
        tr("Take the model with you: teach it your own cards, on this phone"),
        "every phone is given the model",
    )
    async with room.pupils[0].context.expect_page() as opened:
        await room.pupils[0].get_by_role("link").click()
    model = await opened.value
    await model.locator("input").first.wait_for()
    taken = tr("Take the model with you: teach it your own cards, on this phone")
    await room.pupils[0].goto("about:blank")
    await room.pupils[0].go_back()
    await room.all_show(taken, "who goes back to the page is in the lesson again", [room.pupils[0]])
    report.attack(room.faults == [], f"no script failed on any page {room.faults[:2]}")


async def main(n_phones: int = 24) -> int:
    choose("de")
    report = Report()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with chromium() as browser:
            room = Room(browser, Path(folder), report, n_phones)
            await room.open("--word", "hallucination")
            try:
                await a_word(room)
                await a_deck(room, "mehrzahl")
            except Exception:
                print(room.projector.text)
                raise
            finally:
                room.projector.close()
    n_held, n_faults = len(report.held), len(report.faults)
    print(f"{n_held} held, {n_faults} did not; {report.n_attacks} attacks by pupils")
    return min(1, len(report.faults))


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 24)))
