"""A GGUF file as a folder in Hugging Face layout, kept in the user's cache.

`transformers` reads the file, gives back the numbers that were rounded, and its tokenizer. That
takes four times as long as opening what came of it, so that is kept. It happens in a process of its
own with limits: `python -m flashcards.learner.brought.gguf_folder FILE FOLDER`.
"""

import base64
import contextlib
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from flashcards.base.persons_program import limit
from flashcards.base.system import python
from flashcards.cards.printable import printable
from flashcards.learner.brought.model_folder import (
    OWN,
    OWN_TOKENIZER,
    PretrainedError,
    first_line,
    package,
)

FORM = 2  # of such folders; one more where another would come of a file
N_KEPT = 3  # folders; each has four bytes a number
PATIENCE_S = 1800.0
MEMORY_BYTES = 8 << 30  # and this many times the file:
MEMORY_FACTOR = 24

OWN_VALUES = ("flashcards.settings", "flashcards.tokenizer")
"""Of a model that this program exported: JSON, and bytes in base64."""

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
WORDS: dict[str, dict[str, Any]] = {
    "": {},
    "gpt-2": {},
    "default": {},
    "smollm": {"type": "Digits", "individual_digits": True},
    "llama-bpe": {"type": "Split", "pattern": {"Regex": LLAMA3}},
    "qwen2": {"type": "Split", "pattern": {"Regex": LLAMA3.replace("{1,3}", "")}},
}
"""The ways in which text is cut into words before pieces are looked for (llama.cpp:
src/llama-vocab.cpp), by the file's name of it, as `tokenizers` writes it. transformers takes
GPT-2's for most."""

FACTORS = "rope_factors.json"
"""Numbers by which the frequencies of positions are divided, which config.json doesn't name."""


