"""What a script with ``@hydra.main`` needs: the schema of all settings, and our sweeper made known to Hydra."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.config.folders import find_conf_folders
from sim.config.resolve import make_scenario, store_schema, without_empty
from sim.config.settings import FILE_CHOICES, problems_of
from sim.config.sweep_settings import SWEEP_SETTINGS
from sim.core.errors import UserError

PLUGIN = "hydra_plugins.partnersim_sweeper"


def open_door() -> str:
    """Make settings and sweeper known to Hydra; return the folder of the configuration for ``config_path``."""
    from hydra.core.plugins import Plugins

    own = {name: row.default for name, row in SWEEP_SETTINGS.items() if name not in ("threads", "output")}
    store_schema({**own, "design": None})
    Plugins.instance().register(_plugin().PartnersimSweeper)
    return str(find_conf_folders().project.resolve())


def _plugin() -> ModuleType:
    """Return the plugin: as installed, else from the clone."""
    try:
        return importlib.import_module(PLUGIN)
    except ImportError:
        pass
    path = Path(__file__).parents[1] / "hydra_plugin" / "__init__.py"
    spec = importlib.util.spec_from_file_location(PLUGIN, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[PLUGIN] = module
    spec.loader.exec_module(module)
    return module


def objective_of(settings: Mapping[str, Any], case: str, scenario: str) -> float:
    """Run one point and return the result it is judged by: the mean of a column of ``runs`` over the replicates.

    Parameters
    ----------
    settings : mapping
        Composed by Hydra from ``conf/sweep.yaml``, as plain nested values.
    case, scenario : str
        Names as chosen.

    Raises
    ------
    UserError
        With one line for every mistake.
    """
    import numpy as np

    from sim.config.resolve import dotted
    from sim.results.summaries import run_columns, summaries

    own = {name: value for name, value in settings.items() if name not in (*FILE_CHOICES, *SWEEP_SETTINGS, "design")}
    own = without_empty(own)
    if problems := problems_of(dotted(own)):
        raise UserError(problems)
    what = make_scenario(case, scenario, own, find_conf_folders())
    columns = tuple(run_columns(what))
    objective = str(settings["objective"])
    if objective not in columns:
        raise UserError(f"objective must be a column of runs; got '{objective}'. Available: {', '.join(columns)}")
    rows = summaries(what, int(settings["seed"]), range(int(settings["replicates"])), settings["threads"])
    values = rows[:, columns.index(objective)]
    return float(np.mean(values[np.isfinite(values)])) if np.isfinite(values).any() else float("nan")
