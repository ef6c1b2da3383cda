"""What the project's files say: no machine, no makers, no registry; one version, one licence; links that lead on."""

import re
import tomllib

import pytest
import yaml

from tests.helpers.pages import PAGES
from tests.helpers.tree import ROOT, project_files, text_files

# Written with brackets so that this file does not match itself.
MACHINE = re.compile(
    r"(^|[\"'\s=(:`])/(w[o]rk|r[o]ot|f[a]rm|h[o]me/\w+|U[s]ers/\w+)/|\.\./sh[a]red\b|[A-Z]:\\\\?U[s]ers"
)
MAKERS = re.compile(
    r"\b(ch[a]tbot|ch[a]tgpt|cl[a]ude|c[o]pilot|language m[o]del|AI[ -]assist\w*|(coding|AI) [a]gent|"
    r"this s[e]ssion|previous s[e]ssion|the s[e]ssion|(?-i:helper [A-Z]{4,}))\b",
    re.IGNORECASE,
)
REGISTRIES = re.compile(r"p[y]thonhosted|p[y]pi\.[o]rg|r[e]gistry\.npm|d[e]b\.debian|c[o]nda\.anaconda")


@pytest.mark.parametrize(
    ("what", "pattern"),
    [("a path of one machine", MACHINE), ("how it was made", MAKERS), ("a registry's host", REGISTRIES)],
    ids=["machine", "makers", "registries"],
)
def test_files_do_not_name(what, pattern):
    found = [
        f"{path.relative_to(ROOT)}:{number} names {what}: {line.strip()[:80]}"
        for path, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_no_large_files():
    assert [path.name for path in project_files() if path.stat().st_size > 3_000_000] == []


def test_constraints_are_names_and_versions():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []


def test_constraints_name_each_tool_of_the_extras():
    """A tool without a version would be another one on each machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [need for needs in (project["dependencies"], *project["optional-dependencies"].values()) for need in needs]
    wanted = {re.match(r"[A-Za-z0-9._-]+", need)[0].lower().replace("_", "-") for need in named} - {"partnersim"}
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    assert wanted - set(re.findall(r"^([a-z0-9.-]+)==", text, re.MULTILINE)) == set()


def test_version_is_the_same_everywhere():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == version
    assert version in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_licence_and_study_are_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["license"] == project["license"] == (ROOT / "LICENSE").read_text(encoding="utf-8").split()[0]
    assert [author["name"] for author in citation["authors"]] == [author["name"] for author in project["authors"]]
    (study,) = citation["references"]
    for page in ("README.md", "docs/model/references.md"):
        assert study["doi"] in (ROOT / page).read_text(encoding="utf-8"), page


def test_links_of_pages_lead_somewhere():
    for page in PAGES:
        links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        lost = [link for link in links if "://" not in link and not (page.parent / link).exists()]
        assert lost == [], f"{page.relative_to(ROOT)} links to what does not exist"
