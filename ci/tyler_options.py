#!/usr/bin/env python3
"""Tyler's estimator with its locations, normalisations and shrinkage, against plain fixed points in NumPy.

tyler_options.py LEVINV runs the launcher LEVINV on seeded data of several kinds and prints the largest relative
difference of scatter, location and distances for each option; exit code 1 where one is above 1e-10. Needs NumPy.
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np

AGREE = 1e-10


def tyler(A):
    """S = (d/n) sum of a a^T / (a^T S^-1 a), trace d, of rows that are not zero."""
    A = A[np.any(A != 0, axis=1)]
    n, d = A.shape
    scale = np.median(np.abs(A), axis=0)
    B = A / scale
    S = np.eye(d)
    for _ in range(20000):
        q = np.einsum("ij,ij->i", B @ np.linalg.inv(S), B)
        T = d / n * (B.T / q) @ B
        T *= d / np.trace(T)
        change = np.abs(T - S).max()
        S = T
        if change < 1e-15:
            break
    S = S * np.outer(scale, scale)
    return S * (d / np.trace(S))


def affine_median(A):
    """mu and S with the sum of (a - mu) / r and Tyler's equation about mu, one step of each in turn."""
    n, d = A.shape
    mu, S = np.median(A, axis=0), np.cov(A.T)
    for _ in range(20000):
        B = A - mu
        q = np.einsum("ij,ij->i", B @ np.linalg.inv(S), B)
        S = d / n * (B.T / q) @ B
        step = (B / np.sqrt(q)[:, None]).sum(0) / (1 / np.sqrt(q)).sum()
        mu = mu + step
        if np.abs(step).max() < 1e-15 * np.abs(mu).max():
            break
    return mu


def regularised(A, rho):
    n, d = A.shape
    S = np.eye(d)
    for _ in range(100000):
        q = np.einsum("ij,ij->i", A @ np.linalg.inv(S), A)
        T = (1 - rho) * d / n * (A.T / q) @ A + rho * np.eye(d)
        T *= d / np.trace(T)
        change = np.abs(T - S).max()
        S = T
        if change < 1e-15:
            break
    return S


def best_shrinkage(A):
    n, p = A.shape
    U = A / np.linalg.norm(A, axis=1)[:, None]
    square = np.sum((p / n * U.T @ U) ** 2)
    return (p * p + (1 - 2 / p) * square) / ((p * p - n * p - 2 * n) + (n + 1 + 2 * (n - 1) / p) * square)


def data(kind, n, d, seed):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, d)) @ rng.standard_normal((d, d))
    if kind == "cauchy":
        A /= np.abs(rng.standard_normal((n, 1)))
    if kind == "skew":
        A = np.exp(0.5 * A / A.std(0))
    return A + (0 if kind == "central" else rng.standard_normal(d) * 5)


def run(levinv, folder, A, *options):
    np.save(folder + "/A.npy", A)
    command = [levinv, "scale", "--tyler", "--matrix", folder + "/A.npy", "--out", folder + "/out", "--quiet", *options]
    subprocess.run(command, check=True)
    result = json.load(open(folder + "/out/result.json"))
    files = {name: np.load(f"{folder}/out/{name}.npy") for name in ("scatter", "location", "distances", "weights")}
    return result, files


def difference(a, b):
    return np.abs(a - b).max() / np.abs(b).max()


def compare(name, A, mu, S, files, weights_make_it):
    B = A - mu
    r = np.sqrt(np.einsum("ij,ij->i", B @ np.linalg.inv(S), B))
    worst = [difference(files["scatter"], S), difference(files["location"] - mu + B[0], B[0])]
    worst.append(difference(files["distances"].ravel(), r))
    if weights_make_it:
        W = B * files["weights"].reshape(-1, 1)
        worst.append(difference(W.T @ W, S))
    print(f"{name:34s} scatter {worst[0]:.0e}, location {worst[1]:.0e}, distances {worst[2]:.0e}", flush=True)
    return max(worst)


def main():
    levinv = os.path.abspath(sys.argv[1])
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, n, d in (("central", 60, 3), ("cauchy", 200, 5), ("skew", 500, 8), ("cauchy", 2000, 20)):
            A = data(kind, n, d, n + d)
            given = folder + "/mu.npy"
            np.save(given, A[:7].mean(0))
            for location, mu in (
                ("origin", np.zeros(d)),
                ("mean", A.mean(0)),
                ("median", np.median(A, axis=0)),
                ("hr", affine_median(A)),
                (given, np.load(given)),
            ):
                S = tyler(A - mu)
                for normalise in ("trace", "det"):
                    size = np.exp(-np.linalg.slogdet(S)[1] / d) if normalise == "det" else 1
                    result, files = run(levinv, folder, A, "--location", location, "--normalise", normalise)
                    assert result["shrinkage"] == 0, result
                    name = f"{kind} {n} x {d}, {os.path.basename(location)}, {normalise}"
                    worst = max(worst, compare(name, A, mu, S * size, files, True))
        for n, d, rho in ((10, 20, None), (30, 30, None), (15, 4, 0.2), (12, 40, 0.05)):
            A = data("cauchy", n, d, n + d)
            mu = A.mean(0)
            options = () if rho is None else ("--shrinkage", str(rho))
            result, files = run(levinv, folder, A, "--location", "mean", *options)
            expected = best_shrinkage(A - mu) if rho is None else rho
            assert abs(result["shrinkage"] - expected) < 1e-12, (result, expected)
            name = f"{n} x {d}, shrinkage {result['shrinkage']:.3f}"
            worst = max(worst, compare(name, A, mu, regularised(A - mu, expected), files, False))
    print(f"largest difference {worst:.1e}, bound {AGREE:.0e}")
    sys.exit(bool(worst > AGREE))


main()
