"""Writes the texts that are read, and questions about one. `python decks/make_texts.py all`.

The same every time: what must be chosen is chosen by hash. Nothing here is anybody else's text.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

DECKS = Path(__file__).parent
FOLDER = DECKS / "texts"
T = TypeVar("T")


def pick(key: str, options: Sequence[T]) -> T:
    """One of them, the same every time for the same key."""
    digest = hashlib.blake2b(key.encode(), digest_size=8, person=b"texts").digest()
    return options[int.from_bytes(digest, "big") % len(options)]


def words(listed: str) -> list[str]:
    """Words that white space parts."""
    return listed.split()


def head(**values: str | int) -> str:
    """Front matter."""
    told = {key: f'"{it}"' if isinstance(it, str) else str(it) for key, it in values.items()}
    lines = [f"{key} = {it}" for key, it in told.items()]
    return "\n".join(["+++", *lines, "+++", ""])


# -- the valley ----------------------------------------------------------------------------------

WOMEN = words("Anka Bela Dora Elin Hanne Mira Petra Vera")
MEN = words("Bodo Falk Ivo Kuno Lasse Nils Otto Sven")
VILLAGES = words("Ambach Birkau Distelfeld Eschen Krummbach Lindau Moosen Steinach")
TRADES = {
    "baker": "bakes bread",
    "smith": "mends iron gates",
    "fisher": "catches trout",
    "miller": "grinds the corn",
    "teacher": "teaches the small children",
    "gardener": "grows beans and peas",
    "carpenter": "builds tables and beds",
    "weaver": "weaves warm blankets",
}
FOODS = words("apples plums cherries nuts honey cheese soup pancakes dumplings carrots")
ANIMALS = words("cat dog goat hen horse donkey goose rabbit")
COLOURS = words("red blue green yellow white brown")
HABITS = (
    "sings in the morning", "walks by the river", "reads old letters", "plays the flute",
    "collects round stones", "tells long stories", "sleeps under a tree", "paints small boats",
)  # fmt: skip
DAYS = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
WEATHER = (
    "it rained all day", "the sun was warm", "there was snow on the hills", "the wind was cold",
    "fog lay on the river", "the sky was clear",
)  # fmt: skip


class Person:
    """Somebody in the valley: what is true of them never changes."""

    def __init__(self, name: str, *, is_woman: bool) -> None:
        self.name = name
        self.he, self.his = ("she", "her") if is_woman else ("he", "his")
        self.village = pick(f"village {name}", VILLAGES)
        self.trade = pick(f"trade {name}", list(TRADES))
        self.food = pick(f"food {name}", FOODS)
        self.animal = pick(f"animal {name}", ANIMALS)
        self.colour = pick(f"colour {name}", COLOURS)
        self.habit = pick(f"habit {name}", HABITS)

    def facts(self) -> tuple[tuple[str, ...], ...]:
        """Everything that is true, each in several wordings; `{who}` is the name or he or she."""
        return (
            (
                f"{{who}} lives in {self.village}.",
                f"{{who}} lives in {self.village}.",
                f"{{who}} has a house in {self.village}.",
            ),
            (
                f"{{who}} is a {self.trade}.",
                f"{{who}} is a {self.trade}.",
                f"{{who}} {TRADES[self.trade]}.",
            ),
            (
                f"{{who}} likes {self.food}.",
                f"{{who}} eats {self.food} every day.",
            ),
            (
                f"{{who}} has a {self.animal}.",
                f"{{who}} feeds {self.his} {self.animal}.",
            ),
            (
                f"{{who}} has a {self.colour} door.",
                f"{{who}} painted {self.his} door {self.colour}.",
            ),
            (
                f"{{who}} {self.habit}.",
                f"In the evening {{who}} {self.habit}.",
            ),
        )


PEOPLE = [Person(name, is_woman=True) for name in WOMEN]
PEOPLE += [Person(name, is_woman=False) for name in MEN]


def portrait(key: str) -> str:
    """A few sentences about one person: the name first, then he or she."""
    person = pick(f"{key} who", PEOPLE)
    facts = sorted(person.facts(), key=lambda fact: pick(f"{key} {fact[0]}", range(1 << 30)))
    said = []
    for i, fact in enumerate(facts[: pick(f"{key} n", (2, 3, 3, 4))]):
        sentence = pick(f"{key} {i}", fact)
        who = person.name if i != 1 else person.he
        said.append(capital(sentence.replace("{who}", who)))
    return " ".join(said)


def gathering(key: str) -> str:
    """A day in a village, and who of it was there."""
    village = pick(f"{key} village", VILLAGES)
    there = [person for person in PEOPLE if person.village == village] or PEOPLE
    first = pick(f"{key} first", there)
    day, weather = pick(f"{key} day", DAYS), pick(f"{key} weather", WEATHER)
    said = [f"On {day} {weather} in {village}."]
    if len(there) > 1:
        second = pick(f"{key} second", [person for person in there if person is not first])
        said.append(f"{first.name} met {second.name} there.")
        said.append(f"{second.name} gave {first.name} some {first.food}.")
    else:
        said.append(f"{first.name} stayed at home with the {first.animal}.")
    return " ".join(said)


def capital(text: str) -> str:
    """With a capital letter first."""
    return text[0].upper() + text[1:]


def valley() -> str:
    """An invented valley: 16 people in eight villages, what each is and likes, told many times."""
    top = head(
        name="The valley",
        kind="text",
        shows="It reads about an invented valley: noise, then letters, words, names, and facts.",
        description="16 invented people in eight villages, told about in 2,400 short paragraphs.",
        topic="reading",
        ages="12+",
        source="made by decks/make_texts.py",
        license="CC0-1.0",
        language="en",
    )
    kinds: tuple[Callable[[str], str], ...] = (portrait, portrait, portrait, gathering)
    lines = [pick(f"kind {i}", kinds)(f"line {i}") for i in range(2_400)]
    return top + "\n".join(lines) + "\n"


QUESTIONS: dict[str, Callable[[Person], str]] = {
    "Where does {name} live?": lambda person: person.village,
    "What is {name}?": lambda person: person.trade,
    "What does {name} like?": lambda person: person.food,
    "Which animal has {name}?": lambda person: person.animal,
    "Which colour is {name}'s door?": lambda person: person.colour,
    "What does {name} do in the evening?": lambda person: person.habit,
}
N_ONLY_READ = 5
"""People of whom a question is never taught: what the answer is stands in the text alone."""


def questions() -> str:
    """Each fact of the valley as a question; of every kind five are never taught."""
    top = head(
        name="Questions about the valley",
        kind="relations",
        shows="Does it help to have read? And what was only read: can it be asked for?",
        description="96 questions about the 16 people of the valley; 30 of them are never taught.",
        topic="reading",
        ages="12+",
        updates=364,
        source="made by decks/make_texts.py",
        license="CC0-1.0",
        language="en",
        ask="Question: {prompt} Answer:",
    )
    lines = []
    for question, answer in QUESTIONS.items():
        chosen = sorted(
            PEOPLE, key=lambda person: pick(f"{question} {person.name}", range(1 << 30))
        )
        for person in PEOPLE:
            mark = "? " if person in chosen[:N_ONLY_READ] else ""
            lines.append(f"{mark}{question.format(name=person.name)} :: {answer(person)}")
    return top + "\n".join(lines) + "\n"


# -- rhymes --------------------------------------------------------------------------------------

RHYMES = [
    group.split()
    for group in (
        "cat hat mat rat bat", "moon spoon tune noon", "tree sea bee key knee", "day hay way clay",
        "light night bright kite", "mouse house blouse", "boat coat goat throat",
        "bear chair pear hair", "rain train lane chain", "king ring string spring wing",
        "snow crow bow toe", "dog fog log frog", "bed bread thread shed", "sand hand band",
        "wall ball hall", "cook book brook", "star jar car", "pie sky fly eye",
    )
]  # fmt: skip
WHO = (
    "the old man", "the young queen", "my grey cat", "a brown bear", "the baker", "a small boy",
    "the tall girl", "our neighbour", "a lazy fox", "the captain", "a red hen", "the wise owl",
)  # fmt: skip
DOES = (
    "looked at the", "ran to the", "sat by the", "sang of the", "dreamed of a", "hid behind the",
    "paid for the", "asked for a", "fell over the", "lost the", "found a", "waited for the",
)  # fmt: skip
WHEN = (
    "One day", "At dawn", "In May", "Last week", "At noon", "In spring", "Long ago", "At night",
)  # fmt: skip
COUNT = words("One Two Three Four Five Six Seven Eight Nine Ten")


def verse(key: str) -> str:
    """Four lines that rhyme in pairs."""
    lines: list[str] = []
    for pair in range(2):
        group = pick(f"{key} rhyme {pair}", RHYMES)
        first = pick(f"{key} first {pair}", group)
        second = pick(f"{key} second {pair}", [word for word in group if word != first])
        who, other = pick(f"{key} who {pair}", WHO), pick(f"{key} other {pair}", WHO)
        does, again = pick(f"{key} does {pair}", DOES), pick(f"{key} again {pair}", DOES)
        if pick(f"{key} form {pair}", range(3)) == 0:
            number = pick(f"{key} number {pair}", range(len(COUNT) - 1))
            lines += [f"{COUNT[number]}, {COUNT[number + 1].lower()}, a {first},"]
        else:
            lines += [f"{pick(f'{key} when {pair}', WHEN)} {who} {does} {first},"]
        lines += [f"and {other} {again} {second}."]
    return "\n".join(lines)


def rhymes() -> str:
    """Verses of four lines: line ends come first, then words, then rhymes."""
    top = head(
        name="Rhymes",
        kind="text",
        shows="Verses of four lines. Watch what it finds first: line ends, words, or the rhymes.",
        description="1,300 verses that rhyme in pairs, made of a few hundred words.",
        topic="reading",
        ages="10+",
        source="made by decks/make_texts.py",
        license="CC0-1.0",
        language="en",
    )
    return top + "\n\n".join(verse(f"verse {i}") for i in range(1_300)) + "\n"


TEXTS: dict[str, Callable[[], str]] = {"valley": valley, "rhymes": rhymes}
DECKS_OF_TEXTS: dict[str, Callable[[], str]] = {"valley-questions": questions}


def main() -> None:
    """Write the texts and decks that are named."""
    made = {**TEXTS, **DECKS_OF_TEXTS}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", help=", ".join([*made, "all"]))
    names = parser.parse_args().names
    for name in made if "all" in names else names:
        path = (FOLDER if name in TEXTS else DECKS) / f"{name}.deck"
        path.write_text(made[name](), encoding="utf-8", newline="\n")
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
