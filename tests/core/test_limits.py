"""Every report says what the model cannot say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.commands.cli import main
from sim.results.story import LIMITS


@pytest.mark.parametrize(
    ("posterior", "origin"),
    [("cases", "from what fits both cases"), ("none", "assumed defaults, not fitted to the cases")],
)
def test_the_printed_result_and_the_record_carry_the_limits(
    posterior: str, origin: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "replicates=2", "weeks=52", f"posterior={posterior}", f"output={tmp_path / 'out'}"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    recorded = json.loads((tmp_path / "out" / "record.json").read_text())["limits"]
    assert recorded in printed
    assert origin in recorded
    assert recorded.endswith(LIMITS)
