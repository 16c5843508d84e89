"""One line of a ```flashcards block becomes a directive, or an error that says how to mend it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import TypeVar, get_args

import msgspec

from flashcards.runs import commands as cmd
from flashcards.runs.goal import (
    Goal,
    WrittenError,
    read_goal,
    read_number,
    read_pair,
    read_part,
    read_whole,
)
from flashcards.runs.values import LEARNS, PRACTICES, SPEEDS, AskOptions, BetQuestion
from flashcards.talks import talk
from flashcards.talks.claims import LABEL, read_claim

VIEWS: tuple[talk.View, ...] = get_args(talk.View)
MAX_BET_CHARACTERS = 200
Name = TypeVar("Name", bound=str)


def read_directive(text: str, line: int) -> talk.AnyDirective | talk.Claim:
    """The directive of one line of a block. Raises WrittenError."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    lexer.escape = ""  # a path of Windows has backslashes
    try:
        words = list(lexer)
    except ValueError as error:
        raise WrittenError("a quotation mark is never closed") from error
    name, rest = words[0], words[1:]
    if name in ("go", "hand") and rest and rest[0] in ("on", "over"):
        name = f"{name} {rest[0]}"
        rest = rest[1:]
    reader = _READERS.get(name)
    if name == "wait":
        raise WrittenError(f"wait wants nothing after it, not {(rest or [text])[0]!r}")
    if reader is None:
        close = get_close_matches(name, [*_READERS, "wait"], n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(_READERS)}, wait"
        raise WrittenError(f"no directive is called {name!r}; {hint}")
    return reader(rest, line)


def _teach(words: list[str], line: int) -> talk.AnyDirective:
    options, goal = _split_goal(words)
    options, label = _split_label(options)
    if not options or "=" in options[0]:
        raise WrittenError("teach wants a deck: teach capitals seed=7 until seen=0.9")
    seed = 1
    speed = SPEEDS[-1]
    temperature = 0.0
    options, answered_by = _split_answered(options)
    is_after, is_real, is_shuffled = (
        options[1:2] == [word] for word in ("after", "real", "shuffled")
    )
    if is_after and answered_by:
        raise WrittenError("answered-by begins a new model: teach it without after")
    for name, value in map(read_pair, options[2 if is_after or is_real or is_shuffled else 1 :]):
        if name == "seed" and not is_after:
            seed = read_whole(name, value)
        elif name == "speed":
            speed = _one_of("speed", value, SPEEDS)
        elif name == "temperature" and answered_by:
            temperature = _ask_options({name: read_number(name, value)}).temperature
        else:
            raise WrittenError(f"teach knows seed= and speed=, then until; not {name}=")
    return talk.Teach(
        line=line,
        deck=options[0],
        seed=seed,
        speed=speed,
        goal=goal,
        is_after=is_after,
        model="" if is_real else None,
        is_shuffled=is_shuffled,
        answered_by=answered_by,
        temperature=temperature,
        name=label,
    )


def _reward(words: list[str], line: int) -> talk.AnyDirective:
    from flashcards.cards.judges import JudgeError, spec_of

    options, goal = _split_goal(words)
    options, label = _split_label(options)
    if not options or "=" in options[0]:
        raise WrittenError("reward wants a deck: reward sorting judge=in-order until seconds=8")
    judge = None
    for name, value in map(read_pair, options[1:]):
        if name != "judge":
            raise WrittenError(f"reward knows judge=, then until; not {name}=")
        try:
            spec_of(value)
        except JudgeError as error:
            raise WrittenError(str(error)) from None
        judge = value
    return talk.Teach(
        line=line,
        deck=options[0],
        goal=goal,
        is_after=True,
        is_rewarded=True,
        judge=judge,
        name=label,
    )


def _rehearse(words: list[str], line: int) -> talk.AnyDirective:
    share = read_number("rehearse", _only(words, "rehearse", "a share: rehearse 0.1"))
    if not 0 <= share <= 0.9:
        raise WrittenError(f"rehearse {share:g}: a share from 0 to 0.9 is wanted")
    return talk.Send(line=line, command=cmd.SetRemedy(rehearsal=share))


def _go_on(words: list[str], line: int) -> talk.AnyDirective:
    options, goal = _split_goal(words)
    if options:
        raise WrittenError(f"go on knows until alone, not {options[0]!r}")
    return talk.GoOn(line=line, goal=goal)


