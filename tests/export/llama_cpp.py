"""llama.cpp, in a process of its own: it writes what it likes, and a fault in it ends that."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import PATIENCE_S

PROGRAM = """
import json, sys, urllib.request
import xllamacpp as x

params = x.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.port, params.n_gpu_layers, params.n_parallel = 1024, 0, 0, 1
params.verbosity, params.warmup = -1, False
params.flash_attn_type = x.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
params.cache_type_k = params.cache_type_v = x.ggml_type.GGML_TYPE_F32
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = x.Server(params)

def tokenize(asked):
    data = json.dumps(asked).encode()
    request = urllib.request.Request(server.listening_address + "/tokenize", data)
    request.add_header("Content-Type", "application/json")
    return json.load(urllib.request.urlopen(request))

asking = {"cut": tokenize, "go on": server.handle_completions}
asking["chat"] = server.handle_chat_completions
print("SAID", json.dumps([asking[kind](asked) for kind, asked in json.load(sys.stdin)]))
"""


def ask(model: Path, asked: Iterable[tuple[str, dict[str, object]]]) -> list[Any]:
    """What it replies to each, asked to `cut`, to `go on` or to `chat`."""
    pytest.importorskip("xllamacpp")
    command = [sys.executable, "-c", PROGRAM, str(model)]
    written = json.dumps([*asked])
    ended = subprocess.run(
        command, input=written, capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    said: list[Any] = json.loads(ended.stdout.partition("SAID ")[2])
    return said


def going_on(model: Path, prompts: Iterable[str], n_tokens: int) -> list[str]:
    how: dict[str, object] = {"max_tokens": n_tokens, "temperature": 0.0}
    replies = ask(model, (("go on", {"prompt": prompt, **how}) for prompt in prompts))
    return [reply["choices"][0]["text"] for reply in replies]
