"""Every report says what the model cannot say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli import main
from sim.story import LIMITS


def test_the_printed_result_and_the_record_carry_the_limits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "replicates=2", "weeks=52", f"output={tmp_path / 'out'}"]) == 0
    assert LIMITS in " ".join(capsys.readouterr().out.split())
    assert json.loads((tmp_path / "out" / "record.json").read_text())["limits"] == LIMITS
