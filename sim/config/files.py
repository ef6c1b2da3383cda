"""Reading and copying case and scenario files: YAML in, plain mappings out, every failure in one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from sim.config.folders import file_named, find_conf_folders, names_of
from sim.core.errors import UserError
from sim.core.gate import did_you_mean

NAME = re.compile(r"[A-Za-z]\w*")


class CaseError(UserError):
    """A case or scenario file that cannot be used."""


class _StrictLoader(yaml.SafeLoader):
    """The safe loader, but a key that is given twice is refused instead of silently replaced."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is not None and key in seen:
                twice = f"'{key}' is given twice"
                raise yaml.constructor.ConstructorError(None, None, twice, key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def label(path: Path) -> str:
    """Return how a file is called in messages: relative to the current folder when it lies in it."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return str(path)


def read_mapping(path: Path) -> dict[str, Any]:
    """Return the mapping that a YAML file holds.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    CaseError
        One line, when the file cannot be read, is broken YAML, is empty or holds no mapping.
    """
    # Reading YAML takes longer than a run; a copy of what was read before does not.
    return deepcopy(_read_mapping(path, label(path), _stamp(path)))


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes when a file is written again."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=64)
def _read_mapping(path: Path, name: str, stamp: tuple[int, int] | None) -> dict[str, Any]:
    try:
        # Only safe tags: the loader is a SafeLoader.
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except OSError as error:
        raise CaseError([f"{name}: cannot be read ({error.strerror or error})"]) from error
    except UnicodeDecodeError as error:
        raise CaseError([f"{name}: is not UTF-8 text"]) from error
    except yaml.MarkedYAMLError as error:
        raise CaseError([f"{name}: broken YAML{_place(error)}: {_first_line(error)}"]) from error
    except (yaml.YAMLError, ValueError) as error:
        raise CaseError([f"{name}: broken YAML: {str(error).splitlines()[0]}"]) from error
    if content is None:
        raise CaseError([f"{name}: is empty"])
    if not isinstance(content, dict):
        raise CaseError([f"{name}: must hold a mapping (name: value), not {kind_of(content)}"])
    return content


def _place(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f" in line {mark.line + 1}" if mark else ""


def _first_line(error: yaml.MarkedYAMLError) -> str:
    return (error.problem or error.context or "not understood").splitlines()[0]


def kind_of(value: object) -> str:
    """Return what a value is, in words.

    >>> kind_of([1]), kind_of("a"), kind_of(None)
    ('a list', "'a'", 'nothing')
    """
    if value is None or value == "":
        return "nothing"
    if isinstance(value, list):
        return "a list"
    return "a mapping" if isinstance(value, dict) else repr(value)


def find_file(kind: str, name: str | Path, folders: Sequence[Path]) -> Path:
    """Return the file of a case or scenario.

    Parameters
    ----------
    kind : {'case', 'scenario'}
        Which of the two.
    name : str or Path
        A name, or a path that ends in ``.yaml`` or ``.yml``.
    folders : sequence of Path
        ``conf`` folders, searched in this order.

    Raises
    ------
    CaseError
        One line with the did_you_mean name and all names there are.
    """
    text = str(name)
    if text.endswith((".yaml", ".yml")):
        if Path(text).is_file():
            return Path(text)
        raise CaseError([f"no such file: {text}"])
    if path := file_named(kind, text, folders):
        return path
    available = names_of(kind, folders)
    listed = f"Available: {', '.join(available)}"
    if not text:
        raise CaseError([f"{kind} is empty. {listed}"])
    raise CaseError([f"no {kind} called '{text}'{did_you_mean(text, available) or '.'} {listed}"])


def known_sources(folders: Sequence[Path]) -> dict[str, str]:
    """Return the keys of all sources with a short citation, from ``sources.yaml`` of the ``conf`` folders."""
    found: dict[str, str] = {}
    for folder in folders:
        path = folder / "sources.yaml"
        if path.is_file():
            found |= {str(key): str(value) for key, value in read_mapping(path).items()}
    return found


def new_case(
    name: str, source: str | Path = "pccp", folder: Path | None = None, folders: Sequence[Path] | None = None
) -> Path:
    """Copy a case into the user's own ``conf`` folder, with a few words on what to change in it.

    Parameters
    ----------
    name : str
        Name of the new case: letters, digits and underscores, a letter first.
    source : str or Path
        Name or path of the case to copy.
    folder : Path, optional
        The user's ``conf`` folder; ``./conf`` when not given.
    folders : sequence of Path, optional
        Where ``source`` is looked for.

    Returns
    -------
    Path
        The new file.

    Raises
    ------
    CaseError
        One line, when the source is unknown, the name will not do, the file exists or cannot be written.
    """
    copied = find_file("case", source, find_conf_folders().all if folders is None else folders)
    if not NAME.fullmatch(name):
        rule = "use letters, digits and underscores, a letter first"
        raise CaseError([f"a case cannot be called '{name}'; {rule}"])
    target = (folder or Path.cwd() / "conf") / "case" / f"{name}.yaml"
    header = _HEADER.format(name=name, source=copied.stem)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(header + copied.read_text(encoding="utf-8"))
    except FileExistsError as error:
        raise CaseError([f"{label(target)} exists already; nothing was written"]) from error
    except OSError as error:
        raise CaseError([f"{label(target)} cannot be written ({error.strerror or error})"]) from error
    return target


_HEADER = """\
# Case {name}, copied from {source}. Change what you know; run it with: partnersim run case={name}
# Every number is {{value, low, high, status, source}}:
#   low and high   how far the value may be off
#   status         read (stands in a source), derived (computed), inferred (reasoned), assumed (guessed)
#   source         a key of conf/sources.yaml, a key of your own list below, or the word assumed
# Your own sources go into a mapping at the top level, for instance:
#   sources: {{minutes: "Minutes of our meetings, 2023"}}
# Every group of coordinators has a full-time post, paid by the purse for the whole run. If yours is part-time, lent by
# an organisation, or has a contract with dates, say so in a part at the top level; all fields may be left out, and
# share, pay, from_week and to_week are {{value, low, high, status, source}} too:
#   posts:
#     coordinators:            # any name; that of the group makes `seats: coordinators` needless
#       seats: coordinators    # a group of `founding`; number: 1 would mean its first seat only
#       payer: purse           # or organisation, which lends the person
#       share: {{value: 0.5, low: 0.4, high: 0.6, status: read, source: minutes}}
#       to_week: {{value: 156, low: 150, high: 160, status: read, source: minutes}}
# posts: {{coordinators: null}} says that nobody is paid.
# targets say what is known of how it went; the simulation never reads them. Delete those that are not yours.

"""
