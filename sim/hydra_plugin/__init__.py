"""Our sweeper for Hydra, installed as ``hydra_plugins.partnersim_sweeper``: Hydra takes plugins from nowhere else.

``hydra/sweeper=partnersim`` composes each choice of case and scenario once and plans the whole sweep, where
Hydra's own composes every job; a run takes a millisecond, composing one a hundred times that.
"""

from __future__ import annotations

import sys
from typing import Any

from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.config_store import ConfigStore

NAME = "hydra_plugins.partnersim_sweeper"


class PartnersimSweeper(BasicSweeper):
    """Hands the words of ``-m`` to the sweep engine; with a launcher other than Hydra's own, one job per point."""

    def sweep(self, arguments: list[str]) -> Any:
        """Run the sweep that the words describe.

        Parameters
        ----------
        arguments : list of str
            Words after ``-m`` but for Hydra's own.
        """
        if not isinstance(self.launcher, BasicLauncher):
            sys.stderr.write(
                f"{type(self.launcher).__name__}: one job per point, each composed by Hydra; "
                "engine=processes without a launcher is faster\n"
            )
            return super().sweep(arguments)
        from sim.commands.cli import main

        status = main(["sweep", *arguments])
        if status:
            sys.exit(status)
        return None


# A plain mapping: Hydra loads plugins in a way in which a dataclass cannot find its own module.
CONFIG = {"_target_": f"{NAME}.PartnersimSweeper", "max_batch_size": None, "params": None}
ConfigStore.instance().store(group="hydra/sweeper", name="partnersim", node=CONFIG, provider="partnersim")
