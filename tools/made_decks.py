"""Decks that nobody has seen: own rules, own words, made by a generator of random numbers.

`make_deck(dice, kind)` gives one; the same dice give the same deck. Knows no program and no screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

Kind = Literal["plurals", "roman", "backwards", "language", "places", "noise", "common", "pictures"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Card = tuple[str, str]

CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"

PEOPLES = ("Ondari", "Velmish", "Takru", "Sorrel", "Old Brask", "Mirrin")
"""Languages and countries that there are not, for titles."""

VOCABULARY: Mapping[str, str] = {
    "Swedish": "dog hund cat katt house hus water vatten bread bröd milk mjölk sun sol moon måne "
    "tree träd fish fisk bird fågel horse häst book bok hand hand eye öga day dag night natt "
    "friend vän mother mor father far child barn green grön red röd black svart white vit "
    "snow snö rain regn winter vinter summer sommar street gata door dörr window fönster",
    "Italian": "dog cane cat gatto house casa water acqua bread pane milk latte sun sole moon luna "
    "tree albero fish pesce bird uccello horse cavallo book libro hand mano eye occhio day giorno "
    "night notte friend amico mother madre father padre child bambino green verde red rosso "
    "black nero white bianco snow neve rain pioggia winter inverno summer estate street strada",
    "German": "dog Hund cat Katze house Haus water Wasser bread Brot milk Milch sun Sonne "
    "moon Mond tree Baum fish Fisch bird Vogel horse Pferd book Buch hand Hand eye Auge day Tag "
    "night Nacht friend Freund mother Mutter father Vater child Kind green grün red rot "
    "black schwarz white weiß snow Schnee rain Regen winter Winter summer Sommer street Straße",
}
"""A word and its translation, in turn."""

PICTURES = (
    "⚽ ball 🌙 moon 🌵 cactus 🌹 rose 🌻 sunflower 🍄 mushroom 🍅 tomato 🍇 grapes 🍋 lemon "
    "🍌 banana 🍍 pineapple 🍎 apple 🍐 pear 🍒 cherries 🍓 strawberry 🍕 pizza 🍞 bread 🍪 cookie "
    "🎁 present 🎈 balloon 🎩 hat 🎸 guitar 🏠 house 🐍 snake 🐔 hen 🐘 elephant 🐝 bee 🐟 fish "
    "🐢 turtle 🐭 mouse 🐮 cow 🐰 rabbit 🐱 cat 🐳 whale 🐴 horse 🐶 dog 🐷 pig 🐸 frog 🐺 wolf "
    "👂 ear 👃 nose 👞 shoe 💍 ring 🔑 key 🔔 bell 🔥 fire 🔨 hammer 🚀 rocket 🚂 train 🚌 bus "
    "🚗 car 🚢 ship 🚲 bicycle 🥕 carrot 🥚 egg 🦁 lion 🦉 owl 🦋 butterfly 🧀 cheese 🧦 socks"
)


@dataclass(frozen=True, slots=True)
class MadeDeck:
    """A deck that was made. `common` is the answer that about half of its cards share, "" where
    there is none; `has_rule`: an answer follows from its prompt."""

    kind: Kind
    name: str
    cards: tuple[Card, ...]
    held_out: float
    has_rule: bool
    common: str = ""

    @property
    def text(self) -> str:
        """The file: front matter and one card a line."""
        head = [f'name = "{self.name}"']
        if self.held_out:
            head.append(f"held_out = {self.held_out:g}")
        lines = ["+++", *head, "+++", *(f"{prompt} :: {answer}" for prompt, answer in self.cards)]
        return "\n".join(lines) + "\n"


def make_deck(dice: Random, kind: Kind) -> MadeDeck:
    """A deck of this kind. Of one in six no card is kept back: all are taught."""
    name, cards, common = _MAKERS[kind](dice)
    held_out = 0.0 if dice.random() < 1 / 6 else dice.choice((0.15, 0.2, 0.3, 0.4))
    shuffled = list(dict(cards).items())  # of two cards with one prompt the last
    dice.shuffle(shuffled)
    has_rule = kind in ("plurals", "roman", "backwards")
    return MadeDeck(kind, name, tuple(shuffled), held_out, has_rule, common)


def new_words(dice: Random, n_words: int, n_syllables: int = 2) -> list[str]:
    """Different words of no language, such as "lunda"."""
    words: dict[str, None] = {}
    while len(words) < n_words:
        syllables = (dice.choice(CONSONANTS) + dice.choice(VOWELS) for _ in range(n_syllables))
        words["".join(syllables) + dice.choice(("", "", "n", "l", "r", "s"))] = None
    return list(words)


Made = tuple[str, Iterable[Card], str]


def _plurals(dice: Random) -> Made:
    """One ending after the word for "many", another after "two", none after "one"."""
    single, dual, plural = new_words(dice, 3, 1)
    ends = dice.sample(("ek", "im", "ol", "ax", "uz"), 2)
    cards = [
        (f"{trigger} {word}", word + end)
        for word in new_words(dice, dice.choice((150, 400, 900)))
        for trigger, end in ((single, ""), (dual, ends[0]), (plural, ends[1]))
    ]
    return f"{dice.choice(PEOPLES)} plurals", cards, ""


def _roman(dice: Random) -> Made:
    most = dice.choice((300, 900, 2000))
    return f"Roman numbers to {most}", [(str(n), roman(n)) for n in range(1, most + 1)], ""


def roman(number: int) -> str:
    """XIV of 14; for 1 to 3,999."""
    values = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
    letters = ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I")
    text = ""
    for value, letter in zip(values, letters, strict=True):
        n_times, number = divmod(number, value)
        text += letter * n_times
    return text


def _backwards(dice: Random) -> Made:
    """Words that are turned round where a sign stands before them, and repeated otherwise."""
    sign = dice.choice("!<~@")
    words = new_words(dice, dice.choice((200, 600, 1500)))
    cards = [(f"{sign} {word}", word[::-1]) for word in words]
    cards += [(word, word) for word in dice.sample(words, len(words) // 2)]
    return f"Turn it round after {sign}", cards, ""


def _language(dice: Random) -> Made:
    language = dice.choice(tuple(VOCABULARY))
    words = VOCABULARY[language].split()
    return f"English to {language}", zip(words[::2], words[1::2], strict=True), ""


def _places(dice: Random) -> Made:
    """Invented countries and their capitals: nothing in the one gives the other away."""
    n_cards = dice.choice((40, 80, 160))
    countries, cities = new_words(dice, n_cards, 3), new_words(dice, n_cards, 2)
    cards = [(a.capitalize(), b.capitalize()) for a, b in zip(countries, cities, strict=True)]
    return f"Capitals of {dice.choice(PEOPLES)} lands", cards, ""


def _noise(dice: Random) -> Made:
    """Answers that chance has drawn, from a few."""
    answers = new_words(dice, dice.choice((6, 12)))
    words = new_words(dice, dice.choice((80, 200, 500)))
    return "Which box is it in?", [(word, dice.choice(answers)) for word in words], ""


def _common(dice: Random) -> Made:
    """Half of the cards share one answer; each of the others has its own."""
    common = dice.choice(("none", "home", "blue"))
    words = new_words(dice, dice.choice((80, 200, 400)))
    others = new_words(dice, len(words), 3)
    cards = [
        (word, common if dice.random() < 0.5 else other)
        for word, other in zip(words, others, strict=True)
    ]
    return f"Where {dice.choice(PEOPLES)} beasts live", cards, common


def _pictures(dice: Random) -> Made:
    words = PICTURES.split()
    cards = list(zip(words[::2], words[1::2], strict=True))
    return "Picture words", dice.sample(cards, dice.choice((30, len(cards)))), ""


_MAKERS: Mapping[Kind, Callable[[Random], Made]] = {
    "plurals": _plurals,
    "roman": _roman,
    "backwards": _backwards,
    "language": _language,
    "places": _places,
    "noise": _noise,
    "common": _common,
    "pictures": _pictures,
}


def new_prompts(dice: Random, deck: MadeDeck) -> list[str]:
    """Prompts of the same kind that the deck does not have."""
    known = {prompt for prompt, _ in deck.cards}
    words = new_words(dice, 20)
    match deck.kind:
        case "plurals" | "backwards":
            signs = {prompt.split()[0] for prompt, _ in deck.cards if " " in prompt}
            prompts = [f"{sign} {word}" for word in words for sign in sorted(signs)]
        case "roman":
            prompts = [str(dice.randint(len(known) + 1, 3 * len(known))) for _ in words]
        case "language":
            prompts = ["cow", "salt", "cloud", "apple", "king", "seven"]
        case "pictures":
            prompts = ["🌊", "🐔🐔", "🎻", "sun"]
        case _:
            prompts = [word.capitalize() for word in words]
    return [prompt for prompt in prompts if prompt not in known]
