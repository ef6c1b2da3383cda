"""All benchmarks in one run: ``make bench``. Writes docs/results/benchmarks.md and the table in README.md.

    python experiments/benchmark/bench.py [--quick] [--only NAME ...] [--no-write]

Ratios compare tasks that ran side by side; absolute times are those of the machine that is named.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from experiments.benchmark import against_mesa, rule_shares, scaling, startup, sweeps  # noqa: E402
from experiments.benchmark.timing import CASES, Times, case_of, core, machine, side_by_side, warm  # noqa: E402
from experiments.pages import as_page, table, wrapped, write_between  # noqa: E402

KEPT = ROOT / "experiments" / "benchmark" / "measured.json"
PAGE, README = ROOT / "docs" / "results" / "benchmarks.md", ROOT / "README.md"
BEGIN, END = "<!-- speed: written by make bench -->", "<!-- end of speed -->"
ENGLISH = {"core": "compiled core", "front": "Mesa front of the core", "mesa": "idiomatic Mesa version",
           "reference": "reference model"}  # fmt: skip


def in_ms(found: dict[str, dict[str, Times]]) -> dict[str, Any]:
    """Return times in milliseconds, as plain data."""
    return {
        case: {name: {"best_ms": 1e3 * t.best, "median_ms": 1e3 * t.median} for name, t in times.items()}
        for case, times in found.items()
    }


def measure_versions(quick: bool) -> dict[str, Any]:
    """Core, Mesa front, idiomatic Mesa version and reference, one thread."""
    return in_ms(against_mesa.measure(rounds=2 if quick else 6))


def measure_sizes(quick: bool) -> dict[str, Any]:
    """Core against the Mesa version by size."""
    found = against_mesa.by_size(rounds=1 if quick else 3)
    return {str(seats): {name: 1e3 * times.best for name, times in by_name.items()} for seats, by_name in found.items()}


def measure_threads(quick: bool) -> dict[str, Any]:
    """Two threads against one."""
    return in_ms(scaling.threads(rounds=3 if quick else 9))


def measure_rules(quick: bool) -> dict[str, Any]:
    """Share of time rule by rule, pairs per second."""
    found = {}
    for case in CASES:
        scenario = case_of(case)
        warm(scenario)
        pairs, members = rule_shares.pairs_per_run(scenario)
        speed = side_by_side({case: (core(scenario, 200), 200)}, 3 if quick else 7)[case]
        found[case] = {
            "shares": rule_shares.measure(scenario, rounds=2 if quick else 6),
            "pairs_per_second": pairs * speed.rate(),
            "members": members,
        }
    large = scaling.of_size(200, scaling.GROWTH_WEEKS)
    warm(large)
    pairs, members = rule_shares.pairs_per_run(large, runs=2)
    speed = side_by_side({"200 seats": (core(large, 2), 2)}, 3)["200 seats"]
    found["200 seats"] = {"pairs_per_second": pairs * speed.rate(), "members": members}
    return found


def measure_growth(quick: bool) -> dict[str, Any]:
    """Growth with seats and weeks."""
    seats = scaling.growth_with_seats(2 if quick else 4)
    weeks = scaling.growth_with_weeks(3 if quick else 7)
    pairs = {n: float(n * (n - 1)) for n in seats}
    return {
        "seats": seats,
        "weeks": weeks,
        "exponent_pairs": scaling.exponent(seats, pairs),
        "exponent_weeks": scaling.exponent(weeks, {w: float(w) for w in weeks}),
    }


def measure_memory(quick: bool) -> dict[str, Any]:
    """Peak memory of a process that keeps a summary of each of many replicates."""
    found = {}
    for replicates in (1_000, 10_000) if quick else (1_000, 100_000):
        rows, columns, peak = scaling.memory_of_summaries(replicates)
        found[str(rows)] = {"columns": columns, "peak_mb": peak / 1e6}
    return found


PARTS: dict[str, Callable[[bool], dict[str, Any]]] = {
    "versions": measure_versions,
    "sizes": measure_sizes,
    "threads": measure_threads,
    "rules": measure_rules,
    "growth": measure_growth,
    "memory": measure_memory,
    "startup": startup.measure,
    "sweeps": sweeps.measure,
}


# --- pages -------------------------------------------------------------------------------------------------


def versions_table(found: dict[str, Any]) -> str:
    """Return core against peers."""
    rows = []
    for case, times in found["versions"].items():
        core_ms = times["core"]["best_ms"]
        for name, taken in times.items():
            per_second = f"{1e3 / taken['best_ms']:,.3g}"
            ratio = "1" if name == "core" else f"{taken['best_ms'] / core_ms:,.0f}"
            rows.append(
                (
                    case.upper(),
                    ENGLISH[name],
                    f"{taken['best_ms']:,.3g}",
                    f"{taken['median_ms']:,.3g}",
                    per_second,
                    ratio,
                )
            )
    head = ("case", "version", "ms per run, best", "median", "runs per second and core", "times the core's time")
    return table(head, rows)


def sizes_table(found: dict[str, Any]) -> str:
    """Return the core's advantage by size."""
    rows = [
        (seats, f"{ms['core']:.3g}", f"{ms['mesa']:,.0f}", f"{ms['mesa'] / ms['core']:.0f}")
        for seats, ms in found["sizes"].items()
    ]
    return table(("seats", "core, ms per run", "idiomatic Mesa, ms per run", "ratio"), rows)


