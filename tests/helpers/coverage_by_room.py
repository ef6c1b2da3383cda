"""Print what ``make coverage`` measured: lines and branches reached in each room of ``sim``, and in all of it."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from coverage import Coverage

WORST = 5


def main() -> None:
    """Read the data that were combined last and print one row per room."""
    measured = Coverage()
    measured.load()
    place = Path(measured.get_option("json:output") or "coverage.json")
    measured.json_report(outfile=str(place))
    files = json.loads(place.read_text(encoding="utf-8"))["files"]
    rooms: dict[str, list[dict]] = defaultdict(list)
    for name, found in files.items():
        parts = Path(name).parts
        room = "/".join(parts[1:-1]) or "(root)"
        rooms[room].append(found["summary"])
    print(f"\n{'room':<26} {'lines':>6} {'reached':>8} {'branches':>9} {'reached':>8}")
    for room, summaries in sorted(rooms.items()):
        print(row_of(room, summaries))
    print(row_of("all of sim", [found["summary"] for found in files.values()]))
    worst = sorted(files, key=lambda name: files[name]["summary"]["percent_covered"])[:WORST]
    print("least reached: " + ", ".join(f"{name} {files[name]['summary']['percent_covered']:.0f}%" for name in worst))


def row_of(room: str, summaries: list[dict]) -> str:
    """Return the row of a room: how many lines and branches, and the shares that were reached."""
    lines, reached = (sum(one[key] for one in summaries) for key in ("num_statements", "covered_lines"))
    branches, taken = (sum(one[key] for one in summaries) for key in ("num_branches", "covered_branches"))
    share = f"{taken / branches:.0%}" if branches else "-"
    return f"{room:<26} {lines:>6} {reached / max(lines, 1):>8.1%} {branches:>9} {share:>8}"


if __name__ == "__main__":
    main()
