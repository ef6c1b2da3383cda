"""Sweeps through Hydra: many points of the space of settings, each run many times.

    python experiments/sweep.py -m case=pccp,chrp enabling.leadership=0.2,0.5,0.8
    python experiments/sweep.py -m design=lhs design.points=500 design.over=levers replicates=50
    python experiments/sweep.py enabling.leadership=0.8 objective=benefit_last_year     # one point, its mean result

With ``-m`` our own sweeper plans everything at once and runs it in one process (``partnersim sweep`` with the same
words does the same). Hydra's joblib launcher and Optuna sweeper work too, one job per point:

    python experiments/sweep.py -m hydra/launcher=joblib enabling.leadership=0.2,0.5
    python experiments/sweep.py -m hydra/sweeper=optuna 'enabling.leadership=interval(0,1)' objective=outcome
"""

from __future__ import annotations

import sys

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from sim.commands.exit_status import ExitStatus
from sim.core.errors import UserError
from sim.sweeps.hydra_main import objective_of, open_door


@hydra.main(version_base="1.3", config_path=open_door(), config_name="sweep")
def main(settings: DictConfig) -> float:
    """Run one point and return the result that it is judged by."""
    plain = OmegaConf.to_container(settings, resolve=True)
    choices = HydraConfig.get().runtime.choices
    try:
        value = objective_of(plain, choices["case"], choices["scenario"])
    except UserError as error:
        for line in error.problems:
            print(f"partnersim: {line}", file=sys.stderr)
        sys.exit(ExitStatus.USER_MISTAKE)
    result = f"{plain['objective']} = {value:.6g} ({plain['replicates']} replicates)"
    print(f"{choices['case']}/{choices['scenario']}: {result}")
    return value


if __name__ == "__main__":
    main()
