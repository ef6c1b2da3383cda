"""The words of the lab: the same keys in every language, a word for everything that has a name."""

import re
from pathlib import Path

import pytest

from experiments.pages import wrapped
from sim.core.vocabulary import LeavingCause, Level, Lever, Resource, Role, ShockKind, Status, words
from sim.lab.lesson_pages import lesson_pages
from sim.lab.lessons import lessons
from sim.lab.page import HOURS_SHOWN, SCRIPTS
from sim.lab.words import all_texts, keys_of, languages, text

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "sim" / "lab" / "page"
SCRIPT = "\n".join((PAGE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


def entry(tree, key):
    for part in key.split("."):
        tree = tree[int(part)] if isinstance(tree, list) else tree[part]
    return tree


@pytest.mark.parametrize("language", languages()[1:])
def test_every_language_says_the_same_things(language):
    assert languages()[0] == "en"
    ours, english = keys_of(text(language)), keys_of(text("en"))
    assert (ours - english, english - ours) == (set(), set())
    for key in english:
        if key != "language":
            holes = [set(re.findall(r"\{(\w+)\}", str(entry(text(name), key)))) for name in (language, "en")]
            assert holes[0] == holes[1], key


def test_nothing_is_left_untranslated():
    same = [key for key in keys_of(text("en")) if entry(text("en"), key) == entry(text("fr"), key)]
    alike = {"plans.A", "plans.B", "view.pause", "levers.leadership.name", "curves.adaptation.name", "exercise.minutes"}
    assert {key for key in same if not key.endswith((".letter", ".about"))} - alike == set()


def test_everything_that_has_a_name_has_words():
    presets = {path.stem for path in (ROOT / "conf" / "scenario").glob("*.yaml")}
    cases = {path.stem for path in (ROOT / "conf" / "case").glob("*.yaml")}
    for shown in all_texts().values():
        assert set(shown["levers"]) == set(words(Lever))
        assert set(shown["levels"]) == set(words(Level))
        assert set(shown["roles"]) == set(words(Role))
        assert set(shown["resources"]) == set(words(Resource))
        assert set(shown["shocks"]) - {"names"} == set(words(ShockKind))
        assert set(shown["hours"]) == set(HOURS_SHOWN)
        assert set(shown["ends"]) == set(words(Status)) - {"alive"}
        assert set(shown["causes"]) == set(words(LeavingCause))
        assert set(shown["presets"]) == presets
        assert set(shown["cases"]) == cases


def test_every_lesson_has_all_its_words():
    for shown in all_texts().values():
        assert set(shown["lessons"]) == set(lessons())
        for name, row in lessons().items():
            ours = shown["lessons"][name]
            for part, key in (("cards", "cards"), ("plans", "plans"), ("claims", "answers")):
                assert set(ours[key]) == set(row[part]), (name, part)
            assert all("{count}" in line for line in ours["answers"].values())


def test_the_page_asks_only_for_words_that_there_are():
    asked = set(re.findall(r'(?:say|words)\("([a-z_.]+)"', SCRIPT, re.IGNORECASE))
    asked |= set(re.findall(r'data-(?:text|title)="([^"]+)"', (PAGE / "index.html").read_text(encoding="utf-8")))
    assert len(asked) > 60
    assert asked - keys_of(text("en")) == set()


def test_no_word_is_there_for_nothing():
    """Each entry of the page's own words stands in a script, in the page, or is reached by a name put together."""
    page = SCRIPT + (PAGE / "index.html").read_text(encoding="utf-8")
    own = [key for key in keys_of(text("en")) if key.split(".")[0] in ("page", "plans", "view", "say", "exercise")]
    built = ("plans.A", "plans.B", "plans.posterior_", "view.legend_")
    lost = [
        key for key in own if key not in page and not key.startswith(built) and f'"{key.split(".")[1]}"' not in page
    ]
    reached = {"say.shock", "say.left", "say.came", "say.closed", "say.lever", "say.win", "say.ended", "plans.lesson"}
    assert set(lost) - reached == set()


@pytest.mark.parametrize("name", sorted(lesson_pages()))
def test_the_pages_in_docs_are_those_of_the_one_source(name):
    path = ROOT / "docs" / "guide" / "lessons" / name
    assert path.read_text(encoding="utf-8") == wrapped(lesson_pages()[name]), "stale: run make derived"


def test_docs_hold_no_lesson_that_is_gone():
    kept = {path.name for path in (ROOT / "docs" / "guide" / "lessons").glob("*.md")}
    assert kept == set(lesson_pages())
