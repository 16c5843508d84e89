"""Part 9, the saved state: the same bits again, and how to know that a machine computes them.

A run can be repeated bit for bit where sums are added in the same order. `prepare_process` makes
every process of a run compute alike. Processors with the same instructions may still add up a
product in another order, so neither their name nor torch's version says whether two of them compute
the same bits. Results do: `fingerprint` is a hash of some.
"""

import ctypes
import gc
import hashlib
import sys

import msgspec
import torch
from torch import Tensor

from flashcards.learner import grades, passes, saving, study
from flashcards.learner.brought.base import Base, FlatAdam, small_copy
from flashcards.learner.encoding import Batch, batch_of
from flashcards.learner.loss import read_with_loss
from flashcards.learner.model import Rotary, n_parameters_of, views
from flashcards.learner.optimizer import Optimizer, layer_by_layer
from flashcards.learner.settings import HEAD_WIDTH, LearnerSettings

N_LAYERS = 2  # a first and a last layer: those between compute what the first does

PIECES = (24, 11, 5)  # of a card in each update: products round by their sizes

EXAM_CARDS = 384  # at once in the exam of a model one head wide; fewer of wider ones, for the time

N_ASKED = 4  # pieces of a card's answer, at most
N_PIECES = 512  # of a brought model, which knows many more
ORDER_OF_SUMS = b"5"  # of brought models: another one where the same update rounds otherwise
DIGITS = 32  # of the fingerprint, hexadecimal

# From glibc's malloc.h
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT_BYTES, LARGE_BYTES = 256 * 2**20, 32 * 2**20


def prepare_process() -> None:
    """Compute as every process of a run does, so that the bits are the same."""
    torch.set_num_threads(1)  # two gain nothing at this size; one is the same run every time
    torch.set_flush_denormal(True)
    _keep_heap()


def _keep_heap() -> None:
    """Let freed memory up to 256 MB wait for the next step, where there is glibc.
    Measured: without it an update of the default size faults 560 pages in, a tenth of its time."""
    if not sys.platform.startswith("linux"):
        return
    try:
        set_option = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    set_option(M_TRIM_THRESHOLD, KEPT_BYTES)
    set_option(M_MMAP_THRESHOLD, LARGE_BYTES)


def fingerprint(
    settings: LearnerSettings, n_vocabulary: int, device: str = "cpu", base: Base | None = None
) -> str:
    """32 hex digits, equal where updates and exams of such a model give equal bits. A model of the
    run's sizes, with weights that any machine makes exactly, is taught a full batch, a growing one
    and a single card, and takes an exam, with the run's kernels; of a brought model, `base`, a
    small copy. One bit that comes out otherwise changes all later ones. Takes as long as some four
    updates, and changes nothing."""
    prepare_process()
    if base is not None:
        digits = _of_brought(base, device)
        gc.collect()  # else the small copy stays, some 60 MB: its modules hold each other
        return digits
    settings = msgspec.structs.replace(settings, n_layers=min(N_LAYERS, settings.n_layers))
    flat = _exact(n_parameters_of(settings, n_vocabulary)).to(device)
    optimizer = Optimizer(views(flat, settings, n_vocabulary), settings)
    if settings.n_shards > 1:
        optimizer.orthogonalise = layer_by_layer
    weights = views(flat, settings, n_vocabulary)
    parameters = [part.requires_grad_() for part in weights.named().values()]
    n_sayable = n_vocabulary // 2 + 1
    sayable = torch.arange(n_sayable, device=device)
    model = passes.Model(weights, flat, sayable, Rotary(settings, device), settings)
    results = hashlib.sha256()

    def batch_of_cards(n_cards: int, n_pieces: int) -> Batch:
        n_pieces = min(n_pieces, settings.max_pieces)
        return _batch(n_cards, n_pieces, n_vocabulary, n_sayable, device)

    batch_sizes = (settings.batch_size, settings.batch_size_at(0), 1)
    for n_cards, n_pieces in zip(batch_sizes, PIECES, strict=True):
        batch = batch_of_cards(n_cards, n_pieces)
        logits, _, objective = read_with_loss(model, batch)
        gradients = list(torch.autograd.grad(objective / len(batch.targets), parameters))
        with torch.no_grad():
            before = flat.clone()
            nats, _ = grades.read_rows(logits, batch, model.kernels)
            optimizer.update(gradients, 1.0)
            norm = study.norm_of(gradients, model.kernels)
            change = study.relative_change(flat, before, model.kernels)
            flat.lerp_(before, settings.ema_decay)
        results.update(repr((nats, norm, change)).encode())
    with torch.no_grad():
        n_cards = max(1, EXAM_CARDS * HEAD_WIDTH // settings.width)
        chances = model.logits(batch_of_cards(n_cards, PIECES[1])).softmax(-1)
    drawn = torch.rand(64, generator=torch.Generator().manual_seed(1))
    for tensor in (chances, flat, drawn):
        results.update(saving.bytes_of(tensor))
    return results.hexdigest()[:DIGITS]


def _of_brought(base: Base, device: str) -> str:
    """`fingerprint` for a brought model: of two of its layers, with few pieces, taught two batches
    by its optimizer."""
    few = min(N_PIECES, base.settings.vocabulary)
    small = small_copy(base, N_LAYERS, few, _exact).on(device)
    settings = small.settings
    flat = _exact(small.n_learned).to(device)
    weights, optimizer = small.views(flat), FlatAdam(flat, settings)
    parameters = [part.requires_grad_() for part in weights.named().values()]
    sayable = torch.arange(few, device=device)
    model = passes.Model(weights, flat, sayable, Rotary(settings, device), settings)
    results = hashlib.sha256(ORDER_OF_SUMS)
    for n_cards, n_pieces in zip((settings.batch_size, 1), PIECES, strict=False):
        batch = _batch(n_cards, min(n_pieces, settings.max_pieces), few, few, device)
        logits, _, objective = read_with_loss(model, batch)
        gradients = list(torch.autograd.grad(objective / len(batch.targets), parameters))
        optimizer.update(gradients, 1.0)
        results.update(saving.bytes_of(logits.detach()) + saving.bytes_of(flat))
    return results.hexdigest()[:DIGITS]


def _exact(n: int) -> Tensor:
    """[n] float32 between -1/8 and 1/8, the same on every machine: multiples of 2**-18."""
    mixed = torch.arange(1, n + 1, dtype=torch.int64) * 2654435761 // 2**13 % 2**16
    return (mixed - 2**15).float() / 2**18


def _batch(n_cards: int, n_pieces: int, n_vocabulary: int, n_sayable: int, device: str) -> Batch:
    """Cards of up to so many pieces, no two alike, of which up to `N_ASKED` are asked."""
    sequences, n_asked = [], []
    for card in range(n_cards):
        n_read = max(2, n_pieces - card % 3)
        n_asked.append(min(N_ASKED - card % 2, n_read - 1))
        prompt = [(7 * card + 11 * place) % n_vocabulary for place in range(n_read - n_asked[-1])]
        answer = [(5 * card + 3 * place) % n_sayable for place in range(n_asked[-1])]
        sequences.append([*prompt, *answer])
    return batch_of(sequences, n_asked, {i: i for i in range(n_sayable)}, device)
