"""Writes the log of a long run that nobody taught, to measure how one is opened.

Its events come as often, and are as long, as those of a real run at full speed; the numbers in them
mean nothing. Run: `python -m flashcards.bench.long_run FOLDER [N_STEPS]`.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import msgspec

from flashcards.runs import events as ev
from flashcards.runs import values as val
from flashcards.runs.folder import FORMAT, RunFolder, RunInfo
from flashcards.runs.marks import pack

N_TAUGHT, N_HELD_OUT = 8_000, 2_000
STEPS_A_REPORT, STEPS_AN_EXAM, STEPS_A_CORRECTION = 6, 37, 47
"""As in a run of `addition`: 275 reports, 48 exams and 38 corrections in 1,773 steps."""


def write_long_run(path: Path, n_steps: int = 1_000_000) -> RunFolder:
    """A run folder with such a log and nothing to go on from."""
    info = RunInfo(
        format=FORMAT,
        run=path.name,
        deck="addition",
        deck_name="Addition",
        deck_sha256="0" * 64,
        deck_path="addition.deck",
        seed=1,
        device="cpu",
        started="2026-01-01T00:00:00+00:00",
        settings={},
        versions={},
        machine="none",
    )
    path.mkdir(parents=True)
    (path / "run.json").write_bytes(msgspec.json.encode(info))
    folder = RunFolder(path, info)
    with folder.log_path.open("wb") as log:
        log.write(ev.encode(_start(path)))
        for step in range(1, n_steps + 1):
            if step % STEPS_A_REPORT == 0:
                log.write(ev.encode(_report(step)))
            if step % STEPS_A_CORRECTION == 0:
                log.write(ev.encode(_correction(step)))
            if step % STEPS_AN_EXAM == 0:
                log.write(ev.encode(_exam(step, n_steps)))
                log.write(ev.encode(ev.DeckMarked(step=step, marks=_marks(step))))
    return folder


def _start(path: Path) -> ev.RunStarted:
    n_cards = N_TAUGHT + N_HELD_OUT
    return ev.RunStarted(
        step=0,
        run=path.name,
        folder=str(path),
        deck="addition",
        name="Addition",
        deck_path="addition.deck",
        seed=1,
        device="cpu",
        n_taught=N_TAUGHT,
        n_held_out=N_HELD_OUT,
        n_parameters=200_000,
        n_pieces=14,
        guessing_nats=math.log(14),
        batch_size=32,
        learning_rate=0.02,
        held_out=pack(bytes(i % 5 == 0 for i in range(n_cards))),
        sections=("easy", "carry"),
        rivals=(val.Rival("lookup", val.Score(N_TAUGHT, N_TAUGHT), val.Score(0, N_HELD_OUT)),),
    )


def _report(step: int) -> ev.StepsTaken:
    return ev.StepsTaken(
        step=step,
        cards_taught=32 * step,
        train_seconds=round(step * 0.0137, 4),
        loss_nats=2.6 * math.exp(-step / 2e4) + 0.05 * abs(math.sin(step)),
        gradient_norm=0.84 + 0.01 * math.sin(step),
        relative_change=0.0002 + 1e-6 * math.cos(step),
    )


def _exam(step: int, n_steps: int) -> ev.ExamTaken:
    seen, unseen = (int(256 * (1 - math.exp(-step / (n_steps * f)))) for f in (0.1, 0.2))
    scores = val.Score(seen, 256), val.Score(unseen, 256)
    return ev.ExamTaken(
        step=step,
        cards_taught=32 * step,
        is_full=False,
        seen=scores[0],
        unseen=scores[1],
        seen_loss_nats=2.6 * math.exp(-step / 2e4),
        unseen_loss_nats=2.6 * math.exp(-step / 3e4),
        sections=tuple(val.SectionScore(name, *scores) for name in ("easy", "carry")),
    )


def _marks(step: int) -> str:
    marks = bytearray(b"\x03" * 512 + b"\x00" * (N_TAUGHT + N_HELD_OUT - 512))
    for i in range(60):
        marks[(i * 7919 + step * 31) % 512] = 1 + i % 2
    return pack(bytes(marks))


def _correction(step: int) -> ev.CorrectionMeasured:
    a, b = step % 90, step * 7 % 90
    answer = str(a + b)
    pieces = [(text, 0.5 + 0.4999 * math.sin(step + i)) for i, text in enumerate((*answer, "⏎"))]
    pushes = tuple(val.Push(str(i), 0.123456789 * math.sin(step + i)) for i in range(3))
    ripples = tuple(
        val.Ripple(f"{a + i}+{b}", -0.0123456789 * math.cos(step + i), i == 1) for i in range(3)
    )
    return ev.CorrectionMeasured(
        step=step,
        correction=val.Correction(
            card_index=step * 31 % (N_TAUGHT + N_HELD_OUT),
            prompt=f"{a}+{b}",
            answer=answer,
            section="easy",
            times_seen=step * 32 // N_TAUGHT,
            n_cards=32,
            history="wwnrrwrrrrrrrrrrrrrrrrrrrrrrrrr",
            guess=tuple(val.GuessPiece(text, p) for text, p in pieces[:-1]),
            mark="right",
            pieces=tuple(val.AnswerPiece(text, p, True, p + 1e-3) for text, p in pieces),
            error_nats=-sum(math.log(p) for _, p in pieces),
            change=val.Change(
                probability_before=pieces[0][1],
                probability_after=pieces[0][1] + 1e-3,
                error_after_nats=0.123456789,
                gradient_norm=0.8456789 + 0.01 * math.sin(step),
                relative_change=0.000212345678,
                layer_changes=tuple(0.0001 * abs(math.sin(step + i)) for i in range(4)),
                n_parameters=200_000,
                up=pushes,
                down=pushes,
                helped=ripples,
                hurt=ripples,
                n_rippled=16,
            ),
        ),
    )


if __name__ == "__main__":
    print(write_long_run(Path(sys.argv[1]), int((*sys.argv, "1000000")[2])).path)
