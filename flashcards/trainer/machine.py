"""The machine that teaches, as `run.json` names it; another one may round otherwise."""

from __future__ import annotations

import platform

import torch


def this_machine() -> str:
    """System, architecture and the instructions torch uses here: `Linux x86_64 AVX2`."""
    instructions = torch.backends.cpu.get_cpu_capability()
    return f"{platform.system()} {platform.machine()} {instructions}"
