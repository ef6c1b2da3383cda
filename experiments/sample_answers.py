"""Makes the sample of self-assessment answers that is shipped: what the members of one simulated PCCP answer.

    python -m experiments.sample_answers [--replicate 0]

The answers follow the response model of the virtual questionnaire (``sim/core/rules/questionnaire.py``), member by
member instead of as means; they are not those of a real partnership, which the first line of the file says.
"""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path

import numpy as np

import sim
from sim.analysis.calibration.answer_form import COLUMNS
from sim.core.rules import questionnaire as q
from sim.core.vocabulary import Role, word

WAVES = (39, 117, 195, 240)
KEPT = Path(sim.__file__).parent / "data" / "sample_answers.csv"
FIRST_LINE = (
    "# Synthetic: answered by the members of a simulated partnership (case pccp with seed {seed} and replicate "
    "{replicate}) and not by real people"
)
SIGN = np.where(np.arange(q.N_DIMENSIONS) == 8, -1.0, 1.0)


def sheet(model: sim.PartnershipModel, seat: int, lenient: float, luck: np.random.Generator) -> list[str]:
    """Return what one member writes on the sheet; empty where he does not know."""
    scores = np.empty(q.N_DIMENSIONS)
    q.perceive(model.state, seat, scores)
    own = (scores - np.array(q._CENTRE)) / np.array(q._SPREAD)
    felt = q._TRUE * own + SIGN * (q._HALO * (SIGN * own).mean() + lenient) + q._NOISE * luck.normal(size=own.size)
    answers = np.clip(np.floor(q._MIDDLE + q._POINTS_PER_SD * felt + 0.5), 1, 5)
    known = luck.random(own.size) < q._KNOWN
    return [f"{answer:.0f}" if here else "" for answer, here in zip(answers, known, strict=True)]


def answers(seed: int, replicate: int) -> str:
    """Return the file."""
    luck = np.random.default_rng([seed, replicate])
    model = sim.PartnershipModel(
        sim.make_scenario("pccp", settings={"posterior": "none"}), replicate=replicate, run_seed=seed
    )
    lenience: dict[int, float] = {}
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for week in WAVES:
        model.run_weeks(week - model.week)
        for seat in np.flatnonzero(model.state.is_member):
            if luck.random() >= q._RETURNED:
                continue
            person = int(model.state.person_id[seat])
            lenient = lenience.setdefault(person, q._LENIENCY * luck.normal())
            role = word(Role(int(model.state.role[seat])))
            writer.writerow([week, f"p{person + 1:02d}", role, *sheet(model, int(seat), lenient, luck)])
    return FIRST_LINE.format(seed=seed, replicate=replicate) + "\n" + buffer.getvalue()


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replicate", type=int, default=0)
    options = parser.parse_args()
    KEPT.write_text(answers(options.seed, options.replicate), encoding="utf-8")
    print(f"wrote {KEPT.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