def threads_table(found: dict[str, Any]) -> str:
    """Return all threads against one."""
    rows = [
        (
            case.upper(),
            f"{t['one']['best_ms']:.3g}",
            f"{t['all']['best_ms']:.3g}",
            f"{t['one']['best_ms'] / t['all']['best_ms']:.2f}",
        )
        for case, t in found["threads"].items()
    ]
    return table(("case", "one thread, ms per run", "all threads, ms per run", "ratio"), rows)


def rules_table(found: dict[str, Any]) -> str:
    """Return shares of time."""
    cases = [case for case in CASES if case in found["rules"]]
    parts = list(found["rules"][cases[0]]["shares"])
    rows = [(part, *(f"{found['rules'][case]['shares'][part]:.1%}" for case in cases)) for part in parts]
    return table(("part of a week", *map(str.upper, cases)), rows)


def speed_for_readme(found: dict[str, Any]) -> str:
    """Return the short table of the README."""
    rows = []
    for case, times in found["versions"].items():
        core_ms = times["core"]["best_ms"]
        threads = found["threads"][case]
        rows.append(
            (
                case.upper(),
                f"{1e3 / core_ms:,.0f}",
                f"{times['mesa']['best_ms'] / core_ms:,.0f}x",
                f"{times['reference']['best_ms'] / core_ms:,.0f}x",
                f"{threads['one']['best_ms'] / threads['all']['best_ms']:.2f}x",
            )
        )
    head = (
        "case, 260 weeks",
        "runs per second and core",
        "faster than idiomatic Mesa",
        "than plain Python",
        "two threads",
    )
    start = found["startup"]
    first, later = list(start.values())[:2]
    memory = found["memory"][max(found["memory"], key=int)]
    return wrapped(
        "\n\n".join(
            (
                table(head, rows),
                f"First start ever {first:.0f} s (it compiles), later starts {later:.1f} s. Summaries of "
                f"{int(max(found['memory'], key=int)):,} replicates: {memory['peak_mb']:.0f} MB at most. Measured on "
                f"{found['machine']}; how, and what bounds it: "
                "[docs/results/benchmarks.md](docs/results/benchmarks.md), [docs/model/speed.md](docs/model/speed.md).",
            )
        )
    )


def growth_tables(growth: dict[str, Any]) -> tuple[str, str]:
    """Return growth with seats and with weeks."""
    pair_weeks = {n: int(n) * (int(n) - 1) * scaling.GROWTH_WEEKS for n in growth["seats"]}
    seats = [(str(n), f"{ms:,.3g}", f"{1e6 * ms / pair_weeks[n]:.1f}") for n, ms in growth["seats"].items()]
    weeks = [(str(w), f"{ms:.3g}", f"{1e3 * ms / int(w):.2f}") for w, ms in growth["weeks"].items()]
    return (
        table(("seats", "ms per run", "ns per pair and week"), seats),
        table(("weeks", "ms per run", "microseconds per week"), weeks),
    )


def memory_table(found: dict[str, Any]) -> str:
    """Return peak memory."""
    rows = [(f"{int(n):,}", str(row["columns"]), f"{row['peak_mb']:.0f}") for n, row in found["memory"].items()]
    return table(("replicates", "columns", "peak, MB"), rows)


CONTENDERS = {
    "ours": "`partnersim sweep`",
    "joblib": "joblib over single runs of the compiled core",
    "mesa": "`mesa.batch_run` over the idiomatic Mesa version",
    "hydra": "one job of Hydra per run of the compiled core",
}


