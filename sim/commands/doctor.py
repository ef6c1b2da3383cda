"""``partnersim doctor``: checks that everything is installed and gives the known answers."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from sim.commands.exit_status import ExitStatus
from sim.commands.study import say_when_compiling
from sim.core.errors import UserError
from sim.sweeps.known_answer import ANSWERS, check_answer

NEEDED = ("numpy", "numba", "pyarrow", "pandas", "hydra-core", "PyYAML", "matplotlib", "mesa")


def doctor(arguments: Sequence[str]) -> int:
    """Check the installation and print one line per check; the status is 1 when one fails.

    Parameters
    ----------
    arguments : sequence of str
        Empty, or ``--compile``: then all that any command runs is compiled into the cache, as for an image.
    """
    if unknown := [word for word in arguments if word != "--compile"]:
        raise UserError(f"doctor takes nothing but --compile; got '{unknown[0]}'")
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("Python", _python),
        ("packages", _packages),
        ("settings", _settings),
        ("writing", _writing),
        ("compiler", _compiler),
        *((f"known answer of {name}", partial(_known_answer, name)) for name in ANSWERS),
        *((("compiled code", _compile),) if arguments else ()),
    )
    failed = 0
    for name, check in checks:
        try:
            print(f"ok    {name}: {check()}", flush=True)
        except Exception as error:
            failed += 1
            print(f"WRONG {name}: {error}", flush=True)
    print("all checks passed" if not failed else f"{failed} of {len(checks)} checks failed")
    return ExitStatus.DONE if not failed else ExitStatus.OUR_FAULT


def _python() -> str:
    text = ".".join(str(part) for part in sys.version_info[:3])
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        raise RuntimeError(f"{text}; 3.11, 3.12 or 3.13 is needed")
    return f"{text} ({sys.executable})"


def _packages() -> str:
    from sim.config.version import package_version

    versions = {name: package_version(name) for name in NEEDED}
    missing = [name for name, version in versions.items() if version is None]
    if missing:
        raise RuntimeError(f"not installed: {', '.join(missing)}")
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _settings() -> str:
    from sim.config.folders import find_conf_folders

    folders = find_conf_folders()
    own = f"; your own: {folders.user}" if folders.user else ""
    cases, scenarios = (len(folders.names(kind)) for kind in ("case", "scenario"))
    return f"{cases} cases and {scenarios} scenarios in {folders.project}{own}"


def _writing() -> str:
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".partnersim-"):
        return f"results can be written in {Path.cwd()}"


def _compiler() -> str:
    import numba

    from sim.core import engine
    from sim.results.provenance import threads_used

    folder = os.environ.get("NUMBA_CACHE_DIR") or "beside the code"
    state = "filled" if engine.is_compiled() else "empty: the first run compiles for about 30 s"
    return f"numba {numba.__version__}, {threads_used(None)} threads; compiled code in {folder} ({state})"


def _compile() -> str:
    """Run a little of all that is compiled: runs side by side and one by one, a live model, a walk of the lab."""
    from sim.config.folders import ConfFolders, project_folder
    from sim.config.resolve import make_scenario
    from sim.core._jit import CACHE_FOLDER
    from sim.core.engine import NARROW, WIDTH, batch_of, run_batch
    from sim.lab.trace import follow
    from sim.mesa_front import PartnershipModel

    scenario = make_scenario("pccp", "baseline", {"weeks": 2}, ConfFolders(project_folder()))
    for width in (WIDTH, NARROW):
        run_batch(batch_of(scenario, 1, np.arange(1)), threads=1, width=width)
    follow(scenario, 1, 0)
    PartnershipModel(scenario, run_seed=1).run_weeks(2)
    files = list(CACHE_FOLDER.rglob("*.nbc"))
    size = sum(file.stat().st_size for file in files) / 1e6
    return f"all of it is in {CACHE_FOLDER} ({len(files)} files, {size:.1f} MB), for this kind of processor"


def _known_answer(name: str) -> str:

    say_when_compiling()
    return check_answer(name)
