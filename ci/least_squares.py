#!/usr/bin/env python3
"""SciPy's least_squares (trf) on sigma(x) = target with the exact Jacobian J = -2 L W A, for ci/benchmark.

least_squares.py DIR LIMIT reads A.npy, b.npy, sigma.npy and start.npy of DIR and prints
seconds, seconds to a relative residual of 1e-10 (inf if never), the best relative residual, evaluations, and how it ended.
"""
import sys
import time

import numpy as np
import scipy.linalg
import scipy.optimize


class OutOfTime(Exception):
    pass


def main(folder, limit):
    A, b, target, start = (np.load(f"{folder}/{name}.npy") for name in ("A", "b", "sigma", "start"))
    size = np.linalg.norm(target)
    began = time.perf_counter()
    best, good_after, evaluations = np.inf, np.inf, 0

    def basis(x):                       # W A and an orthonormal basis of its range
        WA = A / (A @ x - b)[:, None]
        return WA, scipy.linalg.qr(WA, mode="economic", check_finite=False)[0]

    def residual(x):
        nonlocal best, good_after, evaluations
        if time.perf_counter() - began > limit:
            raise OutOfTime
        evaluations += 1
        r = np.sum(basis(x)[1] ** 2, axis=1) - target
        best = min(best, np.linalg.norm(r) / size)
        if best <= 1e-10:
            good_after = min(good_after, time.perf_counter() - began)
        return r

    def jacobian(x):                    # -2 L W A, L = diag(sigma) - P o P
        WA, Q = basis(x)
        P = Q @ Q.T
        np.multiply(P, P, out=P)
        return 2 * (P @ WA - np.sum(Q**2, axis=1)[:, None] * WA)

    try:
        end = f"status={scipy.optimize.least_squares(residual, start, jacobian, method='trf').status}"
    except OutOfTime:
        end = "time-limit"
    print(f"{time.perf_counter() - began:.3f} {good_after:.3f} {best:.1e} {evaluations} {end}")


main(sys.argv[1], float(sys.argv[2]))
