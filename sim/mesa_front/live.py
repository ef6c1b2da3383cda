"""Pictures of one run in progress: its seats with their ties this week, and its synergy so far.

Mesa's own view (``sim.mesa_front.solara_app``) draws them every week, so they are plain: no layout is computed, and a
seat keeps its place throughout the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.core.metric_table import COMPONENTS, METRICS, OBSERVED_NAMES
from sim.core.vocabulary import Ring, Role, Status, word
from sim.report.style import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sim.mesa_front.partnership import PartnershipModel

# Shape and colour (Okabe and Ito) both tell the role.
ROLE_MARKS = {
    Role.CLINICIAN: ("o", "#0072B2"),
    Role.DECISION_MAKER: ("s", "#D55E00"),
    Role.RESEARCHER: ("^", "#009E73"),
    Role.COORDINATOR: ("D", "#000000"),
    Role.COMMUNITY: ("h", "#CC79A7"),
    Role.PATIENT: ("*", "#E69F00"),
}
RADIUS = {Ring.RESEARCH_TEAM: 0.45, Ring.CORE_TEAM: 1.0}
GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))
USUAL = (0.0, 0.5)
"""What every curve's axis shows at least, so that it does not jump while there is little to draw."""
WORKING = 0.1
"""Use, as a mean of both directions, from which a tie is drawn."""


def places(rings: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return where seats are drawn: the research team inside the core team.

    Turning by the golden angle from slot to slot spreads any number of seats round a ring, and a seat that is
    added later moves no other.

    Parameters
    ----------
    rings : (n,) int64
        Ring of each slot.

    Returns
    -------
    (n, 2) float64
    """
    angles = GOLDEN_ANGLE * np.arange(rings.size)
    radii = np.array([RADIUS[Ring(ring)] for ring in rings.tolist()])
    return np.stack((radii * np.cos(angles), radii * np.sin(angles)), axis=1)


def draw_seats(model: PartnershipModel) -> Figure:
    """Return the picture of this week's seats and working ties.

    Parameters
    ----------
    model : PartnershipModel
        At any week.
    """
    slots = slice(0, int(model.state.n_slots))
    columns = {name: column[slots] for name, column in model.columns.items()}
    seats = np.flatnonzero(columns["is_seat"])
    at = places(columns["ring"])
    figure = Figure(figsize=(6, 5.4))
    axis = figure.add_axes((0.01, 0.13, 0.98, 0.79))
    _draw_ties(axis, at, columns["use"][:, slots], columns["trust"][:, slots], np.flatnonzero(columns["is_member"]))
    for role, (shape, colour) in ROLE_MARKS.items():
        of_role = seats[columns["role"][seats] == role]
        filled = columns["is_member"][of_role].astype(bool)
        sizes = 60 + 320 * columns["engagement"][of_role]
        x, y = at[of_role].T
        axis.scatter(x[filled], y[filled], sizes[filled], colour, marker=shape, edgecolors="white", zorder=3)
        x, y = x[~filled], y[~filled]
        axis.scatter(x, y, 60, "white", marker=shape, edgecolors=colour, linestyles="dotted", zorder=3)
    axis.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal")
    axis.axis("off")
    figure.suptitle(_headline(model), x=0.03, y=0.975, ha="left", fontsize=11)
    _explain_seats(figure)
    return figure


def _draw_ties(
    axis: Axes,
    at: NDArray[np.float64],
    use: NDArray[np.float64],
    trust: NDArray[np.float64],
    members: NDArray[np.int64],
) -> None:
    i, j = (members[side] for side in np.triu_indices(members.size, 1))
    used = (use[i, j] + use[j, i]) / 2
    drawn = used >= WORKING
    i, j, used = i[drawn], j[drawn], used[drawn]
    mutual = (trust[i, j] + trust[j, i]) / 2
    greys = np.zeros((mutual.size, 4))
    greys[:, 3] = np.clip(mutual, 0.08, 1)
    axis.add_collection(LineCollection(list(np.stack((at[i], at[j]), axis=1)), linewidths=0.5 + 3 * used, colors=greys))


def _headline(model: PartnershipModel) -> str:
    ended = "" if model.status == Status.ALIVE else f" · {word(model.status).replace('_', ' ')}"
    return f"Week {model.week} of {model.simulated.weeks} · {len(model.agents)} members{ended}"


def _explain_seats(figure: Figure) -> None:
    signs = [
        Line2D([], [], color=colour, marker=shape, linestyle="none", label=word(role).replace("_", " "))
        for role, (shape, colour) in ROLE_MARKS.items()
    ]
    figure.legend(handles=signs, loc="lower left", bbox_to_anchor=(0.01, 0.03), ncols=6, frameon=False, fontsize=7.5,
                  handletextpad=0.1, columnspacing=1.0)  # fmt: skip
    figure.text(0.03, 0.015, "size: engagement · hollow: vacant · width of a tie: use · darkness: trust · inner ring: "
                "research team", fontsize=7.5, color="0.35")  # fmt: skip


def draw_curves(model: PartnershipModel) -> Figure:
    """Return the picture of the four components of synergy so far, over all weeks of the run.

    Parameters
    ----------
    model : PartnershipModel
        At any week.
    """
    figure = Figure(figsize=(6, 5.4))
    axes = figure.subplots(len(COMPONENTS), 1, sharex=True)
    figure.subplots_adjust(left=0.1, right=0.97, top=0.93, bottom=0.09, hspace=0.5)
    weeks = np.arange(model.weekly.shape[0])
    for axis, name, colour in zip(axes, COMPONENTS, COLOURS, strict=False):
        axis.plot(weeks, model.weekly[:, OBSERVED_NAMES.index(name)], color=colour, linewidth=1.6)
        axis.axvline(model.week, color="0.75", linewidth=0.8, zorder=0)
        low, high = axis.get_ylim()
        axis.set_ylim(min(low, USUAL[0]), max(high, USUAL[1]))
        axis.set_title(f"{name} ({METRICS[name].unit})", loc="left", fontsize=8.5)
        axis.tick_params(labelsize=7.5)
        axis.spines[["top", "right"]].set_visible(False)
        axis.set_xlim(0, model.simulated.weeks)
    axes[-1].set_xlabel("weeks", fontsize=8.5)
    return figure
