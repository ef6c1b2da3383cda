"""Answers of one's own partnership: whatever a spreadsheet writes is read, every mistake is named, nobody is shown."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.analysis.calibration.answer_form import COLUMNS, DIMENSIONS, ITEMS, blank_form, companion, sample
from sim.analysis.calibration.answers import LEAST_SD, Answers, read_answers
from sim.commands.cli import main
from sim.core.errors import UserError

CASE = {"start": {"value": date(2013, 10, 1)}, "weeks": {"value": 260}}
DOCS = Path(__file__).parents[2] / "docs"


def table(waves: tuple[object, ...] = (39, 117), n: int = 6, role: str = "clinician") -> list[list[str]]:
    """Rows of n respondents per wave; the answers of a respondent are all alike, from 2 to 4."""
    return [[str(wave), f"r{i}", role, *[str(2 + i % 3)] * len(DIMENSIONS)] for wave in waves for i in range(1, n + 1)]


def written(rows: list[list[str]], separator: str = ",", end: str = "\n", header: tuple[str, ...] = COLUMNS) -> str:
    return end.join(separator.join(row) for row in [list(header), *rows]) + end


def read(folder: Path, content: str | bytes, name: str = "ours.csv") -> Answers:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_answers(path, CASE)


def message_of(folder: Path, content: str | bytes) -> str:
    with pytest.raises(UserError) as error:
        read(folder, content)
    assert all("\n" not in line for line in error.value.problems)
    return "\n".join(error.value.problems)


# --- what is read -------------------------------------------------------------------------------------------


def test_means_errors_and_counts_of_each_wave(tmp_path: Path) -> None:
    rows = table(n=6)
    rows[0][3] = ""
    found = read(tmp_path, written(rows))
    assert found.weeks == (39, 117)
    assert found.mean[0, 0] == pytest.approx(np.mean([4, 2, 3, 4, 2]))
    assert found.count[0, 0] == 5
    assert found.mean[1, 0] == pytest.approx(3.0)
    assert found.error[1, 0] == pytest.approx(np.std([2, 3, 4] * 2, ddof=1) / np.sqrt(6))
    assert found.used == 119
    assert found.respondents == 6
    assert not found.hides
    assert found.sha256 == hashlib.sha256((tmp_path / "ours.csv").read_bytes()).hexdigest()


def test_answers_that_are_all_alike_are_not_taken_as_exact(tmp_path: Path) -> None:
    rows = [[*row[:3], *["4"] * 10] for row in table()]
    assert read(tmp_path, written(rows)).error[0, 0] == pytest.approx(LEAST_SD / np.sqrt(6))


@pytest.mark.parametrize(
    "content",
    [
        written(table()).encode("utf-8-sig"),
        written(table(), end="\r\n").encode(),
        written(table(), separator=";").encode(),
        written(table(), separator="\t").encode("utf-16"),
        written([[c.replace("2", "2,0") if i > 2 else c for i, c in enumerate(r)] for r in table()], ";").encode(),
        written([["39,0" if c == "39" else c for c in r] for r in table()], ";").encode(),
        ("# ours; kept by hand;;;\n\n" + written(table(), ";") + ";" * 12 + "\n").encode(),
        written(table(), header=tuple(c.replace("_", " ").title() for c in COLUMNS)).encode(),
        written(table(), header=tuple(c.replace("_", "-") for c in COLUMNS)).encode(),
        written(table(("2014-07-01", "29.12.2015"))).encode(),
        written(table(role="médecin")).encode("cp1252"),
        written([[*row[:2], *row[3:]] for row in table()], header=(*COLUMNS[:2], *COLUMNS[3:])).encode(),
        (written(table()) + written([["39", "r9", "", *["NA"] * 10]])[len(written([])) :]).encode(),
    ],
    ids=["bom", "crlf", "semicolons", "utf-16", "commas", "week 39,0", "comment", "titles", "hyphens", "dates",
         "cp1252", "no role", "NA"],
)  # fmt: skip
def test_whatever_a_spreadsheet_writes_is_read_alike(tmp_path: Path, content: bytes) -> None:
    plain = read(tmp_path, written(table()))
    found = read(tmp_path, content)
    assert found.weeks == (39, 117)
    np.testing.assert_array_equal(found.mean, plain.mean)
    np.testing.assert_array_equal(found.error, plain.error)


def test_a_dimension_that_was_not_asked_may_be_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, written([row[:-1] for row in table()], header=COLUMNS[:-1]))
    assert np.isnan(found.mean[:, -1]).all()
    assert np.isfinite(found.mean[:, :-1]).all()


# --- nobody is shown ----------------------------------------------------------------------------------------


def test_a_wave_of_fewer_than_five_is_neither_shown_nor_used(tmp_path: Path) -> None:
    rows = [*table(), *table((200,), n=4)]
    found = read(tmp_path, written(rows))
    assert found.weeks == (39, 117)
    assert found.hides
    assert "200" not in json.dumps(found.in_plain())
    assert "200" not in found.sentence()
    assert "under 5 were left out" in found.sentence()


def test_a_dimension_with_fewer_than_five_answers_is_left_out(tmp_path: Path) -> None:
    rows = table((39,))
    for row in rows[:2]:
        row[COLUMNS.index("trust")] = ""
    found = read(tmp_path, written(rows))
    assert np.isnan(found.mean[0, DIMENSIONS.index("trust")])
    assert "trust" not in json.dumps(found.in_plain())


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ({"patient": 4, "clinician": 6}, []),
        ({"patient": 5, "clinician": 6}, ["clinician", "patient"]),
        ({"patient": 2, "manager": 3, "clinician": 6}, ["clinician"]),
        ({"patient": 2, "clinician": 6, "researcher": 9}, ["researcher"]),
        ({"": 3, "clinician": 6}, []),
        ({"clinician": 6}, ["clinician"]),
    ],
    ids=["rest of four", "both large", "rest of five", "two large", "no role given", "all alike"],
)
def test_no_role_under_five_can_be_reckoned_from_the_others(
    tmp_path: Path, sizes: dict[str, int], shown: list[str]
) -> None:
    rows = [["39", f"{role}{i}", role, *[str(1 + i % 5)] * 10] for role, size in sizes.items() for i in range(size)]
    found = read(tmp_path, written(rows))
    assert sorted(group.role for group in found.groups) == shown
    hidden = sum(sizes.values()) - sum(np.nan_to_num(group.count[0]) for group in found.groups)
    assert hidden == 0 or hidden >= 5


def test_no_message_repeats_a_cell(tmp_path: Path) -> None:
    rows = table()
    rows[2][1], rows[2][5] = "secret-code", "77"
    rows[3][0] = "4711.5"
    rows[4][1] = rows[5][1] = "other-code"
    lines = message_of(tmp_path, written(rows))
    assert not {"secret-code", "77", "4711", "other-code"} & set(lines.replace(",", " ").replace(";", " ").split())
    rows[2][5], rows[3][0] = "3", "39"
    assert "other-code" not in message_of(tmp_path, written(rows))
    assert "r1" not in message_of(tmp_path, written(table(), header=("39", "r1", "x", *map(str, range(10)))))


# --- mistakes -----------------------------------------------------------------------------------------------


def change(place: tuple[int, str], value: str) -> str:
    rows = table()
    rows[place[0]][COLUMNS.index(place[1])] = value
    return written(rows)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", "ours.csv is empty"),
        ("\n \n", "ours.csv is empty"),
        (written([]), "ours.csv holds no answers"),
        (written([[*row[:3], *[""] * 10] for row in table()]), "every cell of the dimensions is empty"),
        (b"PK\x03\x04\x00\x01", "is a spreadsheet, not a CSV file; save it as CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "ours.csv is not a CSV file"),
        (bytes(range(256)), "ours.csv is not a CSV file"),
        ("just some words\nmore of them\n", "its first row must name the columns: wave, respondent, role"),
        (written(table(), header=(*COLUMNS[:-1], "satisfacton")), "'satisfacton'; did you mean 'satisfaction'?"),
        (written(table(), header=("week", *COLUMNS[1:])), "unknown column 'week'; allowed: wave, respondent"),
        (written([row[1:] for row in table()], header=COLUMNS[1:]), "the column wave is missing"),
        (written(table(), header=(*COLUMNS[:-1], "trust")), "two columns are called trust"),
        (written([row[:3] for row in table()], header=COLUMNS[:3]), "no column holds answers"),
        (change((2, "trust"), "6"), "row 4: trust must be a number from 1 to 5, or empty"),
        (change((2, "trust"), "0"), "row 4: trust must be a number from 1 to 5, or empty"),
        (change((2, "trust"), "often"), "row 4: trust must be a number from 1 to 5, or empty"),
        (change((2, "wave"), "39.5"), "row 4: wave must be a whole week from 1 to 260 or a date such as 2014-07-01"),
        (change((2, "wave"), "06/05/2014"), "row 4: wave must be a whole week"),
        (change((2, "wave"), "2014-13-45"), "row 4: wave must be a whole week"),
        (change((2, "wave"), ""), "row 4: wave must be a whole week"),
        (change((2, "wave"), "0"), "row 4: wave is not after the start of the case (2013-10-01)"),
        (change((2, "wave"), "2012-01-01"), "row 4: wave is not after the start"),
        (change((2, "wave"), "261"), "row 4: wave is after the end of the case, which runs 260 weeks"),
        (change((2, "wave"), "2031-01-01"), "row 4: wave is after the end of the case"),
        (change((2, "respondent"), ""), "row 4: respondent is empty"),
        (change((2, "respondent"), "R1"), "row 4: the same respondent and wave as in row 2"),
        (written([*table(), [*table()[0], "5"]]), "row 14: has more cells than there are columns"),
        (written(table((39,), n=4)), "answers of fewer than 5 respondents"),
        (written([*table((39,), n=4), *[["50", f"s{i}", *r[2:]] for i, r in enumerate(table((50,), 4))]]),
         "no dimension has 5 answers in any wave"),
        (written(table(tuple(range(1, 23)))), "more than 20 waves"),
        (written(table()).replace("r3", '"r3', 1), "a quotation mark is not closed"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_line(tmp_path: Path, content: str | bytes, line: str) -> None:
    found = message_of(tmp_path, content)
    assert line in found
    assert len(found.splitlines()) == 1


def test_many_mistakes_are_told_together_but_not_without_end(tmp_path: Path) -> None:
    rows = [[*row[:3], *["9"] * 10] for row in table()]
    lines = message_of(tmp_path, written(rows)).splitlines()
    assert len(lines) == 9
    assert lines[-1] == "and 112 more problems"


@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_a_file_that_is_not_there(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"no such file: nowhere.csv|'\.' cannot be read"):
        read_answers(Path(name), CASE)


# --- the form -----------------------------------------------------------------------------------------------


def test_the_items_are_those_of_the_questionnaire() -> None:
    page = (DOCS / "model" / "questionnaire.md").read_text(encoding="utf-8")
    assert tuple(ITEMS) == DIMENSIONS
    assert all(f"| {text} |" in page for text in ITEMS.values())


def test_a_blank_form_and_its_companion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new-answers", "ours.csv"]) == 0
    assert Path("ours.csv").read_text() == blank_form()
    assert Path("ours.txt").read_text() == companion("ours.csv")
    assert all(text in companion("ours.csv") for text in ITEMS.values())
    assert main(["new-answers", "ours.csv"]) == 2
    assert "exists already; nothing was written" in capsys.readouterr().err
    Path("ours.csv").unlink()
    assert main(["new-answers", "ours.csv"]) == 2
    assert not Path("ours.csv").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "needs the name of one file"),
        (["a.csv", "b.csv"], "needs the name of one file"),
        (["--samples", "a.csv"], "needs the name of one file"),
        (["a.xlsx"], "must end in .csv"),
        (["nowhere/a.csv"], "nowhere/a.csv cannot be written"),
    ],
)
def test_a_form_that_cannot_be_written(tmp_path, monkeypatch, capsys, words: list[str], line: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new-answers", *words]) == 2
    assert line in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_sample_says_that_it_is_synthetic_and_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert sample().splitlines()[0].startswith("# Synthetic: ")
    assert main(["new-answers", "sample.csv", "--sample"]) == 0
    found = read_answers(Path("sample.csv"), CASE)
    assert found.weeks == (39, 117, 195, 240)
    assert np.isfinite(found.mean).all()
