"""A third, unlike estimator: a network that learns the posterior from the reference table (the extra ``neural``).

Neural posterior estimation with a conditional flow (BayesFlow 2 on JAX). Places in [0, 1] are learnt as normal
scores, which the uniform prior turns into standard normals: no draw can leave its range, and a flow starts out as
the prior. A network is trained once and then answers for any observation at once; for one unlike all that was
simulated it would guess in silence, so such a one is refused.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.calibration.coded import Coded
from experiments.calibration.draws import Draws, from_scores, scores
from sim.analysis.calibration.posterior import Posterior
from sim.core.errors import UserError
from sim.sweeps.extras import needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

DRAWS = 10_000
WIDTHS = (64, 64)
DEPTH = 4
BATCH = 1024
EPOCHS = 10
RATE = 1e-3
"""Widths of the layers, couplings, rows a step, passes over the table and rate of learning."""

LEAST_FURTHER_OUT = 0.01
"""Of the simulated runs at least this share must lie further out than the observation."""

WORTH = 24
CONTROLS = 4


@dataclass(frozen=True)
class Network:
    """A trained network.

    Attributes
    ----------
    names : tuple of str
        Parameters that it learnt.
    coded : Coded
        The data that it was trained on.
    flow : bayesflow.networks.CouplingFlow
        The network itself.
    seconds : float
        Wall time of the training.
    """

    names: tuple[str, ...]
    coded: Coded
    flow: Any
    seconds: float

    def posterior(self, n: int = DRAWS, seed: int = 1) -> Draws:
        """Return draws of the posterior at what the cases showed.

        Parameters
        ----------
        n : int
            How many draws.
        seed : int
            Which.

        Raises
        ------
        UserError
            When the cases lie further out than nearly all runs.
        """
        further = self.coded.share_further_out()
        if further < LEAST_FURTHER_OUT:
            raise UserError(
                f"the targets are unlike the simulated runs: {further:.2%} of these lie further out, at least "
                f"{LEAST_FURTHER_OUT:.0%} must; a network would guess here, so trust importance weights alone"
            )
        return self.at(self.coded.observed, n, seed)

    def at(self, observed: NDArray[np.float64], n: int = DRAWS, seed: int = 1) -> Draws:
        """Return draws of the posterior at any observation, without a guard.

        Parameters
        ----------
        observed : (d,) float64
            Coded observation.
        n : int
            How many draws.
        seed : int
            Which.
        """
        _, keras = _libraries()
        conditions = np.tile(self.coded.scale(observed).astype(np.float32), (n, 1))
        drawn = self.flow.sample((n,), conditions=conditions, seed=keras.random.SeedGenerator(seed))
        places = from_scores(np.asarray(drawn, dtype=np.float64))
        return Draws(self.names, places, Posterior(np.full(n, 1.0 / n)))


def train(
    names: tuple[str, ...],
    places: NDArray[np.float64],
    coded: Coded,
    seed: int = 1,
    epochs: int = EPOCHS,
    tell: Callable[[int], None] = lambda epoch: None,
) -> Network:
    """Train a network on a reference table.

    Parameters
    ----------
    names : tuple of str
        Parameters.
    places : (n, k) float64
        Draws from the prior, as places in [0, 1].
    coded : Coded
        What each draw would have shown.
    seed : int
        First weights of the network, and the order of the rows.
    epochs : int
        Passes over the table.
    tell : callable
        Called with the number of passes that are done.

    Raises
    ------
    UserError
        When the extra is not installed.
    """
    bayesflow, keras = _libraries()
    keras.utils.set_random_seed(seed)
    flow = bayesflow.networks.CouplingFlow(depth=DEPTH, subnet_kwargs={"widths": WIDTHS, "dropout": 0.0})
    workflow = bayesflow.BasicWorkflow(
        inference_network=flow,
        inference_variables=["scores"],
        inference_conditions=["shown"],
        initial_learning_rate=RATE,
        standardize=None,
    )
    data = {
        "scores": scores(places).astype(np.float32),
        "shown": coded.scale(coded.shown).astype(np.float32),
    }
    shown = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: tell(epoch + 1))
    begun = time.perf_counter()
    workflow.fit_offline(data, epochs=epochs, batch_size=min(BATCH, len(places)), callbacks=[shown], verbose=0)
    return Network(names, coded, flow, time.perf_counter() - begun)


def worth_learning(places: NDArray[np.float64], coded: Coded) -> NDArray[np.int64]:
    """Return which parameters a linear regression on the coded data tells most of, and a few of which it tells least.

    A flow over all would spend itself on what cannot be learnt; the last few are controls, which should stay put.

    Parameters
    ----------
    places : (n, k) float64
        Draws from the prior.
    coded : Coded
        What each draw would have shown.

    Returns
    -------
    (at most ``WORTH + CONTROLS``,) int64
        Columns, the most informative first.
    """
    shown = coded.scale(coded.shown)
    shown = shown[:, shown.std(axis=0) > 0]
    centred = places - places.mean(axis=0)
    slopes, *_ = np.linalg.lstsq(shown, centred, rcond=None)
    given = ((shown @ slopes) ** 2).mean(axis=0) / centred.var(axis=0)
    order = np.argsort(-given, kind="stable")
    return order if len(order) <= WORTH + CONTROLS else np.concatenate([order[:WORTH], order[-CONTROLS:]])


def _libraries() -> tuple[Any, Any]:
    """Import BayesFlow on JAX, on the processor unless the environment says otherwise."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    root, quiet = logging.getLogger(), logging.NullHandler()
    root.addHandler(quiet)  # BayesFlow sets up the log of the whole program, unless somebody has
    try:
        needed("jax", "jax", "neural", "a neural posterior")
        bayesflow = needed("bayesflow", "bayesflow", "neural", "a neural posterior")
        keras = needed("keras", "keras", "neural", "a neural posterior")
    finally:
        root.removeHandler(quiet)
    logging.getLogger("bayesflow").setLevel(logging.WARNING)
    return bayesflow, keras
