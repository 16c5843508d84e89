"""The log of a long run that nobody taught, with as many and as long events as a real one's."""

import math
from pathlib import Path

import msgspec

from flashcards.runs import events as ev, values as val
from flashcards.runs.folder import FORMAT, RunFolder, RunInfo
from flashcards.runs.marks import pack

N_TAUGHT, N_NEVER_SEEN = 8_000, 2_000
STEPS_A_REPORT, STEPS_AN_EXAM, STEPS_A_CORRECTION = 6, 37, 47  # as in a run of `addition`


class _Like(msgspec.Struct):
    """What `long_run.json` holds: how the run begins, and one of its corrections."""

    info: RunInfo
    start: ev.RunStarted
    correction: val.Correction


def write_long_run(path: Path, n_steps: int = 1_000_000) -> RunFolder:
    like = msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=_Like)
    info = msgspec.structs.replace(like.info, format=FORMAT, run=path.name)
    start = msgspec.structs.replace(like.start, run=path.name, folder=str(path))
    path.mkdir(parents=True)
    (path / "run.json").write_bytes(msgspec.json.encode(info))
    folder = RunFolder(path, info)
    with folder.log_path.open("wb") as log:
        log.write(ev.encode(start))
        for step in range(1, n_steps + 1):
            if step % STEPS_A_REPORT == 0:
                log.write(ev.encode(_report(step)))
            if step % STEPS_A_CORRECTION == 0:
                log.write(ev.encode(_correction(step, like.correction)))
            if step % STEPS_AN_EXAM == 0:
                log.write(ev.encode(_exam(step, n_steps)))
                log.write(ev.encode(ev.DeckMarked(step=step, marks=_marks(step))))
    return folder


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
    marks = bytearray(b"\x03" * 512 + b"\x00" * (N_TAUGHT + N_NEVER_SEEN - 512))
    for i in range(60):
        marks[(i * 7919 + step * 31) % 512] = 1 + i % 2
    return pack(bytes(marks))


def _correction(step: int, like: val.Correction) -> ev.CorrectionMeasured:
    a, b = step % 90, step * 7 % 90
    correction = msgspec.structs.replace(
        like,
        card_index=step * 31 % (N_TAUGHT + N_NEVER_SEEN),
        prompt=f"{a}+{b}",
        answer=str(a + b),
        times_seen=step * 32 // N_TAUGHT,
    )
    return ev.CorrectionMeasured(step=step, correction=correction)
