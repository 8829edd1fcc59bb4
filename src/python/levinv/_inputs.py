"""Arrays, frames and files as what the command reads: names of files."""

import numbers
import os
import re
from pathlib import Path

import numpy as np

from ._errors import InvalidInputError


class Input:
    """A file that the command reads, and what is known of it here.

    ``shape`` is None for a file that the caller named; ``columns`` and ``index`` are those of a frame or series.
    """

    def __init__(self, argument, shape=None, columns=None, index=None):
        self.argument = argument
        self.shape = shape
        self.columns = columns
        self.index = index


_ARGUMENTS = {"--matrix": "A", "--offset": "b", "--scores": "sigma", "--at": "x"}  # no keywords of the same name


def named(folder, text):
    """What the command says, with the caller's names of arguments for the files that they were written to."""
    written = re.escape(os.fspath(folder) + os.sep)
    text = re.sub(written + r"(?:(\w+)\.(?:npy|mtx)\b)?", lambda found: found.group(1) or "", text)
    return re.sub(r"^(--\w+)(?=: )", lambda found: _ARGUMENTS.get(found.group(), found.group()), text)


def matrix(folder, name, value):
    """An n x d array, frame, sparse matrix or file."""
    if is_path(value):
        return Input(os.fspath(value))
    if _is_sparse(value):
        return _sparse(folder, name, value)
    array = _numbers(name, value)
    if array.ndim != 2:
        raise InvalidInputError(f"{name}: expected a matrix of n x d, got {_shape(array)}")
    columns = getattr(value, "columns", None)
    return Input(_file(folder, name, array), array.shape, columns, _index(value))


def vector(folder, name, value, length=None, what=""):
    """An array or series of ``length`` numbers (None: not known), or a file."""
    if is_path(value):
        return Input(os.fspath(value))
    array = _numbers(name, value)
    if array.ndim != 1 and not (array.ndim == 2 and 1 in array.shape):
        raise InvalidInputError(f"{name}: expected a vector, got {_shape(array)}")
    if length is not None and array.size != length:
        raise InvalidInputError(f"{name}: expected {length} values{what}, got {array.size}")
    return Input(_file(folder, name, array), array.shape, index=_index(value))


def rows_vector(folder, name, value, A):
    """A vector of n numbers, in the order of the rows of A."""
    n = A.shape[0] if A.shape else None
    found = vector(folder, name, value, n, ", one for each row of A")
    if A.index is not None and found.index is not None and not A.index.equals(found.index):
        raise InvalidInputError(f"{name}: expected the index of A, got another one")
    return found


def columns_vector(folder, name, value, A):
    """A vector of d numbers, in the order of the columns of A."""
    d = A.shape[1] if A.shape else None
    found = vector(folder, name, value, d, ", one for each column of A")
    if A.columns is not None and found.index is not None and list(A.columns) != list(found.index):
        raise InvalidInputError(f"{name}: expected the columns of A as its index, got another one")
    return found


_PRINTS = ("help", "version")  # instead of any work


def negated(name, value):
    """Minus a vector of numbers, with the index that it has."""
    if is_path(value):
        raise InvalidInputError(f"{name}: expected numbers, got the name of a file, '{os.fspath(value)}'")
    array = np.multiply(_numbers(name, value), -1.0)
    index = _index(value)
    return array if index is None else type(value)(array, index=index)


def options(folder, given):
    """Keywords as options of the command: True as a flag, arrays as files, None and False not at all."""
    arguments = []
    for keyword, value in given.items():
        option = "--" + keyword.replace("_", "-")
        if value is None or value is False:
            continue
        if keyword in _PRINTS:
            raise InvalidInputError(f"{keyword}: expected to be asked for by python -m levinv COMMAND {option}")
        arguments.append(option if value is True else f"{option}={_word(folder, keyword, value)}")
    return arguments


def _word(folder, keyword, value):
    if is_path(value):
        return os.fspath(value)
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return repr(float(value))
    if isinstance(value, (list, tuple)) and all(isinstance(word, str) for word in value):
        return ",".join(value)
    return vector(folder, keyword, value).argument


def is_path(value):
    """Whether this names a file, or is a word."""
    return isinstance(value, (str, os.PathLike))


def _is_sparse(value):
    return hasattr(value, "tocoo") and hasattr(value, "nnz")


def _sparse(folder, name, value):
    from scipy.io import mmwrite  # who has a sparse matrix has SciPy

    if value.dtype.kind not in "fiu":
        raise InvalidInputError(f"{name}: expected numbers, got a sparse matrix of type {value.dtype}")
    file = Path(folder) / f"{name}.mtx"
    mmwrite(str(file), value, symmetry="general")
    return Input(str(file), value.shape)


def _numbers(name, value):
    if np.ma.isMaskedArray(value):
        raise InvalidInputError(f"{name}: expected numbers, got a masked array; filled() gives its values")
    if hasattr(value, "columns") and hasattr(value, "to_numpy"):
        value = _frame(name, value)
    elif hasattr(value, "to_numpy") and getattr(value.dtype, "kind", "O") in "fiub":
        value = _plain(value)
    try:
        array = np.asanyarray(value)
    except ValueError as e:  # rows of different lengths
        raise InvalidInputError(f"{name}: expected an array of numbers: {e}") from None
    if array.dtype.kind not in "fiub":
        raise InvalidInputError(f"{name}: expected numbers, got an array of type {array.dtype}")
    return array


def _frame(name, frame):
    for column, kind in zip(frame.columns, frame.dtypes):  # one without numbers makes an array of objects
        if getattr(kind, "kind", "O") not in "fiub":
            raise InvalidInputError(f"{name}: expected numbers, got column '{column}' of type {kind}")
    return _plain(frame)


def _plain(value):
    """Numbers of pandas as NumPy has them; those of its own types would be objects."""
    array = value.to_numpy()
    return array if array.dtype.kind in "fiub" else value.to_numpy(dtype=np.float64, na_value=np.nan)


def _index(value):
    index = getattr(value, "index", None)
    return index if hasattr(index, "equals") else None


def _shape(array):
    return f"an array of shape {array.shape}"


def _file(folder, name, array):
    mapped = _mapped_file(array)
    if mapped is not None:
        return mapped
    file = Path(folder) / f"{name}.npy"
    try:
        np.save(file, np.asarray(array), allow_pickle=False)
    except OSError as e:
        raise OSError(f"{name}: cannot be written to {folder}, {e}; TMPDIR names another folder") from None
    return str(file)


def _mapped_file(array):
    """The .npy file that a memory-mapped array is all of, or None.

    A part of the file differs from it in shape or strides, and pages that are copied on writing may differ in content.
    """
    if not isinstance(array, np.memmap) or array.filename is None or array.mode == "c":
        return None
    file = os.fspath(array.filename)
    if not file.endswith(".npy"):
        return None
    try:
        whole = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    same = (whole.shape, whole.strides, whole.dtype) == (array.shape, array.strides, array.dtype)
    return file if same else None
