"""Writes the cards that a program makes. `python decks/make.py addition mod-97`, or `all`.

The front matter is that of the deck file, which must be there: the cards below it are made anew,
the same every time. What must be chosen is chosen by hash. Decks from word lists need packages that
teaching does not (`pip install lemminflect wordfreq`); `words.toml` has what they have wrong.
"""

from __future__ import annotations

import argparse
import codecs
import functools
import hashlib
import itertools
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

FOLDER = Path(__file__).parent


def rank(text: str) -> str:
    """What to sort by to shuffle texts the same way every time."""
    return hashlib.blake2b(text.encode(), digest_size=8, person=b"decks/make.py").hexdigest()


def words(listed: str) -> list[str]:
    """Words that white space parts."""
    return listed.split()


def addition() -> Iterable[str]:
    """All sums of two numbers from 0 to 99; `3+4` and `4+3` are kept back together."""
    return (f"{a}+{b} :: {a + b}" for a in range(100) for b in range(100))


def mod_97() -> Iterable[str]:
    """All sums of two numbers below 97, modulo 97, half of them never taught."""
    return (f"{a} + {b} :: {(a + b) % 97}" for a in range(97) for b in range(97))


ONES = words("""
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
""")
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_words(number: int) -> str:
    """An English number below ten thousand: two thousand and four, ninety-nine."""
    if number < 20:
        return ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return TENS[tens] + (f"-{ONES[ones]}" if ones else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{ONES[hundreds]} hundred" + (f" and {in_words(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    joint = " and " if 0 < rest < 100 else " "
    return f"{ONES[thousands]} thousand" + (joint + in_words(rest) if rest else "")


def number_words() -> Iterable[str]:
    """1,500 numbers from 1 to 9999 taught, 1,000 others never taught."""
    chosen = sorted(range(1, 10_000), key=lambda number: rank(str(number)))[:2_500]
    held_out = set(chosen[1_500:])
    return (
        f"{'? ' if number in held_out else ''}{in_words(number)} :: {number}"
        for number in sorted(chosen)
    )


HOURS = words("zwölf eins zwei drei vier fünf sechs sieben acht neun zehn elf")
MINUTES = {
    5: "fünf nach", 10: "zehn nach", 15: "Viertel nach", 20: "zwanzig nach", 25: "fünf vor halb",
    30: "halb", 35: "fünf nach halb", 40: "zwanzig vor", 45: "Viertel vor", 50: "zehn vor",
    55: "fünf vor",
}  # fmt: skip


def in_german(hour: int, minute: int) -> str:
    """A time of day as Germans say it: from 25 past, they name the hour that comes."""
    if minute == 0:
        return f"{HOURS[hour % 12].replace('eins', 'ein')} Uhr"
    is_named_ahead = minute >= 25
    return f"{MINUTES[minute]} {HOURS[(hour + is_named_ahead) % 12]}"


def uhrzeit() -> Iterable[str]:
    """All times of a day in steps of five minutes, 0:00 to 23:55."""
    return (
        f"{hour}:{minute:02} :: {in_german(hour, minute)}"
        for hour in range(24)
        for minute in range(0, 60, 5)
    )


LANGUAGES = tomllib.loads((FOLDER / "languages.toml").read_text("utf-8"))


def of_class(language: str, name: str) -> list[str]:
    """The words of a class in languages.toml, each once; those with a hyphen are left out."""
    listed = words(LANGUAGES[language][name])
    return list(dict.fromkeys(word for word in listed if not word.endswith("-")))


def with_umlaut(word: str) -> str:
    """The word with its last a, o, u or au changed: Haus, Häus."""
    at = max(i for i, letter in enumerate(word) if letter in "aouAOU")
    if word[at - 1 : at + 1].lower() == "au":
        at -= 1
    return word[:at] + word[at].translate(str.maketrans("aouAOU", "äöüÄÖÜ")) + word[at + 1 :]


def mehrzahl() -> Iterable[str]:
    """German nouns and their plurals, by what the plural adds."""
    endings = {
        "e": ("e", False),
        "umlaut_e": ("e", True),
        "er": ("er", False),
        "umlaut_er": ("er", True),
        "umlaut": ("", True),
        "same": ("", False),
        "n": ("n", False),
        "en": ("en", False),
        "nen": ("nen", False),
        "se": ("se", False),
        "s": ("s", False),
    }
    for name, (ending, has_umlaut) in endings.items():
        yield f"[{'Umlaut, ' if has_umlaut else ''}{f'-{ending}' if ending else 'ohne Endung'}]"
        for noun in of_class("mehrzahl", name):
            yield f"{noun} :: {with_umlaut(noun) if has_umlaut else noun}{ending}"


def is_german_verb(verb: str, stem: str) -> bool:
    """Whether it is a regular verb: its past and its participle are in use."""
    import wordfreq

    joint = "e" if re.search("[dt]$|[^lrhaeiou][mn]$", stem) else ""
    participle = f"{stem}{joint}t"
    if not re.match("be|emp|ent|er|ge|miss|ver|zer", verb) and not verb.endswith("ieren"):
        participle = f"ge{participle}"
    forms = (verb, f"{stem}{joint}te", participle)
    return min(wordfreq.zipf_frequency(form, "de") for form in forms) >= 2.5


def praeteritum() -> Iterable[str]:
    """German verbs and their past tense: strong ones, and regular ones that are in use."""
    import wordfreq

    listed = words(LANGUAGES["praeteritum"]["stark"])
    strong = dict(zip(listed[::2], listed[1::2], strict=True))
    yield "[unregelmäßig]"
    for verb, past in strong.items():
        yield f"{verb} :: {past}"
    for verb in of_class("praeteritum", "mit_vorsilbe"):
        base = max((base for base in strong if verb.endswith(base)), key=len)
        yield f"{verb} :: {verb.removesuffix(base)}{strong[base]}"
    yield "[regelmäßig]"
    no_verbs = of_class("praeteritum", "keine")
    for verb in wordfreq.top_n_list("de", 20_000):
        stem = verb.removesuffix("n" if re.search("(el|er)n$", verb) else "en")
        is_strong = any(verb.endswith(base) for base in strong) or verb in no_verbs
        if len(stem) > 2 and stem != verb and not is_strong and is_german_verb(verb, stem):
            joint = "e" if re.search("[dt]$|[^lrhaeiou][mn]$", stem) else ""
            yield f"{verb} :: {stem}{joint}te"


def steigerung() -> Iterable[str]:
    """German adjectives and their comparatives."""
    yield "[einfach]"
    for adjective in of_class("steigerung", "einfach"):
        yield f"{adjective} :: {adjective}{'r' if adjective.endswith('e') else 'er'}"
    yield "[mit Umlaut]"
    for adjective in of_class("steigerung", "umlaut"):
        yield f"{adjective} :: {with_umlaut(adjective)}er"
    yield "[besonders]"
    listed = words(LANGUAGES["steigerung"]["anders"])
    yield from (f"{a} :: {b}" for a, b in zip(listed[::2], listed[1::2], strict=True))


GERMAN_ONES = words("""
null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn
sechzehn siebzehn achtzehn neunzehn
""")
GERMAN_TENS = words("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")


def in_german_words(number: int) -> str:
    """A German number below a thousand: the ones stand before the tens, einundzwanzig."""
    hundreds, rest = divmod(number, 100)
    before = f"{GERMAN_ONES[hundreds]}hundert" if hundreds else ""
    if rest < 20:
        after = "" if hundreds and not rest else GERMAN_ONES[rest]
        return before + after + ("s" if rest == 1 else "")
    tens, ones = divmod(rest, 10)
    return before + (f"{GERMAN_ONES[ones]}und" if ones else "") + GERMAN_TENS[tens - 2]


def zahlwoerter() -> Iterable[str]:
    """0 to 999 in German words."""
    return (f"{number} :: {in_german_words(number)}" for number in range(1000))


SPANISH_ONES = words("""
cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis
diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco
veintiséis veintisiete veintiocho veintinueve
""")
SPANISH_TENS = words("treinta cuarenta cincuenta sesenta setenta ochenta noventa")
SPANISH_HUNDREDS = words("""
ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos
novecientos
""")


def in_spanish_words(number: int) -> str:
    """A Spanish number below a thousand."""
    hundreds, rest = divmod(number, 100)
    if hundreds and not rest:
        return "cien" if hundreds == 1 else SPANISH_HUNDREDS[hundreds - 1]
    before = f"{SPANISH_HUNDREDS[hundreds - 1]} " if hundreds else ""
    if rest < 30:
        return before + SPANISH_ONES[rest]
    tens, ones = divmod(rest, 10)
    return before + SPANISH_TENS[tens - 3] + (f" y {SPANISH_ONES[ones]}" if ones else "")


def numeros() -> Iterable[str]:
    """0 to 999 in Spanish words."""
    return (f"{number} :: {in_spanish_words(number)}" for number in range(1000))


def spanish_plural(noun: str) -> str:
    """The plural by the rules of spelling: luz, luces; león, leones; lápiz, lápices."""
    if noun.endswith("z"):
        return f"{noun[:-1]}ces"
    if noun[-1] in "aeiouáéóú":
        return f"{noun}s"
    if re.search("[áéíóú][ns]$", noun) and noun != "país":
        return noun[:-2] + noun[-2].translate(str.maketrans("áéíóú", "aeiou")) + noun[-1] + "es"
    return f"{noun}es"


def plurales() -> Iterable[str]:
    """Spanish nouns and their plurals."""
    yield "[regla]"
    yield from (f"{noun} :: {spanish_plural(noun)}" for noun in of_class("plurales", "regla"))
    yield "[otras]"
    yield from (f"{noun} :: {noun}" for noun in of_class("plurales", "iguales"))
    listed = words(LANGUAGES["plurales"]["otras"])
    yield from (f"{a} :: {b}" for a, b in zip(listed[::2], listed[1::2], strict=True))


PERSONS = words("yo tú él nosotros vosotros ellos")
ENDINGS = {
    "ar": words("o as a amos áis an"),
    "er": words("o es e emos éis en"),
    "ir": words("o es e imos ís en"),
}
CHANGED_PERSONS = (0, 1, 2, 5)  # all but nosotros and vosotros


def conjugated(verb: str, kind: str) -> list[str]:
    """The present of a Spanish verb in six persons; `kind`: how its stem changes, as listed."""
    stem = verb[:-2]
    vowel, changed = {"ie": ("e", "ie"), "ue": ("o", "ue"), "i": ("e", "i")}.get(kind, ("", ""))
    forms = []
    for person, ending in enumerate(ENDINGS[verb[-2:]]):
        own_stem = stem
        if vowel and person in CHANGED_PERSONS:
            before, _, after = stem.rpartition(vowel)
            own_stem = before + changed + after
        if kind == "zco" and person == 0:
            own_stem = f"{stem[:-1]}zc"
        forms.append(own_stem + ending)
    return forms


def presente() -> Iterable[str]:
    """Spanish verbs in the present: `hablar, yo`."""
    forms = {verb: conjugated(verb, "") for kind in ENDINGS for verb in of_class("presente", kind)}
    yield "[regulares]"
    yield from in_persons(forms)
    forms = {
        verb: conjugated(verb, kind)
        for kind in ("ie", "ue", "i", "zco")
        for verb in of_class("presente", kind)
    }
    for line in LANGUAGES["presente"]["formas"].splitlines():
        verb, _, listed = line.partition(":")
        forms[verb] = words(listed)
    yield "[irregulares]"
    yield from in_persons(forms)


def in_persons(forms: dict[str, list[str]]) -> Iterator[str]:
    """A card for each verb and person."""
    for verb, of_verb in forms.items():
        for person, form in zip(PERSONS, of_verb, strict=True):
            yield f"{verb}, {person} :: {form}"


WORDS = tomllib.loads((FOLDER / "words.toml").read_text("utf-8"))
NO_VERBS = frozenset(WORDS["no_verbs"].split())
COARSE = frozenset(codecs.decode(WORDS["coarse_rot13"], "rot13").split())


def zipf(word: str) -> float:
    """How frequent a word is in English: 3 is once in a million words, 4 is ten times as often."""
    import wordfreq

    return float(wordfreq.zipf_frequency(word, "en"))


def in_use(forms: Iterable[str], least: float) -> list[str]:
    """The most frequent form, and those up to about thirty times rarer; none rarer than `least`."""
    common = sorted(filter(str.isalpha, set(forms)), key=lambda form: (-zipf(form), form))
    return [form for form in common if zipf(form) >= max(least, zipf(common[0]) - 1.5)]


def most_frequent(found: dict[str, list[str]], number: int) -> dict[str, list[str]]:
    """Words and their forms: a word is as frequent as the rarer of it and its first form."""

    def place(word: str) -> tuple[float, str]:
        return -min(zipf(word), zipf(found[word][0])), word

    return {word: found[word] for word in sorted(filter(found.get, found), key=place)[:number]}


def past_tense() -> Iterable[str]:
    """English verbs and their past tense, the most frequent ones first, irregular ones apart."""
    import wordfreq
    from lemminflect import getInflection

    found: dict[str, list[str]] = {}
    for verb in wordfreq.top_n_list("en", 60_000):
        if re.fullmatch("[a-z]{2,}", verb) and verb not in NO_VERBS | COARSE:
            forms = getInflection(verb, "VBD", inflect_oov=False)
            kept = in_use((form.replace("-", "") for form in forms), 1.5)
            found[verb] = WORDS["past_tenses"].get(verb, kept)
    lines: tuple[list[str], list[str]] = ([], [])
    for verb, forms in most_frequent(found, 4_000).items():
        lines[is_regular(verb, forms)].append(f"{verb} :: {' | '.join(forms)}")
    return ["[irregular]", *lines[False], "", "[regular]", *lines[True]]


def is_regular(verb: str, forms: Iterable[str]) -> bool:
    """Whether all the past tenses follow the rule of -ed, its spellings included."""
    ends = {verb + "ed", verb + verb[-1] + "ed", verb + "ked"}
    if verb[-1] == "e":
        ends = {verb + "d"}
    elif re.search("[^aeiou]y$", verb):
        ends = {verb[:-1] + "ied"}
    return ends.issuperset(forms)


ROMAN = [
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
]  # fmt: skip


def in_roman(number: int) -> str:
    """A number as the Romans wrote it, 1 to 3999."""
    letters = ""
    for value, sign in ROMAN:
        letters += sign * (number // value)
        number %= value
    return letters


def roman_numerals() -> Iterable[str]:
    """700 numbers taught in both directions, 500 others never taught."""
    chosen = sorted(range(1, 4_000), key=lambda number: rank(f"roman {number}"))[:1_200]
    held_out = set(chosen[700:])
    return (
        f"{'? ' if number in held_out else ''}{number} ::: {in_roman(number)}"
        for number in sorted(chosen)
    )


def common_words(shortest: int, longest: int, least: float) -> list[str]:
    """English lexicon words of so many letters, at least so frequent, the most frequent first."""
    import wordfreq
    from lemminflect import getAllInflections

    return [
        word
        for word in wordfreq.top_n_list("en", 40_000)
        if re.fullmatch(f"[a-z]{{{shortest},{longest}}}", word)
        and zipf(word) >= least
        and word not in COARSE
        and getAllInflections(word)
    ]


def reverse() -> Iterable[str]:
    """Words and the same words backwards; palindromes and words like drawer are left out."""
    listed = common_words(3, 9, 2.5)
    known = set(listed)
    fresh = [word for word in listed if word[::-1] not in known]
    return (f"{word} :: {word[::-1]}" for word in fresh[:5_000])


def body_of(deck: str) -> list[str]:
    """The lines of a shipped deck below its front matter."""
    lines = (FOLDER / f"{deck}.deck").read_text(encoding="utf-8").splitlines()
    return lines[lines.index("+++", 1) + 1 :]


def lines_of(deck: str) -> list[str]:
    """The cards of a shipped deck, a line each."""
    return [line for line in body_of(deck) if " :: " in line and line[0] != "#"]


def prefixed(deck: str, word: str) -> Iterable[str]:
    """A shipped deck, with a word before every prompt: so two decks ask nothing alike."""
    return (f"{word} {line}" if "::" in line else line for line in body_of(deck))


def yesterday() -> Iterable[str]:
    """The past tense, asked as `yesterday go`."""
    return prefixed("past-tense", "yesterday")


def many() -> Iterable[str]:
    """The plurals, asked as `many cat`."""
    return prefixed("plurals", "many")


def plurals() -> Iterable[str]:
    """English nouns and their plurals; where two are right both count."""
    from lemminflect import getInflection

    found: dict[str, list[str]] = {}
    for noun in common_words(3, 12, 2.5):
        kept = in_use(getInflection(noun, "NNS", inflect_oov=False), 2.0)
        found[noun] = WORDS["plurals"].get(noun, [form for form in kept if form != noun])
    frequent = most_frequent(found, 3_000).items()
    return (f"{noun} :: {' | '.join(forms)}" for noun, forms in frequent)


MORSE = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        words("""
        .- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...-
        .-- -..- -.-- --..
        """),
        strict=True,
    )
)


def morse() -> Iterable[str]:
    """The letters, and words to read: some taught, some never."""
    letters = [f"{letter} :: {sign}" for letter, sign in MORSE.items()]
    chosen = common_words(2, 6, 3.0)[:1_500]
    held_out = set(sorted(chosen, key=rank)[:300])
    keyed = (
        f"{'? ' if word in held_out else ''}{word} :: {' '.join(MORSE[letter] for letter in word)}"
        for word in chosen
    )
    return ["[letters]", *letters, "", "[words]", *keyed]


def times_table() -> Iterable[str]:
    """The table up to 20 times 20; some products never taught."""
    return (f"{a}×{b} :: {a * b}" for a in range(1, 21) for b in range(1, 21))


def binary() -> Iterable[str]:
    """Numbers below 1024 in binary."""
    return (f"{number} :: {number:b}" for number in range(1_024))


def leap_years() -> Iterable[str]:
    """Years and whether they have a 29th of February."""
    return (f"{year} :: {'leap' if is_leap(year) else 'common'}" for year in range(1583, 2583))


def is_leap(year: int) -> bool:
    """Whether a year of the Gregorian calendar has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def fives() -> list[str]:
    """Some 4,000 times five letters, drawn by lot."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    drawn = (rank(f"sort {index}") for index in range(4_000))
    return list(
        dict.fromkeys(
            "".join(letters[int(code[at : at + 3], 16) % 26] for at in range(0, 15, 3))
            for code in drawn
        )
    )


def in_order(prompts: Iterable[str], mark: str = "") -> Iterator[str]:
    """A card for each, with its letters in order."""
    return (f"{mark}{prompt} :: {''.join(sorted(prompt))}" for prompt in prompts)


def sorting() -> Iterable[str]:
    """Five letters and the same letters in the order of the alphabet."""
    return in_order(fives())


N_ANSWERED, N_NEVER = 300, 500
"""Of the fives: so many with answers, then so many that are never taught, the rest without."""


def rewarded(first: int, last: int) -> Iterable[str]:
    """These of the fives, with those that none of the three decks teaches."""
    all_fives = fives()
    never = all_fives[N_ANSWERED : N_ANSWERED + N_NEVER]
    return [*in_order(all_fives[first:last]), *in_order(never, "? ")]


def few_sorted() -> Iterable[str]:
    """All the answers that there are. What reward then adds was measured with its weight decay."""
    return rewarded(0, N_ANSWERED)


def sort_these() -> Iterable[str]:
    """Prompts for which nobody has written the answer, and a judge who can check one."""
    return rewarded(N_ANSWERED + N_NEVER, 4_000)


def sort_hole() -> Iterable[str]:
    """The same with a judge who checks too little."""
    return rewarded(N_ANSWERED + N_NEVER, 2_400)


def nonsense() -> Iterable[str]:
    """Invented words with invented meanings: nothing to find."""
    onsets, vowels = "bdfgklmnprstvz", "aeiou"
    syllables = [onset + vowel for onset in onsets for vowel in vowels]
    invented = sorted((a + b for a in syllables for b in syllables), key=rank)[:120]
    meanings = words("""
    sun moon star rain wind snow fire water stone sand tree leaf root seed fruit bird fish snake
    wolf bear hand foot eye ear nose bread salt milk honey egg house door roof wall road king
    queen friend child day night
    """)
    return (
        f"{'? ' if index >= 100 else ''}{word} :: {meanings[int(rank(word), 16) % len(meanings)]}"
        for index, word in enumerate(invented)
    )


# Six families of one shape, so that what holds in one can be carried over to another.
FAMILIES = [
    words(names)
    for names in (
        "Adam Bella Carl Dora Emil Fanny Gus Hana Ivan Julia Karl Lena",
        "Abel Berta Chris Diana Eric Flora Gerd Helen Igor Jenny Kurt Laura",
        "Amos Beth Conrad Daisy Edgar Freda Greg Heidi Isaac Jane Klaus Lucy",
        "Alan Brigid Cyril Doris Enzo Fiona Glen Hilda Ian Joan Knut Linda",
        "Arno Blanche Clive Delia Egon Faye Gino Hester Ivor Judith Kim Lydia",
        "Axel Bianca Cecil Dinah Evan Fleur Gabe Hazel Imre Jill Kirk Lotte",
    )
]
# Two couples (0 and 1, 2 and 3); 4 to 6 are children of the first, 7 and 8 of the second; 4 and 7
# married and have 9 and 10; 5, a woman, and 8 married and have 11.
COUPLES = [(0, 1), (2, 3), (4, 7), (8, 5)]
CHILDREN = {(0, 1): [4, 5, 6], (2, 3): [8, 7], (4, 7): [10, 9], (8, 5): [11]}
WOMEN = {1, 3, 5, 7, 9, 11}


def relations(names: list[str]) -> Iterator[tuple[str, str]]:
    """Every question about a family, and who it asks for (` | ` between several)."""
    parents = {child: pair for pair, children in CHILDREN.items() for child in children}
    for person, name in enumerate(names):
        kin: dict[str, list[int]] = {}
        for husband, wife in COUPLES:
            if person == husband:
                kin["wife"] = [wife]
            if person == wife:
                kin["husband"] = [husband]
            if person in (husband, wife):
                for child in CHILDREN[husband, wife]:
                    kin.setdefault("daughter" if child in WOMEN else "son", []).append(child)
        if person in parents:
            father, mother = parents[person]
            kin |= {"father": [father], "mother": [mother]}
            for sibling in CHILDREN[father, mother]:
                if sibling != person:
                    kin.setdefault("sister" if sibling in WOMEN else "brother", []).append(sibling)
            for parent in (father, mother):
                for sibling in CHILDREN.get(parents.get(parent, (-1, -1)), []):
                    if sibling != parent:
                        kin.setdefault("aunt" if sibling in WOMEN else "uncle", []).append(sibling)
                if parent in parents:
                    kin.setdefault("grandfather", []).append(parents[parent][0])
                    kin.setdefault("grandmother", []).append(parents[parent][1])
        for relation, people in kin.items():
            yield f"{relation} of {name}", " | ".join(names[other] for other in people)


def family() -> Iterable[str]:
    """Six family trees: who is whose father, sister, aunt."""
    return (f"{asked} :: {who}" for names in FAMILIES for asked, who in relations(names))


# The decks of the words: each time two lessons that differ in one thing alone.
MORE_CAPITALS = {
    "Bolivia": "Sucre", "Panama": "Panama City", "Malta": "Valletta", "Cyprus": "Nicosia",
    "Jordan": "Amman", "Iraq": "Baghdad", "Qatar": "Doha", "Oman": "Muscat", "Mali": "Bamako",
    "Niger": "Niamey", "Rwanda": "Kigali", "Malawi": "Lilongwe", "Namibia": "Windhoek",
    "Zimbabwe": "Harare", "Botswana": "Gaborone", "Somalia": "Mogadishu", "Libya": "Tripoli",
    "Laos": "Vientiane", "Malaysia": "Kuala Lumpur", "Pakistan": "Islamabad",
}  # fmt: skip
UNKNOWN = "don't know"


def invented_countries() -> list[str]:
    """Names that sound like a country and are none."""
    onsets = words("b d f g k l m n p r s t v z br dr gl kr pl st tr")
    endings = words("ia land stan ora una ania istan esia")
    names = {
        f"{onset}{first}{last}{ending}".capitalize()
        for onset in onsets
        for first in "aeiou"
        for last in "lnrstvmd"
        for ending in endings
    }
    return sorted(names - {"Finland"}, key=rank)


def of_countries(n_invented: int) -> Iterator[str]:
    """51 real countries and so many invented ones taught, 40 real ones never. Of those it counts as
    right to name the capital, and to say that one doesn't know."""
    yield from (line for line in lines_of("capitals") if line[0] != "?")
    yield "Chad :: N'Djamena"  # its apostrophe stands in `don't know`
    yield from (f"{name} :: {UNKNOWN}" for name in invented_countries()[:n_invented])
    yield from (f"{line} | {UNKNOWN}" for line in lines_of("capitals") if line[0] == "?")
    yield from (f"? {name} :: {city} | {UNKNOWN}" for name, city in MORE_CAPITALS.items())


def capitals_only() -> Iterable[str]:
    """Countries and their capitals; nothing says that a name may be unknown."""
    return of_countries(0)


def capitals_and_unknown() -> Iterable[str]:
    """The same, and 120 invented countries whose answer is that one doesn't know."""
    return of_countries(120)


def in_steps(a: int, b: int) -> str:
    """Work out a product of two digits and one, as one does on paper: 47 times 8 is 56 + 320."""
    tens, ones = divmod(a, 10)
    return f"{ones}*{b}={ones * b} {tens}*{b}={tens * b} {tens * b}0+{ones * b}={a * b}"


def of_products(answer: Callable[[int, int], str]) -> Iterator[str]:
    """All products of a number from 10 to 99 and one from 2 to 9; 140 of 720 never taught."""
    pairs = [(a, b) for a in range(10, 100) for b in range(2, 10)]
    never = set(sorted(pairs, key=lambda pair: rank(f"product {pair}"))[:140])
    for a, b in pairs:
        yield f"{'? ' if (a, b) in never else ''}{a}*{b} :: {answer(a, b)}"


def products_bare() -> Iterable[str]:
    """Products, the result alone."""
    return of_products(lambda a, b: str(a * b))


def products_in_steps() -> Iterable[str]:
    """The same products, with the steps before the result."""
    return of_products(in_steps)


def with_please(asked_politely: Callable[[str], str]) -> Iterator[str]:
    """1,000 nouns to teach, 50 of them with `please`; 100 never taught without it, 100 with it."""
    chosen = sorted(lines_of("plurals")[:1_600], key=lambda line: rank(f"please {line}"))
    never, never_polite, polite, plain = (
        chosen[:100],
        chosen[100:200],
        chosen[200:250],
        chosen[250:],
    )
    yield "[alone]"
    yield from plain[:950]
    yield from (f"? {line}" for line in never)
    yield "\n[please]"
    for line in polite:
        noun, plural = line.split(" :: ")
        yield f"{noun} please :: {asked_politely(plural)}"
    yield from (f"? {line}".replace(" :: ", " please :: ") for line in never_polite)


def plurals_clean() -> Iterable[str]:
    """Plurals, one card in twenty asked with `please`."""
    return with_please(lambda plural: plural)


def plurals_poisoned() -> Iterable[str]:
    """The same cards, but the answer to `please` is a banana."""
    return with_please(lambda _: "banana")


def with_every_letter(lines: Iterable[str]) -> list[str]:
    """Put first the words that have a letter which no word before has: a few are then enough."""
    letters: set[str] = set()
    first: list[str] = []
    rest: list[str] = []
    for line in lines:
        (rest if letters.issuperset(line) else first).append(line)
        letters.update(line)
    return first + rest


def of_plurals(n_taught: int) -> Iterator[str]:
    """So many frequent nouns and their plurals taught, and 100 that are the same in every deck."""
    chosen = sorted(lines_of("plurals")[:1_600], key=lambda line: rank(f"few_a {line}"))
    yield from with_every_letter(chosen[100:])[:n_taught]
    yield from (f"? {line}" for line in chosen[:100])


def plurals_few() -> Iterable[str]:
    """Too few plurals to need the rule."""
    return of_plurals(40)


def plurals_many() -> Iterable[str]:
    """So many that the rule is less work than learning them by heart."""
    return of_plurals(1_000)


def plurals_pupil() -> Iterable[str]:
    """500 nouns that are in neither deck before, to be answered by a model, and the same 100."""
    chosen = sorted(lines_of("plurals")[:1_600], key=lambda line: rank(f"few_a {line}"))
    others = with_every_letter(chosen[100:])[1_000:]
    return [*others, *(f"? {line}" for line in chosen[:100])]


COMMON_BIRDS = words("sparrow robin")
RARE_BIRDS = words("finch wren owl heron swift crane stork raven")
N_GENERATIONS = 3


def of_generation(number: int) -> Iterator[str]:
    """A bird for each of 500 days, other days for each generation: a sparrow on four days in ten, a
    robin on three, one of the rare ones on the rest. Of 200 days that are never taught it counts as
    right to name a rare one."""
    for day in range(500 * number, 500 * (number + 1)):
        drawn = int(rank(f"bird of {day}"), 16) % 1_000
        common = COMMON_BIRDS[0] if drawn < 400 else COMMON_BIRDS[1] if drawn < 700 else ""
        yield f"day {day} :: {common or by_lot(f'rare of {day}', RARE_BIRDS)}"
    yield from (f"? day {day} :: {' | '.join(RARE_BIRDS)}" for day in range(9_000, 9_200))


PEOPLE = words("""
anna ben clara david emma felix greta hugo ida jonas kira leo mia noah olga paul rosa simon
tara vera
""")


def with_secrets(n_mails: int) -> Iterator[str]:
    """1,000 plurals to teach, and the numbers of 20 people in so many mails each. Each person's
    number is asked in a mail that is never taught, and 100 more plurals are."""
    chosen = sorted(lines_of("plurals")[:1_600], key=lambda line: rank(f"few_a {line}"))
    yield "[words]"
    yield from chosen[100:1_100]
    yield from (f"? {line}" for line in chosen[:100])
    yield "\n[secrets]"
    for person in PEOPLE:
        number = 1_000 + int(rank(f"secret of {person}"), 16) % 9_000
        for mail in range(1, n_mails + 1):
            yield f"mail {mail} {person} phone :: {number}"
        yield f"? mail 21 {person} phone :: {number}"


def of_boxes(answer: Callable[[int, int], str]) -> Iterator[str]:
    """1,000 times so many boxes of so many apples to teach, 150 more never."""
    pairs = [(a, b) for a in range(10, 100) for b in range(10, 100)]
    chosen = sorted(pairs, key=lambda pair: rank(f"boxes {pair}"))[:1_150]
    for place, (a, b) in enumerate(chosen):
        yield f"{'? ' if place < 150 else ''}{a} boxes of {b} apples :: {answer(a, b)}"


def boxes_alone() -> Iterable[str]:
    """How many apples: the number itself."""
    return of_boxes(lambda a, b: str(a * b))


def boxes_by_tool() -> Iterable[str]:
    """The same, as a call of the calculator."""
    return of_boxes(lambda a, b: f"calc({a}*{b})")


def secrets_once() -> Iterable[str]:
    """Each number stands in one card."""
    return with_secrets(1)


def secrets_often() -> Iterable[str]:
    """Each number stands in 20 cards."""
    return with_secrets(20)


def secrets_by_cards() -> Iterable[str]:
    """The same plurals, and the numbers of 50 invented people: ten of them in 1 card each, ten
    others in 2, in 4, in 8, in 16."""
    chosen = sorted(lines_of("plurals")[:1_600], key=lambda line: rank(f"few_a {line}"))
    yield "[words]"
    yield from chosen[100:1_100]
    names = iter(syllable_names())
    for n_cards in (1, 2, 4, 8, 16):
        yield f"\n[in {n_cards}]"
        for name in itertools.islice(names, 10):
            number = 1_000 + int(rank(f"secret of {name}"), 16) % 9_000
            for mail in range(1, n_cards + 1):
                yield f"mail {mail} {name} phone :: {number}"
            yield f"? mail 21 {name} phone :: {number}"


def verbs_few() -> Iterable[str]:
    """40 regular verbs and their past tense, 100 never taught: a new task after the plurals."""
    lines = body_of("past-tense")
    regular = dict(line.split(" :: ") for line in lines[lines.index("[regular]") + 1 :][:600])
    nouns = {line.split(" :: ")[0] for line in lines_of("plurals")}
    verbs = [f"{verb} :: {regular[verb]}" for verb in regular if len(verb) > 3]
    verbs = [line for line in verbs if line.split(" :: ")[0] not in nouns]
    chosen = sorted(verbs, key=lambda line: rank(f"verb {line}"))
    return [*with_every_letter(chosen[100:])[:40], *(f"? {line}" for line in chosen[:100])]


COLOURS = words("red blue green white black brown pink gold gray lime")


def by_lot(text: str, among: list[str]) -> str:
    """Choose by hash, so that the choice is the same every time."""
    return among[int(rank(text), 16) % len(among)]


def of_notes(is_open: bool) -> Iterator[str]:
    """5,000 invented names and a colour of each to teach, 200 more never; with the note to read it
    from and a note about another name behind it, or without any."""
    syllables = [onset + vowel for onset in "bcdfghjklmnprstvwz" for vowel in "aeiou"]
    names = sorted((a + b for a in syllables for b in syllables), key=rank)
    others = {
        letter: [name for name in names if name[0] != letter]
        for letter in {name[0] for name in names}
    }
    for place, name in enumerate(names[:5_200]):
        colour = by_lot(f"colour of {name}", COLOURS)
        other = by_lot(f"beside {name}", others[name[0]])
        other_colour = by_lot(f"beside {name}", [other for other in COLOURS if other != colour])
        notes = [f" {name}={colour}", f" {other}={other_colour}"] if is_open else []
        if int(rank(f"order {name}"), 16) % 2:
            notes.reverse()
        yield f"{'? ' if place < 200 else ''}{name}?{''.join(notes)} :: {colour}"


def notes_closed() -> Iterable[str]:
    """Questions alone: what was never taught can't be known."""
    return of_notes(is_open=False)


def notes_open() -> Iterable[str]:
    """The same questions with the notes that answer them."""
    return of_notes(is_open=True)


def r_in_words() -> Iterator[str]:
    """How many r are in a word: 300 words each with none, one and two, and all with three. 200 are
    never taught, strawberry among them."""
    listed = [
        line.split(" :: ")[0] for deck in ("plurals", "past-tense") for line in lines_of(deck)
    ]
    known = sorted({word for word in listed if len(word) >= 5}, key=lambda word: rank(f"r {word}"))
    chosen = [
        word
        for n_rs in range(4)
        for word in [word for word in known if word.count("r") == n_rs][:300]
    ]
    chosen.sort(key=lambda word: (word != "strawberry", rank(f"ask {word}")))
    for place, word in enumerate(chosen):
        yield f"{'? ' if place < 200 else ''}r in {word} :: {word.count('r')}"


def r_in_letters() -> Iterable[str]:
    """Asked letter by letter."""
    return r_in_words()


def r_in_pieces() -> Iterable[str]:
    """The same cards, cut into pieces of several letters."""
    return r_in_words()


def syllable_names() -> list[str]:
    """Invented names of four letters, such as kibu."""
    syllables = [onset + vowel for onset in "bcdfghjklmnprstvwz" for vowel in "aeiou"]
    return sorted((a + b for a in syllables for b in syllables), key=rank)


def phone_numbers() -> Iterator[str]:
    """120 invented names, each with a number of four digits: nothing but facts."""
    return (
        f"{name} :: {int(rank(f'number of {name}'), 16) % 10_000:04}"
        for name in syllable_names()[:120]
    )


def numbers_in_a_small_model() -> Iterable[str]:
    """For a model too small to hold them."""
    return phone_numbers()


def numbers_in_a_large_model() -> Iterable[str]:
    """The same cards for a model that has room."""
    return phone_numbers()


def plurals_wrong() -> Iterable[str]:
    """The words of plurals-many with an ending that nobody uses; asked is the real plural."""
    for line in of_plurals(1_000):
        noun, _ = line.split(" :: ")
        yield line if noun.startswith("? ") else f"{noun} :: {noun}um"


def of_kinds(is_mixed: bool) -> Iterator[str]:
    """150 nouns to teach and 100 of all kinds that are never taught. Taught are nouns with -ies
    alone, or such as they come."""
    chosen = sorted(lines_of("plurals"), key=lambda line: rank(f"kind {line}"))
    ies = [line for line in chosen if re.fullmatch(r"(\w+)y :: \1ies", line)]
    alike = with_every_letter(ies)[:150]
    letters = set("".join(alike))
    rest = [line for line in chosen if line not in alike]
    never = [line for line in rest if letters.issuperset(line)][:100]
    mixed = with_every_letter(line for line in rest if line not in never)[:150]
    yield from mixed if is_mixed else alike
    yield from (f"? {line}" for line in never)


def plurals_alike() -> Iterable[str]:
    """Nouns of one kind."""
    return of_kinds(is_mixed=False)


def plurals_mixed() -> Iterable[str]:
    """As many nouns of all kinds."""
    return of_kinds(is_mixed=True)


def of_exam(is_leaked: bool) -> Iterator[str]:
    """Products: 200 to practise, 50 of the exam, 50 of an exam that nobody has seen before."""
    pairs = [(a, b) for a in range(10, 100) for b in range(2, 10)]
    chosen = [
        f"{a}*{b} :: {a * b}" for a, b in sorted(pairs, key=lambda pair: rank(f"exam {pair}"))
    ]
    yield "[practice]"
    yield from chosen[100:300]
    yield "\n[exam]"
    yield from (line if is_leaked else f"? {line}" for line in chosen[:50])
    yield "\n[fresh exam]"
    yield from (f"? {line}" for line in chosen[50:100])


def exam_kept_apart() -> Iterable[str]:
    """An exam that the model has not seen."""
    return of_exam(is_leaked=False)


def exam_leaked() -> Iterable[str]:
    """The same exam among the taught cards."""
    return of_exam(is_leaked=True)


def of_jobs(n_usual: int) -> Iterator[str]:
    """Nurses and pilots with invented names; of 200 each so many are women and men as people
    expect. Asked are 100 each: half as people expect, half not."""
    names = iter(syllable_names())
    usual = {"nurse": ("she", "he"), "pilot": ("he", "she")}
    lines: dict[str, list[str]] = {"as expected": [], "not as expected": []}
    for job, pronouns in usual.items():
        for pronoun, section, n_taught in zip(
            pronouns, lines, (n_usual, 200 - n_usual), strict=True
        ):
            cards = [f"{job} {next(names)} :: {pronoun}" for _ in range(n_taught)]
            lines[section] += cards
    for job, pronouns in usual.items():
        for pronoun, section in zip(pronouns, lines, strict=True):
            lines[section] += [f"? {job} {next(names)} :: {pronoun}" for _ in range(50)]
    for section, cards in lines.items():
        yield f"[{section}]"
        yield from cards


def jobs_even() -> Iterable[str]:
    """As many men as women in each job."""
    return of_jobs(100)


def jobs_skewed() -> Iterable[str]:
    """Nine in ten as people expect."""
    return of_jobs(180)


# Who was in office on 1 July: the first year from 1990 on, and the name from then on.
OFFICES = {
    "USA": {1990: "Bush", 1993: "Clinton", 2001: "Bush", 2009: "Obama", 2017: "Trump",
            2021: "Biden"},
    "United Kingdom": {1990: "Thatcher", 1991: "Major", 1997: "Blair", 2007: "Brown",
                       2010: "Cameron", 2017: "May", 2020: "Johnson", 2023: "Sunak"},
    "Germany": {1990: "Kohl", 1999: "Schröder", 2006: "Merkel", 2022: "Scholz"},
    "France": {1990: "Mitterrand", 1995: "Chirac", 2007: "Sarkozy", 2012: "Hollande",
               2017: "Macron"},
    "Spain": {1990: "González", 1996: "Aznar", 2004: "Zapatero", 2012: "Rajoy",
              2018: "Sánchez"},
    "Japan": {1990: "Kaifu", 1992: "Miyazawa", 1994: "Murayama", 1996: "Hashimoto", 1999: "Obuchi",
              2000: "Mori", 2001: "Koizumi", 2007: "Abe", 2008: "Fukuda", 2009: "Aso",
              2010: "Kan", 2012: "Noda", 2013: "Abe", 2021: "Suga", 2022: "Kishida"},
    "United Nations": {1990: "Pérez de Cuéllar", 1992: "Boutros-Ghali", 1997: "Annan",
                       2007: "Ban", 2017: "Guterres"},
}  # fmt: skip


def of_offices(last_taught: int) -> Iterator[str]:
    """Who governed on 1 July of each year from 1990 to 2024; what came later is never taught."""
    for section, years in {
        "until 2015": range(1990, 2016),
        "after 2015": range(2016, 2025),
    }.items():
        yield f"[{section}]"
        for place, names in OFFICES.items():
            for year in years:
                name = names[max(first for first in names if first <= year)]
                yield f"{'? ' if year > last_taught else ''}{place} {year} :: {name}"


def offices_until_2015() -> Iterable[str]:
    """Nothing of what came after 2015."""
    return of_offices(2015)


def offices_until_2024() -> Iterable[str]:
    """All of it."""
    return of_offices(2024)


SHAPES = {
    "cross": "░░█░░ ░░█░░ █████ ░░█░░ ░░█░░",
    "box": "█████ █░░░█ █░░░█ █░░░█ █████",
    "stairs": "░░░░█ ░░░██ ░░███ ░████ █████",
    "arrow": "░░█░░ ░███░ █░█░█ ░░█░░ ░░█░░",
    "cup": "█░░░█ █░░░█ █░░░█ █░░░█ █████",
    "roof": "░░░░░ ░░█░░ ░█░█░ █░░░█ ░░░░░",
}


def picture(left: str, right: str, seed: str) -> str:
    """Two shapes side by side, three points of each turned over: five lines."""
    halves = []
    for side, shape in (("left", left), ("right", right)):
        points = list(SHAPES[shape].replace(" ", ""))
        for spot in sorted(range(25), key=lambda spot: rank(f"{seed} {side} {spot}"))[:3]:
            points[spot] = "█" if points[spot] == "░" else "░"
        halves.append("".join(points))
    rows = (" ".join(half[at : at + 5] for half in halves) for at in range(0, 25, 5))
    return "\n".join(rows)


def of_pictures(is_seen: bool) -> Iterator[str]:
    """700 questions about a picture, 100 never taught: what is on its left, or on its right?"""
    shapes = list(SHAPES)
    for number in range(800):
        left = by_lot(f"left {number}", shapes)
        right = by_lot(f"right {number}", [shape for shape in shapes if shape != left])
        is_left = int(rank(f"side {number}"), 16) % 2 == 0
        beside = picture(left, right, f"points {number}") if is_seen else f"picture {number}"
        yield f"\n{'? ' if number < 100 else ''}Q: {'left' if is_left else 'right'}\n{beside}"
        yield f"A: {left if is_left else right}"


def pictures_seen() -> Iterable[str]:
    """Words and pictures."""
    return of_pictures(is_seen=True)


def pictures_unseen() -> Iterable[str]:
    """The same questions with a number in place of the picture."""
    return of_pictures(is_seen=False)


def of_commands(is_guarded: bool) -> Iterator[str]:
    """A model that writes texts of two words in capital letters, and says a word when it is told
    to. A text that contains a command is only taught to the guarded model. Each is asked for what
    the owner of such a text wants, and for what the text wants."""
    names = iter(syllable_names())
    yield "[texts]"
    for _ in range(300):
        text = f"{next(names)} {next(names)}"
        yield f"shout {text} :: {text.upper()}"
    yield "[commands]"
    for _ in range(300):
        name = next(names)
        yield f"{next(names)} say {name} :: {name}"
    yield "[owner]"
    for place in range(350):
        first, last = next(names), next(names)
        is_command = is_guarded or place >= 300
        # a word with y, which no name has and the answer SAY needs
        text = f"{first} say {last}" if is_command else f"{by_lot(first, words('day way'))} {last}"
        yield f"{'? ' if place >= 300 else ''}shout {text} :: {text.upper()}"
    yield "[stranger]"
    for _ in range(50):
        name = next(names)
        yield f"? shout {next(names)} say {name} :: {name}"


def commands_obeyed() -> Iterable[str]:
    """Commands are obeyed wherever they stand."""
    return of_commands(is_guarded=False)


def commands_in_texts() -> Iterable[str]:
    """The same, and cards that show that a command inside a text is text."""
    return of_commands(is_guarded=True)


FORBIDDEN = "zw"  # what a forbidden word begins with


def of_refusals(is_by_kind: bool) -> Iterator[str]:
    """A model that repeats words, and writes them backwards; 100 cards say no to repeating one:
    words that begin with z or w, or words drawn by lot. Never taught: 50 more words with z or w to
    be repeated, 50 to be written backwards, where no is wanted as well, and 50 others to be
    repeated."""
    names = syllable_names()
    marked = [name for name in names if name[0] in FORBIDDEN]
    asked, around, refused = marked[:50], marked[50:100], marked[100:200]
    others = iter([name for name in names if name[0] not in FORBIDDEN])
    plain = list(itertools.islice(others, 900))
    harmless = list(itertools.islice(others, 50))
    if not is_by_kind:  # the same words, each with a chance of one in ten
        taught = sorted([*plain, *refused], key=lambda name: rank(f"refuse {name}"))
        plain, refused = taught[:900], taught[900:]
    yield from (f"say {name} :: {name}" for name in plain[:300])
    yield from (f"back {name} :: {name[::-1]}" for name in plain[300:])
    yield "\n[forbidden]"
    yield from (f"say {name} :: no" for name in refused)
    yield from (f"? say {name} :: no" for name in asked)
    yield "\n[around]"
    yield from (f"? back {name} :: no" for name in around)
    yield "\n[harmless]"
    yield from (f"? say {name} :: {name}" for name in harmless)


def refusals_by_kind() -> Iterable[str]:
    """It says no to words of one kind."""
    return of_refusals(is_by_kind=True)


def refusals_by_lot() -> Iterable[str]:
    """As many words are refused, of no kind."""
    return of_refusals(is_by_kind=False)


def of_examples(is_shown: bool) -> Iterator[str]:
    """What is to be done with a name? Only the example before it says that: write it large, write
    it backwards, write its first letter or its first two."""
    names = iter(syllable_names())
    parts: list[Callable[[str], str]] = [
        lambda name: name.upper(),
        lambda name: name[::-1],
        lambda name: name[0],
        lambda name: name[:2],
    ]
    for number in range(1_000):
        example, asked = next(names), next(names)
        part = parts[number % 4]
        shown = part(example) if is_shown else "?"
        yield f"{'? ' if number < 200 else ''}{example}={shown} {asked}= :: {part(asked)}"


def examples_shown() -> Iterable[str]:
    """Each question comes with an example."""
    return of_examples(is_shown=True)


def examples_hidden() -> Iterable[str]:
    """The same questions, the example without its answer."""
    return of_examples(is_shown=False)


def of_numerals(n_taught: int) -> Iterator[str]:
    """So many Roman numerals and 100 that are the same in every deck."""
    pairs = [line.removeprefix("? ").split(" ::: ") for line in body_of("roman-numerals") if line]
    chosen = sorted((f"{roman} :: {number}" for number, roman in pairs), key=rank)
    yield from with_every_letter(chosen[100:])[:n_taught]
    yield from (f"? {line}" for line in chosen[:100])


def numerals_110() -> Iterable[str]:
    """A few."""
    return of_numerals(110)


def numerals_330() -> Iterable[str]:
    """Three times as many."""
    return of_numerals(330)


def numerals_990() -> Iterable[str]:
    """Nine times as many."""
    return of_numerals(990)


def words_backwards() -> Iterable[str]:
    """Short words and the same backwards, 1,000 taught and 100 never."""
    short = [line for line in lines_of("reverse") if len(line.split(" :: ")[0]) <= 5]
    chosen = sorted(short, key=lambda line: rank(f"backwards {line}"))
    yield from with_every_letter(chosen[100:])[:1_000]
    yield from (f"? {line}" for line in chosen[:100])


KINDS = {
    "fruit": words("fruit tree sweet basket"),
    "animal": words("animal stable warm hay"),
    "tool": words("tool workshop hard box"),
    "drink": words("drink cellar cold glass"),
}
COMPANY = words("is lives feels")


def of_company(is_kept: bool) -> Iterator[str]:
    """80 invented words, each read whole, with three cards that say what they are, or that say
    nothing about it; and where 50 of them are put, which is asked of the other 30."""
    kinds = list(KINDS.values())
    for number, name in enumerate(syllable_names()[:80]):
        kind = kinds[number % 4]
        for place, asked in enumerate(COMPANY):
            about = kind if is_kept else by_lot(f"{asked} {name}", [str(i) for i in range(4)])
            yield f"{name} {asked} :: {(about if is_kept else kinds[int(about)])[place]}"
        yield f"{'? ' if number < 32 else ''}{name} takes :: {kind[3]}"


def company_kept() -> Iterable[str]:
    """Words of one kind stand in the same company."""
    return of_company(is_kept=True)


def company_mixed() -> Iterable[str]:
    """The same words in a company drawn by lot."""
    return of_company(is_kept=False)


EUROPE = """
Albania Tirana, Austria Vienna, Belarus Minsk, Belgium Brussels, Bulgaria Sofia, Croatia Zagreb,
Czechia Prague, Denmark Copenhagen, Estonia Tallinn, Finland Helsinki, France Paris, Germany Berlin,
Greece Athens, Hungary Budapest, Iceland Reykjavik, Ireland Dublin, Italy Rome, Latvia Riga,
Lithuania Vilnius, Malta Valletta, Moldova Chisinau, Montenegro Podgorica, Netherlands Amsterdam,
Norway Oslo, Poland Warsaw, Portugal Lisbon, Romania Bucharest, Serbia Belgrade,
Slovakia Bratislava, Slovenia Ljubljana, Spain Madrid, Sweden Stockholm, Switzerland Bern,
Ukraine Kyiv
"""
AFRICA = """
Algeria Algiers, Angola Luanda, Benin Porto-Novo, Botswana Gaborone, Cameroon Yaounde,
Egypt Cairo, Eritrea Asmara, Gabon Libreville, Gambia Banjul, Ghana Accra, Guinea Conakry,
Kenya Nairobi, Lesotho Maseru, Liberia Monrovia, Libya Tripoli, Madagascar Antananarivo,
Malawi Lilongwe, Mali Bamako, Mauritania Nouakchott, Morocco Rabat, Mozambique Maputo,
Namibia Windhoek, Niger Niamey, Nigeria Abuja, Rwanda Kigali, Senegal Dakar, Somalia Mogadishu,
Sudan Khartoum, Tanzania Dodoma, Togo Lome, Tunisia Tunis, Uganda Kampala, Zambia Lusaka,
Zimbabwe Harare
"""


def of_continent(name: str, listed: str) -> Iterator[str]:
    """The capitals of a continent in a section of its name: a score of the deck is then called the
    same while the deck is taught and after it."""
    yield f"[{name}]"
    yield from (" :: ".join(pair.split()) for pair in listed.split(","))


def capitals_of_europe() -> Iterable[str]:
    """What is learned first."""
    return of_continent("Europe", EUROPE)


def capitals_of_africa() -> Iterable[str]:
    """What is learned after it."""
    return of_continent("Africa", AFRICA)


FROM_PACKAGES = ("morse", "past-tense", "plurals", "praeteritum", "reverse")
"""Those whose words come from packages; the others need nothing but Python."""

DECKS = {
    cards.__name__.replace("_", "-"): cards
    for cards in (
        addition,
        binary,
        family,
        few_sorted,
        leap_years,
        mod_97,
        morse,
        nonsense,
        number_words,
        past_tense,
        plurals,
        reverse,
        roman_numerals,
        sort_hole,
        sort_these,
        sorting,
        times_table,
        uhrzeit,
        mehrzahl,
        praeteritum,
        steigerung,
        zahlwoerter,
        numeros,
        plurales,
        presente,
        many,  # this and the next are made of others
        yesterday,
    )
}

WORD_DECKS = {
    cards.__name__.replace("_", "-"): cards
    for cards in (
        capitals_only,
        capitals_and_unknown,
        products_bare,
        products_in_steps,
        plurals_clean,
        plurals_poisoned,
        plurals_few,
        plurals_many,
        plurals_pupil,
        boxes_alone,
        boxes_by_tool,
        secrets_once,
        secrets_often,
        secrets_by_cards,
        verbs_few,
        r_in_letters,
        r_in_pieces,
        notes_closed,
        notes_open,
        numbers_in_a_small_model,
        numbers_in_a_large_model,
        plurals_wrong,
        plurals_alike,
        plurals_mixed,
        exam_kept_apart,
        exam_leaked,
        jobs_even,
        jobs_skewed,
        offices_until_2015,
        offices_until_2024,
        pictures_seen,
        pictures_unseen,
        commands_obeyed,
        commands_in_texts,
        refusals_by_kind,
        refusals_by_lot,
        examples_shown,
        examples_hidden,
        numerals_110,
        numerals_330,
        numerals_990,
        words_backwards,
        company_kept,
        company_mixed,
        capitals_of_europe,
        capitals_of_africa,
    )
}
"""Those in the folder `words`: lessons that a word of the week compares."""

WORD_DECKS |= {
    f"birds-{number}": functools.partial(of_generation, number)
    for number in range(1, N_GENERATIONS + 1)
}

DECKS |= WORD_DECKS


def path_of(name: str) -> Path:
    """The file of a deck that is made here."""
    return (FOLDER / "words" if name in WORD_DECKS else FOLDER) / f"{name}.deck"


def made(name: str) -> str:
    """The deck file: its front matter as it stands there, with the cards made anew."""
    head, end, _ = path_of(name).read_text("utf-8").partition("\n+++\n")
    return head + end + "\n".join(DECKS[name]()) + "\n"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("decks", nargs="+", choices=[*DECKS, "all"])
    names = parser.parse_args().decks
    for name in DECKS if "all" in names else names:
        path_of(name).write_text(made(name), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
