"""The pages of the project, and the commands that they show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = tuple(
    sorted(
        [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "experiments/README.md")]
        + list((ROOT / "docs").rglob("*.md"))
    )
)
BLOCK = re.compile(r"^```([\w{}-]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
SHELL = ("", "bash")
PROGRAMS = ("partnersim", "make", "python", "pip", "solara", ".ci/run")


@dataclass(frozen=True)
class Shown:
    """A command as a page shows it."""

    page: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}: {self.text}"


def commands() -> list[Shown]:
    """Return every command of every page, each once."""
    found: dict[str, Shown] = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        name = page.relative_to(ROOT).as_posix()
        in_blocks = [line for language, body in BLOCK.findall(text) if language in SHELL for line in lines_of(body)]
        in_text = [code for code in CODE.findall(BLOCK.sub("", text)) if program_of(code) in PROGRAMS]
        for command in (*in_blocks, *in_text):
            found.setdefault(command, Shown(name, command))
    return list(found.values())


def program_of(command: str) -> str:
    """Return the first word that is no setting of the environment."""
    words = [word for word in command.split() if not re.match(r"[A-Z_]+=", word)]
    return words[0] if words else ""


def lines_of(block: str) -> list[str]:
    """Return the commands of a block: one per line, and on each side of ``&&``, without comments."""
    lines = [re.sub(r"\s+#\s.*$", "", line).strip() for line in block.splitlines()]
    return [part.strip() for line in lines for part in line.split(" && ") if part.strip()]


def python_blocks() -> list[Shown]:
    """Return every block of Python of every page."""
    return [
        Shown(page.relative_to(ROOT).as_posix(), body)
        for page in PAGES
        for language, body in BLOCK.findall(page.read_text(encoding="utf-8"))
        if language == "python"
    ]
