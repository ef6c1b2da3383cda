"""The three known answers of ``partnersim doctor``: found on other processors too, and each notices its own fault."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from sim.commands.cli import main
from sim.core import engine
from sim.sweeps import known_answer
from sim.sweeps.known_answer import ANSWERS, stored_answers
from tests.conftest import ROOT

PROGRAM = """
import json
from sim.sweeps.known_answer import case_file_answer, design_answer
print(json.dumps({"case files": case_file_answer(), "designs": design_answer()}))
"""


def dispatched_features() -> list[str]:
    """Return the processor features for which numpy has code of its own and which this machine has."""
    from numpy._core import _multiarray_umath as core

    return [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]


def found_elsewhere(**environment: str) -> dict[str, str]:
    """Return two of the answers as another process finds them."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_case_files_and_designs_are_the_same_without_the_features_of_the_processor_and_the_compiler() -> None:
    features = dispatched_features()
    assert features, "numpy has no code here that depends on the processor: nothing would be tested"
    expected = {name: stored_answers()[name] for name in ("case files", "designs")}
    assert found_elsewhere(NPY_DISABLE_CPU_FEATURES=" ".join(features), NUMBA_DISABLE_JIT="1") == expected


def one_bit_off(weights: list[float]) -> tuple[float, ...]:
    """Divide by an exactly rounded sum, as the built-in ``sum`` of Python 3.12 and later nearly does."""
    total = math.nextafter(math.fsum(weights), math.inf)
    return tuple(weight / total for weight in weights)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_last_bit_is_noticed_and_the_message_says_where(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if name == "case files":
        monkeypatch.setattr("sim.core.inputs.normalised", one_bit_off)
    elif name == "designs":
        monkeypatch.setattr(
            "sim.core.elementary.plain_powers", lambda base, exponents: np.nextafter(base**exponents, 0)
        )
    else:
        run_many = engine.run_many

        def other_results(*arguments, **named):
            ensemble = run_many(*arguments, **named)
            ensemble.weekly[0, 50] = np.nextafter(ensemble.weekly[0, 50], np.inf)
            return ensemble

        monkeypatch.setattr(engine, "run_many", other_results)
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    wrong = [line for line in lines if line.startswith("WRONG")]
    # Other numbers of a case file are other numbers of its runs, too.
    expected = ["case files", "a run"] if name == "case files" else [name]
    assert [line.partition(": ")[0] for line in wrong] == [f"WRONG known answer of {one}" for one in expected]
    assert wrong[0].endswith(f"but {stored_answers()[name]} expected: {ANSWERS[name][1]}")
    assert lines[-1] == f"{len(wrong)} of {5 + len(ANSWERS)} checks failed"


def test_an_answer_that_is_not_stored_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_answer, "stored_answers", dict)
    with pytest.raises(RuntimeError, match="no known answer is stored"):
        known_answer.check_answer("case files")


def test_the_doctor_finds_nothing_wrong_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert all(f"ok    known answer of {name}: {stored_answers()[name]}, as expected" in out for name in ANSWERS)
