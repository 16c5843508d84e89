"""Small texts for tests, and a run that reads one."""

from pathlib import Path

HEAD = """+++
name = "A little text"
kind = "text"
shows = "Somebody does something."
width = 16
n_layers = 1
batch_size = 4
+++
"""

WHO = ("Anna", "The old fox", "My brother", "Nobody", "The queen of Ö")
DOES = ("sees", "eats", "paints", "forgets", "finds")
WHAT = ("a red house.", "the moon!", "two plums.", "my hat?", "nothing.")


def sentences(n: int = 120) -> str:
    lines = []
    for i in range(n):
        lines.append(f"{WHO[i % 5]} {DOES[i // 5 % 5]} {WHAT[(i * i + i // 25) % 5]}")
        if i % 7 == 6:
            lines.append("")
    return "\n".join(lines) + "\n"


def write_text(folder: Path, text: str | None = None, head: str = HEAD) -> Path:
    path = folder / "little.deck"
    path.write_text(head + (sentences() if text is None else text), "utf-8", newline="")
    return path
