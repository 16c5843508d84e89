"""What can't be used is said in a sentence, before memory is taken; nothing of it is run."""

import contextlib
import importlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flashcards.cli import main
from flashcards.learner.brought import opener
from flashcards.learner.brought.model_folder import PretrainedError
from flashcards.learner.brought.opener import bring
from flashcards.learner.brought.pieces import pieces_of
from flashcards.learner.brought.pretrained_settings import PretrainedSettings, settings_of
from flashcards.learner.settings import SettingsError
from flashcards.learner.tokenizer import TokenizerError
from flashcards.wording import rates
from tests import told
from tests.export.runs import a_run
from tests.golden import check_words, raises_words
from tests.pretrained.test_numbers import a_deck
from tests.pretrained.test_runs import DECK, taught
from tests.pretrained.tiny import a_model, as_gguf


def changed_config(**changed: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "config.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **changed}))

    return change


def written(name: str, text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_text(text)

    return write


def cut_numbers(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


def only_pickles(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def link_away(folder: Path) -> None:
    """What a link leads to would be in every export, and in the run."""
    secret = folder.parent / "secret.txt"
    secret.write_text("mine")
    (folder / "chat_template.jinja").symlink_to(secret)


SPOILT: dict[str, Callable[[Path], None]] = {
    r"pytorch_model\.bin may run code": only_pickles,
    "code of its own": changed_config(auto_map={"AutoModel": "evil.Model"}, model_type="evil"),
    "kind vit, which doesn't go on with a text": changed_config(model_type="vit"),
    "has an encoder": changed_config(is_encoder_decoder=True),
    "in the format fp8, which can't be taught": changed_config(
        quantization_config={"quant_method": "fp8"}
    ),
    "other sizes than its config.json": changed_config(intermediate_size=48),
    "layers.3.input_layernorm.weight is missing": changed_config(num_hidden_layers=4),
    "n_layers is 4000": changed_config(num_hidden_layers=4000),
    "damaged: .*intermediate_size.* expected int": changed_config(intermediate_size="many"),
    "names no eos_token_id": changed_config(eos_token_id=None),
    "is damaged": cut_numbers,
    "tokenizer .* is .* missing": lambda folder: (folder / "tokenizer.json").unlink(),
    "tokenizer .* is damaged": written("tokenizer.json", "{}"),
    "config.json is damaged": written("config.json", "{"),
    "config.json is damaged: .*rope_parameters": changed_config(rope_parameters=[1]),
    "stretched by numbers that can't be": changed_config(
        rope_scaling={
            "rope_type": "llama3",
            "factor": 0.0,
            "original_max_position_embeddings": 64,
            "low_freq_factor": 1.0,
            "high_freq_factor": 1.0,
        }
    ),
    "link to .* outside of the model's folder": link_away,
}


@pytest.mark.parametrize("said", SPOILT)
def test_a_folder_that_cant_be_used_is_a_sentence(said: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(a_model("llama"), folder)
    for name in ("generation_config.json",):
        (folder / name).unlink(missing_ok=True)
    SPOILT[said](folder)
    with pytest.raises(PretrainedError, match=said):
        bring(folder, a_deck())


FORM = {"family": "llama", "vocabulary": 64, "n_layers": 2, "width": 64, "n_heads": 2}
NAN = b"\x00\x00\xc0\x7f"


def own_model(folder: Path) -> Path:
    assert main(["export", str(a_run("char")), "--to", "hf", "-o", str(folder)]) == 0
    return folder / "model.safetensors"


def gguf_file(path: Path) -> Path:
    as_gguf("llama", path)
    return path


def an_adapter(folder: Path) -> Path:
    deck = folder.parent / "deck.deck"
    deck.write_text(DECK, encoding="utf-8")
    run = taught(deck, a_model("qwen2"), "--set", "rank=4")
    wishes = ["--to", "hf", "--adapter", "-o", str(folder)]
    assert main(["export", str(run), *wishes]) == 0
    return folder / "adapter_model.safetensors"


def folder_of_llama(folder: Path) -> Path:
    return shutil.copytree(a_model("llama"), folder) / "model.safetensors"


@pytest.mark.parametrize(
    "write",
    [folder_of_llama, gguf_file, own_model, an_adapter],
)
def test_numbers_that_are_none_are_a_sentence(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = tmp_path / ("x.gguf" if write is gguf_file else "x")
    file = write(path)
    whole = file.read_bytes()
    bring(path, a_deck())
    file.write_bytes(whole[:-64] + 16 * NAN)
    with pytest.raises(PretrainedError) as caught:
        bring(path, a_deck())
    message = str(caught.value).replace(str(path), "(the model)").partition(" holds ")[2]
    check_words("model: no numbers", message)


def test_a_tokenizer_that_says_too_many_pieces_is_refused() -> None:
    facts = json.loads(bring(a_model("llama"), a_deck()).pieces)
    for altered in ({"n_rows": 20_000_000_000}, {"n_rows": 10**30}, {"end_id": 999}):
        with pytest.raises(TokenizerError):
            pieces_of(json.dumps({**facts, **altered}).encode())
    with pytest.raises(TokenizerError):
        pieces_of(b"{")


@pytest.mark.slow
def test_a_gguf_file_cut_anywhere_or_altered_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    as_gguf("llama", path)
    whole = path.read_bytes()
    for place in (0, 3, 300, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:place])
        with pytest.raises(PretrainedError):
            bring(path, a_deck())
    for place in (8, 16, 40, 1200):
        path.write_bytes(whole[:place] + b"\xff\xff" + whole[place + 2 :])
        with contextlib.suppress(PretrainedError):  # some of it matters to nobody
            bring(path, a_deck())


def test_code_that_a_known_kind_brings_is_not_run(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(a_model("llama"), folder)
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nModel = 1\n")
    changed_config(auto_map={"AutoModelForCausalLM": "evil.Model", "AutoConfig": "evil.Model"})(
        folder
    )
    assert bring(folder, a_deck()).base is not None
    assert not (tmp_path / "ran").exists()


def test_a_model_without_attention_is_refused(tmp_path: Path) -> None:
    transformers: Any = importlib.import_module("transformers")
    sizes = {"vocab_size": 336, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = transformers.MambaConfig(**sizes, eos_token_id=0, bos_token_id=0, pad_token_id=0)
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    shutil.copy(a_model("llama") / "tokenizer.json", tmp_path)
    with raises_words(PretrainedError, "model: no attention", model=tmp_path):
        bring(tmp_path, a_deck())


def test_numbers_of_a_format_that_cannot_be_taught_are_named(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "model"
    shutil.copytree(a_model("qwen3"), folder)
    file = folder / "model.safetensors"
    numbers = load_file(file)
    save_file({k: v.double() for k, v in numbers.items()}, file, {"format": "pt"})
    assert bring(folder, a_deck()).base is not None
    save_file({k: v.to(torch.float8_e4m3fn) for k, v in numbers.items()}, file, {"format": "pt"})
    with raises_words(PretrainedError, "model: numbers of another format", file=file):
        bring(folder, a_deck())


def test_a_model_larger_than_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opener, "available_bytes", lambda: 500_000_000)
    with raises_words(PretrainedError, "model: too large for memory", model=a_model("qwen2")):
        bring(a_model("qwen2"), a_deck())


def test_states_that_nobody_could_read_again_are_not_begun_with() -> None:
    form = PretrainedSettings.of_form(FORM)
    n_numbers = 1_350_000_000
    assert form.for_model(a_deck(), 2048, n_numbers).learned == "adapter"
    with raises_words(SettingsError, "model: large states"):
        form.for_model(a_deck(), 2048, n_numbers, {"learned": "all"})
    with raises_words(SettingsError, "model: too many numbers"):
        form.for_model(a_deck(), 2048, 2_500_000_000)


@pytest.mark.parametrize("learned", rates.USUAL_RATES)
def test_the_screen_knows_the_usual_rate_of_what_learns(learned: str) -> None:
    form = PretrainedSettings.of_form(FORM)
    usual = form.for_model(a_deck(), 2048, 10_000, {"learned": learned}).learning_rate
    assert usual == rates.USUAL_RATES[learned]
    chosen = {"learned": learned, "learning_rate": 10 * usual}
    start = told.started(base="a model", learning_rate=10 * usual, chosen=chosen)
    assert rates.times_usual(start) == pytest.approx(10)


def test_without_packages_it_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    model = a_model("qwen2")  # the package makes it
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with raises_words(PretrainedError, "model: no transformers"):
        bring(model, a_deck())


def test_it_is_said_on_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = ["--runs", str(tmp_path)]
    assert (
        main(["train", "capitals", "--model", str(tmp_path / "none"), "--steps", "1", *runs]) == 1
    )
    check_words("model: none there", capsys.readouterr().err, model=tmp_path / "none")
    assert main(["train", "--resume", "x", "--model", "y", *runs]) == 2
    check_words("cli: train apple --after x --model y", capsys.readouterr().err)


def test_a_new_adapter_is_in_the_upper_layers_and_in_earlier_runs_everywhere() -> None:
    form = PretrainedSettings.of_form({**FORM, "n_layers": 5})
    chosen = form.for_model(a_deck(), 2048, 60_000_000)
    assert (chosen.n_adapted_layers, chosen.adapted_matrices) == (2, "qv_mlp")
    assert form.for_model(a_deck(), 2048, 60_000_000, {"n_adapted_layers": 0}).n_adapted_layers == 0
    saved = msgspec.to_builtins(form)
    del saved["n_adapted_layers"], saved["adapted_matrices"]
    earlier = settings_of(saved)
    assert isinstance(earlier, PretrainedSettings)
    assert (earlier.n_adapted_layers, earlier.adapted_matrices) == (0, "all")
