"""How long a first and a second start take, as whole commands of a person who types them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUN = ["run", "case=pccp"]
LIGHT = {
    "partnersim --help": ["--help"],
    "partnersim list": ["list"],
    "partnersim explain leadership": ["explain", "leadership"],
}


def seconds(words: list[str], cache: Path, folder: Path) -> float:
    """Return the wall time of one command with a cache of its own."""
    command = [sys.executable, "-m", "sim", *words]
    if words[0] == "run":
        command.append(f"output={folder / str(time.time_ns())}")
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PARTNERSIM_CACHE": str(cache)})
    return time.perf_counter() - start


def measure(quick: bool = False) -> dict[str, float]:
    """Start-up cold and cached: seconds by command, the first ever start, then the best of some later ones."""
    repeats = 1 if quick else 3
    with tempfile.TemporaryDirectory() as temporary:
        cache, folder = Path(temporary, "cache"), Path(temporary, "out")
        found = {"partnersim run case=pccp (first start ever: compiles)": seconds(RUN, cache, folder)}
        again = min(seconds(RUN, cache, folder) for _ in range(repeats))
        found["partnersim run case=pccp (later starts)"] = again
        for name, words in LIGHT.items():
            found[name] = min(seconds(words, cache, folder) for _ in range(repeats))
    return found
