#!/usr/bin/env python3
"""Tyler's fixed point S = (d/n) sum of a a^T / (a^T S^-1 a) in plain NumPy, for ci/tyler.

tyler_fixed_point.py DIR SECONDS reads A.npy, repeats the computation for SECONDS and prints the rounds and the seconds
of the fastest; S of trace d goes to DIR/S.npy.
"""

import sys
import time

import numpy as np

CHANGE = 1e-12


def fixed_point(A):
    n, d = A.shape
    u = 1 / np.einsum("ij,ij->i", A, A)
    last = np.zeros((d, d))
    change = 1.0
    for rounds in range(1, 5001):
        S = (A.T * u) @ A
        S *= d / np.trace(S)
        before, change = change, np.linalg.norm(S - last) / np.linalg.norm(S)
        if change * min(1, change / before) <= CHANGE:  # the next change
            break
        last = S
        u = 1 / np.einsum("ij,ij->i", A @ np.linalg.inv(S), A)
    return S, rounds


def main():
    folder, seconds = sys.argv[1], float(sys.argv[2])
    A = np.ascontiguousarray(np.load(folder + "/A.npy"))
    best = float("inf")
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or best == float("inf"):
        started = time.perf_counter()
        S, rounds = fixed_point(A)
        best = min(best, time.perf_counter() - started)
    np.save(folder + "/S.npy", S)
    print(rounds, best)


main()
