"""Stills of the real program at moments that nobody has chosen, and a question about each.

`python -m tools.moments SEED [--out DIR]` takes 15. For each one it makes a deck, starts
`python -m flashcards DECK` in a terminal of 80×24 or 120×40, presses keys that people press, waits
as long as its dice say, and takes what is shown. DIR gets `01.png` to `15.png`; `questions.md`, one
question a still; and `answers.json` apart, with the answers. These were read from the run's events
up to that moment before anybody has looked. So pictures and questions can be given to a reader.

The same seed draws the same decks, keys and times; how far a lesson has come by then depends on the
machine. A draw is made again, and `answers.json` says so under `drawn_again`, when

- the program has not taught a single card yet: it is merely starting;
- an earlier still has the same view in the same state: dialog, what was done before, and whether
  it is learning, paused, broken or over;
- the program has ended, or wrote no event that any question could be answered from.

A fault that the program reports of itself ends the tool with that report.

How a still looks decides nothing. POSIX only.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import msgspec
from PIL import Image

from flashcards.app.rooms import BY_ID, WORDS
from flashcards.app.widgets.frame import BADGES
from flashcards.base.language import tr
from flashcards.runs import values
from flashcards.runs.recording import Recording
from flashcards.runs.state import RunState
from flashcards.runs.values import PHASES, SPEEDS
from tests.keys import NAMED
from tests.terminal import FLASHCARDS
from tools import made_decks
from tools.made_decks import MadeDeck
from tools.still import WatchedTerminal
from tools.still_questions import Moment, Question, Seen, lesson_in, question_of, step_shown

N_STILLS = 15
SIZES = ((80, 24), (120, 40))
START_S, LOGGED_S, ANSWER_S = 60.0, 0.3, 5.0
"""Seconds until the first card is taught at most, until what was done is in the log, and until a
dialog is there, or a step in the log, at most."""

STEPS: Mapping[values.Speed, tuple[tuple[int, int], ...]] = {
    "full": ((5, 80), (80, 300), (300, 900)),
    "brisk": ((2, 40),),
    "slow": ((1, 8),),
    "explain": ((0, 3),),
}
"""Steps until somebody does something, from and to: a machine under load makes as many."""

MOST_S = 12.0
"""Seconds that these steps are waited for at most."""

KEYSTROKES = {
    **NAMED, "space": " ", "full_stop": ".", "comma": ",", "colon": ":", "question_mark": "?",
    "plus": "+", "minus": "-", "ctrl+left": "\x1b[1;5D",
}  # fmt: skip

VIEWS: Mapping[str, int] = {
    "lesson": 30, "cards": 14, "memory": 20, "update": 10, "race": 4, "inside": 7, "doctor": 6,
    "story": 9,
}  # fmt: skip
"""How often people look at each, of 100."""


class DrawnAgainError(Exception):
    """Why a draw gives no still."""


class FaultReportedError(Exception):
    """What the program reports of a fault of its own: to be mended before anybody looks."""


@dataclass
class Visit:
    """One launch of the program, what was pressed, and what ought to be in front by that."""

    dice: Random
    deck: MadeDeck
    other: MadeDeck
    terminal: WatchedTerminal
    runs: Path
    speed: values.Speed
    recording: Recording | None = None
    seen: Seen = field(default_factory=Seen)
    trail: list[str] = field(default_factory=list)

    def press(self, id_: str, n_times: int = 1) -> None:
        """The key of this id in the program's table, as fast as a person presses it."""
        name = BY_ID[id_].keys[0]
        for _ in range(n_times):
            self.trail.append(name)
            self.terminal.type(KEYSTROKES.get(name, name))
            self.watch(0.3, 0.9)

    def type(self, text: str) -> None:
        self.trail.append(repr(text))
        for character in text:
            self.terminal.type(character)
            self.terminal.watch(self.dice.uniform(0.04, 0.12))
        self.watch(0.4, 0.8)

    def enter(self) -> None:
        self.trail.append("enter")
        self.terminal.type("\r")
        self.watch(0.3, 0.9)

    def search(self, id_: str) -> None:
        """Do this by its name in the list of all commands."""
        self.press("palette")
        self.wait_for("🔎")
        self.type(WORDS[id_][0])
        self.enter()

    def watch(self, least_s: float, most_s: float) -> None:
        self.terminal.watch(self.dice.uniform(least_s, most_s))

    def look_at(self, view: str) -> None:
        self.press(f"view_{view}")
        self.watch(0.3, 1.5)
        self.seen.view = view

    def look_around(self, *views: str) -> None:
        """One of these views, or any."""
        weights = {view: VIEWS[view] for view in views or VIEWS}
        view = self.dice.choices(list(weights), list(weights.values()))[0]
        if view != self.seen.view:
            self.look_at(view)

    def wait_for(self, text: str) -> None:
        """As a person does who waits for an answer to a key; goes on without it after a while."""
        self.terminal.watch_until(text, ANSWER_S)
        self.watch(0.1, 0.4)

    @property
    def last_step(self) -> int:
        """As far as the lesson's log goes."""
        lesson = lesson_in(self.runs)
        if lesson is None:
            return 0
        if self.recording is None or self.recording.folder.path != lesson.path:
            self.recording = Recording(lesson)
        self.recording.refresh()
        return self.recording.last_step

    @property
    def state(self) -> RunState:
        """Of the lesson, as far as its log goes."""
        return RunState() if not self.last_step or self.recording is None else self.recording.state

    def wait_for_a_card(self, *, is_second: bool = False) -> None:
        """Until it was taught a card; of the second deck, if that is meant."""
        ends_s = time.monotonic() + START_S
        while not self.last_step or (is_second and not self.state.life.earlier):
            if time.monotonic() > ends_s or self.terminal.has_ended:
                raise DrawnAgainError("it is merely starting")
            self.terminal.watch(0.15)

    def wait_until_logged(self, text: str) -> None:
        """Until the log has come to the step that this text of the screen says."""
        ends_s = time.monotonic() + ANSWER_S
        step = step_shown(text) or 0
        while self.last_step < step and time.monotonic() < ends_s:
            self.terminal.watch(0.1)

    def wait_for_correction(self, moment: Moment) -> None:
        """Until the update that was under way is logged; for a while, where there may be none."""
        ends_s = time.monotonic() + (ANSWER_S if self.speed != "full" or self.seen.phase else 0)
        while not moment.read_on() and time.monotonic() < ends_s:
            self.terminal.watch(0.3)

    def wait_steps(self, least: int, most: int) -> None:
        """Until the lesson has made so many steps more, or for `MOST_S`."""
        aim = self.last_step + self.dice.randint(least, most)
        ends_s = time.monotonic() + MOST_S
        while self.last_step < aim and time.monotonic() < ends_s and not self.terminal.has_ended:
            self.terminal.watch(0.15)
        self.watch(0.0, 1.0)


