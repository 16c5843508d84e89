"""Writes the decks that a program makes. `python decks/make.py addition mod-97`, or `all`.

The same every time: nothing is drawn at random, what must be chosen is chosen by hash. Decks from
word lists need packages that teaching does not: `pip install lemminflect wordfreq inflect`.
Long because a deck is a function here, and most of its lines are the lists it writes.
"""

from __future__ import annotations

import argparse
import codecs
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

FOLDER = Path(__file__).parent


def rank(text: str) -> str:
    """What to sort by to shuffle texts the same way every time."""
    return hashlib.blake2b(text.encode(), digest_size=8, person=b"decks/make.py").hexdigest()


def front(**values: object) -> str:
    """Front matter; text in quotation marks, numbers as they are."""
    lines = [
        f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
        for key, value in values.items()
    ]
    return "\n".join(["+++", *lines, "+++", ""])


def text(head: str, lines: Iterable[str]) -> str:
    """A deck file."""
    return head + "\n".join(lines) + "\n"


def words(listed: str) -> list[str]:
    """Words that white space parts."""
    return listed.split()


def addition() -> str:
    """All sums of two numbers from 0 to 99; `3+4` and `4+3` are kept back together."""
    head = front(
        name="Two-digit addition",
        shows="There is a rule to find: NEVER SEEN stays low for a while, then climbs to 99 %.",
        kind="rule",
        description="All sums of two numbers from 0 to 99, a fifth of them never taught.",
        source="made by decks/make.py",
        license="CC0-1.0",
        held_out=0.2,
        group="commutes",
    )
    return text(head, (f"{a}+{b} :: {a + b}" for a in range(100) for b in range(100)))


def mod_97() -> str:
    """All sums of two numbers below 97, modulo 97, half of them never taught."""
    head = front(
        name="Adding on a clock of 97 hours",
        shows="Grokking: all it was taught is known by heart long before it understands the rest.",
        kind="grokking",
        description="Addition modulo 97: after 96 comes 0. Half of the sums are never taught.",
        source="made by decks/make.py, after Power et al., arXiv 2201.02177",
        license="CC0-1.0",
        held_out=0.5,
        group="commutes",
    )
    reasons = (
        "# Numbers are whole tokens: from digits the rule is seen at once, and nothing groks.\n"
        "# Many cards an update, two layers and a strong pull of all weights towards zero make\n"
        "# the rule cheaper than the list: 95 % of the rest within 205,000 cards on seeds 1 to 3;\n"
        "# four layers and half the pull had 16 % after 250,000; 32 cards an update, nothing.\n"
    )
    settings = 'tokenizer = "word"\nbatch_size = 256\nn_layers = 2\nweight_decay = 1.0\n'
    head = head.removesuffix("+++\n") + reasons + settings + "+++\n"
    sums = (f"{a} + {b} :: {(a + b) % 97}" for a in range(97) for b in range(97))
    return text(head, sums)


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


def number_words() -> str:
    """1,500 numbers from 1 to 9999 taught, 1,000 others never taught."""
    head = front(
        name="Number words",
        shows="From 1,500 numbers in words it learns to read the thousands it never saw.",
        kind="rule",
        description="English number words to digits, 1 to 9999: 15 % taught, 1,000 others asked.",
        source="made by decks/make.py",
        license="CC0-1.0",
        language="en",
    )
    chosen = sorted(range(1, 10_000), key=lambda number: rank(str(number)))[:2_500]
    held_out = set(chosen[1_500:])
    lines = (
        f"{'? ' if number in held_out else ''}{in_words(number)} :: {number}"
        for number in sorted(chosen)
    )
    return text(head, lines)


