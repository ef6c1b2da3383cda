"""Rival explanations: how well other models predict the same targets, and whether the targets could tell them apart.

The likelihood of the targets is explicit (``sim.analysis.calibration.observation``), so the evidence for a model is the
mean weight of its table's rows, without summaries in between; for held-out targets it is the weighted mean likelihood
of a target under the fit to all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.calibration.observation import log_likelihood, observe
from sim.analysis.calibration.posterior import fitted, joint_log_weights, with_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.calibration.reference import Reference
    from sim.analysis.calibration.targets import Target

FULL = "full"
TOLD_APART = 0.8
"""From which share of right answers on pseudo-data on two models count as distinguished."""

Tables = Mapping[str, "Reference"]
Targets = Mapping[str, Sequence["Target"]]


@dataclass(frozen=True)
class Rival:
    """Another model.

    Attributes
    ----------
    name : str
        Its name.
    words : tuple of str
        Settings that make it.
    says : str
        What it claims, in a sentence.
    """

    name: str
    words: tuple[str, ...]
    says: str


RIVALS = (
    Rival(FULL, (), "The full model."),
    Rival("exogenous turnover", ("turnover.cause=exogenous",), "Persons leave for outside reasons alone."),
    Rival("benefit turnover", ("turnover.cause=benefit",), "Persons leave only because they gain too little."),
    Rival("no buffer", ("turnover.buffer=none",), "Nothing of what a leaver knew is kept."),
    Rival("organisation buffer", ("turnover.buffer=organisation",), "Only home organisations keep it."),
    Rival("coordinator buffer", ("turnover.buffer=coordinator",), "Only coordinators keep it."),
    Rival("structural route", ("route=structural",), "Contributions combine by coordination alone."),
    Rival("relational route", ("route=relational",), "Contributions combine by trusting ties alone."),
    Rival("turnover only", ("null_model=turnover_only",), "Null: people come and go, and nothing else happens."),
    Rival("random exchange", ("null_model=random_exchange",), "Null: partners and amounts are random."),
)
"""The settings of the model's rival explanations and both nulls."""

ABLATED = tuple(
    Rival(f"no {rule}", (f"rules.{rule}=false",), f"Without the rule {rule}.")
    for rule in ("context", "encounters", "exchange", "integration", "appraisal", "progress", "adaptation")
)


@dataclass(frozen=True)
class Evidence:
    """Logarithm of how probable the targets are under a model, and its Monte Carlo error."""

    log: float
    error: float


def evidence(log_weights: NDArray[np.float64]) -> Evidence:
    """Return the evidence from the log weights of a table's rows."""
    top = float(log_weights.max())
    weights = np.exp(log_weights - top)
    mean = float(weights.mean())
    return Evidence(top + float(np.log(mean)), float(weights.std() / mean / np.sqrt(len(weights))))


def held_out(tables: Tables, targets: Targets) -> dict[str, float]:
    """Return the log score of each fitted target under the fit to all others, by its title.

    Parameters
    ----------
    tables, targets : mapping
        By case. A score of 0 is the best a target allows; a target that no run meets scores far below.
    """
    found = {}
    for name, table in tables.items():
        for target in fitted(targets[name]):
            if target.type == "order" and (target.other_case not in tables or target.value < 0):
                continue
            rest = {case: [one for one in some if one.name != target.name or _other(one, target)]
                    for case, some in targets.items()}  # fmt: skip
            log_weights = joint_log_weights(tables, rest)
            simulated = with_order(table, tables, [target])[target.quantity]
            weights = np.exp(log_weights - log_weights.max())
            likely = np.exp(log_likelihood(target, simulated))
            found[target.title()] = float(np.log(max((weights * likely).sum() / weights.sum(), 1e-12)))
    return found


def _other(one: Target, target: Target) -> bool:
    """Tell whether a target of the same name is another piece of evidence; an order is known from both cases."""
    return one.case != target.case and target.type != "order"


def pseudo_data(tables: Tables, targets: Targets, row: int, luck: np.random.Generator) -> dict[str, list[Target]]:
    """Return the targets as they would have been coded had a row of the tables been the real partnerships."""
    seen: dict[str, list[Target]] = {}
    for name, table in tables.items():
        own = [
            one for one in fitted(targets[name]) if one.type != "order" or (one.other_case in tables and one.value > 0)
        ]
        found = with_order(table, tables, own)
        seen[name] = [observe(one, float(np.nan_to_num(found[one.quantity][row])), luck) for one in own]
    return seen


@dataclass(frozen=True)
class Confusion:
    """Whether pseudo-data tell models apart.

    Attributes
    ----------
    names : tuple of str
        Models.
    logs : (m, datasets, m) float64
        Log evidence of each model (last axis) for data of each model (first axis).
    """

    names: tuple[str, ...]
    logs: NDArray[np.float64]

    def chosen(self) -> NDArray[np.float64]:
        """Return how often data of a model (row) are given to each model (column)."""
        best = self.logs.argmax(axis=2)
        return np.stack([(best == place).mean(axis=1) for place in range(len(self.names))], axis=1)

    def pair(self, one: str, other: str) -> float:
        """Return the share of right answers where only two models are asked about."""
        a, b = self.names.index(one), self.names.index(other)
        right = (self.logs[a, :, a] > self.logs[a, :, b]).mean() + (self.logs[b, :, b] > self.logs[b, :, a]).mean()
        return float(right / 2)


def confusion(models: Mapping[str, Tables], targets: Targets, datasets: int, seed: int = 1) -> Confusion:
    """Make pseudo-data with every model and see to which model their evidence points.

    Parameters
    ----------
    models : mapping of str to tables
        By model, then by case; all of one length.
    targets : mapping
        By case: what would be coded.
    datasets : int
        Pseudo-datasets per model.
    seed : int
        Which rows, and the errors of their coding.
    """
    luck = np.random.default_rng(seed)
    names = tuple(models)
    logs = np.empty((len(names), datasets, len(names)))
    for a, tables in enumerate(models.values()):
        n = next(iter(tables.values())).n
        for d, row in enumerate(luck.choice(n, datasets, replace=False)):
            seen = pseudo_data(tables, targets, int(row), luck)
            for b, others in enumerate(models.values()):
                log_weights = joint_log_weights(others, seen, full_weight=True)
                if a == b:
                    log_weights = np.delete(log_weights, row)
                logs[a, d, b] = evidence(log_weights).log
    return Confusion(names, logs)
