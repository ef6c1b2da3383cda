"""Mesa's own browser view over the partnership, rendered without a browser (the extra ``viz``; ``make test-viz``)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from sim.core.errors import UserError
from sim.core.parameters import LEVERS

solara = pytest.importorskip("solara", reason="the extra viz is not installed; make test-viz installs it")

pytestmark = [
    pytest.mark.viz,
    # What Solara and its widgets warn of is their own business.
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def app() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sim.mesa_front import solara_app
    return solara_app


@pytest.fixture
def view(app: Any) -> Iterator[Any]:
    """Return the rendered view, with the bar and the drawer that a browser would see."""
    _, rendered = solara.render(solara.AppLayout(children=[app.Page()]), handle_error=False)
    yield rendered
    rendered.close()


def widgets(view: Any, kind: str) -> list[Any]:
    import ipyvuetify

    return view.find(getattr(ipyvuetify, kind)).widgets


def shown(view: Any) -> list[bytes]:
    from ipywidgets import Image

    return [bytes(image.value) for image in view.find(Image).widgets]


def press(view: Any, label: str) -> None:
    (button,) = (button for button in widgets(view, "Btn") if button.children == [label])
    button.click()


def slider(view: Any, label: str) -> Any:
    (found,) = (found for found in widgets(view, "Slider") if found.label == label)
    return found


def test_every_lever_has_a_slider_and_both_pictures_are_there(view: Any) -> None:
    labels = [found.label for found in widgets(view, "Slider")]
    assert [name.replace("_", " ") for name in LEVERS if name.replace("_", " ") not in labels] == []
    assert [picture[:4] for picture in shown(view)] == [b"\x89PNG"] * 2


def test_a_step_draws_both_pictures_anew(view: Any) -> None:
    before = shown(view)
    press(view, "Step")
    assert not set(before) & set(shown(view))


def test_what_is_shown_first_is_what_the_sliders_say(view: Any) -> None:
    for _ in range(9):
        press(view, "Step")
    first = shown(view)
    press(view, "Reset")
    for _ in range(9):
        press(view, "Step")
    assert shown(view) == first


def test_a_lever_counts_from_the_next_reset(view: Any) -> None:
    slider(view, "go at once to week").v_model = 104
    press(view, "Reset")
    usual = shown(view)
    slider(view, "leadership").v_model = 1.0
    assert shown(view) == usual
    press(view, "Reset")
    assert not set(usual) & set(shown(view))


def test_the_view_shows_the_run_of_the_same_settings(app: Any) -> None:
    from sim.api import make_scenario
    from sim.mesa_front import PartnershipModel

    steered = app.SteeredPartnership(case="chrp", scenario="funding_cut", run_seed=3, start_week=60, leadership=0.2)
    plain = PartnershipModel(make_scenario("chrp", "funding_cut", {"enabling.leadership": 0.2}), run_seed=3)
    plain.run_weeks(60)
    assert steered.state.tobytes() == plain.state.tobytes()


def test_a_wrong_lever_is_refused(app: Any) -> None:
    with pytest.raises(UserError, match="leadership"):
        app.SteeredPartnership(leadership=2.0)
