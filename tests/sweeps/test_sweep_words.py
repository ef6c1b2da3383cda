"""What people type wrong in a sweep, and what is said of it: one line each, and nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.config.sweep_settings import ENGINE_NAMES
from sim.core.errors import UserError
from sim.sweeps.engines import ENGINES
from sim.sweeps.planning import plan_sweep

MISTAKES = [
    ("enabling.leadership=0.2 enabling.leadership=0.3", "enabling.leadership is given twice: 0.2 and 0.3"),
    ("enabling.leadership=0.2,0.2", "enabling.leadership lists a value twice"),
    ("enabling.leadership=choice()", "the design is empty: enabling.leadership has no values"),
    ("enabling.leadership=0.2,1.4", "must be a number from 0 to 1 (share of full effort); got 1.4"),
    ("enabling.leadership=0.2,much", "got 'much'"),
    ("enabling.ledership=0.2,0.4", "did you mean 'enabling.leadership'?"),
    ("replicats=5", "did you mean 'replicates'?"),
    ("desing=lhs", "did you mean 'design'?"),
    ("design=lsh", "no design called 'lsh'; did you mean 'lhs'?"),
    ("design=grid design.points=5", "design=grid does not take design.points; it takes no options"),
    ("design=lhs design.pionts=5", "unknown setting 'design.pionts'; allowed: design.points"),
    ("design=lhs design.points=0", "design.points must be a whole number from 1"),
    ("design=morris design.levels=3", "design.levels must be an even number; got 3"),
    ("design=lhs enabling.leadership=interval(0.8,0.2)", "must go from a lower to a higher value"),
    ("design=lhs enabling.leadership=interval(0,2)", "must be a number from 0 to 1 (share of full effort); got 2"),
    ("enabling.leadership=interval(0,1)", "design=grid takes listed values, but enabling.leadership is a range"),
    ("design=lhs route=interval(0,1)", "route is not a number and has no range"),
    ("design=lhs design.over=levers enabling.leadership=0.5", "enabling.leadership is given twice: by design.over"),
    ("design=lhs design.over=[enabling.leadership,enabling.leadership]", "names enabling.leadership twice"),
    ("design=lhs design.over=enabling.ledership", "did you mean 'enabling.leadership'?"),
    ("design=lhs design.over=[]", "the design is empty: design=lhs needs settings with a range"),
    ("design=from_file", "design=from_file needs design.file=FILE"),
    ("design=from_file design.file=nowhere.csv", "no such file: nowhere.csv"),
    ("engine=thread", "engine must be one of threads, processes, ray; got 'thread'"),
    ("engine=threads,processes", "engine is about the whole sweep and takes one value"),
    ("luck=same", "luck must be one of common, independent; got 'same'"),
    ("failures=ignore", "failures must be one of record, finish, stop"),
    ("questionnaire=52", "questionnaire must be a list of weeks"),
    ("questionnaire=[0,52]", "from 1 to 520"),
    ("weekly=0", "weekly must be a whole number from 1 to 520 (weeks); got 0"),
    ("weekly=4 metrics=[trust,integratn]", "no weekly metric 'integratn'; did you mean 'integration'?"),
    ("weekly=4 metrics=qqq", "no weekly metric 'qqq'; see partnersim list metrics"),
    ("weekly=4 metrics=", "metrics must be a name or a list such as [A,B]; got nothing"),
    ("metrics=[trust]", "metrics chooses what weekly=N keeps; give weekly too"),
    ("case=pccp,chpr", "no case called 'chpr'; did you mean 'chrp'?"),
    ("scenario=no_reform case=pccp,chrp", "made for pccp, not for chrp"),
    ("shocks.cut.week=10,20", "shocks.cut is not a shock of case pccp and has no kind"),
    ("weeks=10,20 shocks.reform_2014.week=15", "point 0: shocks.reform_2014.week must be from 1 to 10"),
    ("design=population case=pccp,chrp", "varies the composition of one case; got chrp, pccp"),
    ("enabling.leadership=(0.2,0.5", "unbalanced '('"),
    ("enabling.leadership", "is not a setting; write NAME=VALUE"),
    ("--dryrun", "unknown option '--dryrun'"),
    ("replicates=1000000 seed=range(0,5000)", "are more than 4294967296 runs"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES, ids=[words for words, _ in MISTAKES])
def test_one_line_tells(words: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as caught:
        plan_sweep(words.split())
    assert any(message in line for line in caught.value.problems), caught.value.problems
    assert all("\n" not in line for line in caught.value.problems)
    assert not list(tmp_path.iterdir())


def test_all_mistakes_are_told_together() -> None:
    with pytest.raises(UserError) as caught:
        plan_sweep(["engine=thread", "enabling.leadership=2,3", "design=lsh"])
    assert len(caught.value.problems) == 4


FILES = [
    ("enabling.leadership\n0.2\n1.7\n", "points.csv, row 2: enabling.leadership must be a number from 0 to 1"),
    ("enabling.leadership\n0.2\nmuch\n", "row 2: enabling.leadership must be a number"),
    ("enabling.leadership,route\n0.2,both\n,both\n", "row 2: enabling.leadership"),
    ("enabling.ledership\n0.2\n", "did you mean 'enabling.leadership'?"),
    ("enabling.leadership,enabling.leadership\n0.2,0.3\n", "two columns called enabling.leadership"),
    ("case\npccp\n", "the column case cannot be varied by a file"),
    ("route\nnowhere\n", "row 1: route must be one of"),
    ("enabling.leadership\n", "the design is empty"),
]


@pytest.mark.parametrize(("content", "message"), FILES, ids=[message for _, message in FILES])
def test_a_file_of_points_is_checked_cell_by_cell(
    content: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("points.csv").write_text(content)
    with pytest.raises(UserError) as caught:
        plan_sweep(["design=from_file", "design.file=points.csv"])
    assert any(message in line for line in caught.value.problems), caught.value.problems


def test_a_file_of_points_is_run_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("enabling.leadership,weeks,route\n0.2,30,both\n0.3,40,relational\n")
    plan = plan_sweep(["design=from_file", f"design.file={path}", "case=pccp,chrp"]).plan
    assert plan.n_points == 4
    assert [(v.case, v.weeks, v.route) for v in plan.variants] == [
        ("pccp", 30, "both"), ("pccp", 40, "relational"), ("chrp", 30, "both"), ("chrp", 40, "relational")
    ]  # fmt: skip


def test_the_names_of_engines_agree() -> None:
    assert tuple(ENGINES) == ENGINE_NAMES