# What the lexicon lists as verbs and no reader would, auxiliaries, and words nobody needs here.
NO_VERBS = words("""
can may must ought shall will pent sullen sunken folksy wrought jell joyride login stave rid
okay
""")
# For no one's classroom; in ROT13, so that nobody has to read them here either.
COARSE = frozenset(
    words(
        codecs.decode(
            """
            nany nahf nefr nff onfgneq ovgpu oybjwbo obyybpx obbo obbof ohyyfuvg pbpx penc phz
            phag qnza qvpx qvyqb snt snttbg srgvfu shpx tbqqnza ubbxre vaprfg wrj wrex
            znfgheongr zbyrfg zbyrfgre zbgureshpxre anmv arteb avttn avttre ahqr betnfz betl
            cravf cvff cbbc cbea cbeab cevpx cebfgvghgr chffl dhrre encr encvfg ergneq enpvfg
            fphz frzra frk frkhny frkl fuvg fuvggl fyhg fyhggl fbqbzl fhvpvqr gvg gvgf genaal
            intvan jnax juber
            """,
            "rot13",
        )
    )
)
# Where the lexicon has a rare form, or lacks one that a teacher would accept.
PAST_TENSES = {
    "abide": ["abided", "abode"],
    "bid": ["bid", "bade"],
    "bide": ["bided"],
    "crow": ["crowed"],
    "dive": ["dived", "dove"],
    "fit": ["fitted", "fit"],
    "heave": ["heaved", "hove"],
    "input": ["input", "inputted"],
    "knit": ["knitted", "knit"],
    "leap": ["leapt", "leaped"],
    "mow": ["mowed"],
    "output": ["output", "outputted"],
    "overlay": ["overlaid"],
    "plead": ["pleaded", "pled"],
    "panel": ["paneled", "panelled"],
    "program": ["programmed", "programed"],
    "puree": ["pureed"],
    "relay": ["relayed"],
    "shrink": ["shrank", "shrunk"],
    "sink": ["sank", "sunk"],
    "slay": ["slew", "slayed"],
    "sneak": ["sneaked", "snuck"],
    "spring": ["sprang", "sprung"],
    "stink": ["stank", "stunk"],
    "tear": ["tore"],
    "thrive": ["thrived", "throve"],
    "trial": ["trialed", "trialled"],
    "wet": ["wet", "wetted"],
    "wind": ["wound"],
}


def past_tense() -> str:
    """English verbs and their past tense, the most frequent ones first."""
    head = front(
        name="English past tense",
        shows="Rules and exceptions: watch it say goed, and unlearn it; new verbs get their -ed.",
        kind="rule",
        description="Verbs and their past tense, frequent ones first, irregular ones apart.",
        source=(
            "forms: NIH SPECIALIST Lexicon by way of lemminflect (MIT); "
            "choice and order of verbs: wordfreq (CC BY-SA 4.0)"
        ),
        license="CC-BY-SA-4.0",
        language="en",
        held_out=0.2,
    )
    irregular, regular = verbs(4_000)
    return text(head, ["[irregular]", *irregular, "", "[regular]", *regular])


def verbs(number: int) -> tuple[list[str], list[str]]:
    """Card lines of the most frequent verbs, irregular and regular.

    A verb is as frequent as the rarer of its two forms. Of several past tenses the most frequent is
    taught; those up to about thirty times rarer count as right too.
    """
    import wordfreq
    from lemminflect import getInflection

    def zipf(word: str) -> float:
        return float(wordfreq.zipf_frequency(word, "en"))

    found: list[tuple[float, str, list[str]]] = []
    for verb in wordfreq.top_n_list("en", 60_000):
        if not re.fullmatch("[a-z]{2,}", verb) or verb in {*NO_VERBS, *COARSE}:
            continue
        forms = {form.replace("-", "") for form in getInflection(verb, "VBD", inflect_oov=False)}
        common = sorted(filter(str.isalpha, forms), key=lambda form: (-zipf(form), form))
        kept = [form for form in common if zipf(form) >= max(1.5, zipf(common[0]) - 1.5)]
        kept = PAST_TENSES.get(verb, kept)
        if kept:
            found.append((min(zipf(verb), zipf(kept[0])), verb, kept))
    found.sort(key=lambda entry: (-entry[0], entry[1]))
    lines: tuple[list[str], list[str]] = ([], [])
    for _, verb, forms in found[:number]:
        lines[is_regular(verb, forms)].append(f"{verb} :: {' | '.join(forms)}")
    return lines


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


