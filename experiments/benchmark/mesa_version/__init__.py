"""The model of docs/model/model.md as a Mesa user would write it: objects, loops and ``math``, nothing compiled.

The yardstick against which the compiled core is measured. It was written from the document, shares with the
core only the tables and the words (parameters, traits, scenarios, names of metrics), draws from Mesa's own
generator and so agrees with the core in distribution, not bit by bit (``tests/experiments/test_mesa_version.py``).
"""

from experiments.benchmark.mesa_version.agents import StakeholderAgent
from experiments.benchmark.mesa_version.model import MesaPartnership

__all__ = ["MesaPartnership", "StakeholderAgent"]
