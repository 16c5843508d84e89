"""Kernels as machine code: compiled once, with numba, and loaded by each lesson without it.

The first lesson compiles in the background, for a limited time; new runs use the code from then on.
It holds for this processor and these versions. Loading takes llvmlite alone: milliseconds, where
numba would take a quarter of a second. Without numba, or with a broken one, torch computes.
"""

import contextlib
import ctypes
import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import msgspec
import platformdirs

from flashcards.base.system import lower_priority, python
from flashcards.learner.settings import HEAD_WIDTH, LearnerSettings
from flashcards.runs.run_files import write_atomically

News = Literal["compiled", "given up", ""]
Kernels = Mapping[str, Callable[..., None]]  # by name; they take addresses and sizes

PREFIX = "kernels-"
BEGUN = ".begun"
NEWS = "kernels.new"
BEHIND = "--behind"  # a lesson, which goes on and may end sooner
RETRY_S = 86_400
LIMIT_S = 300.0  # It takes 20 s of a processor; one that is busy with other work may never end
GRACE_S = 30.0  # After the program has ended, so that short lessons come to an end of it too
SOURCES = ("elementwise.py", "products.py", "attention.py", "all_layers.py")


class Code(msgspec.Struct, frozen=True):
    """A compilation, as it is saved."""

    names: dict[str, tuple[str, int]]  # the symbol of every kernel, and the number of its arguments
    sha256: str  # of `machine_code`, an object file
    machine_code: bytes


def code_path() -> Path | None:
    """The file of the code for this processor, these versions and this source; None without numba,
    or where llvmlite is broken."""
    try:
        versions = [metadata.version(name) for name in ("numba", "llvmlite")]
        import llvmlite.binding as llvm

        known = [*versions, llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]
    except Exception:  # an import, or a library that is not for this system, fails in many ways
        return None
    sources = [Path(__file__).with_name(name).read_bytes() for name in SOURCES]
    key = hashlib.sha256("\n".join(known).encode() + b"".join(sources)).hexdigest()
    return platformdirs.user_cache_path("flashcards") / f"{PREFIX}{key[:32]}"


def compile_kernels(path: Path) -> None:
    """Write the code. Raises OSError: it can't be written."""
    import llvmlite.binding as llvm

    import flashcards.learner.kernels.all_layers  # noqa: F401 - its kernels
    from flashcards.learner.kernels.elementwise import KERNELS

    module = llvm.parse_assembly("")
    for kernel in KERNELS.values():
        module.link_in(llvm.parse_assembly(kernel.inspect_llvm()))
    code = _machine().emit_object(module)
    names = {
        name: (kernel.native_name, kernel.__wrapped__.__code__.co_argcount)
        for name, kernel in KERNELS.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    saved = Code(names, hashlib.sha256(code).hexdigest(), code)
    write_atomically(path, msgspec.msgpack.encode(saved))


def compile_behind() -> None:
    """Compile in a process of its own, where numba is and no code is kept yet. Whatever fails there
    changes nothing but speed; it is tried again after a day. It ends soon after this process. The
    variable `FLASHCARDS_COMPILE=0` forbids it."""
    path = None if os.environ.get("FLASHCARDS_COMPILE") == "0" else code_path()
    if path is None or path.exists():
        return
    begun = path.with_suffix(BEGUN)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if begun.exists() and time.time() - begun.stat().st_mtime < RETRY_S:
            return
        begun.touch()
        nowhere = subprocess.DEVNULL
        compiler = subprocess.Popen(
            python("-m", "flashcards.learner.kernels.compiled", BEHIND),
            stdin=subprocess.PIPE,  # which ends with this process, however that ends
            stdout=nowhere,
            stderr=nowhere,
            process_group=0,  # a session of its own would get as much of a core as the lesson's
        )
        _COMPILERS.append(compiler)


def news() -> News:
    """The outcome of compiling since this was asked last; each is given once."""
    path = platformdirs.user_cache_path("flashcards") / NEWS
    with contextlib.suppress(OSError):
        is_given_up = path.stat().st_size > 0
        path.unlink()
        return "given up" if is_given_up else "compiled"
    return ""


def version() -> str:
    """The name of the machine code that is used here, 32 hex digits; "none" without one."""
    path = code_path()
    return "none" if path is None or kernels() is None else path.name.removeprefix(PREFIX)


def where_compiled(settings: LearnerSettings, device: str) -> LearnerSettings:
    """The settings of a new run: computed by the kernels, where they are."""
    is_here = device == "cpu" and kernels() is not None
    return msgspec.structs.replace(settings, is_compiled=True) if is_here else settings


@cache
def kernels() -> Kernels | None:
    saved = platformdirs.user_cache_path("flashcards").glob(f"{PREFIX}*")
    path = code_path() if any(saved) else None  # llvmlite is not imported for nothing
    if path is None:
        return None
    try:
        code = msgspec.msgpack.decode(path.read_bytes(), type=Code)
    except (OSError, msgspec.DecodeError):
        return None
    if hashlib.sha256(code.machine_code).hexdigest() != code.sha256:
        return None
    import llvmlite.binding as llvm

    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code.machine_code))
    engine.finalize_object()
    _ENGINES.append(engine)
    return {
        name: ctypes.PYFUNCTYPE(None, *[ctypes.c_ssize_t] * n_arguments)(
            engine.get_function_address(symbol)
        )
        for name, (symbol, n_arguments) in code.names.items()
    }


def kernels_for(settings: LearnerSettings, device: str) -> Kernels | None:
    """The kernels, where this model is computed by them on this type of device. Their products want
    a width that all lessons have; a run of somebody else's may say another."""
    is_fit = settings.is_compiled and device == "cpu" and settings.width % HEAD_WIDTH == 0
    return kernels() if is_fit else None


_ENGINES: list[Any] = []  # their memory holds the machine code: it must stay
_COMPILERS: list[subprocess.Popen[bytes]] = []  # their standard input must stay open


def _machine() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        codemodel="jitdefault",
    )


def main() -> None:
    path = code_path()
    if path is None:
        sys.exit("numba is not installed, or broken: pip install numba")
    if BEHIND in sys.argv:
        lower_priority(19)
        for watch in (_give_up_in_time, _end_with_program):
            threading.Thread(target=watch, args=(path,), daemon=True).start()
    compile_kernels(path)
    path.with_name(NEWS).touch()


def _give_up_in_time(path: Path) -> None:
    time.sleep(LIMIT_S)
    path.with_name(NEWS).write_text("given up", encoding="utf-8")
    os._exit(1)  # the compiler is at work in machine code, and hears of nothing


def _end_with_program(path: Path) -> None:
    """A later lesson tries again: nothing has failed here."""
    os.read(0, 1)  # gives nothing, once nobody can write
    time.sleep(GRACE_S)
    path.with_suffix(BEGUN).unlink(missing_ok=True)
    os._exit(1)


if __name__ == "__main__":
    main()
