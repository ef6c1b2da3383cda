"""Where the YAML files are: the project's ``conf``, and the user's own ``./conf`` when there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

KINDS = ("case", "scenario", "design")


def names_of(kind: str, folders: Sequence[Path]) -> tuple[str, ...]:
    """Return the sorted names of all files of a kind in some ``conf`` folders."""
    return tuple(sorted({path.stem for folder in folders for path in (folder / kind).glob("*.yaml")}))


def file_named(kind: str, name: str, folders: Sequence[Path]) -> Path | None:
    """Return the file of a kind and name in the first ``conf`` folder that has one, or None."""
    return next((path for folder in folders if (path := folder / kind / f"{name}.yaml").is_file()), None)


@dataclass(frozen=True)
class ConfFolders:
    """The folders in which cases and scenarios are looked for.

    Attributes
    ----------
    project : Path
        The folder shipped with the package or lying in the clone.
    user : Path or None
        ``./conf`` of the current folder, when it holds cases or scenarios and is not the project's.
    """

    project: Path
    user: Path | None = None

    @property
    def all(self) -> tuple[Path, ...]:
        """Return the folders in the order in which they are searched: the user's own first."""
        return (self.project,) if self.user is None else (self.user, self.project)

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the sorted names of all cases, scenarios or designs."""
        return names_of(kind, self.all)

    def find(self, kind: str, name: str) -> Path | None:
        """Return the file of a case or scenario, or None when there is none of that name."""
        return file_named(kind, name, self.all)

    def announcement(self) -> str | None:
        """Return the line that tells that the user's own folder is in use, or None.

        Names that replace a built-in file are named, for a silent replacement would mislead.
        """
        if self.user is None:
            return None
        replaced = [
            f"{kind} '{path.stem}'"
            for kind in KINDS
            for path in sorted((self.user / kind).glob("*.yaml"))
            if (self.project / kind / path.name).is_file() and not _is_copy(path, self.project / kind / path.name)
        ]
        line = "using your ./conf"
        return f"{line} (it replaces the built-in {', '.join(replaced)})" if replaced else line


def find_conf_folders() -> ConfFolders:
    """Find the project's folder (clone first, then the installed package) and the user's own."""
    project = project_folder()
    own = Path.cwd() / "conf"
    holds_some = any((own / kind).is_dir() for kind in KINDS)
    if not holds_some or own.samefile(project) or _adds_nothing(own, project):
        return ConfFolders(project)
    return ConfFolders(project, own)


def _adds_nothing(own: Path, project: Path) -> bool:
    """Tell whether a folder only repeats the project's files, as in a clone whose package is installed elsewhere."""
    files_of_own = [path for kind in KINDS for path in (own / kind).glob("*.yaml")]
    return all(_is_copy(path, project / path.parent.name / path.name) for path in files_of_own)


def _is_copy(path: Path, other: Path) -> bool:
    return other.is_file() and path.read_bytes() == other.read_bytes()


def project_folder() -> Path:
    """Return the project's ``conf`` folder.

    A ``conf`` beside the package counts only when a ``pyproject.toml`` that names this project lies
    beside it too, so that the folder of another project is never picked up by accident.
    """
    root = clone_folder()
    if root is not None and (root / "conf" / "config.yaml").is_file():
        return root / "conf"
    return Path(str(files("sim.conf")))


def clone_folder() -> Path | None:
    """Return the root of the clone from which the package is imported, or None when installed."""
    root = Path(__file__).resolve().parents[2]
    project = root / "pyproject.toml"
    if not project.is_file():
        return None
    text = project.read_text(encoding="utf-8").replace("'", '"').replace(" ", "")
    return root if '\nname="partnersim"' in text else None
