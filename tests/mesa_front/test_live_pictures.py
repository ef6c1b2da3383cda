"""The pictures of one run as it goes on, which Mesa's own view shows."""

from __future__ import annotations

import numpy as np

from sim.api import make_scenario
from sim.core.metric_table import COMPONENTS, OBSERVED_NAMES
from sim.core.vocabulary import Ring, Role
from sim.mesa_front import PartnershipModel
from sim.mesa_front.live import RADIUS, ROLE_MARKS, WORKING, draw_curves, draw_seats, places


def after(weeks: int) -> PartnershipModel:
    model = PartnershipModel(make_scenario("pccp"), run_seed=1)
    model.run_weeks(weeks)
    return model


def test_every_role_has_a_shape_and_a_colour_of_its_own() -> None:
    assert set(ROLE_MARKS) == set(Role)
    assert len({shape for shape, _ in ROLE_MARKS.values()}) == len({colour for _, colour in ROLE_MARKS.values()}) == 6


def test_a_seat_keeps_its_place_when_others_come() -> None:
    rings = np.array([Ring.RESEARCH_TEAM, Ring.CORE_TEAM] * 20)
    assert np.array_equal(places(rings[:14]), places(rings)[:14])
    np.testing.assert_allclose(np.hypot(*places(rings).T), [RADIUS[Ring(ring)] for ring in rings])
    here = places(rings[:24])
    apart = np.linalg.norm(here[:, None] - here, axis=2)
    assert apart[~np.eye(24, dtype=bool)].min() > 0.05


def test_all_members_and_working_ties_are_drawn() -> None:
    model = after(104)
    (axis,) = draw_seats(model).axes
    ties, *seats = axis.collections
    filled, vacant = seats[::2], seats[1::2]
    assert sum(len(group.get_offsets()) for group in filled) == len(model.agents)
    empty = model.state.is_seat & ~model.state.is_member
    assert sum(len(group.get_offsets()) for group in vacant) == int(empty.sum())
    members = np.flatnonzero(model.state.is_member)
    use = model.state.use[np.ix_(members, members)]
    assert len(ties.get_segments()) == int((np.triu((use + use.T) / 2, 1) >= WORKING).sum()) > 0


def test_curves_show_the_components_so_far() -> None:
    model = after(60)
    figure = draw_curves(model)
    assert len(figure.axes) == len(COMPONENTS)
    for axis, name in zip(figure.axes, COMPONENTS, strict=True):
        drawn = axis.lines[0].get_ydata()
        np.testing.assert_array_equal(drawn, model.weekly[:, OBSERVED_NAMES.index(name)])
        assert np.isfinite(drawn[50:61]).all()
        assert np.isnan(drawn[61:]).all()
