"""The partnership in Mesa's own browser view: ``solara run sim.mesa_front.solara_app`` (needs the extra ``viz``).

Case, scenario, seed and every lever can be chosen; a change takes effect at the next *Reset*, as always in SolaraViz.
"""

from __future__ import annotations

from typing import Any

import solara
from mesa.visualization import Slider, SolaraViz

from sim.config.folders import find_conf_folders
from sim.config.resolve import make_scenario
from sim.core.parameters import LEVERS
from sim.core.posterior import SHIPPED
from sim.mesa_front.live import draw_curves, draw_seats
from sim.mesa_front.partnership import PartnershipModel

CASE, SCENARIO = "pccp", "baseline"
LAST_WEEK = 520


class SteeredPartnership(PartnershipModel):
    """A partnership made from the controls of the view.

    Parameters
    ----------
    case, scenario : str
        Names.
    run_seed : int
        Random seed.
    start_week : int
        Weeks to simulate at once.
    **kwargs : float
        Levers by name, in [0, 1]; those not given are as in ``sim.make_scenario``. (SolaraViz looks for the word
        ``kwargs`` before it lets a parameter through.)

    Raises
    ------
    UserError
        With one line for every mistake.
    """

    def __init__(
        self, case: str = CASE, scenario: str = SCENARIO, run_seed: int = 1, start_week: int = 0, **kwargs: float
    ) -> None:
        settings = {"posterior": SHIPPED, "enabling": kwargs}
        super().__init__(
            make_scenario(case, scenario, settings, find_conf_folders()),
            run_seed=run_seed,
            model_reporters={},
            agent_reporters={},
        )
        self.run_weeks(start_week)


def first_levers() -> dict[str, float]:
    """Return where the sliders of the levers stand at first: at the values of the case's file, not of a draw."""
    enabling = make_scenario(CASE, SCENARIO, {}, find_conf_folders()).enabling
    return {name: enabling[name] for name in LEVERS}


def controls() -> dict[str, Any]:
    """Return the controls of the view: what SolaraViz calls model parameters."""
    folders = find_conf_folders()
    return {
        "case": {"type": "Select", "label": "case", "value": CASE, "values": list(folders.names("case"))},
        "scenario": {
            "type": "Select",
            "label": "scenario",
            "value": SCENARIO,
            "values": list(folders.names("scenario")),
        },
        "run_seed": Slider("seed", value=1, min=1, max=100, step=1),
        "start_week": Slider("go at once to week", value=0, min=0, max=LAST_WEEK, step=26),
        **{
            name: Slider(name.replace("_", " "), value=value, min=0.0, max=1.0, step=0.05)
            for name, value in first_levers().items()
        },
    }


def seats_view(model: PartnershipModel) -> solara.Element:
    """Show this week's seats and ties."""
    return solara.FigureMatplotlib(draw_seats(model), format="png")


def curves_view(model: PartnershipModel) -> solara.Element:
    """Show synergy so far."""
    return solara.FigureMatplotlib(draw_curves(model), format="png")


@solara.component
def Page() -> None:  # noqa: N802  (Solara's name)
    """Show the whole view; every browser window has a partnership of its own."""
    model = solara.use_memo(lambda: SteeredPartnership(CASE, SCENARIO, 1, 0, **first_levers()), [])
    parameters = solara.use_memo(controls, [])
    SolaraViz(model, components=[seats_view, curves_view], model_params=parameters, name="partnersim")
