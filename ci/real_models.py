#!/usr/bin/env python3
"""Coefficients of real generalised linear models, fitted by statsmodels, from their hat values: exact and printed with 8, 6, 4 and 3 decimals.

Beside levinv, which has no start, stands SciPy's least squares, which starts at the truth with the exact Jacobian; and levinv where it is told the
decimals. Prints a table; fails where an answer is farther from the truth than 1.01 times SciPy's, and than rounding. Needs Debian's
python3-statsmodels, and a distribution of levinv in LEVINV_HOME or on the PATH. Arguments: names of data sets, if not all.
"""
import sys
import warnings
from pathlib import Path

import numpy as np
import scipy.optimize
import scipy.stats
import statsmodels.api as sm

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src" / "python"))
import levinv

warnings.filterwarnings("ignore")
MOST = 1.01  # the bound on levinv's error, of that of least squares from the truth
ROUNDING = 1e-7  # an error of eta below this is that of hat values as they were computed, and of no search


def fits():
    """name, the weights of levinv, A, response, family, prior weights"""
    binomial, links, data = sm.families.Binomial, sm.families.links, sm.datasets
    spector = data.spector.load_pandas()
    A, y = sm.add_constant(spector.exog), spector.endog
    yield "spector", "logistic", A, y, binomial(), None
    yield "spector", "probit", A, y, binomial(links.probit()), None
    fair = data.fair.load_pandas()
    A, y = sm.add_constant(fair.exog), (fair.endog > 0).astype(float)
    yield "fair", "logistic", A, y, binomial(), None
    yield "fair", "cloglog", A, y, binomial(links.cloglog()), None
    anes = data.anes96.load_pandas().data
    A = sm.add_constant(anes[["logpopul", "selfLR", "age", "educ", "income"]])
    yield "anes96", "logistic", A, anes["vote"], binomial(), None
    yield "anes96", "probit", A, anes["vote"], binomial(links.probit()), None
    star = data.star98.load_pandas()
    trials = star.endog.sum(axis=1).to_numpy(float)
    A = sm.add_constant(star.exog.iloc[:, :8])
    yield "star98", "logistic", A, star.endog.iloc[:, 0] / trials, binomial(), trials
    scotland = data.scotland.load_pandas()
    A = sm.add_constant(scotland.exog / scotland.exog.mean())
    yield "scotland", "gamma", A, scotland.endog, sm.families.Gamma(), None
    randhie = data.randhie.load_pandas()
    A = sm.add_constant(randhie.exog)
    yield "randhie", "poisson", A, randhie.endog, sm.families.Poisson(), None


def log_weight(name, eta):
    """log f and d log f / d eta."""
    if name == "logistic":
        return -np.abs(eta) / 2 - np.log1p(np.exp(-np.abs(eta))), -0.5 * np.tanh(eta / 2)
    if name == "poisson":
        return eta / 2, np.full(len(eta), 0.5)
    if name == "gamma":
        return -np.log(eta), -1 / eta
    if name == "probit":
        log_phi, up, down = scipy.stats.norm.logpdf(eta), scipy.stats.norm.logcdf(eta), scipy.stats.norm.logcdf(-eta)
        return log_phi - (up + down) / 2, -eta - (np.exp(log_phi - up) - np.exp(log_phi - down)) / 2
    u = np.exp(eta)
    return eta - (u + np.log(-np.expm1(-u))) / 2, 1 + u / (2 * np.expm1(-u))


def scores(name, A, log_v, x):
    f, slope = log_weight(name, A @ x)
    Q = np.linalg.qr(A * np.exp(f + log_v / 2)[:, None])[0]
    h = (Q * Q).sum(1)
    U = slope[:, None] * A
    PPU = np.stack([((Q @ (Q.T @ (u[:, None] * Q))) * Q).sum(1) for u in U.T], 1)
    return h, 2 * (h[:, None] * U - PPU)


