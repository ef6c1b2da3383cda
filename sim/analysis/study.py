"""What the analyses of many runs have in common: what decides them, how they tell progress, and what they leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.results.folder import RECORD, write_json
from sim.results.provenance import made_with

if TYPE_CHECKING:
    from sim.sweeps.conduct import Progressed

FREE = ("threads", "output")
"""Settings that change no result."""

Tell = Callable[..., None]
"""Called with a stage, how many of its runs are done, how many there are, and perhaps how many of those have failed."""

Drawn = dict[str, tuple[Any, str]]
"""Figures by name, each with a sentence on how to read it."""


def asked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what decides a result, as the record has it and as a folder is claimed with (``sim.results.folder``)."""
    return {"settings": {name: value for name, value in options.items() if name not in FREE}}


def telling(tell: Tell, stage: str) -> Callable[[Progressed], None]:
    """Return a listener to a sweep that is one stage of an analysis."""
    return lambda state: tell(stage, state.done, state.runs, state.failed)


def leave(
    folder: Path, record: Mapping[str, Any], drawn: Drawn, page: Callable[[dict[str, Any]], str], *packages: str
) -> None:
    """Write the figures, the report that ``page`` makes of the whole record, and the record of a finished analysis."""
    for name, (figure, _) in drawn.items():
        figure.savefig(folder / f"{name}.png", dpi=130)
    whole = {**record, **made_with(*packages)}
    (folder / "report.html").write_text(page(whole), encoding="utf-8")
    write_json(folder / RECORD, whole)
