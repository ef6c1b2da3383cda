"""Reading a file of answers, whatever a spreadsheet wrote; every mistake in a line that tells nobody's answer.

No message repeats the content of a cell: what one person answered is a group of one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from sim.analysis.calibration.answer_form import COLUMNS, DIMENSIONS
from sim.config.settings import nearest
from sim.core.errors import UserError

MOST_PROBLEMS = 8
LOW, HIGH = 1.0, 5.0
NOTHING = ("", "na", "n/a", "nan", "-")
NUMBER = re.compile(r"[+-]?\d+([.,]\d*)?")
ISO, DOTTED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
HEADER_RULE = f"its first row must name the columns: {', '.join(COLUMNS)}"
Row = tuple[int, list[str]]


def read_rows(path: Path, start: date, weeks: int) -> pd.DataFrame:
    """Return the answers of a file, one row per respondent and wave.

    Parameters
    ----------
    path : Path
        CSV file: commas, semicolons or tabs; decimal points or commas; with or without a byte-order mark.
    start : date
        When the partnership began; waves given as dates count from there.
    weeks : int
        Length of the case.

    Returns
    -------
    DataFrame
        ``row`` (of the file), ``week``, ``respondent``, ``role`` and the ten dimensions, NaN where not answered.

    Raises
    ------
    UserError
        With one line for every mistake, ``MOST_PROBLEMS`` at most.
    """
    name = path.name
    rows = list(_rows(_text(path), name))
    if not rows:
        raise UserError(f"{name} is empty")
    header = _header(rows[0], name)
    found, problems = [], []
    for place, cells in rows[1:]:
        read, wrong = _read(dict(zip(header, cells, strict=False)), start, weeks)
        problems += [f"{name}, row {place}: {line}" for line in [*_surplus(header, cells), *wrong]]
        found.append({"row": place, **read})
    if not problems:
        problems = _repeated(found, name)
    if problems:
        rest = len(problems) - MOST_PROBLEMS
        raise UserError([*problems[:MOST_PROBLEMS], *([f"and {rest} more problems"] if rest > 0 else [])])
    return pd.DataFrame(found, columns=["row", "week", "respondent", "role", *DIMENSIONS])


def _text(path: Path) -> str:
    """Return the text of a file in one of the codes that spreadsheets write."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise UserError(f"answers: no such file: {path}") from error
    except OSError as error:
        raise UserError(f"answers: '{path}' cannot be read: {error.strerror or error}") from error
    if raw.startswith(SPREADSHEETS):
        raise UserError(f"{path.name} is a spreadsheet, not a CSV file; save it as CSV and give that file")
    for code in ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(code)
        except UnicodeDecodeError:
            continue
        if not any(ord(letter) < 32 and letter not in "\t\r\n" for letter in text):
            return text
    raise UserError(f"{path.name} is not a CSV file; {HEADER_RULE}")


