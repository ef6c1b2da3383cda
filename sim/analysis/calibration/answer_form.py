"""The form of a self-assessment: its columns, its items in our own words, and what to know before filling it in."""

from __future__ import annotations

from importlib.resources import files

from sim.core.vocabulary import Dimension, words

DIMENSIONS = words(Dimension)
COLUMNS = ("wave", "respondent", "role", *DIMENSIONS)
LEAST = 5
"""Groups of fewer answers are neither shown nor used."""

ITEMS = {
    "synergy": "Together we achieve things that none of us would alone.",
    "leadership": "Those who lead bring people together and get things decided.",
    "efficiency": "Our time is well used.",
    "administration": "Agendas, notes and tasks are kept in order.",
    "nonfinancial_resources": "I get the skills, information and contacts that I need.",
    "decision_making": "I am heard when we decide, and we come to decisions.",
    "trust": "I trust the others.",
    "benefits": "Taking part does me good.",
    "drawbacks": "Taking part costs me more than it should.",
    "satisfaction": "All in all I am satisfied with how we work together.",
}
"""One item per dimension of the virtual questionnaire (``docs/model/questionnaire.md``)."""

_COMPANION = """\
How to fill in {form}
{line}
One row for each person and each time that you asked (a wave). An empty cell means: no answer.

  wave         week since the start of the partnership (39), or the date of the wave (2014-06-30):
               one date for all who were asked in that round
  respondent   any code, the same person always the same; never a name
  role         optional, any word
  the rest     answers from 1 (not at all) to 5 (fully); means of several items (3.5) are welcome

The items, in our own words; ask your own if they mean the same:

{items}

A dimension that you did not ask may stay empty or be left out. Then:

  partnersim calibrate case=MY_CASE answers={form}

Your answers stay on your computer and are not copied. Results hold a checksum of the file, the number of answers,
and means of groups of {least} or more; smaller groups are neither shown nor used.
A group mean near 1 or 5 still tells what nearly everybody answered: look at the report before you hand it on.
"""


def blank_form() -> str:
    """Return the form without answers: the names of the columns."""
    return ",".join(COLUMNS) + "\n"


def companion(form: str) -> str:
    """Return what to know before filling in a form.

    Parameters
    ----------
    form : str
        Name of the file.
    """
    items = "\n".join(f"  {name:<23} {text}" for name, text in ITEMS.items())
    return _COMPANION.format(form=form, line="=" * (18 + len(form)), items=items, least=LEAST)


def sample() -> str:
    """Return the sample: answers that the model gave, which its first line says."""
    return (files("sim") / "data" / "sample_answers.csv").read_text(encoding="utf-8")