def _split_goal(words: list[str]) -> tuple[list[str], Goal | None]:
    if "until" not in words:
        return words, None
    place = words.index("until")
    return words[:place], read_goal(words[place + 1 :])


def _split_label(words: list[str]) -> tuple[list[str], str]:
    """Split off `as LABEL`, the name of the run that begins."""
    if "as" not in words[1:]:
        return words, ""
    place = words.index("as", 1)
    label = "".join(words[place + 1 : place + 2])
    if not LABEL.fullmatch(label):
        raise WrittenError("as wants a label of small letters, digits and hyphens: as plain")
    return words[:place] + words[place + 2 :], label


def _split_answered(words: list[str]) -> tuple[list[str], str]:
    """Split off `answered-by LABEL`, the run that gives the answers."""
    if words[1:2] != ["answered-by"]:
        return words, ""
    label = "".join(words[2:3])
    if not LABEL.fullmatch(label):
        raise WrittenError("answered-by wants the label of a run: answered-by teacher")
    return [words[0], *words[3:]], label


def _claim(words: list[str], line: int) -> talk.Claim:
    return talk.Claim(line=line, comparisons=read_claim(words))


def _one_of(what: str, value: str, known: tuple[Name, ...]) -> Name:
    for name in known:
        if name == value:
            return name
    raise WrittenError(f"no {what} is called {value!r}; there are: {', '.join(known)}")


def _word(name: str, what: str, words: list[str], known: tuple[Name, ...]) -> Name:
    return _one_of(what, _only(words, name, f"one of: {', '.join(known)}"), known)


def _only(words: list[str], name: str, what: str) -> str:
    if len(words) != 1:
        raise WrittenError(f"{name} wants {what}")
    return words[0]


def _is_on(words: list[str], name: str) -> bool:
    return _one_of("setting", _only(words, name, "on or off"), ("on", "off")) == "on"


def _factor(text: str) -> float:
    factor = read_number("rate", text.removeprefix("x").removeprefix("×"))
    low, high = cmd.LEARNING_RATE_FACTORS
    if not low <= factor <= high:
        raise WrittenError(f"rate {text}: a factor from {low:.4f} to {high:,.0f} is wanted")
    return factor


def _step(words: list[str], line: int) -> talk.AnyDirective:
    _one_of("step", _only(words, "step", "phases: step phases"), ("phases",))
    return talk.StepPhases(line=line)


def _ask(words: list[str], line: int) -> talk.AnyDirective:
    prompt = _only(words, "ask", 'one prompt, in quotation marks: ask "17+25"')
    if not prompt.strip():
        raise WrittenError("ask wants a prompt that is not empty")
    return talk.AskModel(line=line, prompt=prompt)


def _exam(words: list[str], line: int) -> talk.AnyDirective:
    options, label = _split_label(["exam", *words])
    if not label:
        raise WrittenError("exam wants a label for its scores: exam bits=2 as two")
    fields: dict[str, float | str] = {}  # AskOptions'
    for name, value in map(read_pair, options[1:]):
        if name == "temperature":
            fields[name] = read_number(name, value)
        elif name in ("n", "bits"):
            fields["n_answers" if name == "n" else name] = read_whole(name, value)
        elif name == "without":
            fields[name] = value
        else:
            raise WrittenError(f"exam knows n=, temperature=, bits=, without= and as; not {name}=")
    ask_options = _ask_options(fields)
    return talk.ExamWithOptions(line=line, label=label, options=ask_options)


def _ask_options(fields: dict[str, float | str]) -> AskOptions:
    try:
        return msgspec.convert(fields, AskOptions)
    except ValueError as error:
        raise WrittenError(str(error)) from None


