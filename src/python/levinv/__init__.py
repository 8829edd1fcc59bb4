"""Inverts leverage scores: finds x such that the scores of diag(A x - b)^-1 A are given ones.

Each function runs one command of a distribution of levinv, which is found by the argument ``distribution``, by the
environment's LEVINV_HOME (the folder that holds bin/levinv), in this package where it came as a wheel, or on the PATH.

A matrix is a NumPy array of n x d (float32 stays so), a pandas DataFrame, a SciPy sparse matrix, or the name of a file
that levinv reads; a vector likewise. An array that np.load mapped from a .npy file is read from there, without a copy.

Keywords are the options of the command, with underscores for its dashes: ``time_limit=60`` is ``--time-limit 60``, True
is a flag, an array is a file. The distribution checks them, so that a newer one may know more than are named here; see
``python -m levinv help solve``. ``verbose=True`` shows what goes on, line by line, on standard error.
"""

import os
import tempfile
from collections import namedtuple
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from . import _command, _inputs, _result
from ._errors import (
    DeviceError,
    DistributionError,
    InternalError,
    Interrupted,
    InvalidInputError,
    LevinvError,
)
from ._result import Result
from ._version import VERSION as __version__

__all__ = [
    "solve",
    "solve_gradient",
    "scores",
    "scale",
    "tyler",
    "audit",
    "generate",
    "Problem",
    "Result",
    "LevinvError",
    "InvalidInputError",
    "DeviceError",
    "DistributionError",
    "InternalError",
    "Interrupted",
]

Problem = namedtuple("Problem", "A b sigma x")
Problem.__doc__ = "A problem whose answer is known: sigma are the scores at x."


def solve(
    A,
    b,
    sigma,
    *,
    signs="auto",
    start=None,
    method=None,
    device=None,
    tolerance=None,
    time_limit=None,
    max_work=None,
    memory=None,
    digits=None,
    score_error=None,
    weights=None,
    prior_weights=None,
    orient=None,
    offset=None,
    write=None,
    report=False,
    out=None,
    verbose=False,
    distribution=None,
    **options,
):
    """Finds x with the scores sigma, or the one that comes nearest to them.

    A is n x d, b and sigma n numbers; b is None where the distribution has a default for it.

    signs        what is known of A x - b: 'auto', 'positive', 'negative', 'unknown', or n numbers whose signs count
    start        d numbers: a hint for the global method, the start of a local one
    method       'auto', or a local method: 'gradient', 'newton', 'sampled-newton', 'gauss-newton'
    device       'auto', 'cpu', 'reference', 'cuda', 'cuda:0,1', 'cuda:all'
    tolerance, time_limit (seconds), max_work (multiples of n d^2 flops), memory (bytes, or '8G')
    digits, score_error   decimals of the scores, or their standard deviation
    weights, prior_weights   a generalised linear model: 'logistic', 'poisson', ..., and n numbers above 0
    orient       which of x and -x: the n responses of the fit, or the sign of a coefficient, such as 'age:+' or '2:-'
    offset       instead of b, with the sign that statsmodels uses: b = -offset
    write        'scores', 'residuals', 'slacks' or a list of them: n numbers each, at the answer, in the result
    report, out  keeps the files of the result in the folder ``out``, with a page report.html where ``report``

    Returns a Result. Its ``success`` is False where the search ended without an answer: ``status`` and ``message`` say
    why, and x is the best so far. Bad input is an InvalidInputError, a failing device a DeviceError. Ctrl-C ends the
    search and raises Interrupted, whose ``result`` has the best x so far.
    """
    if report and out is None:
        raise InvalidInputError("report: expected out, the folder for it")
    name, b = _offset(b, offset)
    with _Call(distribution, verbose) as call:
        call.matrix(A)
        call.rows("offset", name, b)
        call.rows("scores", "sigma", _given("sigma", sigma))
        call.rows("prior-weights", "prior_weights", prior_weights)
        if _inputs.is_path(orient):
            call.options(orient=orient)
        else:
            call.rows("orient", "orient", orient)
        if _inputs.is_path(signs):
            call.options(signs=signs)
        else:
            call.rows("signs", "signs", signs)
        call.columns("start", "start", start)
        call.options(
            method=method,
            device=device,
            tolerance=tolerance,
            time_limit=time_limit,
            max_work=max_work,
            memory=memory,
            digits=digits,
            score_error=score_error,
            weights=weights,
            write=write,
            report=report,
            **options,
        )
        return call.result("solve", out)


def solve_gradient(A, b, gradient, start, *, out=None, verbose=False, distribution=None, **options):
    """Finds x with A(x)^T sigma(x) = gradient (d numbers) from ``start``; returns a Result."""
    with _Call(distribution, verbose) as call:
        call.matrix(A)
        call.rows("offset", "b", _given("b", b))
        call.columns("gradient", "gradient", _given("gradient", gradient))
        call.columns("start", "start", _given("start", start))
        call.options(**options)
        return call.result("solve-gradient", out)


def scores(A, b=None, x=None, *, prior_weights=None, offset=None, verbose=False, distribution=None, **options):
    """The n leverage scores of diag(A x - b)^-1 A; without b and x those of A, the diagonal of its hat matrix.

    ``weights``, ``prior_weights`` and ``offset`` are those of ``solve``: the hat values of a generalised linear model.
    """
    name, b = _offset(b, offset)
    with _Call(distribution, verbose) as call:
        call.matrix(A)
        call.rows("offset", name, b)
        call.columns("at", "x", x)
        call.rows("prior-weights", "prior_weights", prior_weights)
        call.options(**options)
        file = Path(call.folder) / "sigma.npy"
        call.run("scores", file)
        return _result.named_rows(np.load(file, allow_pickle=False), call.A)