# What people do


def look(visit: Visit) -> None:
    visit.look_around()


def more(visit: Visit) -> None:
    visit.press("more")


def pause(visit: Visit) -> None:
    visit.look_around()
    visit.press("play")


def ask(visit: Visit) -> None:
    """A card that is taught, one that is never taught, or something new."""
    marks = visit.state.marks.never_seen
    prompts = [prompt for prompt, _ in visit.deck.cards]
    taught = [p for p, mark in zip(prompts, marks, strict=True) if not mark]
    never = [p for p, mark in zip(prompts, marks, strict=True) if mark]
    choices = [taught, never or taught, made_decks.new_prompts(visit.dice, visit.deck)]
    prompt = visit.dice.choice(visit.dice.choice(choices))
    visit.press("ask")
    visit.wait_for("Ask the model")
    visit.type(prompt)
    visit.enter()
    visit.wait_for("it says")
    visit.seen.dialog, visit.seen.asked = "ask", prompt


def walk(visit: Visit) -> None:
    """Through an update, up to some phase of it."""
    visit.look_around("lesson", "update")
    visit.press("play")
    n_phases = visit.dice.randint(1, len(PHASES))
    visit.press("phase_next")
    visit.wait_for(tr("DATA"))
    visit.press("phase_next", n_phases - 1)
    visit.watch(0.2, 1.0)
    visit.seen.view = "update"
    if visit.speed in ("full", "brisk"):  # else it stood in the middle of an update
        visit.seen.phase = PHASES[n_phases - 1]


def step(visit: Visit) -> None:
    visit.look_around("lesson", "update", "cards", "memory")
    visit.press("step", visit.dice.randint(1, 3))
    visit.watch(0.0, 4.0)


