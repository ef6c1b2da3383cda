"""What each lever and rule moves, in a few words, from the shipped table (made by ``experiments/ablation.py``)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from sim.core.metric_table import COMPONENTS

LEAST = 0.1
MOST_NAMED = 6
_HOURS = {"lever": "kept", "rule": "all"}
_MEANING = "when taken away; run-to-run standard deviations, PCCP/CHRP"

Effects = dict[tuple[str, str, str, str], float]


@cache
def _effects() -> Effects:
    """Return effects by kind, thing taken away, metric and case, hours kept; empty where there is no table."""
    path = files("sim") / "data" / "ablation.csv"
    if not path.is_file():
        return {}
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return {
        (row["kind"], row["what"], row["metric"], row["case"]): float(row["effect"])
        for row in rows
        if row["hours"] == _HOURS.get(row["kind"])
    }


def _told(chosen: Callable[[tuple[str, str, str, str]], str | None]) -> str:
    """Return effects in words, components first, then the strongest; ``chosen`` names a key, or drops it by None."""
    found: dict[str, dict[str, float]] = {}
    for key, effect in _effects().items():
        if name := chosen(key):
            found.setdefault(name, {})[key[3]] = effect
    strong = {name: by_case for name, by_case in found.items() if max(map(abs, by_case.values())) >= LEAST}
    ranked = sorted(strong.items(), key=lambda item: (item[0] not in COMPONENTS, -max(map(abs, item[1].values()))))
    if not ranked:
        return f"nothing by {LEAST:g} or more" if found else ""
    words = (
        f"{name} {'/'.join(f'{by_case[case]:+.1f}' for case in ('pccp', 'chrp'))}"
        for name, by_case in ranked[:MOST_NAMED]
    )
    return f"{', '.join(words)} ({_MEANING})"


def what_it_moves(kind: str, what: str) -> str:
    """Return what taking away a lever (its hours kept) or a rule moves most.

    Parameters
    ----------
    kind : {'lever', 'rule'}
        What is taken away.
    what : str
        Its name.
    """
    return _told(lambda key: key[2] if key[:2] == (kind, what) else None)


def moved_by(metric: str) -> str:
    """Return the levers whose absence moves a metric most; empty for a metric that the table does not have."""
    return _told(lambda key: key[1] if (key[0], key[2]) == ("lever", metric) else None)
