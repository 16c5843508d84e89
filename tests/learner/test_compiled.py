"""The kernels compute what torch does: run by Python itself, and, where numba is, compiled."""

import ctypes
import importlib
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import platformdirs
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.base.system import python
from flashcards.cli.leaving import prune_runs
from flashcards.learner import passes
from flashcards.learner.kernels import compiled
from flashcards.learner.learner import Learner
from flashcards.learner.loss import errors_of
from flashcards.learner.model import Rotary, Weights, n_parameters_of, new_weights, views
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.study import Adjustment, Study, relative_change
from tests.commands import start_python
from tests.golden import check_words
from tests.learner.decks import deck_of
from tests.waiting import PATIENCE_S

V = 9
CARDS = deck_of([("a", "b"), ("ab", "cab"), ("cc", "abcab")])
SETTINGS = LearnerSettings(n_layers=2, width=16, n_heads=4, hidden=8, is_compiled=True)

KERNELS = "FLASHCARDS_KERNELS"
"""The folder where the program has compiled this very source, if it has: it takes half a minute."""

Kernels = Mapping[str, Callable[..., None]]


def as_is(*_: object, **__: object) -> Callable[[Any], Any]:
    return lambda function: function


@pytest.fixture
def by_python() -> Iterator[Kernels]:
    """The kernels' own source, without numba: what stands for it leaves every function as it is."""
    types = SimpleNamespace(
        float32="float", int64="place", intp="size", CPointer=lambda of: of, void=lambda *of: of
    )
    parts = {
        "numba": SimpleNamespace(cfunc=lambda of, **_: lambda f: (f, of), njit=as_is, types=types),
        "numba.core": SimpleNamespace(cgutils=None),
        "numba.extending": SimpleNamespace(intrinsic=lambda of: globals()[f"{of.__name__}_here"]),
        "llvmlite": SimpleNamespace(ir=None),
        "llvmlite.binding": SimpleNamespace(get_host_cpu_features=dict),
    }
    parts["llvmlite"].binding = parts["llvmlite.binding"]
    sources = [
        f"flashcards.learner.kernels.{name.removesuffix('.py')}" for name in compiled.SOURCES
    ]
    replaced = {name: sys.modules.get(name) for name in (*parts, *sources)}
    for name, part in parts.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(vars(part))
    for name in sources:
        sys.modules.pop(name, None)
    try:
        for name in sources:  # numpy's numbers take ten times as long
            vars(importlib.import_module(name))["f"] = float
        compiled_kernels = sys.modules[sources[0]].KERNELS
        yield {name: at_addresses(*of) for name, of in compiled_kernels.items()}
    finally:
        for name, module in replaced.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


def as_float_here(bits: np.int32) -> np.float32:
    return np.int32(bits).view(np.float32)


def shift_here(numbers: Any, n: int) -> Any:
    at = ctypes.addressof(numbers.contents) + n * ctypes.sizeof(numbers.contents)
    return ctypes.cast(at, type(numbers))


def tile_here(
    out: Any, m: int, a: Any, down: int, along: int, b: Any, step: int, depth: int
) -> None:
    def cut(numbers: Any, shape: tuple[int, int], strides: tuple[int, int]) -> Any:
        n = sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True)) + 1
        flat = np.ctypeslib.as_array(numbers, (n,))
        return np.lib.stride_tricks.as_strided(flat, shape, [4 * stride for stride in strides])

    a_cut, b_cut = cut(a, (4, depth), (down, along)), cut(b, (depth, 16), (step, 1))
    np.matmul(a_cut, b_cut, out=cut(out, (4, 16), (m, 1)))


def at_addresses(function: Callable[..., None], taken: tuple[str, ...]) -> Callable[..., None]:
    pointers: dict[str, Any] = {
        "float": ctypes.POINTER(ctypes.c_float),
        "place": ctypes.POINTER(ctypes.c_int64),
    }

    def run(*arguments: int) -> None:
        function(
            *(
                ctypes.cast(value, pointers[kind]) if kind in pointers else value
                for kind, value in zip(taken, arguments, strict=True)
            )
        )

    return run


def losses_and_gradients(
    settings: LearnerSettings, ids: Tensor, asked: Tensor
) -> tuple[Tensor, tuple[Tensor, ...]]:
    generator = torch.Generator().manual_seed(4)
    numbers = new_weights(settings, V, seed=3)
    numbers += 0.3 * torch.randn(n_parameters_of(settings, V), generator=generator)
    weights: Weights = views(numbers, settings, V)
    leaves = list(weights.named().values())
    for leaf in leaves:
        leaf.requires_grad_()
    sayable = torch.tensor([1, 4, 7])
    rotary = Rotary(settings, "cpu")
    reading = passes.reading_of(ids, asked, sayable, rotary, settings)
    logits, inputs = passes.forward_with_inputs(weights, reading)
    assert torch.equal(passes.inputs_of(logits), inputs)
    with torch.no_grad():
        near(passes.forward(weights, reading), logits)
    loss = F.cross_entropy(logits, torch.arange(len(asked)) * 2 % 3) + inputs.sin().sum()
    return logits.detach(), torch.autograd.grad(loss, leaves)


