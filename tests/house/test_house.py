"""Small lints of our own: what linters do not know about this house."""

import ast
import doctest
import importlib.util
import inspect
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "sim").rglob("*.py"))
COMPILERS = {"njit", "jit", "vectorize", "guvectorize", "cfunc", "stencil", "jitclass", "generated_jit"}
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".txt",
    ".csv",
    ".json",
    ".cff",
    ".bib",
    ".cfg",
    ".sh",
    ".ipynb",
    "",
}


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def walk(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def project_files() -> list[Path]:
    """Every file that is, or would be, under version control."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode:
        pytest.skip("not a git checkout: the list of files is unknown")
    names = {name for name in listing.stdout.split("\0") if name}
    return sorted(ROOT / name for name in names if (ROOT / name).is_file())


def text_files() -> list[tuple[Path, str]]:
    return [(p, p.read_text(encoding="utf-8")) for p in project_files() if p.suffix in TEXT]


# --- compiled code -----------------------------------------------------------------------------------------


def compiler_uses(path: Path) -> list[str]:
    found = []
    for node in walk(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "numba":
            found += [place(path, node) for alias in node.names if alias.name in COMPILERS]
        if isinstance(node, ast.Attribute) and node.attr in COMPILERS and isinstance(node.value, ast.Name):
            found += [place(path, node)] if node.value.id in {"numba", "nb"} else []
    return found


def test_one_place_says_njit():
    assert [use for path in SOURCES if path.name != "_jit.py" for use in compiler_uses(path)] == []


def imported(path: Path) -> set[str]:
    """Modules of the project that a file imports, as names below ``sim``."""
    found = set()
    for node in walk(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sim":
            below = node.module.partition(".")[2]
            found |= {below} if below else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {a.name.partition(".")[2] for a in node.names if a.name.startswith("sim.")}
    return found


def test_the_cache_is_named_by_all_that_is_compiled():
    """What compiled code imports, directly or not, must be among the sources that name its cache folder."""
    jit = pytest.importorskip("sim.core._jit")
    waiting, closure = (
        {f"kernels.{p.stem}" for p in (ROOT / "sim" / "kernels").glob("*.py")} | {"engine"},
        set(),
    )
    while waiting:
        name = waiting.pop()
        path = ROOT / "sim" / f"{name.replace('.', '/')}.py"
        if path.exists() and name not in closure:
            closure.add(name)
            waiting |= imported(path)
    # The draws of a posterior are laid over settings in plain Python; nothing of that file can be frozen.
    outside = {name for name in closure if not name.startswith("kernels.")} - {"posterior"}
    assert outside - set(jit._COMPILED_FROM) == set()


def test_no_fastmath():
    words = [
        place(path, node)
        for path in SOURCES
        for node in walk(path)
        if (isinstance(node, ast.keyword) and node.arg == "fastmath")
        or (isinstance(node, ast.Constant) and node.value == "fastmath")
    ]
    assert words == []


def random_uses(path: Path) -> list[str]:
    found = []
    for node in walk(path):
        if isinstance(node, ast.Attribute) and node.attr == "random" and isinstance(node.value, ast.Name):
            found += [place(path, node)] if node.value.id in {"np", "numpy"} else []
        if isinstance(node, ast.Import):
            found += [place(path, node) for a in node.names if a.name in {"random", "numpy.random", "secrets"}]
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if node.module in {"random", "numpy.random"} or (node.module == "numpy" and "random" in names):
                found.append(place(path, node))
    return found


def test_random_numbers_come_from_addresses_only():
    # Where the points of a design fall, what pseudo-data look like, or which mixes are tried, is no luck of a run.
    free = (ROOT / "sim" / "ensemble" / "designs.py",
            *(ROOT / "sim" / name for name in ("calibration", "sensitivity", "portfolios")))  # fmt: skip
    sources = [path for path in SOURCES if not any(path.is_relative_to(place) for place in free)]
    assert [use for path in sources for use in random_uses(path)] == []


# --- docstrings --------------------------------------------------------------------------------------------


def public_functions() -> list[tuple[str, ast.FunctionDef]]:
    """Public functions and methods, with where they stand."""
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        scopes = [tree, *(n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_"))]
        for scope in scopes:
            for node in scope.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    found.append((f"{place(path, node)} {node.name}", node))
    return found


def documented_parameters(docstring: str) -> list[str] | None:
    """Names in the Parameters section of a numpydoc docstring; None if there is no such section."""
    match = re.search(r"^Parameters\n-{3,}\n(.*?)(?=^\S[^\n]*\n-{3,}$|\Z)", docstring, re.MULTILINE | re.DOTALL)
    if match is None:
        return None
    heads = [line.split(" : ")[0].rstrip(" :") for line in match[1].splitlines() if line and not line[0].isspace()]
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def parameters(node: ast.FunctionDef) -> list[str]:
    vararg, kwarg = ([extra] if extra else [] for extra in (node.args.vararg, node.args.kwarg))
    arguments = [*node.args.posonlyargs, *node.args.args, *vararg, *node.args.kwonlyargs, *kwarg]
    return [argument.arg for argument in arguments if argument.arg not in {"self", "cls"}]


def test_docstring_parameters_equal_the_signature():
    wrong = []
    for name, node in public_functions():
        written = documented_parameters(ast.get_docstring(node) or "")
        if written is not None and written != parameters(node):
            wrong.append(f"{name}: documented {written}, signature {parameters(node)}")
    assert wrong == []


def test_the_docstring_reader_reads():
    text = "Do it.\n\nParameters\n----------\na, b : float\n    Two.\n*rest : int\n\n"
    text += "Returns\n-------\nfloat\n    It.\n"
    assert documented_parameters(text) == ["a", "b", "rest"]
    assert documented_parameters("Do it.") is None


def test_no_open_ended_keywords():
    """`**kwargs` hides the data flow; the one exception would be Mesa's constructor."""
    assert [name for name, node in public_functions() if node.args.kwarg] == []


# --- what the project's files say --------------------------------------------------------------------------

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
    assert [p.name for p in project_files() if p.stat().st_size > 3_000_000] == []


def test_constraints_are_names_and_versions():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []


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


def test_readme_links_lead_somewhere():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        lost = [link for link in links if "://" not in link and not (page.parent / link).exists()]
        assert lost == [], f"{page.name} links to what does not exist"


# --- settings ----------------------------------------------------------------------------------------------


def repeated_defaults(file: Path, defaults: dict[str, dict[str, float]]) -> list[str]:
    """Bare values equal to the table's; a case's prior (value, low, high, status, source) repeats none."""
    tree = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return [
        f"{file.relative_to(ROOT)}: {group}.{name} repeats the table's default {value}"
        for group, table in defaults.items()
        for name, value in table.items()
        if isinstance(tree.get(group), dict) and tree[group].get(name) == value
    ]


def test_settings_repeat_no_default():
    params = pytest.importorskip("sim.core.parameters")
    defaults = {
        "parameters": {name: row.default for name, row in params.PARAMETERS.items()},
        "enabling": {name: row.default for name, row in params.LEVERS.items()},
    }
    files = sorted((ROOT / "conf").rglob("*.yaml"))
    assert [line for file in files for line in repeated_defaults(file, defaults)] == []


def test_settings_create_no_objects():
    """No file may name a Python object to be made (Hydra's `_target_`)."""
    files = sorted((ROOT / "conf").rglob("*.yaml"))
    assert files
    assert [file.name for file in files if "_target_" in file.read_text(encoding="utf-8")] == []


# --- the wheel ---------------------------------------------------------------------------------------------


def conf_files() -> list[str]:
    return sorted(
        str(path.relative_to(ROOT / "conf"))
        for path in (ROOT / "conf").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory) -> list[str]:
    """Names in a wheel built from a copy: a stale build folder would carry deleted files into it."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in ("sim", "conf"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, tree / name)
    code = f"import setuptools.build_meta as backend; backend.build_wheel({str(out)!r})"
    done = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    with zipfile.ZipFile(next(out.glob("*.whl"))) as wheel:
        return wheel.namelist()


def test_wheel_carries_all_of_conf(wheel_names):
    carried = sorted(name.removeprefix("sim/conf/") for name in wheel_names if name.startswith("sim/conf/"))
    assert carried == conf_files()


def test_wheel_carries_all_of_sim(wheel_names):
    plugin = "hydra_plugins/partnersim_sweeper/"
    names = [name.replace(plugin, "sim/hydra_plugin/") for name in wheel_names]
    carried = {name for name in names if name.startswith("sim/") and not name.startswith("sim/conf/")}
    expected = {
        str(p.relative_to(ROOT)) for p in (ROOT / "sim").rglob("*") if p.is_file() and "__pycache__" not in p.parts
    }
    assert carried == expected


def test_wheel_carries_nothing_else(wheel_names):
    assert {name.split("/")[0].split("-")[0] for name in wheel_names} == {"sim", "partnersim", "hydra_plugins"}
    assert {n for n in wheel_names if n.startswith("hydra")} == {"hydra_plugins/partnersim_sweeper/__init__.py"}


# --- examples in docstrings --------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["sim.core.parameters", "sim.core.vocabulary"])
def test_examples_are_found(module):
    """pytest runs the examples of all modules; this says that it does find some."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    tests = finder.find(importlib.import_module(module))
    assert any(test.examples for test in tests), inspect.getfile(importlib.import_module(module))


# --- derived pages -----------------------------------------------------------------------------------------


def load(path: Path, name: str):
    """Import a file that belongs to no package."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_derived_pages_are_current():
    pytest.importorskip("sim.core.metric_table")
    pages = load(ROOT / "docs" / "derive.py", "docs_derive").pages()
    stale = [name for name, text in pages.items() if (ROOT / "docs" / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run make derived"


# --- listed faults -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def faults():
    return load(ROOT / "tests" / "mutants" / "run.py", "mutants_run").read_list()


def test_listed_faults_can_be_applied(faults):
    _, problems = faults
    assert problems == []


def test_every_rule_has_two_listed_faults(faults):
    from sim.core.vocabulary import Rule

    rows, _ = faults
    count = {rule.name.lower(): sum(row.rule == rule.name.lower() for row in rows) for rule in Rule}
    assert {rule: n for rule, n in count.items() if n < 2} == {}
