"""The record of a run: what is needed to know where results came from and to make them again."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.config.resolve import Resolved, full_settings
from sim.results.story import limits
from sim.config.version import code_identity, package_version
from sim.core.sources import model_hash

if TYPE_CHECKING:
    from datetime import datetime

SCHEMA = 1
PACKAGES = (
    "numpy",
    "numba",
    "llvmlite",
    "pyarrow",
    "pandas",
    "hydra-core",
    "omegaconf",
    "PyYAML",
    "matplotlib",
    "mesa",
)


def run_record(
    resolved: Resolved,
    completed: int,
    started: datetime,
    seconds: float,
    hashes: Mapping[str, str],
    folder: str,
    says: Sequence[str],
) -> dict[str, object]:
    """Return the content of ``record.json``.

    Parameters
    ----------
    resolved : Resolved
        The settings of the run.
    completed : int
        How many replicates are in the tables.
    started : datetime
        When the run began, with time zone.
    seconds : float
        How long it took.
    hashes : mapping of str to str
        Content hash of each table, by file name.
    folder : str
        The folder of the results.
    says : sequence of str
        What came out, in sentences.
    """
    return {
        "schema": SCHEMA,
        "case": resolved.case,
        "scenario": resolved.scenario_name,
        "seed": resolved.seed,
        "replicates": resolved.replicates,
        "completed": completed,
        "interrupted": completed < resolved.replicates,
        "settings_as_typed": list(resolved.words),
        "repeat": repeat_command(resolved, folder),
        "settings": full_settings(resolved.scenario),
        "settings_hash": resolved.hash8(),
        "content_hash": dict(hashes),
        "says": list(says),
        "limits": limits(resolved.scenario),
        **made_with(*PACKAGES),
        "platform": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "machine": platform.machine(),
            "processors": os.cpu_count(),
            "threads": threads_used(resolved.threads),
        },
        "settings_from": [str(path) for path in resolved.folders.all],
        "started": started.isoformat(timespec="seconds"),
        "duration_seconds": round(seconds, 2),
    }


def made_with(*packages: str) -> dict[str, object]:
    """Return the model, the code and the versions of packages that results were made with, as every record has them."""
    return {
        "model_hash": model_hash(),
        "code": code_identity(),
        "packages": {name: package_version(name) for name in packages},
    }


def threads_used(asked: int | None) -> int:
    """Return how many threads a run uses: those asked for, at most those there are."""
    from sim.core.engine import most_threads

    most = most_threads()
    return most if asked is None else min(asked, most)


def repeat_command(resolved: Resolved, folder: str) -> str:
    """Return the command that makes the same results again, in a folder beside the first.

    Parameters
    ----------
    resolved : Resolved
        The settings of the run.
    folder : str
        The folder of the first results.
    """
    given = dict(word.split("=", 1) for word in resolved.words)
    fixed = {
        "case": given.pop("case", resolved.case),
        "scenario": given.pop("scenario", resolved.scenario_name),
        "seed": str(resolved.seed),
        "replicates": str(resolved.replicates),
    }
    words = [f"{name}={value}" for name, value in (fixed | given).items()]
    words.append(f"output={folder.rstrip('/')}-again")
    return shlex.join([*program_words(), "run", *words])


def program_words() -> list[str]:
    """Return how this program was called, in words that can be copied."""
    called = Path(sys.argv[0])
    if called.stem == "partnersim":
        return ["partnersim" if _is_found("partnersim", called) else str(called)]
    python = Path(sys.executable)
    return ["python" if _is_found("python", python) else str(python), "-m", "sim"]


def _is_found(name: str, path: Path) -> bool:
    """Tell whether the shell finds this very program under its short name."""
    found = shutil.which(name)
    return found is not None and path.exists() and Path(found).samefile(path)
