"""Agent-based simulation of multi-stakeholder partnerships: exchange, synergy and adaptation.

The public names are loaded when first used, so that ``import sim`` costs nothing.

Examples
--------
>>> import sim
>>> "pccp" in sim.list_cases()
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.api import (
        Result,
        Scenario,
        UserError,
        compare,
        content_hash,
        explain,
        list_cases,
        list_scenarios,
        load_case,
        make_scenario,
        plot,
        run,
        sweep,
    )
    from sim.mesa_front import PartnershipModel

    __version__: str

__all__ = [
    "PartnershipModel",
    "Result",
    "Scenario",
    "UserError",
    "__version__",
    "compare",
    "content_hash",
    "explain",
    "list_cases",
    "list_scenarios",
    "load_case",
    "make_scenario",
    "plot",
    "run",
    "sweep",
]

if not TYPE_CHECKING:  # to a type checker the names above are all there is, so that it sees a misspelt one

    def __getattr__(name: str) -> object:
        """Load a public name when it is first used."""
        if name == "__version__":
            from sim.config.version import current_version

            return current_version()
        if name == "PartnershipModel":
            from sim.mesa_front import PartnershipModel

            return PartnershipModel
        if name in __all__:
            from sim import api

            return getattr(api, name)
        raise AttributeError(f"module 'sim' has no attribute '{name}'")


def __dir__() -> list[str]:
    """Return the public names, so that completion shows them before they are loaded."""
    return list(__all__)