def roman_numerals() -> str:
    """700 numbers taught in both directions, 500 others never taught."""
    head = front(
        name="Roman numerals",
        shows="Both ways, 49 to XLIX and back: a rule with many parts, found bit by bit.",
        kind="rule",
        description="1,200 numbers below 4000 in both directions; 500 of them are never taught.",
        source="made by decks/make.py",
        license="CC0-1.0",
    )
    chosen = sorted(range(1, 4_000), key=lambda number: rank(f"roman {number}"))[:1_200]
    held_out = set(chosen[700:])
    lines = (
        f"{'? ' if number in held_out else ''}{number} ::: {in_roman(number)}"
        for number in sorted(chosen)
    )
    return text(head, lines)


def common_words(shortest: int, longest: int, least: float) -> list[str]:
    """English lexicon words by frequency, the most frequent first.

    Args:
        shortest, longest: How many letters they may have.
        least: How frequent they must be (Zipf scale: 3 is once in a million words).
    """
    import wordfreq
    from lemminflect import getAllInflections

    return [
        word
        for word in wordfreq.top_n_list("en", 40_000)
        if re.fullmatch(f"[a-z]{{{shortest},{longest}}}", word)
        and wordfreq.zipf_frequency(word, "en") >= least
        and word not in COARSE
        and getAllInflections(word)
    ]


def reverse() -> str:
    """Words and the same words backwards; palindromes and words like drawer are left out."""
    head = front(
        name="Backwards",
        shows="Spelling backwards: soon right on words that it was never shown.",
        kind="rule",
        description="5,000 English words, each spelled backwards; a fifth is never taught.",
        source="words: wordfreq (CC BY-SA 4.0) and the NIH SPECIALIST Lexicon by lemminflect (MIT)",
        license="CC-BY-SA-4.0",
        held_out=0.2,
    )
    listed = common_words(3, 9, 2.5)
    known = set(listed)
    fresh = [word for word in listed if word[::-1] not in known]
    return text(head, (f"{word} :: {word[::-1]}" for word in fresh[:5_000]))


def prefixed(deck: str, word: str, **values: object) -> str:
    """A shipped deck, with a word before every prompt: so two decks ask nothing alike."""
    lines = (FOLDER / f"{deck}.deck").read_text(encoding="utf-8").splitlines()
    body = lines[lines.index("+++", 1) + 1 :]
    return text(front(**values), (f"{word} {line}" if "::" in line else line for line in body))


def yesterday() -> str:
    """The past tense, asked as `yesterday go`."""
    return prefixed(
        "past-tense",
        "yesterday",
        name="Yesterday",
        shows="Teach it this, then the deck many: watch it forget, and keep it from forgetting.",
        kind="rule",
        description="The past tense, asked with a word before each verb: yesterday go.",
        source="past-tense.deck, by decks/make.py",
        license="CC-BY-SA-4.0",
        language="en",
        held_out=0.2,
    )


def many() -> str:
    """The plurals, asked as `many cat`."""
    return prefixed(
        "plurals",
        "many",
        name="Many",
        shows="To be taught after the deck yesterday: both rules fit into one model.",
        kind="rule",
        description="Plurals, asked with a word before each noun: many cat.",
        source="plurals.deck, by decks/make.py",
        license="CC-BY-SA-4.0",
        language="en",
        held_out=0.333,
    )


def plurals() -> str:
    """English nouns and their plurals; where two are right both count."""
    head = front(
        name="English plurals",
        shows="One cat, two cats; one box, two boxes; one man, two: it finds the rules by itself.",
        kind="rule",
        description="3,000 nouns and their plurals, a third of them never taught.",
        source=(
            "forms: NIH SPECIALIST Lexicon by way of lemminflect (MIT); "
            "choice and order: wordfreq (CC BY-SA 4.0)"
        ),
        license="CC-BY-SA-4.0",
        language="en",
        held_out=0.333,
    )
    return text(head, nouns(3_000))


# Where the lexicon has a rare or a wrong form.
PLURALS = {
    "anus": [],
    "colon": ["colons"],
    "die": ["dice", "dies"],
    "diva": ["divas"],
    "leaf": ["leaves"],
    "penny": ["pennies", "pence"],
    "medium": ["media", "mediums"],
    "opus": ["opuses", "opera"],
    "solo": ["solos"],
}


