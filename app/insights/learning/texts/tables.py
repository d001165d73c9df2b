"""The plain form: a table of needs added up by type, and its numbers put into k groups."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

from app.insights.learning.errors import LearningError, MisshapenFileError, TooLittleDataError
from app.wording import worded

TYPE = "need_type"
# A column is meant to hold numbers when more than half of what stands in it is numbers.
_MOSTLY = 0.5
# Where one column holds this share of all spread, it decides alone what is near.
RULES_ALONE = 0.99


@dataclass(frozen=True, slots=True)
class Grouped:
    """Sums by type; each cluster's size and centre, largest first; lines left out for an empty number."""

    sums: pd.DataFrame
    sizes: tuple[int, ...]
    centres: pd.DataFrame
    left_out: tuple[int, ...]
    ruled_by: str | None


def read(file: Path, content: bytes | None = None) -> pd.DataFrame:
    """Return the type and the columns of numbers, by line; raise MisshapenFileError naming where.

    `content` is what the file holds, where it lies nowhere.
    """
    header, rows = _cells(file, file.read_bytes() if content is None else content)
    if TYPE not in header:
        raise MisshapenFileError(file, worded("there is no such column in line 1"), TYPE)
    if doubled := next((name for name in header if header.count(name) > 1), None):
        raise MisshapenFileError(file, worded("two columns of line 1 are called so"), doubled)
    table = pd.DataFrame([cells for _, cells in rows], columns=header, index=[line for line, _ in rows])
    if table.empty:
        raise MisshapenFileError(file, worded("holds no rows below line 1"))
    if untyped := [line for line, name in table[TYPE].items() if not name]:
        raise MisshapenFileError(file, worded("line {line} is empty", line=untyped[0]), TYPE)
    numbers = {name: _numbers(file, name, table[name]) for name in header if name and name != TYPE}
    kept = {name: column for name, column in numbers.items() if column is not None}
    if not kept:
        raise MisshapenFileError(file, worded("holds no column of numbers beside {name}", name=TYPE))
    return pd.DataFrame({TYPE: table[TYPE], **kept})


def _cells(file: Path, content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise MisshapenFileError(file, worded("line {line} is not UTF-8", line=line)) from None
    lines = text.splitlines(keepends=True)
    if not lines:
        raise MisshapenFileError(file, worded("is empty"))
    delimiter = ";" if lines[0].count(";") > lines[0].count(",") else ","
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader)]
        return header, list(_rows(file, reader, len(header)))
    except csv.Error as error:
        problem = worded("line {line} cannot be read as CSV: {why}", line=reader.line_num, why=str(error))
        raise MisshapenFileError(file, problem) from None


def _rows(file: Path, reader: Iterator[list[str]], width: int) -> Iterator[tuple[int, list[str]]]:
    begins = 2
    for cells in reader:
        line, begins = begins, reader.line_num + 1  # type: ignore[attr-defined]  # csv's reader counts
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != width:
            problem = worded(
                "line {line} has {found} cells, line 1 has {width}", line=line, found=len(cells), width=width
            )
            raise MisshapenFileError(file, problem)
        yield line, [cell.strip() for cell in cells]


def _numbers(file: Path, name: str, cells: pd.Series) -> pd.Series | None:
    """Return a column as numbers, None where it is words; raise where only some of it is words."""
    filled = cells[cells != ""]
    read_as = pd.to_numeric(filled, errors="coerce").replace([np.inf, -np.inf], np.nan)
    if filled.empty or read_as.notna().mean() <= _MOSTLY:
        return None
    if strange := [line for line, number in read_as.items() if pd.isna(number)]:
        problem = worded(
            "line {line}: {text} is not a number", line=strange[0], text=repr(filled[strange[0]])
        )
        raise MisshapenFileError(file, problem, name)
    return read_as.reindex(cells.index).astype(float)


def group(table: pd.DataFrame, k: int, seed: int = 0, scaled: bool = False) -> Grouped:
    """Add up by type, and put the rows into `k` groups by their numbers; raise LearningError.

    `scaled` lets every column weigh the same, whatever its unit.
    """
    numbers = table.drop(columns=TYPE)
    whole = numbers.dropna()
    different = len(whole.drop_duplicates())
    if k < 1:
        raise LearningError(worded("there is at least 1 cluster, not {k}", k=k))
    if different < k:
        raise TooLittleDataError("different rows of numbers", different, k)
    scaler = StandardScaler().fit(whole.to_numpy())
    points = scaler.transform(whole.to_numpy()) if scaled else whole.to_numpy()
    found = KMeans(n_clusters=k, n_init=10, random_state=seed).fit(points)
    centres = scaler.inverse_transform(found.cluster_centers_) if scaled else found.cluster_centers_
    sizes = np.bincount(found.labels_, minlength=k)
    order = np.argsort(-sizes, kind="stable")
    return Grouped(
        sums=table.groupby(TYPE).sum(),
        sizes=tuple(int(sizes[at]) for at in order),
        centres=pd.DataFrame(centres[order], columns=whole.columns),
        left_out=tuple(int(line) for line in numbers.index[numbers.isna().any(axis=1)]),
        ruled_by=None if scaled else _ruler(whole),
    )


def _ruler(numbers: pd.DataFrame) -> str | None:
    spread = numbers.var(ddof=0)
    largest = str(spread.idxmax())
    alone = len(spread) > 1 and spread[largest] > RULES_ALONE * spread.sum()
    return largest if alone else None


def plain(found: Grouped) -> dict[str, Any]:
    """Return what was found as plain values: sums by type, largest first, then the clusters."""
    sums = found.sums.sort_values(str(found.sums.columns[0]), ascending=False, kind="stable")
    return {
        "columns": [str(name) for name in sums.columns],
        "sums": [[str(name), [float(value) for value in row.to_numpy()]] for name, row in sums.iterrows()],
        "clusters": [
            [size, [float(value) for value in row]]
            for size, row in zip(found.sizes, found.centres.to_numpy(), strict=True)
        ],
        "left_out": len(found.left_out),
        "lines": list(found.left_out[:20]),
        "ruled_by": found.ruled_by,
    }


def lines(found: Grouped) -> Sequence[str]:
    """Return what was found as lines of text: the sums, then the clusters with their centres."""
    clusters = found.centres.copy()
    clusters.insert(0, "size", found.sizes)
    clusters.index = pd.Index(range(1, len(clusters) + 1), name="cluster")
    notes = []
    if found.left_out:
        first = ", ".join(str(line) for line in found.left_out[:5])
        notes.append(f"{len(found.left_out)} rows with an empty number are in no cluster (line {first})")
    if found.ruled_by:
        notes.append(
            f"{found.ruled_by} decides nearly alone what is near; --scaled lets every column weigh the same"
        )
    return ["sums by need_type", *_table(found.sums), "", "clusters", *_table(clusters), *notes]


def _table(frame: pd.DataFrame) -> list[str]:
    head = [str(frame.index.name), *map(str, frame.columns)]
    body = [[str(name), *map(_number, row)] for name, row in zip(frame.index, frame.to_numpy(), strict=True)]
    widths = [max(len(row[at]) for row in [head, *body]) for at in range(len(head))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        )
        for row in [head, *body]
    ]


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
