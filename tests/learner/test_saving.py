"""The saved state: safetensors that the library reads, the same bytes every time, damage named."""

import pytest
import torch

from flashcards.learner.saving import SavedError, bytes_of, floats_of, pack, unpack

TENSORS = {"a.b": torch.arange(6.0).view(2, 3), "c": torch.tensor([1.5])}
EXTRA = {"order": b"\x00\xff", "none": b""}


def test_the_library_reads_what_is_written() -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    tensors = safetensors.load(pack(TENSORS, 7, EXTRA))
    assert tensors.keys() == {"a.b", "c", "extra.order", "extra.none"}
    assert torch.equal(tensors["a.b"], TENSORS["a.b"])
    assert tensors["extra.order"].tolist() == [0, 255]


def test_every_cut_is_noticed_and_changes_nothing() -> None:
    saved = pack(TENSORS, 7, EXTRA)
    for n_bytes in range(len(saved)):
        into = {name: torch.zeros_like(tensor) for name, tensor in TENSORS.items()}
        with pytest.raises(SavedError):
            unpack(saved[:n_bytes], into)
        assert not any(tensor.any() for tensor in into.values())


def test_another_model_and_another_format_are_told_apart() -> None:
    with pytest.raises(SavedError, match="another size"):
        unpack(pack(TENSORS, 7, {}), {"a.b": torch.zeros(3, 2), "c": torch.zeros(1)})
    foreign = pack(TENSORS, 7, {}).replace(b"flashcards learner 1", b"flashcards learner 9")
    with pytest.raises(SavedError, match="not in the format"):
        unpack(foreign, TENSORS)


def test_rows_of_numbers_go_to_bytes_and_back_and_others_are_refused() -> None:
    rows = torch.arange(6.0).view(3, 2).T
    assert floats_of(bytes_of(rows), 2).equal(rows)
    for content, n_rows in ((b"", 1), (bytes(8), 0), (bytes(12), 2)):
        with pytest.raises(SavedError, match="rows of numbers"):
            floats_of(content, n_rows)
