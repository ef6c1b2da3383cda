"""What a run of a plan costs, measured on a few of its runs."""

from __future__ import annotations

import io
import time

import numpy as np
import pyarrow as pa

from sim.sweeps.evaluate import Evaluator
from sim.sweeps.plan import SweepPlan


def cost(plan: SweepPlan, runs: int) -> tuple[float, float]:
    """Return seconds (on one thread) and bytes on disk of one run.

    Parameters
    ----------
    plan : SweepPlan
        The plan.
    runs : int
        How many of its runs to do, from all over it.
    """
    import pyarrow.parquet as pq

    chosen = np.unique(np.linspace(0, plan.n_runs - 1, min(runs, plan.n_runs)).astype(np.int64))
    rows = pa.concat_tables([plan.rows(int(run), int(run) + 1) for run in chosen])
    used = np.unique(rows["variant"].to_numpy())
    place = rows.column_names.index("variant")
    rows = rows.set_column(place, "variant", pa.array(np.searchsorted(used, rows["variant"].to_numpy())))
    evaluator = Evaluator([plan.variants[v] for v in used], plan.want)
    # Twice: what is made once (compiled code, the null's bars) is no cost of a run.
    evaluator.evaluate(rows)
    clock = time.monotonic()
    tables, _ = evaluator.evaluate(rows)
    seconds = (time.monotonic() - clock) / rows.num_rows
    size = 0
    for table in tables.values():
        # Headers weigh little in a part of thousands of runs: what is measured is the growth from half to whole.
        whole, half = io.BytesIO(), io.BytesIO()
        pq.write_table(table, whole, compression="zstd")
        pq.write_table(table.slice(0, table.num_rows // 2), half, compression="zstd")
        size += max(whole.tell() - half.tell(), 1)
    return seconds, size / max(rows.num_rows - rows.num_rows // 2, 1)