def second_deck(visit: Visit) -> None:
    visit.press("teach_after")
    visit.wait_for(visit.other.name)
    visit.type(visit.other.name)
    visit.enter()
    visit.seen.view = "lesson"
    visit.wait_for_a_card(is_second=True)
    visit.wait_steps(*visit.dice.choice(((1, 60), (60, 500))))
    visit.look_around("lesson", "memory", "story", "cards")


def twin(visit: Visit) -> None:
    visit.look_at("memory")
    visit.press("twin")
    visit.watch(1.0, 4.0)
    visit.wait_steps(5, 700)


def branch(visit: Visit) -> None:
    visit.press("branch")
    visit.wait_for("Branch at step")
    visit.type(str(visit.dice.randint(1, 5)))
    visit.seen.view = "race"
    visit.watch(1.0, 4.0)
    visit.wait_steps(5, 500)


def broken(visit: Visit) -> None:
    for _ in range(visit.dice.randint(5, 9)):
        visit.search("rate_up")
        visit.wait_steps(2, 30)
        if visit.state.steps.broken is not None:
            break
    visit.wait_steps(2, 60)
    visit.look_around("lesson", "memory", "story", "update", "cards")


def rewound(visit: Visit) -> None:
    broken(visit)
    if visit.state.steps.broken is not None:
        visit.search("rewind")
    visit.look_around("lesson", "memory", "story")


def order(visit: Visit) -> None:
    visit.search("order")
    visit.wait_steps(1, 200)


def bet(visit: Visit) -> None:
    """The question, or what it comes to."""
    visit.press("bet")
    visit.wait_for("Your bet")
    if visit.dice.random() < 0.5:
        visit.seen.dialog = "bet"
        return
    for _ in range(2):
        for _ in range(visit.dice.randint(0, 9)):
            visit.terminal.type(KEYSTROKES["right"])
            visit.watch(0.05, 0.15)
        visit.enter()
    visit.wait_steps(1, 500)


def past(visit: Visit) -> None:
    visit.look_around("lesson", "memory", "cards", "update", "inside")
    visit.press(visit.dice.choice(("back", "back_10", "to_start", "marker_before")))
    visit.press(visit.dice.choice(("back", "back_10")), visit.dice.randint(0, 4))
    visit.watch(0.5, 5.0)
    visit.seen.is_past = BADGES["past"][0] in visit.terminal.text


def present(visit: Visit) -> None:
    if visit.dice.random() < 0.7:
        walk(visit)
    visit.press("present")
    visit.seen.view = "present"


def more_data(visit: Visit) -> None:
    visit.look_at("memory")
    visit.press("scaling")
    visit.watch(2.0, 18.0)
    visit.seen.dialog = "more data"


def hardest(visit: Visit) -> None:
    visit.look_at("cards")
    visit.trail.append("s")
    visit.terminal.type("s")
    visit.watch(0.5, 1.5)
    visit.seen.sort = "hardest"


def find(visit: Visit) -> None:
    visit.look_at("cards")
    visit.terminal.type("/")
    visit.watch(0.2, 0.5)
    visit.type(visit.dice.choice(visit.deck.cards)[0][:3])
    visit.enter()


def help_(visit: Visit) -> None:
    visit.press("help")
    visit.watch(0.3, 1.0)
    visit.seen.dialog = "help"


def decks(visit: Visit) -> None:
    visit.press("decks")
    visit.wait_for(visit.other.name)
    visit.seen.dialog = "decks"


Act = Callable[[Visit], None]

ACTS: Mapping[Act, int] = {
    look: 24, ask: 14, walk: 11, past: 8, second_deck: 9, twin: 7, branch: 7, broken: 7, step: 4,
    pause: 4, bet: 5, present: 5, hardest: 4, find: 2, rewound: 3, order: 3, more_data: 3, more: 3,
    help_: 2, decks: 2,
}  # fmt: skip
"""How often each is done, of about 120."""


@dataclass(frozen=True)
class Still:
    picture: Image.Image
    question: Question
    state: tuple[str, ...]
    facts: Mapping[str, object]