def _rows(text: str, name: str) -> Iterator[Row]:
    """Yield the rows that are not blank with their numbers; lines that begin with # say something about the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped) and not stripped[0].startswith("#"):
                if any("\n" in cell or "\r" in cell for cell in stripped):
                    raise UserError(f"{name}, row {reader.line_num}: a quotation mark is not closed")
                yield reader.line_num, stripped
    except csv.Error as error:
        raise UserError(f"{name} is not a CSV file: {error}; {HEADER_RULE}") from error


def _delimiter(text: str) -> str:
    r"""Return what stands between the columns, as the row of their names shows.

    >>> _delimiter("# about\nwave;respondent;trust\n39;a;3,5\n")
    ';'
    """
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip('"').startswith("#"))
    first = next(lines, "")
    return max(",;\t", key=first.count)


def _header(row: Row, name: str) -> list[str]:
    """Return the names of the columns as they are known here."""
    header = [re.sub(r"[\s-]+", "_", cell.lower()) for cell in row[1]]
    while header and not header[-1]:
        header.pop()
    if not set(header) & set(COLUMNS):
        # No name is right: this may be a row of answers, which is not to be shown.
        raise UserError(f"{name}: {HEADER_RULE}")
    problems = []
    for place, column in enumerate(header):
        if column not in COLUMNS:
            close = nearest(column, COLUMNS)
            hint = f"; did you mean '{close}'?" if close else f"; allowed: {', '.join(COLUMNS)}"
            problems.append(f"{name}: unknown column '{row[1][place]}'{hint}")
    twice = {column for column in header if column and header.count(column) > 1}
    problems += [f"{name}: two columns are called {column}; keep one" for column in sorted(twice)]
    if not problems:
        # A column that is missing is most often one that is not known by its name.
        problems = [f"{name}: the column {column} is missing" for column in COLUMNS[:2] if column not in header]
    if not problems and not set(header) & set(DIMENSIONS):
        problems.append(f"{name}: no column holds answers; {HEADER_RULE}")
    if problems:
        raise UserError(problems)
    return header


def _surplus(header: Sequence[str], cells: Sequence[str]) -> list[str]:
    return ["has more cells than there are columns"] if any(cells[len(header) :]) else []


def _read(cells: dict[str, str], start: date, weeks: int) -> tuple[dict[str, object], list[str]]:
    """Return the values of a row, and what is wrong with them."""
    week, problem = _week(cells.get("wave", ""), start, weeks)
    problems = [problem] if problem else []
    if not cells.get("respondent"):
        problems.append("respondent is empty; give any code")
    read: dict[str, object] = {"week": week, "respondent": cells.get("respondent", ""), "role": cells.get("role", "")}
    for dimension in DIMENSIONS:
        text = cells.get(dimension, "")
        read[dimension] = float("nan")
        if text.lower() in NOTHING:
            continue
        number = float(text.replace(",", ".")) if NUMBER.fullmatch(text) else float("nan")
        if LOW <= number <= HIGH:
            read[dimension] = number
        else:
            problems.append(f"{dimension} must be a number from {LOW:g} to {HIGH:g}, or empty")
    return read, problems


def _week(text: str, start: date, weeks: int) -> tuple[int, str]:
    """Return the week of a wave, and what is wrong with it."""
    allowed = f"must be a whole week from 1 to {weeks} or a date such as {start + timedelta(weeks=39)}"
    if NUMBER.fullmatch(text):
        number = float(text.replace(",", "."))
        if not number.is_integer():
            return 0, f"wave {allowed}"
        week = int(number)
    else:
        day = _day(text)
        if day is None:
            return 0, f"wave {allowed}"
        week = round((day - start).days / 7)
    if week < 1:
        return 0, f"wave is not after the start of the case ({start}); it {allowed}"
    if week > weeks:
        return 0, f"wave is after the end of the case, which runs {weeks} weeks from {start}"
    return week, ""


def _day(text: str) -> date | None:
    """Return a date written 2014-06-30 or 30.6.2014; one with strokes may be read in two ways.

    >>> _day("30.6.2014"), _day("06/05/2014")
    (datetime.date(2014, 6, 30), None)
    """
    numbers: list[int] = []
    if found := ISO.fullmatch(text):
        numbers = [int(part) for part in found.groups()]
    elif found := DOTTED.fullmatch(text):
        numbers = [int(part) for part in reversed(found.groups())]
    try:
        return date(*numbers) if numbers else None
    except ValueError:
        return None


def _repeated(found: Sequence[dict[str, object]], name: str) -> list[str]:
    """Name rows that repeat respondent and wave of an earlier one."""
    first: dict[tuple[object, str], object] = {}
    problems = []
    for row in found:
        key = (row["week"], str(row["respondent"]).casefold())
        if key in first:
            problems.append(f"{name}, row {row['row']}: the same respondent and wave as in row {first[key]}; keep one")
        first.setdefault(key, row["row"])
    return problems
