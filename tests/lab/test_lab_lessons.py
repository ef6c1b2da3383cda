"""Each expected answer of each lesson, counted in the engine; and the file that takes a lesson to a class."""

import json
import re

import numpy as np
import pytest

import sim
from sim.commands.cli import main
from sim.config.folders import ConfFolders, project_folder
from sim.core.errors import UserError
from sim.lab.answer import CURVES, run_answer
from sim.lab.lesson import FAN_EVERY, TIES_EVERY, Choice, bake
from sim.lab.lessons import PAIRS, lesson_plan, lessons
from sim.lab.page import assemble
from sim.lab.plan import read_plan
from tests.helpers.claims import count_claims, holds
from tests.lab.test_lab_model import array

FOLDERS = ConfFolders(project_folder())
DEFAULTS = {"posterior": "none"}


@pytest.mark.parametrize("lesson", lessons())
def test_every_expected_answer_is_what_the_engine_says(lesson):
    counts = count_claims(lesson)
    claims = lessons()[lesson]["claims"]
    assert set(counts) == set(claims)
    wrong = {name: count for name, count in counts.items() if not holds(claims[name], count)}
    assert wrong == {}, f"of {PAIRS}"


def test_a_claim_that_is_turned_round_does_not_hold(monkeypatch):
    row = {**lessons()["trust"], "claims": {"wrong": {**lessons()["trust"]["claims"]["lost"], "kind": "above"}}}
    monkeypatch.setitem(lessons(), "trust", row)
    assert not holds(row["claims"]["wrong"], count_claims("trust", pairs=PAIRS)["wrong"])


def test_every_card_compares_plans_of_its_lesson_that_can_be_run():
    for name, row in lessons().items():
        assert 20 <= row["minutes"] <= 45
        for card in row["cards"].values():
            assert {card["a"], card["b"]} <= set(row["plans"])
            assert card["a"] != card["b"]
        for plan in row["plans"]:
            read_plan(lesson_plan(name, plan), FOLDERS)


def content_of(page):
    text = re.search(r'<script type="application/json" id="content">(.*?)</script>', page, re.DOTALL)[1]
    return json.loads(text)


@pytest.fixture(scope="module")
def page():
    return bake(Choice("pccp", ("baseline", "funding_cut"), (1, 5), ("trust",)), FOLDERS)


def test_baked_runs_are_those_of_partnersim_run(page):
    baked = content_of(page)["baked"]
    assert [row["runs"][0]["plan"]["scenario"] for row in baked] == ["baseline", "funding_cut", "baseline", "baseline"]
    for place, scenario in enumerate(("baseline", "funding_cut")):
        for luck, seed in enumerate((1, 5)):
            run = baked[place]["runs"][luck]
            weekly = sim.run(sim.make_scenario("pccp", scenario, DEFAULTS), seed=seed, replicates=1).weekly
            assert run["plan"]["seed"] == seed
            for name in CURVES:
                assert array(run["curves"][name], "f8").tobytes() == weekly[name].to_numpy().tobytes(), (scenario, name)


def test_the_live_page_and_the_file_show_the_same_run(page):
    live = run_answer(read_plan(lesson_plan("trust", "neglected"), FOLDERS))
    baked = content_of(page)["baked"][2]["runs"][0]
    assert {name: live["curves"][name] for name in CURVES} == baked["curves"]
    assert (live["print"], live["events"]) == (baked["print"], baked["events"])
    assert np.isin(baked["ties"]["weeks"], live["ties"]["weeks"] + list(range(0, 261, TIES_EVERY))).all()
    assert content_of(page)["baked"][0]["fan"]["every"] == FAN_EVERY


def test_the_file_needs_nothing_from_outside(page):
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe" not in policy


def test_data_cannot_end_the_script_that_holds_them():
    line = "</script><script>alert(1)</script>"
    page = assemble({"mode": "baked", "catalogue": {"scenarios": {"mine": line}}})
    assert content_of(page)["catalogue"]["scenarios"]["mine"] == line
    assert line not in page


def test_the_command_writes_one_file_and_says_its_size(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["lesson", "--out", "class.html", "presets=baseline", "seeds=3", "lessons=none"]
    assert main(words) == 0
    message = capsys.readouterr().out
    assert "plans: 1; seeds of each: 1; one file of 0.2 MB: class.html" in message
    assert [path.name for path in tmp_path.iterdir()] == ["class.html"]
    assert main(words) == 2
    assert "'class.html' exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "lesson needs a file to write"),
        (["--out", "a.pdf"], "out must end in .html"),
        (["--out", "nowhere/a.html"], "there is no folder 'nowhere'"),
        (["--out", "a.html", "seeds=x"], "seeds must be whole numbers from 0 to 4294967295; got 'x'"),
        (["--out", "a.html", "lessons=trst"], "no lesson called 'trst'; did you mean 'trust'?"),
        (["--out", "a.html", "preset=baseline"], "did you mean 'presets'?"),
        (["--out", "a.html", "presets=baselin"], "no scenario called 'baselin'; did you mean 'baseline'?"),
        (["--out", "a.html", "case=pcpc"], "no case called 'pcpc'; did you mean 'pccp'?"),
        (["--out", "a.html", f"seeds={','.join(map(str, range(41)))}"], "must be at most 200 runs; got 205"),
    ],
)
def test_mistakes_are_told_in_one_line_and_nothing_is_written(tmp_path, monkeypatch, capsys, words, line):
    monkeypatch.chdir(tmp_path)
    assert main(["lesson", *words]) == 2
    assert line in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_choice_that_cannot_be_run_is_refused():
    with pytest.raises(UserError, match="made for pccp, not for chrp"):
        bake(Choice("chrp", ("no_reform",), (1,), ()), FOLDERS)