def check(kernels: Kernels, settings: LearnerSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = torch.randint(V, (4, 3), generator=torch.Generator().manual_seed(5))
    for ids_, asked in (
        (ids[:2], [1, 2, 4]),
        (ids[:1, :1], [0]),
        (ids[:1], [0, 1, 2]),
        (ids, [9, 2, 4]),  # the last of three prompts of unlike lengths; of one card nothing
        (torch.tensor([[3, 1, 2], [3, 1, 4], [3, 5, 4], [6, 5, 4]]), [2, 4, 11]),  # begin alike
        (ids[:1].repeat(6, 1), range(18)),  # alike to the end: fewer columns than are asked
    ):
        monkeypatch.setattr(compiled, "kernels", lambda: None)
        logits, gradients = losses_and_gradients(settings, ids_, torch.tensor(asked))
        monkeypatch.setattr(compiled, "kernels", lambda: kernels)
        ours, mine = losses_and_gradients(settings, ids_, torch.tensor(asked))
        torch.testing.assert_close(ours, logits, atol=1e-5, rtol=1e-5)
        assert not torch.equal(ours, logits) or len(asked) == 1
        for gradient, wanted in zip(mine, gradients, strict=True):
            near(gradient, wanted)


def near(gradient: Tensor, wanted: Tensor) -> None:
    size = max(1.0, wanted.abs().max().item())
    torch.testing.assert_close(gradient, wanted, atol=1e-5 * size, rtol=1e-4)


def check_study(kernels: Kernels, n_ahead: int, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes: list[tuple[Study, list[Tensor], Adjustment, Tensor]] = []
    for loaded in (None, kernels):
        monkeypatch.setattr(compiled, "kernels", lambda loaded=loaded: loaded)
        chosen = {"n_ahead": n_ahead, "is_fused": n_ahead > 0, "newton_schulz_steps": 3}
        learner = Learner.create(CARDS, msgspec.structs.replace(SETTINGS, **chosen), seed=1)
        noise = torch.randn(len(learner.flat), generator=torch.Generator().manual_seed(2))
        learner.flat.add_(0.2 * noise)
        study = learner.study([0, 1, 2])
        gradients = learner.gradients_of(study)
        adjustment = learner.adjust(learner.study([0, 1, 2]))
        outcomes.append((study, gradients, adjustment, learner.flat.clone()))
    (plain, right, adjustment, weights), (study, gradients, same, flat) = outcomes
    assert study.loss_nats == pytest.approx(plain.loss_nats, rel=1e-5)
    assert study.loss.item() == pytest.approx(plain.loss.item(), rel=1e-5)
    assert (study.loss_nats == study.loss.item()) == (n_ahead == 0)
    assert study.card_nats == pytest.approx(plain.card_nats, rel=1e-5)
    assert study.marks == plain.marks
    near(study.inputs, plain.inputs)
    for gradient, wanted in zip(gradients, right, strict=True):
        near(gradient, wanted)
    assert same.gradient_norm == pytest.approx(adjustment.gradient_norm, rel=1e-4)
    assert same.relative_change == pytest.approx(adjustment.relative_change, rel=1e-3)
    near(flat, weights)


def check_errors(kernels: Kernels) -> None:
    """What no error can be found of is no error of 0."""
    batch = SimpleNamespace(targets=torch.tensor([1, 0, 1]), row_of=torch.tensor([0, 0, 1]))
    logits = torch.tensor([[[0.0, 3.0, -200.0], [math.nan, 3.0, 0.0]]])
    nats, best, _ = errors_of(torch.cat((logits, logits)), batch, kernels)  # type: ignore[arg-type]
    assert math.isnan(nats[0, 0])
    assert nats[0, 1:].tolist() == pytest.approx([math.log(2), 0.0])
    assert best[0, 1:].tolist() == [0, 1]  # of equals the first, as torch has it
    assert nats[1].tolist()[1:] == [0, 0]  # both answers have ended one further on
    far = errors_of(logits.flip(1), batch, kernels).nats  # type: ignore[arg-type]
    assert far[0, 2] == pytest.approx(200)


def check_change(kernels: Kernels) -> None:
    before = torch.randn(10_000, generator=torch.Generator().manual_seed(6))
    after = before + 0.01 * before.flip(0)
    change = relative_change(after, before, kernels)
    assert change == pytest.approx(relative_change(after, before, None), rel=1e-5)
    assert change == pytest.approx(0.01, rel=1e-4)
    after[7] = math.inf
    assert not math.isfinite(relative_change(after, before, kernels))
    after[7] = math.nan
    assert not math.isfinite(relative_change(after, before, kernels))


def test_an_updates_change_by_kernels_is_torchs(by_python: Kernels) -> None:
    check_change(by_python)


@pytest.mark.parametrize("n_ahead", [0, 2])
def test_kernels_update(by_python: Kernels, monkeypatch: pytest.MonkeyPatch, n_ahead: int) -> None:
    check_study(by_python, n_ahead, monkeypatch)


def test_an_error_by_kernels_is_torchs(by_python: Kernels) -> None:
    with np.errstate(all="ignore"):  # a NaN has no whole part
        check_errors(by_python)


def test_a_batch_gives_torchs_logits(by_python: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
    check(by_python, SETTINGS, monkeypatch)


@pytest.mark.slow
def test_loaded_they_do_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path)
    compiled.kernels.cache_clear()
    assert compiled.version() == "none"
    path = compiled.code_path()
    assert path is not None
    compiled_before = Path(os.environ.get(KERNELS, "")) / path.name
    if compiled_before.is_file():
        shutil.copy(compiled_before, path)
    else:
        compiled.compile_kernels(path)
    compiled.kernels.cache_clear()
    kernels = compiled.kernels()
    assert kernels is not None
    assert b"numba_do_raise" not in path.read_bytes()  # machine code alone can't raise
    with monkeypatch.context() as patch:
        check(kernels, SETTINGS, patch)
        check(kernels, LearnerSettings(is_compiled=True), patch)
        check_study(kernels, 2, patch)
    check_errors(kernels)
    check_change(kernels)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    compiled.kernels.cache_clear()
    assert compiled.kernels() is None
    compiled.kernels.cache_clear()


def test_they_are_compiled_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path)
    path = tmp_path / "kernels-1"
    monkeypatch.setattr(compiled, "code_path", lambda: path)
    started: list[object] = []
    monkeypatch.setattr("subprocess.Popen", lambda command, **_: started.append(command))
    compiled.compile_behind()
    assert started == []  # the tests forbid it
    monkeypatch.delenv("FLASHCARDS_COMPILE")
    compiled.compile_behind()
    compiled.compile_behind()
    assert started == [python("-m", "flashcards.learner.kernels.compiled", compiled.BEHIND)]
    assert compiled.news() == ""
    monkeypatch.setattr(compiled, "compile_kernels", Path.touch)
    compiled.main()
    assert (compiled.news(), compiled.news()) == ("compiled", "")
    path.with_suffix(compiled.BEGUN).unlink()
    compiled.compile_behind()
    monkeypatch.setattr(compiled, "code_path", lambda: None)
    compiled.compile_behind()
    assert len(started) == 1


COMPILING = """
import sys, threading
from pathlib import Path
from flashcards.learner.kernels import compiled

def compile_for_ever(path):
    print("at work", flush=True)
    threading.Event().wait()

compiled.code_path = lambda: Path(sys.argv[2])
compiled.compile_kernels = compile_for_ever
compiled.LIMIT_S, compiled.GRACE_S = float(sys.argv[3]), 0.0
compiled.main()
"""


def compiling(path: Path, limit_s: float) -> subprocess.Popen[bytes]:
    path.with_suffix(compiled.BEGUN).touch()
    words = [compiled.BEHIND, str(path), str(limit_s)]
    return start_python("-c", COMPILING, *words, encoding=None, stdin=subprocess.PIPE)


def test_what_takes_too_long_is_given_up_for_a_day_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path)
    path = tmp_path / "kernels-1"
    with compiling(path, limit_s=0.0) as compiler:
        assert compiler.wait(PATIENCE_S) == 1
    assert path.with_suffix(compiled.BEGUN).exists()
    prune_runs(str(tmp_path))
    check_words("kernels: given up", capsys.readouterr().out)
    prune_runs(str(tmp_path))
    assert capsys.readouterr().out == ""