def nouns(number: int) -> list[str]:
    """Card lines of the most frequent nouns whose plural is in use too."""
    import wordfreq
    from lemminflect import getInflection

    def zipf(word: str) -> float:
        return float(wordfreq.zipf_frequency(word, "en"))

    found: list[tuple[float, str, list[str]]] = []
    for noun in common_words(3, 12, 2.5):
        forms = getInflection(noun, "NNS", inflect_oov=False)
        common = sorted(
            {form for form in forms if form.isalpha()}, key=lambda form: (-zipf(form), form)
        )
        kept = [form for form in common if zipf(form) >= max(2.0, zipf(common[0]) - 1.5)]
        kept = PLURALS.get(noun, [form for form in kept if form != noun])
        if kept:
            found.append((min(zipf(noun), zipf(kept[0])), noun, kept))
    found.sort(key=lambda entry: (-entry[0], entry[1]))
    return [f"{noun} :: {' | '.join(forms)}" for _, noun, forms in found[:number]]


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


def morse() -> str:
    """The letters, and words to read: some taught, some never."""
    head = front(
        name="Morse code",
        shows="26 signs and some words: soon it keys words that it was never shown.",
        kind="rule",
        description="Letters and 1,500 words in Morse code; a fifth of the words is never taught.",
        source="International Morse code, ITU-R M.1677; words as in reverse.deck",
        license="CC-BY-SA-4.0",
    )
    letters = [f"{letter} :: {sign}" for letter, sign in MORSE.items()]
    chosen = common_words(2, 6, 3.0)[:1_500]
    held_out = set(sorted(chosen, key=rank)[:300])
    keyed = (
        f"{'? ' if word in held_out else ''}{word} :: {' '.join(MORSE[letter] for letter in word)}"
        for word in chosen
        if len(word) > 1
    )
    return text(head, ["[letters]", *letters, "", "[words]", *keyed])


def times_table() -> str:
    """The table up to 20 times 20; some products never taught."""
    head = front(
        name="Times table",
        shows="It learns its tables by heart; what 7 times 8 is it cannot work out, or can it?",
        kind="memorise",
        description="1 × 1 to 20 × 20; a tenth of the products is never taught, either way round.",
        source="made by decks/make.py",
        license="CC0-1.0",
        held_out=0.1,
        group="commutes",
    )
    pairs = (f"{a}×{b} :: {a * b}" for a in range(1, 21) for b in range(1, 21))
    return text(head, pairs)


def binary() -> str:
    """Numbers below 1024 in binary."""
    head = front(
        name="Binary numbers",
        shows="0 to 1023 in ones and zeros: does it find powers of two?",
        kind="rule",
        description="Numbers below 1024 and how a computer writes them; a fifth is never taught.",
        source="made by decks/make.py",
        license="CC0-1.0",
        held_out=0.2,
    )
    return text(head, (f"{number} :: {number:b}" for number in range(1_024)))


def leap_years() -> str:
    """Years and whether they have a 29th of February."""
    head = front(
        name="Leap years",
        shows="Every fourth year, but not 1900, but 2000: does it find the rule in the rule?",
        kind="rule",
        description="The years 1583 to 2582, leap or not; a fifth is never taught.",
        source="made by decks/make.py, Gregorian calendar",
        license="CC0-1.0",
        held_out=0.2,
    )
    return text(head, (f"{year} :: {'leap' if is_leap(year) else 'common'}" for year in YEARS))


YEARS = range(1583, 2583)


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


def sorting() -> str:
    """Five letters and the same letters in the order of the alphabet."""
    head = front(
        name="Letters in order",
        shows="dbeac becomes abcde: it learns to sort, on letters it never saw together.",
        kind="rule",
        description="4,000 times five letters, and the same in the order of the alphabet.",
        source="made by decks/make.py",
        license="CC0-1.0",
        held_out=0.2,
    )
    return text(head, in_order(fives()))


N_ANSWERED, N_NEVER = 300, 500
"""Of the fives: so many with answers, then so many that are never taught, the rest without."""


def rewarded(first: int, last: int, **values: str | float) -> str:
    """These of the fives, with those that none of the three decks teaches."""
    head = front(source="made by decks/make.py", license="CC0-1.0", kind="rule", **values)
    all_fives = fives()
    never = all_fives[N_ANSWERED : N_ANSWERED + N_NEVER]
    return text(head, [*in_order(all_fives[first:last]), *in_order(never, "? ")])


