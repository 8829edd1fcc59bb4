"""What a command found."""

import csv
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from . import _command
from ._errors import DistributionError

RESULT = "result.json"
AUDIT = "audit.json"
_TEXT = "x.csv"
# files of vectors and matrices, by the name of the attribute, and what their entries belong to
_ROWS = ("weights", "distances", "scores", "residuals", "slacks")
_COLUMNS = ("x", "location")
_SQUARE = ("scatter",)


class Result(dict):
    """A result: all of result.json, or audit.json, and the arrays beside it, as keys and as attributes.

    ``x`` (d numbers, or None where there is none), ``x_error`` (standard errors of x, or None), ``status``,
    ``message``, ``success`` (whether the exit code is 0), ``names`` (of the columns, or None); of ``scale`` and
    ``tyler`` ``weights`` and the other arrays. Where A was a pandas DataFrame, x and x_error are Series over its
    columns, and vectors of n numbers are Series over its index. What is not known is None.
    """

    def __init__(self, found, files, distribution):
        super().__init__(found)
        self._files = files
        self._distribution = distribution

    def __getattr__(self, key):
        try:
            return self[key]
        except KeyError:
            raise AttributeError(f"a result has no '{key}', but {', '.join(self)}") from None

    def __dir__(self):
        return [*super().__dir__(), *self]

    def __reduce__(self):
        return Result, (dict(self), self._files, self._distribution)

    def __repr__(self):
        return f"<levinv.Result {self.get('status', 'audit')}: {self['message']}>"

    def summary(self):
        """The result in words, as ``levinv show`` tells it: verdict, figures, x with its errors, what to do next."""
        with tempfile.TemporaryDirectory(prefix="levinv-") as folder:
            place = Path(folder) / "result"
            place.mkdir()
            for name, content in self._files.items():
                (place / name).write_bytes(content)
            run = _command.run(["show", str(place)], self._distribution)
        if run.code != 0:
            raise DistributionError(run.message.replace(f"{folder}/", ""))
        return run.out.replace(f"{folder}/", "").rstrip("\n")


def identity(file):
    """Tells one result from the next in the same place; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def name_inputs(file, named):
    """Names the inputs of a result that is kept, whose files are about to go; it is there as a whole at any moment."""
    text = file.read_text(encoding="utf-8")
    if named(text) != text:
        beside = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            beside.write_text(named(text), encoding="utf-8")
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)


def read(folder, name, A, success, distribution, named):
    """The result in a folder, by the name of its JSON, with the names of the frame that A was.

    ``named`` gives the files of a call the names of its arguments.
    """
    if name == AUDIT:
        return _audit(folder, A, distribution, named)
    files = {name: (folder / name).read_bytes() for name in (RESULT, "x.npy", _TEXT) if (folder / name).is_file()}
    files[RESULT] = named(files[RESULT].decode()).encode()
    found = json.loads(files[RESULT])
    found["success"] = success
    for key in (*_ROWS, *_COLUMNS, *_SQUARE):
        file = folder / f"{key}.npy"
        if file.is_file():
            found[key] = np.load(file, allow_pickle=False)
    if "infeasible_rows" not in found:  # a search for x, even where it has none
        found.setdefault("x", None)
        if _TEXT in files:
            files[_TEXT] = _named(files[_TEXT], A.columns)
        found["names"] = _names(files.get(_TEXT))
    return Result(_like(found, A), files, distribution)


def _audit(folder, A, distribution, named):
    files = {AUDIT: named((folder / AUDIT).read_text(encoding="utf-8")).encode()}
    found = json.loads(files[AUDIT])
    found["decimals"] = [_like(one, A) for one in found["decimals"]]
    return Result(found, files, distribution)


def named_rows(v, A):
    """A vector of n numbers, as a Series where A was a pandas DataFrame."""
    pandas = _pandas(A)
    return v if pandas is None else pandas.Series(v, index=A.index)


def _like(found, A):
    for key in ("x_error", "free_direction"):
        if found.get(key) is not None:
            found[key] = np.array(found[key], dtype=np.float64)  # null is NaN
    pandas = _pandas(A)
    if pandas is None:
        return found
    for key in ("x", "x_error", "free_direction", "location"):
        if found.get(key) is not None:
            found[key] = pandas.Series(found[key], index=A.columns, name=key)
    for key in _ROWS:
        if key in found:
            found[key] = pandas.Series(found[key], index=A.index, name=key)
    for key in _SQUARE:
        if key in found:
            found[key] = pandas.DataFrame(found[key], index=A.columns, columns=A.columns)
    return found


def _pandas(A):
    """The module, where A was one of its frames."""
    return sys.modules.get("pandas") if A.columns is not None and A.index is not None else None


def _named(text, columns):
    """x.csv with a header, where the array that was written for a frame had none."""
    if columns is None:
        return text
    quoted = ",".join('"' + str(name).replace('"', '""') + '"' for name in columns)
    return (quoted + "\n").encode() + text


def _names(text):
    rows = list(csv.reader(text.decode().splitlines())) if text else []
    return rows[0] if len(rows) == 2 else None
