"""Rebuild everything that is derived from the model and the cases, in the right order: ``make derived-all``.

    python -m experiments.derived_all [--list]

About two hours on two cores. What already belongs to the model as it stands is skipped, and a long step resumes where
it was stopped, so that the command can be given again at any time. The notebooks need the extra ``notebooks``, the
estimators the extra ``neural``; a step whose extra is missing is named and left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from experiments.settings import ROOT
from sim.core.sources import model_hash

KEPT = ROOT / "experiments" / "kept"


@dataclass(frozen=True)
class Step:
    """A program to run, the files that say which model its results belong to, and the packages it needs."""

    module: str
    holds: tuple[Path, ...] = ()
    needs: tuple[str, ...] = ()

    def current(self) -> bool:
        """Whether every file belongs to the model as it stands; a step without files is always run."""
        return bool(self.holds) and all(path.exists() and model_of(path) == model_hash() for path in self.holds)

    def missing(self) -> list[str]:
        """Return the packages that are not installed."""
        return [name for name in self.needs if not find_spec(name)]


def model_of(path: Path) -> str | None:
    """Return the hash of the model that the results in a file belong to."""
    held = json.loads(path.read_text(encoding="utf-8"))
    for name in ("made_with", "metadata", "partnersim"):
        held = held.get(name, held)
    return held.get("model_hash", held.get("model"))


def steps() -> list[Step]:
    """Return every step, each after those that it reads."""
    calibrated = ("emergent", "rivals", "recovery", "priors")
    asked = ("validity", "people", "two_cases", "enabling_levels", "shocks", "turnover", "scale", "surprises",
             "sensitivity", "portfolios", "comparison")  # fmt: skip
    return [
        Step("experiments.calibration.cases", (KEPT / "calibration.json",)),
        Step("experiments.derived", (ROOT / "sim" / "data" / "derived.json",)),
        *(Step(f"experiments.calibration.{name}", (KEPT / f"{name}.json",)) for name in calibrated),
        *(Step(f"experiments.questions.{name}", (KEPT / f"{name}.json",)) for name in asked),
        Step("experiments.calibration.estimators", (KEPT / "estimators.json",), ("bayesflow", "jax")),
        Step("experiments.notebooks", tuple((ROOT / "notebooks").glob("*.ipynb")), ("jupytext", "nbclient")),
        Step("docs.derive"),
    ]


def main() -> int:
    """Run every step that is not current; stop at the first that fails."""
    todo = [step for step in steps() if not step.current()]
    print(f"{len(steps()) - len(todo)} of {len(steps())} steps belong to model {model_hash()} already", flush=True)
    for place, step in enumerate(todo, 1):
        name = f"{place} of {len(todo)}: {step.module}"
        if step.missing():
            print(f"{name}: LEFT OUT, not installed: {', '.join(step.missing())}", flush=True)
        elif "--list" in sys.argv[1:]:
            print(name)
        else:
            print(f"{name} ...", flush=True)
            began = time.perf_counter()
            if status := subprocess.run([sys.executable, "-m", step.module], cwd=ROOT, check=False).returncode:
                print(f"{name}: FAILED with status {status}; mend it and run the same command again", flush=True)
                return status
            print(f"{name}: done in {time.perf_counter() - began:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