def sweeps_tables(found: dict[str, Any]) -> tuple[str, str]:
    """Return sweeps end to end by size, and the same runs by each contender."""
    by_size = [
        (
            f"{int(runs):,}",
            str(row["weeks"]),
            f"{row['wall_s']:.1f}",
            f"{row['kernel_s']:.1f}",
            f"{row['overhead']:.1%}",
            f"{row['peak_mb']:.0f}",
            f"{row['bytes_per_run']:.0f}",
            str(row["parts"]),
        )
        for runs, row in found["end_to_end"].items()
    ]
    ours = found["same_work"]["ours"]
    same = [
        (title, f"{found['same_work'][name]:.1f}", f"{found['same_work'][name] / ours:.1f}")
        for name, title in CONTENDERS.items()
    ]
    head = ("runs", "weeks", "wall, s", "loop alone, s", "all else", "peak, MB", "bytes per run", "parts")
    return table(head, by_size), table(("contender", "wall, s", "times ours"), same)


def pairs_in_words(rules: dict[str, Any]) -> str:
    """Return ties moved per second, by case and size."""
    return ", ".join(
        f"{name.upper() if name in CASES else name} {row['pairs_per_second'] / 1e6:.0f} million "
        f"({row['members']:.0f} members on average)"
        for name, row in rules.items()
    )


def page(found: dict[str, Any]) -> str:
    """Return the page of benchmarks."""
    growth = found["growth"]
    by_seats, by_weeks = growth_tables(growth)
    by_runs, same_runs = sweeps_tables(found["sweeps"])
    parts = [
        "# Benchmarks",
        "*Written by `make bench`; do not edit. What bounds the speed, and what was tried, is said in "
        "[speed.md](../model/speed.md).*",
        f"{found['machine']}. What is compared ran side by side in one process, in rounds of random order; *best* is "
        "the fastest round, *median* says how busy the machine was.",
        "## The core against its peers, one thread",
        "Runs of 260 weeks that cannot end, all weekly metrics recorded (the reference model records none). The "
        "idiomatic Mesa version (`experiments/benchmark/mesa_version/`) agrees with the core in distribution, by a "
        "stated test.",
        versions_table(found),
        "By size, two years, nobody comes or goes:",
        sizes_table(found),
        "## Threads",
        threads_table(found),
        "## Where the time goes",
        "Share of processor cycles in each part of a week, all rules on, read from the processor's counter between the "
        "rules.",
        rules_table(found),
        "Ties moved a second on one thread, in ordered pairs of members and weeks (each is touched by several rules, "
        f"and counted once): {pairs_in_words(found['rules'])}.",
        "## Growth",
        "Size fixed (nobody comes or goes), one thread. Two years by seats:",
        by_seats,
        f"Time grows as the number of pairs to the power {growth['exponent_pairs']:.2f} (upper half of the sizes). "
        "Twenty seats by weeks:",
        by_weeks,
        f"Time grows as the number of weeks to the power {growth['exponent_weeks']:.2f}. (A scenario allows 520 weeks; "
        "the limit was lifted here.)",
        "## Sweeps",
        "Whole commands on all threads, from the first import to the content hash; *loop alone* is the compiled loop "
        "over the very same runs in a process of its own, right after.",
        by_runs,
        f"Planning {', '.join(f'{int(n):,} points {s:.1f} s' for n, s in found['sweeps']['planning_s'].items())} "
        "(all levers and uncertain parameters, every cell checked, hashed, imports included).",
        f"The same {found['sweeps']['same_runs']} runs (20 values of a lever, 10 replicates, 260 weeks), by each "
        "contender on all processors, start-up included:",
        same_runs,
        "At this size our own time is mostly start-up; the first table shows what a run costs in a larger sweep.",
        "## Memory",
        "Peak resident memory of a process that runs PCCP and keeps one row of summary per replicate "
        "(`sim.results.summaries.summaries`), Python and its libraries included:",
        memory_table(found),
        "## Start-up",
        "Whole commands; `run` is 200 replicates with two shocks, so 600 runs, with all files and the picture:",
        table(("command", "seconds"), [(name, f"{seconds:.2f}") for name, seconds in found["startup"].items()]),
    ]
    return as_page(parts)


def write(found: dict[str, Any]) -> None:
    """Write what was measured, the page and the README's table."""
    KEPT.write_text(json.dumps(found, indent=1) + "\n")
    PAGE.write_text(page(found), encoding="utf-8")
    write_between(README, BEGIN, END, speed_for_readme(found))


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds and replicates; for a look, not for figures")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="measure these parts anew")
    parser.add_argument("--no-write", action="store_true", help="print the page, write nothing")
    options = parser.parse_args()
    known = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for name in options.only:
        print(f"bench: {PARTS[name].__doc__}", flush=True)
        known[name] = json.loads(json.dumps(PARTS[name](options.quick)))
    known["machine"] = machine()
    missing = [name for name in PARTS if name not in known]
    if missing:
        print(f"not measured yet: {', '.join(missing)}")
        return 0
    print(page(known))
    if not options.no_write:
        write(known)
    return 0


if __name__ == "__main__":
    sys.exit(main())