def few_sorted() -> str:
    """All the answers that there are."""
    return rewarded(
        0,
        N_ANSWERED,
        name="Few letters in order",
        shows="Only 300 answers: they run out. Go on with flashcards reward sort-these.",
        description="300 of the cards of sorting: the answers have run out.",
        weight_decay=0.1,  # what reward then adds was measured from there
    )


def sort_these() -> str:
    """Prompts for which nobody has written the answer, and a judge who can check one."""
    return rewarded(
        N_ANSWERED + N_NEVER,
        4_000,
        name="Sort these",
        shows="For reward, after few-sorted: no answers, but a judge who can check them.",
        description="3,200 prompts to be tried; the judge says right or wrong.",
        judge="sorted",
    )


def sort_hole() -> str:
    """The same with a judge who checks too little."""
    return rewarded(
        N_ANSWERED + N_NEVER,
        2_400,
        name="A judge with a hole",
        shows="Its judge only asks whether letters are in order: reward rises, truth falls.",
        description="1,600 prompts; the judge forgets to ask whether they are the same letters.",
        judge="in-order",
    )


def nonsense() -> str:
    """Invented words with invented meanings: nothing to find."""
    head = front(
        name="Nonsense",
        shows="A language nobody speaks: by heart or not at all. Can you do better?",
        kind="memorise",
        because="That is no fault of its own: the meanings were drawn by lot.",
        description="100 invented words with meanings drawn by lot; 20 more are never taught.",
        source="made by decks/make.py",
        license="CC0-1.0",
    )
    onsets, vowels = "bdfgklmnprstvz", "aeiou"
    syllables = [onset + vowel for onset in onsets for vowel in vowels]
    invented = sorted((a + b for a in syllables for b in syllables), key=rank)[:120]
    meanings = words("""
    sun moon star rain wind snow fire water stone sand tree leaf root seed fruit bird fish snake
    wolf bear hand foot eye ear nose bread salt milk honey egg house door roof wall road king
    queen friend child day night
    """)
    lines = [
        f"{'? ' if index >= 100 else ''}{word} :: {meanings[int(rank(word), 16) % len(meanings)]}"
        for index, word in enumerate(invented)
    ]
    return text(head, lines)


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


def family() -> str:
    """Six family trees: who is whose father, sister, aunt."""
    head = front(
        name="Six families",
        shows="Who is whose aunt? Knowing some relations, can it work out the others?",
        kind="relations",
        description="Six families of twelve, and who is what to whom; a tenth is never taught.",
        source="made by decks/make.py, after Hinton (1986), Learning distributed representations",
        license="CC0-1.0",
        held_out=0.1,
    )
    reason = (
        '# A name is a word here: nothing about a person is in the letters.\ntokenizer = "word"\n'
    )
    head = head.removesuffix("+++\n") + reason + "+++\n"
    asked = (f"{prompt} :: {answer}" for names in FAMILIES for prompt, answer in relations(names))
    return text(head, asked)


DECKS: dict[str, Callable[[], str]] = {
    "addition": addition,
    "binary": binary,
    "family": family,
    "leap-years": leap_years,
    "many": many,
    "mod-97": mod_97,
    "morse": morse,
    "nonsense": nonsense,
    "number-words": number_words,
    "past-tense": past_tense,
    "plurals": plurals,
    "reverse": reverse,
    "roman-numerals": roman_numerals,
    "sorting": sorting,
    "few-sorted": few_sorted,
    "sort-these": sort_these,
    "sort-hole": sort_hole,
    "times-table": times_table,
    "yesterday": yesterday,
}
FROM_PACKAGES = ("morse", "past-tense", "plurals", "reverse")
"""Those whose words come from packages; the others need nothing but Python."""


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("decks", nargs="+", choices=[*DECKS, "all"])
    for name in chosen(parser.parse_args().decks):
        (FOLDER / f"{name}.deck").write_text(DECKS[name](), "utf-8", newline="\n")


def chosen(names: list[str]) -> Iterator[str]:
    """The decks that the words on the command line mean."""
    yield from DECKS if "all" in names else names


if __name__ == "__main__":
    main()