def take(dice: Random, folder: Path, before: Sequence[Still] = ()) -> Still:
    """One draw, in a fresh folder; `before` are the stills that there are. Raises
    DrawnAgainError, FaultReportedError."""
    deck = made_decks.make_deck(dice, dice.choice(made_decks.KINDS))
    other = made_decks.make_deck(dice, dice.choice(made_decks.KINDS))
    while other.name == deck.name:
        other = made_decks.make_deck(dice, dice.choice(made_decks.KINDS))
    size = dice.choice(SIZES)
    speed = dice.choices(SPEEDS, (10, 10, 15, 65))[0]
    act = dice.choices(list(ACTS), list(ACTS.values()))[0]
    if act in (second_deck, twin, branch, broken, rewound):
        speed = "full"
    decks, runs = folder / "decks", folder / "runs"
    decks.mkdir(parents=True)
    (decks / "first.deck").write_text(deck.text, encoding="utf-8")
    (decks / "second.deck").write_text(other.text, encoding="utf-8")
    words = ["decks/first.deck", "--speed", speed, "--runs", str(runs)]
    words += ["--seed", str(dice.randint(1, 99))]
    terminal = WatchedTerminal([*FLASHCARDS, *words], size, folder, _environment(folder))
    visit = Visit(dice, deck, other, terminal, runs, speed)
    try:
        visit.wait_for_a_card()
        visit.wait_steps(*dice.choice(STEPS[speed]))
        act(visit)
        picture, text = terminal.picture(), terminal.text
        for report in folder.glob("state/**/fault-*.txt"):
            raise FaultReportedError(report.read_text(encoding="utf-8"))
        if terminal.has_ended:
            raise DrawnAgainError("the program has ended")
        logged_step = visit.last_step
        terminal.watch(LOGGED_S)
        visit.wait_until_logged(text)
        moment = Moment.read(runs, visit.seen, deck, other, act.__name__, text, logged_step)
        if any(moment.key == still.state for still in before):
            raise DrawnAgainError(f"{' '.join(moment.key)} is there already")
        if moment.state.liveness == "paused" and not visit.seen.dialog:
            terminal.type(KEYSTROKES["space"])  # it goes on: the update is logged when it was made
        visit.wait_for_correction(moment)
        question = question_of(moment, dice, [still.question.text for still in before])
    finally:
        terminal.close()
    if question is None:
        raise DrawnAgainError("no question can be answered from the events")
    facts = {
        "deck": deck.kind, "cards": len(deck.cards), "kept back": deck.held_out, "size": size,
        "command": " ".join(words[:-2]), "done": act.__name__, "keys": " ".join(visit.trail),
        "step": moment.step,
    }  # fmt: skip
    return Still(picture, question, moment.key, facts)


def _environment(folder: Path) -> dict[str, str]:
    """The user's, without decks, settings and runs of their own; kernels are compiled once."""
    own = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("DATA", "CONFIG", "STATE")}
    return {**os.environ, **own}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("seed", type=int)
    parser.add_argument("--out", type=Path, help="where the stills go (moments-SEED)")
    parser.add_argument("--stills", type=int, default=N_STILLS, help="how many (15)")
    arguments = parser.parse_args()
    out: Path = arguments.out or Path(f"moments-{arguments.seed}")
    out.mkdir(parents=True, exist_ok=True)
    started_s, stills, drawn_again = time.monotonic(), list[Still](), list[str]()
    n_draws = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        while len(stills) < arguments.stills:
            n_draws += 1
            dice = Random(f"{arguments.seed} {n_draws}")
            try:
                still = take(dice, Path(folder) / str(n_draws), stills)
            except DrawnAgainError as reason:
                drawn_again.append(f"draw {n_draws}: {reason}")
                print(drawn_again[-1], file=sys.stderr)
                continue
            stills.append(still)
            still.picture.save(out / f"{len(stills):02}.png")
            write(out, stills, drawn_again)
            print(f"{len(stills):02} {' '.join(still.state)}: {still.question.text}")
    print(f"{time.monotonic() - started_s:.0f} s")


def write(out: Path, stills: list[Still], drawn_again: list[str]) -> None:
    lines = ["# Questions", ""]
    answers = {}
    for n, still in enumerate(stills, start=1):
        lines.append(f"{n}. ({n:02}.png) {still.question.text}")
        answers[f"{n:02}"] = {
            "question": still.question.text,
            "answer": still.question.answer,
            "state": " ".join(still.state),
            **still.facts,
        }
    (out / "questions.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = msgspec.json.encode({"answers": answers, "drawn_again": drawn_again})
    (out / "answers.json").write_bytes(msgspec.json.format(told))


if __name__ == "__main__":
    main()