def _predict(words: list[str], line: int) -> talk.AnyDirective:
    kinds = ("seen", "unseen", "first", "answer", "correction", "rate")
    if not words:
        raise WrittenError(f"predict wants one of: {', '.join(kinds)}")
    kind = _one_of("prediction", words[0], kinds)
    plain, own_words = _split_words(words[1:])
    fields: dict[str, object] = dict(own_words)
    match kind:
        case "seen" | "unseen":
            fields |= {"kind": "score", "side": kind, **_moment(plain)}
        case "first":
            if len(plain) != 2:
                raise WrittenError("predict first wants two curves: predict first seen unseen")
            fields |= {"kind": kind, "names": tuple(plain)}
        case "answer":
            prompt = _only(plain, "predict answer", 'one prompt: predict answer "17+25"')
            fields |= {"kind": kind, "prompt": prompt, "answer": fields.pop("right", "")}
        case "correction":
            if len(plain) > 1:
                raise WrittenError("predict correction wants one prompt, or none")
            fields |= {"kind": kind, "prompt": "".join(plain)}
        case "rate":
            text = _only(plain[:1], "predict rate", "a factor: predict rate x32")
            fields |= {"kind": kind, "factor": _factor(text), **_moment(plain[1:])}
    if "right" in fields:
        raise WrittenError("right is known to predict answer alone")
    return talk.Predict(line=line, bet=msgspec.convert(fields, BetQuestion))


def _split_words(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """Split a prediction into its own words and the asker's, each of these by its name."""
    names = {"ask": "text", "because": "because", "right": "right"}
    plain: list[str] = []
    own_words: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word not in names:
            plain.append(word)
            continue
        text = next(rest, "").strip()
        if not text or len(text) > MAX_BET_CHARACTERS:
            raise WrittenError(f'{word} wants a short text: {word} "How many will be right?"')
        own_words[names[word]] = text
    return plain, own_words


def _moment(words: list[str]) -> dict[str, object]:
    """Read the moment at which it is settled; without one that is when the lesson next stops."""
    moment: dict[str, object] = {}
    if words == ["exam"]:
        return {"is_of_options": True}
    for word in words:
        name, value = read_pair(word)
        if name not in ("step", "seconds"):
            raise WrittenError(f"predict knows step=, seconds= and exam, not {name}=")
        moment[f"at_{name}"] = (
            read_whole(name, value) if name == "step" else read_part(f"seconds={value}")[1]
        )
    return moment


def _bare(make: Callable[..., talk.AnyDirective], name: str) -> _Reads:
    def read(words: list[str], line: int) -> talk.AnyDirective:
        if words:
            raise WrittenError(f"{name} wants nothing after it, not {words[0]!r}")
        return make(line=line)

    return read


def _practice(words: list[str], line: int) -> talk.AnyDirective:
    practice = _word("rewards", "practice", words, PRACTICES)
    return talk.Send(line=line, command=cmd.SetPractice(practice=practice))


def _only_part(words: list[str], line: int) -> talk.AnyDirective:
    learns = _word("only", "part of the model", words, LEARNS)
    return talk.Send(line=line, command=cmd.SetRemedy(learns=learns))


def _adapter(words: list[str], line: int) -> talk.AnyDirective:
    return talk.Send(line=line, command=cmd.SwitchAdapter(is_on=_is_on(words, "adapter")))


def _speed(words: list[str], line: int) -> talk.AnyDirective:
    speed = _word("speed", "speed", words, SPEEDS)
    return talk.Send(line=line, command=cmd.SetSpeed(speed=speed))


def _rate(words: list[str], line: int) -> talk.AnyDirective:
    factor = _factor(_only(words, "rate", "a factor: rate x8"))
    return talk.Send(line=line, command=cmd.SetLearningRate(factor=factor))


_Reads = Callable[[list[str], int], talk.AnyDirective | talk.Claim]

_READERS: Mapping[str, _Reads] = {
    "teach": _teach,
    "read": _teach,
    "reward": _reward,
    "rewards": _practice,
    "rehearse": _rehearse,
    "only": _only_part,
    "adapter": _adapter,
    "vote": _bare(talk.Voting, "vote"),
    "go on": _go_on,
    "pause": _bare(partial(talk.Send, command=cmd.Pause()), "pause"),
    "view": lambda words, line: talk.Show(line=line, view=_word("view", "view", words, VIEWS)),
    "step": _step,
    "speed": _speed,
    "ask": _ask,
    "exam": _exam,
    "present": lambda words, line: talk.Present(line=line, is_on=_is_on(words, "present")),
    "twin": lambda words, line: talk.WithTwin(line=line, is_on=_is_on(words, "twin")),
    "rate": _rate,
    "predict": _predict,
    "humans": _bare(talk.Guessing, "humans"),
    "hand over": _bare(talk.HandOver, "hand over"),
    "claim": _claim,
}