def converted(path: Path) -> Path:
    """The folder with what is in this file.
    Raises PretrainedError: it is damaged, or of a kind that `transformers` doesn't read."""
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise PretrainedError(f"{path} is damaged or no GGUF file: it does not begin as one")
    root = _cache()
    folder = root / sha256_of(path)[:32]
    if folder.is_dir():
        os.utime(folder)
        return folder
    for name in ("gguf", "accelerate", "transformers"):
        package(name)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".") as parent:
        target = Path(parent, "folder")
        _convert_apart(path, target)
        with contextlib.suppress(OSError):  # another process was quicker
            target.rename(folder)
    folders = sorted(root.glob("[!.]*"), key=lambda folder: folder.stat().st_mtime)
    for old in folders[:-N_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def _cache() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("flashcards") / f"gguf-{FORM}"


def sha256_of(path: Path) -> str:
    status = path.stat()
    return _sha256_of(path, status.st_size, status.st_mtime_ns)


@functools.lru_cache(4)
def _sha256_of(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _convert_apart(path: Path, target: Path) -> None:
    try:
        ended = subprocess.run(
            python("-m", __name__, str(path), str(target)), capture_output=True, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        raise PretrainedError(f"{path} takes too long to be read") from None
    if ended.returncode:
        lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        why = printable(lines[-1]) if lines and ended.returncode > 0 else "it takes too much memory"
        raise PretrainedError(f"{path} is damaged, or can't be taught: {why}")


def stretch(folder: Path, model: Any) -> None:
    """Divide the frequencies of the model's positions as the file says."""
    if not (folder / FACTORS).is_file():
        return
    import torch

    factors = torch.tensor(json.loads((folder / FACTORS).read_text()))
    for module in model.modules():
        for name in ("inv_freq", "original_inv_freq"):
            if isinstance(frequencies := getattr(module, name, None), torch.Tensor):
                frequencies.div_(factors)


# -- llama.cpp's names


@functools.cache
def _names() -> Any:
    gguf = package("gguf")
    return gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN3, 128)


def gguf_name(name: str) -> str:
    """llama.cpp's name of this tensor: model.layers.0.mlp.up_proj.weight is blk.0.ffn_up.weight."""
    of_llama_cpp: str = _names().get_name(name, try_suffixes=(".weight", ".bias"))
    return of_llama_cpp


# -- the process of its own


def main() -> None:
    source, target = map(Path, sys.argv[1:])
    n_bytes = MEMORY_BYTES + MEMORY_FACTOR * source.stat().st_size
    limit(AS=(n_bytes, n_bytes), CORE=(0, 0))
    gguf = package("gguf")
    # transformers makes a new reader for each thing that it looks for, of some seconds each, and a
    # new table of names for each part of the model
    gguf.GGUFReader = functools.cache(gguf.GGUFReader)
    gguf.get_tensor_name_map = functools.cache(gguf.get_tensor_name_map)
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder, "model.gguf")
        link.symlink_to(source.absolute())  # alone: other files beside it say nothing here
        reader = gguf.GGUFReader(str(link))
        target.mkdir()
        texts = [_text(reader, name) for name in OWN_VALUES]
        if all(texts):
            _write_own(reader, target, *texts)
        else:
            _write(reader, link, target)


def _complete(config: Any, reader: Any) -> None:
    """Take from the file what transformers passes over: the width of heads, and how positions are
    stretched. Raises ValueError: in a way that isn't known."""
    kind = _text(reader, "general.architecture")

    def value(name: str) -> Any:
        field = reader.get_field(f"{kind}.{name}")
        return None if field is None else field.contents()

    if hasattr(config, "head_dim") and (width := value("attention.key_length")):
        config.head_dim = int(width)
    scaling = value("rope.scaling.type") or "linear"
    factor = value("rope.scaling.factor") or value("rope.scale_linear") or 1.0
    if scaling == "none" or factor == 1.0:
        return
    if scaling not in ("linear", "yarn"):
        raise ValueError(f"it stretches positions by {scaling}, which isn't known")
    stretched = {"rope_type": scaling, "factor": float(factor)}
    if scaling == "yarn":
        of = value("rope.scaling.original_context_length")
        stretched["original_max_position_embeddings"] = int(of)
    config.rope_parameters = {**config.rope_parameters, **stretched}


def _pieces(file: dict[str, Any], reader: Any) -> dict[str, Any]:
    """The content of tokenizer.json, as llama.cpp takes the file: words cut in its way, no pieces
    beside those that the file has, and the first one put first.
    Raises ValueError: it cuts words in a way that isn't known."""
    texts = reader.get_field("tokenizer.ggml.tokens").contents()
    file["added_tokens"] = [part for part in file["added_tokens"] if part["id"] < len(texts)]
    pre = _text(reader, "tokenizer.ggml.pre")
    is_of_bytes = _text(reader, "tokenizer.ggml.model") == "gpt2"
    if is_of_bytes:
        if pre not in WORDS:
            raise ValueError(f"its tokenizer cuts words in the way {pre}, which isn't known")
        words = WORDS[pre]
        is_split = words.get("type") == "Split"
        cut = [{**words, "behavior": "Isolated", "invert": False} if is_split else words]
        level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False}
        steps = [*(cut if words else []), {**level, "use_regex": not is_split}]
        file["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": steps}
    field = reader.get_field("tokenizer.ggml.add_bos_token")
    is_begun = pre == "llama-bpe" or not is_of_bytes if field is None else field.contents()
    begin = reader.get_field("tokenizer.ggml.bos_token_id")
    file["post_processor"] = None
    if is_begun and begin is not None:
        text = texts[begin.contents()]
        single = [
            {"SpecialToken": {"id": text, "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
        ]
        special = {text: {"id": text, "ids": [begin.contents()], "tokens": [text]}}
        file["post_processor"] = {
            "type": "TemplateProcessing",
            "single": single,
            "pair": [*single, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": special,
        }
    return file


def _text(reader: Any, name: str) -> str:
    field = reader.get_field(name)
    return str(field.contents()) if field is not None else ""


def _write_own(reader: Any, target: Path, settings: str, tokenizer: str) -> None:
    """A model of this program's own form."""
    import numpy as np
    from safetensors.numpy import save_file

    n_layers = json.loads(settings)["n_layers"]
    parts = {tensor.name: np.array(tensor.data) for tensor in reader.tensors}
    names = ["model.embed_tokens.weight", "model.norm.weight", "lm_head.weight"]
    of_layer = ["input_layernorm", "post_attention_layernorm"]
    of_layer += [f"self_attn.{name}" for name in ("q_norm", "k_norm")]
    of_layer += [f"self_attn.{letter}_proj" for letter in "qkvo"]
    of_layer += [f"mlp.{name}_proj" for name in ("gate", "up", "down")]
    names += [f"model.layers.{i}.{name}.weight" for i in range(n_layers) for name in of_layer]
    save_file({name: parts[gguf_name(name)] for name in names}, target / "model.safetensors")
    config = {"model_type": "qwen3", OWN: json.loads(settings)}
    (target / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (target / OWN_TOKENIZER).write_bytes(base64.b64decode(tokenizer))


def _write(reader: Any, link: Path, target: Path) -> None:
    import torch
    import transformers

    named = {"gguf_file": link.name, "local_files_only": True, "trust_remote_code": False}
    form = transformers.AutoConfig.from_pretrained(link.parent, **named)
    _complete(form, reader)
    auto: Any = transformers.AutoModelForCausalLM
    model = auto.from_pretrained(link.parent, config=form, dtype=torch.float32, **named)
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(target, max_shard_size="5GB")
    tokenizer: Any = transformers.AutoTokenizer
    tokenizer = tokenizer.from_pretrained(link.parent, **named)
    file = _pieces(json.loads(tokenizer.backend_tokenizer.to_str()), reader)
    (target / "tokenizer.json").write_text(json.dumps(file), encoding="utf-8")
    ids = {token["content"]: token["id"] for token in file["added_tokens"]}
    special = {name: text for name, text in tokenizer.special_tokens_map.items() if text in ids}
    config = {"tokenizer_class": "PreTrainedTokenizerFast", **special}
    if template := _text(reader, "tokenizer.chat_template"):
        config["chat_template"] = template
    (target / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    factors = [tensor for tensor in reader.tensors if tensor.name == "rope_freqs.weight"]
    if factors:
        (target / FACTORS).write_text(json.dumps(factors[0].data.tolist()), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        sys.exit(first_line(error)[:300])
