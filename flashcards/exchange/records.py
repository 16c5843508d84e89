"""JSON records as notes: a line each (JSONL), or all of them in one array.

Forms: prompt/completion, prompt/chosen and messages (Hugging Face TRL, "Dataset formats"; OpenAI,
supervised fine-tuning), conversations (ShareGPT), instruction/input/output (Alpaca),
instruction/context/response (Dolly), question/context/answers (SQuAD), question/choices/answer,
translation (datasets), question/answer.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flashcards.base.files import Refused
from flashcards.exchange.gathering import Gathering
from flashcards.exchange.limit import json_value
from flashcards.exchange.notes import Options, Source

MAX_LINE_CHARACTERS = 1_000_000
PAIRS = (
    "prompt/completion",
    "prompt/response",
    "prompt/answer",
    "prompt/chosen",
    "question/answer",
    "front/back",
    "term/definition",
    "word/translation",
    "instruction/output",
    "instruction/response",
    "input/output",
    "source/target",
    "text/summary",
)
_ASKED = frozenset(("user", "human"))
_ANSWERED = frozenset(("assistant", "gpt", "model"))
_OWN = frozenset(("also", "section", "held_out", "id"))
_MISSING = object()


def read_records(text: str, suffix: str, options: Options) -> Source:
    """The records as notes. Raises Refused when none of them is one."""
    gathering = Gathering("record", is_html=bool(options.is_html))
    return _source(gathering, _records(text, gathering), "JSON records", options)


def notes_of_records(
    records: Iterable[tuple[str, Any]], form: str, noun: str, options: Options
) -> Source:
    """Records with their places as notes, `form`: what they are in. Raises Refused: none is one."""
    return _source(Gathering(noun, is_html=bool(options.is_html)), records, form, options)


def _source(
    gathering: Gathering, records: Iterable[tuple[str, Any]], form: str, options: Options
) -> Source:
    forms: Counter[str] = Counter()
    n_read = 0
    for where, record in records:
        n_read += 1
        if record is not _MISSING:
            forms[_read(gathering, record, where, options)] += 1
    del forms[""]
    if not forms:
        noun = gathering.noun
        hint = "name the keys with --front KEY --back KEY"
        raise Refused(f"no {noun} in it says what is asked and what is answered; {hint}")
    listed = "; ".join(known for known, _ in forms.most_common(3))
    return gathering.source(f"{form}: {listed}", n_read)


def _records(text: str, gathering: Gathering) -> Iterator[tuple[str, Any]]:
    """Every record with its place; those that can't be read are counted and _MISSING."""
    if '"paragraphs"' in text[:1000] and isinstance(whole := _value(text), dict):
        yield from _of_squad(whole)
        return
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


def _of_squad(whole: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The questions of the file that SQuAD comes in; a title is a section."""
    place = 0
    for article in _objects(whole.get("data")):
        for paragraph in _objects(article.get("paragraphs")):
            for question in _objects(paragraph.get("qas")):
                place += 1
                texts = [answer.get("text") for answer in _objects(question.get("answers"))]
                title = str(article.get("title") or "").replace("_", " ")
                fields = {
                    "section": title,
                    "question": question.get("question"),
                    "context": paragraph.get("context"),
                }
                yield f"question {place}", {**fields, "answers": {"text": texts}}


def _objects(records: Any) -> list[dict[str, Any]]:
    return (
        [record for record in records if isinstance(record, dict)]
        if isinstance(records, list)
        else []
    )


def _value(text: str) -> Any:
    try:
        return json_value(text)
    except ValueError:
        return _MISSING


def _read(gathering: Gathering, record: Any, where: str, options: Options) -> str:
    if not isinstance(record, dict):
        gathering.lose("no-shape", where, json.dumps(record, ensure_ascii=True)[:100])
        return ""
    form, prompt, answers = _sides(gathering, record, where, options)
    if prompt is None or answers is None:
        gathering.lose("no-shape", where, ", ".join(map(str, list(record)[:5])))
        return ""
    also = record.get("also")
    others = [text for text in also if isinstance(text, str)] if isinstance(also, list) else []
    gathering.add(
        prompt,
        (*answers, *others) if answers and answers[0].strip() else (),
        where,
        section=str(record.get("section") or ""),
        is_never_seen=record.get("held_out") is True,
    )
    read = set(form.replace(" + ", "/").split("/"))
    left = [key for key, value in record.items() if key not in read | _OWN and value]
    if left:
        gathering.lose("keys", where, str(left[0]))
    return form


_Sides = tuple[str, str | None, Sequence[str] | None]
"""The keys that are read, the prompt, and the answers, that which is taught first."""


def _sides(gathering: Gathering, record: dict[str, Any], where: str, options: Options) -> _Sides:

    def text(key: str) -> str | None:
        return _text_of(gathering, record.get(key), where)

    def pair(form: str, prompt: str | None, answer: str | None) -> _Sides:
        return form, prompt, None if answer is None else (answer,)

    if options.front or options.back:
        return pair(f"{options.front}/{options.back}", text(options.front), text(options.back))
    for key in ("messages", "conversations", "chosen"):
        if isinstance(turns := record.get(key), list) and "prompt" not in record:
            return pair(key, *_exchange(gathering, turns, where))
    if isinstance(languages := record.get("translation"), dict) and len(languages) > 1:
        if len(languages) > 2:
            gathering.lose("keys", where, str(list(languages)[2]))
        return pair(
            "translation", *(_text_of(gathering, languages[k], where) for k in [*languages][:2])
        )
    if isinstance(answers := record.get("answers"), dict) and isinstance(answers.get("text"), list):
        texts = [answer for answer in answers["text"] if isinstance(answer, str)]
        return "question/answers", text("question"), list(dict.fromkeys(texts))
    for form in (f"question/choices/{key}" for key in ("answer", "answerKey", "label")):
        question, choices, key = form.split("/")
        if choices in record and key in record:
            return pair(
                form, text(question), _chosen(gathering, record[choices], record[key], where)
            )
    for form in PAIRS:
        front, back = form.split("/")
        if front not in record or back not in record:
            continue
        prompt, answer = text(front), text(back)
        if prompt is None or answer is None:
            continue
        if back == "completion":  # begins with the space that parts it from its prompt
            answer = answer.removeprefix(" ")
        if front == "instruction" and (more := {"input", "context"} & set(record)):
            (key,) = sorted(more)[-1:]
            context = text(key)
            whole = f"{prompt}\n{context}" if context else prompt
            return pair(f"{front} + {key}/{back}", whole, answer)
        return pair(form, prompt, answer)
    return "", None, None


def _chosen(gathering: Gathering, choices: Any, answer: Any, where: str) -> str | None:
    """The text of the choice that is right: named by its label, its text, or its place from 0."""
    labels: list[Any] = []
    if isinstance(choices, dict):  # as AI2's ARC: {"label": [...], "text": [...]}
        labels = choices.get("label") or []
        choices = choices.get("text")
    if not isinstance(choices, list):
        return None
    labels = labels or [chr(ord("A") + i) for i in range(len(choices))]
    gathering.lose("choices", where)
    if answer in labels and labels.index(answer) < len(choices):
        answer = choices[labels.index(answer)]
    elif answer not in choices and isinstance(answer, int) and 0 <= answer < len(choices):
        answer = choices[answer]
    return _text_of(gathering, answer, where) if answer in choices else None


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
    contents = [text for text in texts if isinstance(text, str)]
    if len(contents) < len(value):
        gathering.lose("parts", where, "")
    return "\n".join(contents) if contents else None