def least_squares(name, A, log_v, printed, x, free):
    """From the truth. A column that is free, such as Poisson's intercept, stays."""
    scale = np.linalg.norm(A, axis=0)
    keep = [j for j in range(len(x)) if j != free]

    def at(z):
        y = x.copy()
        y[keep] = z / scale[keep]
        return y

    found = scipy.optimize.least_squares(
        lambda z: scores(name, A, log_v, at(z))[0] - printed,
        x[keep] * scale[keep],
        jac=lambda z: scores(name, A, log_v, at(z))[1][:, keep] / scale[keep],
        method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15, x_scale="jac", max_nfev=200,
    )
    return at(found.x)


def error(A, x, y, mirror, free):
    """Of eta, relative; without a constant where that is free."""
    eta = A @ x
    center = (lambda v: v - v.mean()) if free is not None else (lambda v: v)
    size = np.linalg.norm(center(eta))
    return min(np.linalg.norm(center(A @ (s * y) - eta)) for s in ((1, -1) if mirror else (1,))) / size


def main():
    only = sys.argv[1:]
    bad = 0
    print("| fit | n, d | decimals | levinv | least squares from the truth | ratio | `--digits` | factor |\n|---|---|---|---|---|---|---|---|")
    for name, weights, A, y, family, trials in fits():
        if only and name not in only:
            continue
        fit = sm.GLM(y, A, family=family, var_weights=trials).fit(tol=1e-12, maxiter=200)
        A, x = np.asarray(A, float), np.asarray(fit.params, float)
        h = np.asarray(fit.get_influence(observed=False).hat_matrix_diag, float)
        log_v = np.zeros(len(A)) if trials is None else np.log(trials)
        off = np.abs(scores(weights, A, log_v, x)[0] - h).max()
        assert off < 1e-8, f"{name} {weights}: statsmodels has other hat values by {off}"
        mirror = weights in ("logistic", "probit")
        free = 0 if weights == "poisson" else None
        columns = np.linalg.norm(A - A.mean(0), axis=0)
        assert free is None or columns[free] < 1e-9, "the intercept is the first column"
        model = {"weights": weights, "prior_weights": trials}
        for digits in (None, 8, 6, 4, 3):
            printed = h if digits is None else np.round(h, digits)
            if weights == "gamma":  # its scale is free without an offset: b = 0 for the fit, so x up to a factor
                to_scale = lambda found: found * ((A @ x) @ (A @ found)) / ((A @ found) @ (A @ found))
            else:
                to_scale = lambda found: found
            try:
                result = levinv.solve(A, None, printed, **model)
            except levinv.InvalidInputError as e:  # nearly all are printed as 0
                print(f"| {name}, {weights} | {len(A)}, {A.shape[1]} | {digits} | refused: {e} |", flush=True)
                continue
            if result.x is None or result.status in ("stalled", "work_limit"):
                print(f"| {name}, {weights} | {len(A)}, {A.shape[1]} | {digits} | {result.status} |", flush=True)
                bad += 1
                continue
            ours = error(A, x, to_scale(result.x), mirror, free)
            theirs = error(A, x, to_scale(least_squares(weights, A, log_v, printed, x, free)), mirror, free)
            told = ["", ""]
            if digits is not None:
                with_digits = levinv.solve(A, None, printed, digits=digits, **model)
                told_error = error(A, x, to_scale(with_digits.x), mirror, free)
                told = [f"{told_error:.1e}", f"{theirs / told_error:.1f}"]
            ratio = ours / theirs
            wrong = ours > max(MOST * theirs, ROUNDING)
            bad += wrong
            print(
                f"| {name}, {weights} | {len(A)}, {A.shape[1]} | {'exact' if digits is None else digits} | {ours:.1e} | {theirs:.1e}"
                f" | {'' if digits is None else f'{ratio:.3f}'} | {told[0]} | {told[1]} |" + (" WORSE" if wrong else ""),
                flush=True,
            )
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
