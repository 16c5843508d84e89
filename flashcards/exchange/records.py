"""JSON records as notes: a line each (JSONL), or all of them in one array.

Forms: prompt/completion and messages (Hugging Face TRL, "Dataset formats"; OpenAI, supervised
fine-tuning), conversations (ShareGPT), instruction/input/output (Alpaca), question/answer.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from flashcards.base.files import Refused
from flashcards.exchange.gathering import Gathering
from flashcards.exchange.notes import Options, Source

MAX_LINE_CHARACTERS = 1_000_000
PAIRS = (
    *("prompt/completion", "prompt/response", "prompt/answer", "question/answer", "front/back"),
    *("term/definition", "word/translation", "instruction/output", "input/output"),
)
_ASKED = frozenset(("user", "human"))
_ANSWERED = frozenset(("assistant", "gpt", "model"))
_OWN = frozenset(("also", "section", "held_out", "id"))
_MISSING = object()


def read_records(text: str, suffix: str, options: Options) -> Source:
    """The records as notes. Raises Refused when none of them is one."""
    gathering = Gathering("record", is_html=bool(options.is_html))
    forms: Counter[str] = Counter()
    n_read = 0
    for where, record in _records(text, gathering):
        n_read += 1
        if record is not _MISSING:
            forms[_read(gathering, record, where, options)] += 1
    del forms[""]
    if not forms:
        hint = "name the keys with --front KEY --back KEY"
        raise Refused(f"no record in it says what is asked and what is answered; {hint}")
    listed = "; ".join(form for form, _ in forms.most_common(3))
    return gathering.source(f"JSON records: {listed}", n_read)


def _records(text: str, gathering: Gathering) -> Iterator[tuple[str, Any]]:
    """Every record with its place; those that can't be read are counted and _MISSING."""
    if text.lstrip()[:1] == "[":
        records = _value(text)
        if not isinstance(records, list):
            raise Refused("it starts like a JSON array and is none; `python -m json.tool` says why")
        for index, record in enumerate(records, 1):
            yield f"record {index}", record
        return
    # Only LF parts records: other line ends may stand inside text.
    for line, content in enumerate(text.split("\n"), 1):
        if not content.strip():
            continue
        where = f"line {line}"
        if len(content) > MAX_LINE_CHARACTERS:
            gathering.losses.add("long-line", "line", where, content[:40])
            yield where, _MISSING
            continue
        value = _value(content)
        if value is _MISSING:
            gathering.lose("not-json", where, content[:100])
        yield where, value


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _MISSING


def _read(gathering: Gathering, record: Any, where: str, options: Options) -> str:
    if not isinstance(record, dict):
        gathering.lose("no-shape", where, json.dumps(record, ensure_ascii=True)[:100])
        return ""
    form, prompt, answer = _sides(gathering, record, where, options)
    if prompt is None or answer is None:
        gathering.lose("no-shape", where, ", ".join(map(str, list(record)[:5])))
        return ""
    also = record.get("also")
    others = [text for text in also if isinstance(text, str)] if isinstance(also, list) else []
    gathering.add(
        prompt,
        (answer, *others) if answer.strip() else (),
        where,
        section=str(record.get("section") or ""),
        is_never_seen=record.get("held_out") is True,
    )
    read = set(form.replace(" + ", "/").split("/"))
    left = [key for key, value in record.items() if key not in read | _OWN and value]
    if left:
        gathering.lose("keys", where, str(left[0]))
    return form


def _sides(
    gathering: Gathering, record: dict[str, Any], where: str, options: Options
) -> tuple[str, str | None, str | None]:

    def text(key: str) -> str | None:
        return _text_of(gathering, record.get(key), where)

    if options.front or options.back:
        return f"{options.front}/{options.back}", text(options.front), text(options.back)
    for key in ("messages", "conversations"):
        if isinstance(turns := record.get(key), list):
            return key, *_exchange(gathering, turns, where)
    for form in PAIRS:
        front, back = form.split("/")
        prompt, answer = text(front), text(back)
        if prompt is None or answer is None:
            continue
        if front == "instruction" and "input" in record:
            context = text("input")
            whole = f"{prompt}\n{context}" if context else prompt
            return f"{front} + input/{back}", whole, answer
        return form, prompt, answer
    return "", None, None


def _exchange(gathering: Gathering, turns: list[Any], where: str) -> tuple[str | None, str | None]:
    prompt: str | None = None
    answer: str | None = None
    for turn in turns:
        if not isinstance(turn, dict):
            continue
        role = turn.get("role", turn.get("from"))
        content = _text_of(gathering, turn.get("content", turn.get("value")), where)
        if role in ("system", "developer"):
            gathering.lose("system", where, (content or "")[:100])
        elif role in _ASKED and prompt is None:
            prompt = content
        elif role in _ANSWERED and prompt is not None and answer is None:
            answer = content
        else:
            gathering.lose("turns", where, (prompt or "")[:100])
            break
    return prompt, answer


def _text_of(gathering: Gathering, value: Any, where: str) -> str | None:
    """The text of a value: itself, a number, or all the texts of the messages or parts in it."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return json.dumps(value)
    if not isinstance(value, list):
        return None
    texts = [part.get("content", part.get("text")) for part in value if isinstance(part, dict)]
    said = [text for text in texts if isinstance(text, str)]
    if len(said) < len(value):
        gathering.lose("parts", where, "")
    return "\n".join(said) if said else None
