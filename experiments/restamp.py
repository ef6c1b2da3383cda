"""Carry what is derived from the model over to a new model hash, once it is shown that no number moved.

    python -m experiments.restamp

For changes of the core that move code and not results. The known answers are computed first: when one differs from what
is stored, nothing is written, and ``make derived-all`` has to rebuild what depends on the model.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from sim.commands.exit_status import ExitStatus
from sim.config import version
from sim.core.posterior import FILE, Draws, read_draws, write_draws
from sim.core.sources import model_hash
from sim.sweeps.known_answer import ANSWERS, known_answers, stored_answers

ROOT = Path(__file__).resolve().parents[1]
STAMPED = ("sim/data/*.json", "experiments/kept/*.json", "docs/results/*.md", "notebooks/*.ipynb")


def main() -> int:
    """Write the present hash wherever the one before stands, or say why that would be untrue."""
    old = str(json.loads((ROOT / "sim/data/derived.json").read_text(encoding="utf-8"))["model"])
    new = model_hash()
    if old == new:
        print(f"everything belongs to model {new} already")
        return ExitStatus.DONE
    stored, found = stored_answers(), known_answers()
    moved = [name for name in ANSWERS if stored.get(name) != found[name]]
    if moved:
        names = ", ".join(moved)
        print(f"{names}: other known answers; nothing was written. make derived-all rebuilds what depends on the model")
        return ExitStatus.OUR_FAULT
    for path in stamped_files():
        text = path.read_text(encoding="utf-8")
        if old in text:
            path.write_text(text.replace(old, new), encoding="utf-8")
            print(f"re-stamped {path.relative_to(ROOT)}")
    restamp_posterior(new)
    map_earlier(old, new)
    return ExitStatus.DONE


def stamped_files() -> Iterator[Path]:
    """Yield every text file that carries the hash of the model that it was derived from."""
    for pattern in STAMPED:
        yield from sorted(ROOT.glob(pattern))


def restamp_posterior(new: str) -> None:
    """Write the hash into the draws that the package ships; their values are single precision and stay as they are."""
    held = read_draws("cases")
    write_draws(FILE, Draws(held.names, held.values, held.made_with | {"model_hash": new}))


def map_earlier(old: str, new: str) -> None:
    """Add the old hash to the map of models that give the same numbers."""
    path = Path(version.__file__)
    text = path.read_text(encoding="utf-8").replace(f': "{old}"', f': "{new}"')
    path.write_text(re.sub(r"(SAME_MODEL: dict\[str, str\] = \{)", rf'\1"{old}": "{new}", ', text), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(path)], check=False)


if __name__ == "__main__":
    sys.exit(main())
