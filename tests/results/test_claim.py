"""The folder of an analysis: claimed by one question, resumed by the same, refused to every other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.config.version import SAME_MODEL
from sim.core.sources import model_hash
from sim.core.errors import UserError
from sim.results.folder import BEGUN, RECORD, check_claim, claim

ASKED = {"settings": {"case": "pccp", "seed": 1}}


def test_a_new_folder_is_claimed_and_resumed_by_the_same_question(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    claim(folder, ASKED, "abc")
    assert json.loads((folder / BEGUN).read_text()) == {**ASKED, "model_hash": "abc"}
    claim(folder, ASKED, None)
    with pytest.raises(UserError, match="holds other results; give another output=FOLDER"):
        claim(folder, {"settings": {"case": "pccp", "seed": 2}}, None)


def test_a_check_leaves_nothing(tmp_path: Path) -> None:
    check_claim(tmp_path / "a" / "b", ASKED, "abc")
    assert list(tmp_path.iterdir()) == []


def test_results_of_another_model_are_not_resumed(tmp_path: Path) -> None:
    claim(tmp_path, ASKED, "0000")
    with pytest.raises(UserError, match="holds results of another version of the model"):
        claim(tmp_path, ASKED, model_hash())


@pytest.mark.parametrize("stored", [model_hash(), "an earlier hash"])
def test_a_record_of_before_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored: str) -> None:
    monkeypatch.setitem(SAME_MODEL, "an earlier hash", model_hash())
    (tmp_path / RECORD).write_text(json.dumps({**ASKED, "model_hash": stored}))
    claim(tmp_path, ASKED, model_hash())


def test_results_without_a_record_are_known_by_their_parts(tmp_path: Path) -> None:
    (tmp_path / "screen").mkdir()
    with pytest.raises(UserError, match="holds something else"):
        claim(tmp_path, ASKED, "abc")
    claim(tmp_path, ASKED, "abc", parts=("screen",))


@pytest.mark.parametrize("content", ["[]", '{"case": "pccp"}'])
def test_a_folder_of_another_kind_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / RECORD).write_text(content)
    with pytest.raises(UserError, match="holds something else"):
        claim(tmp_path, ASKED, "abc")
    assert not (tmp_path / BEGUN).exists()


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="'.*file' is a file"):
        claim(tmp_path / "file" / "a", ASKED, "abc")