def test_the_compiler_ends_with_the_program_and_the_next_lesson_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path)
    path = tmp_path / "kernels-1"
    with compiling(path, limit_s=2 * PATIENCE_S) as compiler:
        assert compiler.stdout is not None
        assert compiler.stdin is not None
        assert compiler.stdout.readline() == b"at work\n"
        assert compiler.poll() is None
        compiler.stdin.close()
        assert compiler.wait(PATIENCE_S) == 1
    assert not path.with_suffix(compiled.BEGUN).exists()
    assert compiled.news() == ""


def test_without_them_a_new_run_is_computed_by_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)  # as if it were broken
    assert compiled.code_path() is None
    monkeypatch.setattr(compiled, "kernels", lambda: None)
    assert not compiled.where_compiled(LearnerSettings(), "cpu").is_compiled
    monkeypatch.setattr(compiled, "kernels", dict)
    assert compiled.where_compiled(LearnerSettings(), "cpu").is_compiled
    assert not compiled.where_compiled(LearnerSettings(), "cuda").is_compiled


def test_a_width_that_no_lesson_has_is_left_to_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tile of 16 columns would write beyond it: only a hostile run says 24."""
    monkeypatch.setattr(compiled, "kernels", dict)
    assert compiled.kernels_for(SETTINGS, "cpu") == {}
    odd = msgspec.structs.replace(SETTINGS, width=24, n_heads=2)
    assert compiled.kernels_for(odd, "cpu") is None
