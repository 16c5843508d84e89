"""Notes of any source as one deck file that `check` has no error in.

A prompt stands in a deck once: the same card again is left out, another answer to the same prompt
counts as right from then on. Both are counted.
"""

from collections.abc import Iterator, Sequence

import msgspec

from flashcards.cards import card_edits, front_matter, split
from flashcards.exchange.notes import Losses, Note

MAX_ANSWER_CHARACTERS = 1_500  # of a card's answers together, so that decks may have its line

MAX_SECTION_CHARACTERS = 100


class NewCard(msgspec.Struct):
    prompt: str
    answers: list[str]
    section: str
    is_never_seen: bool
    twin: int = -1
    is_second: bool = False

    def has_room(self, answer: str) -> bool:
        n_characters = sum(map(len, self.answers)) + 3 * len(self.answers)
        return n_characters + len(answer) <= MAX_ANSWER_CHARACTERS


class NewDeck(msgspec.Struct, frozen=True):
    """The text of a deck, and what is in it.
    `n_held_out`: cards that are never taught, marked or in the share that the deck keeps back.
    `offer`: what could be kept back, where all are taught."""

    text: str
    n_cards: int
    n_held_out: int
    n_sections: int
    first: NewCard | None
    offer: split.KeepBack


def compose(
    notes: Sequence[Note],
    front: dict[str, str],
    losses: Losses,
    noun: str,
    *,
    share: float = 0.0,
) -> NewDeck:
    """The deck file's text. `front`: keys of the front matter and their texts; empty ones are left
    out. `losses` counts duplicates and what can't stand in a deck, which the source calls `noun`.
    `share`: of the cards that are not marked so many are kept back, 0 to 1."""
    entries = _merged(notes, losses, noun)
    # First the cards without a section: a deck has no way back from a section to none.
    by_section: dict[str, list[NewCard]] = {"": []}
    for entry in entries:
        by_section.setdefault(entry.section, []).append(entry)
    if not by_section[""]:
        del by_section[""]
    head = [f"{key} = {front_matter.toml_text(text)}" for key, text in front.items() if text]
    if share:
        head.append(f"held_out = {share:g}")
    lines = [front_matter.FENCE, *head, front_matter.FENCE]
    for section, own in by_section.items():
        lines += ["", f"[{section}]"] if section else [""]
        lines.extend(_lines(own, entries))
    groups = [_group(entry, entries) for entry in entries]
    n_held_out = sum(
        entry.is_never_seen or (share > 0 and split.draw(group) < share)
        for entry, group in zip(entries, groups, strict=True)
    )
    return NewDeck(
        text="\n".join(lines) + "\n",
        n_cards=len(entries),
        n_held_out=n_held_out,
        n_sections=sum(map(bool, by_section)),
        first=entries[0] if entries else None,
        offer=split.KeepBack(0.0, 0) if n_held_out else split.to_keep_back(groups),
    )


def section_name(text: str) -> str:
    """The text as a section's name: on one line, without the bracket that would end it."""
    name = front_matter.one_line(text.replace("]", ")").replace("[", "("))
    return name[:MAX_SECTION_CHARACTERS].strip()


def _merged(notes: Sequence[Note], losses: Losses, noun: str) -> list[NewCard]:
    """The notes as entries, one for each prompt; both directions of a note are two."""
    entries: list[NewCard] = []
    index_of: dict[str, int] = {}
    names: dict[str, str] = {}
    for note in notes:
        section = names.get(note.section)
        if section is None:
            section = names[note.section] = section_name(note.section)
            if section != front_matter.one_line(note.section):
                losses.add("section-name", "section", "", note.section)
        forward = _merge(entries, index_of, note.prompt, note.answers, section, note)
        if not note.is_both_ways or note.prompt == note.answers[0]:
            if forward:
                losses.add(forward, noun, note.where, note.prompt)
            continue
        first = index_of[note.prompt]
        backward = _merge(entries, index_of, note.answers[0], (note.prompt,), section, note)
        second = index_of[note.answers[0]]
        if not forward and not backward:
            entries[first].twin, entries[second].twin = second, first
            entries[second].is_second = True
        elif forward != "duplicate" or backward != "duplicate":
            kind = "crowded" if "crowded" in (forward, backward) else "merged"
            losses.add(kind, noun, note.where, note.prompt)
        else:
            losses.add("duplicate", noun, note.where, note.prompt)
    return entries


def _merge(
    entries: list[NewCard],
    index_of: dict[str, int],
    prompt: str,
    answers: Sequence[str],
    section: str,
    note: Note,
) -> str:
    """Put a prompt and its answers among the entries; the kind of loss, "" for a new entry."""
    index = index_of.setdefault(prompt, len(entries))
    is_new = index == len(entries)
    if is_new:
        entries.append(NewCard(prompt, [], section, note.is_never_seen))
    entry = entries[index]
    # A prompt that is kept back anywhere is taught nowhere.
    entry.is_never_seen = entry.is_never_seen or note.is_never_seen
    new = [answer for answer in dict.fromkeys(answers) if answer not in entry.answers]
    for answer in new:
        if entry.answers and not entry.has_room(answer):
            return "crowded"
        entry.answers.append(answer)
    return "" if is_new else "merged" if new else "duplicate"


def _lines(own: Sequence[NewCard], entries: Sequence[NewCard]) -> Iterator[str]:
    """Blocks stand between blank lines."""
    was_block = False
    for entry in own:
        twin = entries[entry.twin] if entry.twin >= 0 else None
        is_pair = twin is not None and _is_pair(entry, twin)
        if is_pair and entry.is_second:
            continue
        text = card_edits.card_lines(
            entry.prompt, entry.answers, is_never_seen=entry.is_never_seen, is_both_ways=is_pair
        )
        is_block = "\n" in text
        if was_block or is_block:
            yield ""
        yield text
        was_block = is_block


def _group(entry: NewCard, entries: Sequence[NewCard]) -> str:
    """Return what the deck draws by: both directions of a card are kept back, or neither."""
    is_second = entry.is_second and _is_pair(entry, entries[entry.twin])
    return entries[entry.twin].prompt if is_second else entry.prompt


def _is_pair(entry: NewCard, twin: NewCard) -> bool:
    first, second = (twin, entry) if entry.is_second else (entry, twin)
    return (
        second.answers == [first.prompt]
        and first.answers[0] == second.prompt
        and first.is_never_seen == second.is_never_seen
        and first.section == second.section
        and "\n" not in "".join([first.prompt, *first.answers])
    )
