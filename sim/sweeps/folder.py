"""The folder of a sweep: its plan and record, written once; its parts; the lock that one driver holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.config.version import made_by_this_model
from sim.core.errors import UserError
from sim.core.scenario_json import from_line, read_lines, to_line, write_lines
from sim.core.sources import model_hash
from sim.results.folder import write_json
from sim.results.tables import ContentHasher
from sim.sweeps.evaluate import Evaluator
from sim.sweeps.parts import Entry, by_chunk, checksum, entries, part_path
from sim.sweeps.plan import ROWS_PER_GROUP, RecordOptions, SweepPlan

if TYPE_CHECKING:
    from sim.core.scenario import Scenario

SCHEMA = 1
RECORD, PLAN, VARIANTS, FINISHED = "sweep.json", "plan.parquet", "variants.jsonl.gz", "finished.json"


def write_plan(folder: Path, plan: SweepPlan, chunk_runs: int, about: Mapping[str, Any]) -> None:
    """Write the plan and the record of a sweep into an empty folder.

    Parameters
    ----------
    folder : Path
        Where to.
    plan : SweepPlan
        What is to be run.
    chunk_runs : int
        Runs of a chunk.
    about : mapping
        What else the record says: words as typed, versions.
    """
    hasher = ContentHasher()
    writer: pq.ParquetWriter | None = None
    for table in plan.groups():
        hasher.update(table)
        writer = writer or pq.ParquetWriter(folder / PLAN, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=ROWS_PER_GROUP)
    assert writer is not None
    writer.close()
    variants_hash = write_lines(folder / VARIANTS, plan.variants)
    record = {
        "schema": SCHEMA,
        **about,
        "points": plan.n_points,
        "replicates": plan.replicates,
        "runs": plan.n_runs,
        "luck": plan.luck,
        "chunk_runs": chunk_runs,
        "varied": list(plan.columns),
        "want": plan.want.to_record(),
        "plan_hash": hasher.hexdigest(),
        "plan_file": checksum(folder / PLAN),
        "settings_hash": settings_hash(variants_hash, plan.want),
        "model_hash": model_hash(),
    }
    write_json(folder / RECORD, record)


def settings_hash(variants_hash: str, want: RecordOptions) -> str:
    """Return the hash of everything about the runs that the plan's table does not hold."""
    content = json.dumps({"variants": variants_hash, "want": want.to_record()}, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


class SweepFolder:
    """A sweep on disk.

    Parameters
    ----------
    path : Path
        The folder.

    Raises
    ------
    UserError
        One line, when it is not the folder of a sweep.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.record: dict[str, Any] = json.loads((path / RECORD).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            what = "is not a folder" if not path.is_dir() else f"holds no sweep (no {RECORD})"
            raise UserError(f"'{path}' {what}; 'partnersim sweep' makes one") from error
        except (OSError, ValueError) as error:
            raise UserError(f"'{path / RECORD}' cannot be read: {error}") from error
        if self.record.get("schema") != SCHEMA:
            raise UserError(f"'{path}' was written by another version of partnersim (schema {self.record['schema']})")

    @property
    def n_runs(self) -> int:
        """Runs in the plan."""
        return int(self.record["runs"])

    @property
    def n_chunks(self) -> int:
        """Chunks of the plan."""
        return -(-self.n_runs // int(self.record["chunk_runs"]))

    @property
    def want(self) -> RecordOptions:
        """What is recorded of each run."""
        return RecordOptions.from_record(self.record["want"])

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables that the sweep writes."""
        want = self.want
        asked = {"weekly": want.weekly, "seats": want.seats, "answers": want.answers}
        return ("runs", *(name for name, on in asked.items() if on))

    def parts(self, table: str) -> list[Path]:
        """Return the parts of a table, one for each chunk, whether they are there or not."""
        return [self.path / part_path(table, chunk) for chunk in range(self.n_chunks)]

    def size_of(self, chunk: int) -> int:
        """Return how many runs a chunk has."""
        size = int(self.record["chunk_runs"])
        return min(size, self.n_runs - chunk * size)

    @cached_property
    def evaluator(self) -> Evaluator:
        """Runs rows of the plan."""
        return Evaluator(self.variants, self.want)

    @cached_property
    def variants(self) -> list[Scenario]:
        """Scenarios of the plan."""
        return [from_line(line) for line in read_lines(self.path / VARIANTS)[0]]

    def rows(self, chunk: int) -> pa.Table:
        """Return the plan's rows of a chunk, reading no more of the plan than needed."""
        size = int(self.record["chunk_runs"])
        start, stop = chunk * size, min((chunk + 1) * size, self.n_runs)
        first, last = start // ROWS_PER_GROUP, (stop - 1) // ROWS_PER_GROUP
        with pq.ParquetFile(self.path / PLAN) as file:
            table = file.read_row_groups(range(first, last + 1))
        return table.slice(start - first * ROWS_PER_GROUP, stop - start)

    def done(self) -> dict[int, Entry]:
        """Return what the ledgers say is done, by chunk."""
        return {chunk: entry for chunk, entry in by_chunk(entries(self.path)).items() if chunk < self.n_chunks}

    def holds(self, plan: SweepPlan) -> bool:
        """Tell whether this is the folder of a plan."""
        variants = hashlib.sha256("".join(f"{to_line(scenario)}\n" for scenario in plan.variants).encode())
        same_settings = self.record["settings_hash"] == settings_hash(variants.hexdigest(), plan.want)
        return bool(same_settings and self.record["plan_hash"] == plan.content_hash())

    def check_same(self) -> None:
        """Refuse to resume with a plan, settings or model other than those the sweep began with.

        Raises
        ------
        UserError
            One line for each difference.
        """
        problems = []
        if not made_by_this_model(self.record["model_hash"]):
            problems.append(
                f"the model has changed since this sweep began ({self.record['model_hash']} then, {model_hash()} now): "
                "its runs would not belong together; go back to that version, or begin a new sweep"
            )
        # The file, not its rows: on a cluster every driver asks, and a plan may have a hundred million rows.
        if self._plan_file() != self.record["plan_file"]:
            problems.append(f"the plan in '{self.path}' is not the one this sweep began with; begin a new sweep")
        if self._settings_hash() != self.record["settings_hash"]:
            problems.append(f"the settings in '{self.path}' are not those this sweep began with; begin a new sweep")
        if problems:
            raise UserError(problems)

    def _plan_file(self) -> str:
        try:
            return checksum(self.path / PLAN)
        except OSError as error:
            return f"unreadable: {error}"

    def _settings_hash(self) -> str:
        try:
            return settings_hash(read_lines(self.path / VARIANTS)[1], self.want)
        except (OSError, EOFError, TypeError) as error:
            return f"unreadable: {error}"

    @contextmanager
    def locked(self, part: str | None = None) -> Iterator[None]:
        """Hold the folder, or one slice of it; the lock dies with the process that holds it.

        Parameters
        ----------
        part : str, optional
            Name of a slice; other slices may be held at the same time, the whole may not.

        Raises
        ------
        UserError
            When another process holds it.
        """
        from filelock import FileLock, Timeout

        own = self.path / (f"lock-{part}" if part else "lock")
        others = [self.path / "lock"] if part else sorted(self.path.glob("lock-*"))
        try:
            with ExitStack() as stack:
                stack.enter_context(FileLock(own, timeout=0))
                for other in others:
                    # Only tried: several slices work side by side.
                    with FileLock(other, timeout=0):
                        pass
                yield
        except Timeout as error:
            raise UserError(
                f"another process is working on '{self.path}'; 'partnersim status {self.path}' shows how far it is"
            ) from error

    def is_held(self) -> bool:
        """Tell whether a process is working on the sweep."""
        from filelock import FileLock, Timeout

        for path in (self.path / "lock", *self.path.glob("lock-*")):
            try:
                if path.exists():
                    with FileLock(path, timeout=0):
                        pass
            except Timeout:
                return True
        return False


@lru_cache(maxsize=4)
def _opened(path: str, stamp: float) -> SweepFolder:
    return SweepFolder(Path(path))


def open_folder(path: str | Path) -> SweepFolder:
    """Return a sweep folder, kept open in this process as long as its record stays the same."""
    record = Path(path) / RECORD
    return _opened(str(path), record.stat().st_mtime if record.exists() else 0.0)
