"""What is said of a model that is read through: pieces, parts, layers, attention."""

from __future__ import annotations

from collections.abc import Sequence

from flashcards.app.widgets.cells import cut, visible
from flashcards.base.language import tr
from flashcards.runs.details import PartName
from flashcards.wording.numbers import count

PART_NAMES: dict[PartName, str] = {
    "attention": "attention",
    "mlp": "combining",
    "embedding": "pieces in",
    "head": "pieces out",
    "gains": "gains",
}
"""Parts of the model in plain English: a layer looks back (attention), then combines (MLP)."""


def pieces(n: int) -> str:
    return tr("{n} piece", n=count(n)) if n == 1 else tr("{n} pieces", n=count(n))


def quoted(text: str, width: int = 24) -> str:
    return tr("“{text}”", text=cut(visible(text), width))


def looked_at(texts: Sequence[str], shares: Sequence[float], n_before: int) -> tuple[str, float]:
    """What the last of these pieces takes most from, and how much.

    Where one of `n_before` earlier pieces, which are not known, may have more: of which it is.
    """
    most = max(range(len(shares)), key=shares.__getitem__)
    target = tr("itself") if most == len(shares) - 1 else quoted(texts[most])
    if n_before and 1.0 - sum(shares) > shares[most]:
        target = tr("{target}, of the last {n}", target=target, n=pieces(len(shares)))
    return target, shares[most]


def rows_left_out(n_before: int, n_after: int) -> str:
    """What of the attention of a long card is not shown."""
    if not n_after:
        return tr("… {n_before} rows before these", n_before=count(n_before))
    if not n_before:
        return tr("… {n_after} rows after these", n_after=count(n_after))
    return tr(
        "… {n_before} rows before these, {n_after} after",
        n_before=count(n_before),
        n_after=count(n_after),
    )