def scale(A, sigma, *, out=None, verbose=False, distribution=None, **options):
    """Finds ``weights`` w > 0 (n numbers) such that diag(w) A has the scores sigma; returns a Result."""
    with _Call(distribution, verbose) as call:
        call.matrix(A)
        call.rows("scores", "sigma", _given("sigma", sigma))
        call.options(**options)
        return call.result("scale", out)


def tyler(A, *, location=None, out=None, verbose=False, distribution=None, **options):
    """Tyler's M-estimator of ``scatter`` (d x d) of the rows of A; returns a Result.

    Rows are about the origin unless ``location`` says otherwise: a word of the command, or d numbers.
    """
    with _Call(distribution, verbose) as call:
        call.matrix(A)
        if location is None or _inputs.is_path(location):
            call.options(location=location)
        else:
            call.columns("location", "location", location)
        call.options(tyler=True, **options)
        return call.result("scale", out)


def audit(A, b, x, *, prior_weights=None, offset=None, out=None, verbose=False, distribution=None, **options):
    """What publishing the scores of a fit with coefficients x gives away of it; returns a Result.

    ``weights``, ``prior_weights`` and ``offset`` are those of ``solve``. ``message`` says it in a sentence; ``decimals``
    has, for 2 to 8 of them, a dict of what the best estimate from scores with so many ``digits`` knows: ``x_error`` (the
    standard errors of x), ``eta_error`` (of A x - b) and so on. ``out`` keeps audit.json, and the plot audit.svg.
    """
    name, b = _offset(b, offset)
    with _Call(distribution, verbose) as call:
        call.matrix(A)
        call.rows("offset", name, b)
        call.columns("at", "x", _given("x", x))
        call.rows("prior-weights", "prior_weights", prior_weights)
        call.options(**options)
        return call.result("audit", out, _result.AUDIT)


def generate(rows, columns, kind=None, *, verbose=False, distribution=None, **options):
    """A random Problem (A, b, sigma, x) of kind 'interior' (A x > b) or 'mixed', or a model with ``weights``."""
    with _Call(distribution, verbose) as call:
        call.options(rows=rows, columns=columns, kind=kind, **options)
        folder = Path(call.folder) / "problem"
        call.run("generate", folder)
        return Problem(*(np.load(folder / f"{name}.npy", allow_pickle=False) for name in Problem._fields))


def _offset(b, offset):
    """What the caller calls it, and b, or minus the offset of the linear predictor A x + offset."""
    if offset is None:
        return "b", b
    if b is not None:
        raise InvalidInputError("offset: expected b to be None, which is minus the offset")
    return "offset", _inputs.negated("offset", offset)


def _given(name, value):
    """An argument that there has to be: without it the command would only miss an option."""
    if value is None:
        raise InvalidInputError(f"{name}: expected numbers, got None")
    return value


class _Call:
    """One run of a command: its arguments, and a folder for its files that is gone afterwards."""

    def __init__(self, distribution, verbose):
        self._distribution = distribution
        self._verbose = verbose
        self._arguments = []
        self.A = None

    def __enter__(self):
        with ExitStack() as stack:
            stack.enter_context(_command.terminable())
            self.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="levinv-"))
            self._open = stack.pop_all()
        return self

    def __exit__(self, *failure):
        return self._open.__exit__(*failure)

    def matrix(self, A):
        """The matrix, before the vectors that belong to its rows and columns."""
        self.A = _inputs.matrix(self.folder, "A", _given("A", A))
        self._arguments.append(f"--matrix={self.A.argument}")

    def rows(self, option, name, value):
        """An option that is a vector of n numbers, called ``name`` here."""
        if value is not None:
            self._add(option, _inputs.rows_vector(self.folder, name, value, self.A))

    def columns(self, option, name, value):
        """An option that is a vector of d numbers, called ``name`` here."""
        if value is not None:
            self._add(option, _inputs.columns_vector(self.folder, name, value, self.A))

    def _add(self, option, found):
        self._arguments.append(f"--{option}={found.argument}")

    def options(self, **given):
        """Options of any kind; what is None is left out."""
        self._arguments += _inputs.options(self.folder, given)

    def result(self, command, out, name=_result.RESULT):
        """Runs a command that leaves a result in a folder, which is kept where the caller named it."""
        if out is not None and not os.fspath(out):
            raise InvalidInputError("out: expected the name of a folder, got ''")
        folder = Path(self.folder) / "result" if out is None else Path(out)
        earlier = _result.identity(folder / name)

        def read(code):
            if _result.identity(folder / name) == earlier:  # what lies in the caller's folder is of another run
                return None
            if out is not None:
                _result.name_inputs(folder / name, self._named)
            return _result.read(folder, name, self.A, code == 0, self._distribution, self._named)

        return self.run(command, folder, read)

    def _named(self, text):
        return _inputs.named(self.folder, text)

    def run(self, command, out, read=lambda code: None):
        """Runs a command; what ``read`` makes of what it left, or the exception that its exit code stands for."""
        arguments = [command, *self._arguments, f"--out={os.fspath(out)}"]
        if self._verbose:
            arguments.append("--verbose")
        elif "--quiet" not in arguments:
            arguments.append("--quiet")
        run = _command.run(arguments, self._distribution, self._named if self._verbose else None)
        found = read(run.code)
        message = self._named(run.message)
        if run.interrupted:
            raise Interrupted(found)
        if run.code == 2:
            raise InvalidInputError(message)
        if run.code == 4:
            raise DeviceError(message, found)
        if run.code == 127:
            raise DistributionError(message)
        if run.code != 0 and found is None:
            raise InternalError(message or f"levinv ended with exit code {run.code}")
        return found
