"""``partnersim new-answers FILE``: a blank form for self-assessment answers, with what to know before filling it in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.commands.exit_status import ExitStatus
from sim.core.errors import UserError

USAGE = "write: partnersim new-answers FILE.csv, or partnersim new-answers FILE.csv --sample"


def new_answers(words: Sequence[str]) -> int:
    """Write a blank form and its companion text, or the sample.

    Parameters
    ----------
    words : sequence of str
        The file to be made, and perhaps ``--sample``.
    """
    from sim.analysis.calibration.answer_form import blank_form, companion, sample

    names = [word for word in words if word != "--sample"]
    if len(names) != 1 or names[0].startswith("-") or "=" in names[0]:
        raise UserError(f"new-answers needs the name of one file; {USAGE}")
    form = Path(names[0])
    if form.suffix.lower() != ".csv":
        raise UserError(f"'{form}' must end in .csv; {USAGE}")
    if len(names) < len(words):
        _write({form: sample()})
        print(f"wrote {form}: answers that the model gave, not those of a real partnership")
        print(f"Try it: partnersim calibrate case=pccp answers={form} points=20000")
        return ExitStatus.DONE
    about = form.with_suffix(".txt")
    _write({form: blank_form(), about: companion(form.name)})
    print(f"wrote {form} (a row for each respondent and wave) and {about} (the items, and how to fill it in)")
    print(f"Then: partnersim calibrate case=MY_CASE answers={form}")
    return ExitStatus.DONE


def _write(texts: dict[Path, str]) -> None:
    """Write new files, all of them or none."""
    for path in texts:
        if path.exists():
            raise UserError(f"{path} exists already; nothing was written")
    for path, text in texts.items():
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UserError(f"{path} cannot be written ({error.strerror or error})") from error
