#!/usr/bin/env python3
"""Local solvers in JAX beside levinv, on the same card and the same files; bin/test-gpu calls it.

jax_local.py --levinv PROGRAM [--sizes NxD,...] [--limit SECONDS] [--arrays jax|numpy] --again COMMAND ...

sigma(x) comes from a QR of diag(A x - b)^-1 A in float64, its Jacobian from jax.jacfwd. Levenberg-Marquardt and
Gauss-Newton, optimistix's where it is installed and else plain dense ones written here, start within 5% of every slack
of the truth. The first size on which one of them fits into memory and the time limit gives the row. All seconds are
those of a later run in a warm process; levinv's are of a whole solve without a start, upload and verification included.
With numpy, which is for tests, the Jacobian is the closed form and nothing needs a card.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

SIZES = "40000x256,20000x256,40000x128,20000x128,10000x128,4000x100,1000x50"  # descending n d^2
NEAR = 0.05
EXACT = 1e-13  # relative residual
MOST_STEPS = 200
METHODS = {"LM": "Levenberg-Marquardt", "GN": "Gauss-Newton"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--levinv", help="the launcher, which makes the files")
    parser.add_argument("--again", nargs=argparse.REMAINDER,
                        help="a command that solves the files of a folder, its last argument, and prints JSON")
    parser.add_argument("--sizes", default=SIZES)
    parser.add_argument("--limit", type=float, default=100, help="seconds for each local solve, compilation included")
    parser.add_argument("--arrays", choices=("jax", "numpy"), default="jax")
    parser.add_argument("--solve", nargs=2, metavar=("METHOD", "DIR"), help=argparse.SUPPRESS)  # a process of its own
    options = parser.parse_args()
    if options.solve:
        print(json.dumps(solve(*options.solve, options.arrays)))
        return 0
    for size in options.sizes.split(","):
        with tempfile.TemporaryDirectory() as folder:
            generate(options.levinv, *map(int, size.split("x")), folder)
            found = {method: in_own_process(method, folder, options) for method in METHODS}
            if any("seconds" in local for local in found.values()):
                row(size, found, levinv(options.again, folder))
                return 0
        print(f"{size}: " + "; ".join(f"{m}: {local['failure']}" for m, local in found.items()), flush=True)
    print("no size fitted")
    return 1


def generate(program, n, d, folder):
    subprocess.run([program, "generate", "--rows", str(n), "--columns", str(d), "--kind", "interior", "--quiet",
                    "--out", folder], check=True)
    A, b, x = (np.load(f"{folder}/{name}.npy") for name in ("A", "b", "x"))
    step = np.random.default_rng(1).standard_normal(d)
    change = np.abs(A @ step / (A @ x - b)).max()
    np.save(f"{folder}/start.npy", x + NEAR / change * step)


def in_own_process(method, folder, options):
    """A solve that may run out of memory or time, and gives all memory back."""
    command = [sys.executable, __file__, "--arrays", options.arrays, "--solve", method, folder]
    environment = dict(os.environ, XLA_PYTHON_CLIENT_MEM_FRACTION=".95")
    try:
        done = subprocess.run(command, env=environment, timeout=options.limit, capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        return {"failure": f"more than {options.limit:.0f} s"}
    if done.returncode != 0:
        return {"failure": (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1][:200]}
    return json.loads(done.stdout.splitlines()[-1])


def levinv(command, folder):
    done = subprocess.run(command + [folder], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def row(size, found, ours):
    by = {local["by"] for local in found.values() if "by" in local}
    print(f"local solvers by {', '.join(by)}; levinv on {ours['device']}")
    print(f"{'n x d':>14} {'levinv s':>9} {'residual':>9}", end="")
    for method in METHODS:
        print(f" | {method + ' s':>9} {'compiling':>9} {'steps':>5} {'residual':>9} {'/ levinv':>8}", end="")
    print(f"\n{size:>14} {ours['seconds']:9.3f} {ours['relative_residual']:9.1e}", end="")
    for local in found.values():
        if "failure" in local:
            print(f" | {local['failure']}", end="")
        else:
            compiling = local["first"] - local["seconds"]
            print(f" | {local['seconds']:9.3f} {compiling:9.1f} {local['steps']:5d} {local['residual']:9.1e}"
                  f" {local['seconds'] / ours['seconds']:8.1f}", end="")
    print(flush=True)


def solve(method, folder, arrays):
    A, b, target, x = (np.load(f"{folder}/{name}.npy") for name in ("A", "b", "sigma", "start"))
    if arrays == "numpy":
        run, by = numpy_solver(method, A, b, target), "plain loops over NumPy"
    else:
        run, by = jax_solver(method, A, b, target)
    times = []
    for _ in range(2):
        began = time.perf_counter()
        found, steps = run(x)
        found = np.asarray(found)  # waits
        times.append(time.perf_counter() - began)
    off = np.linalg.norm(scores(np, found, A, b) - target) / np.linalg.norm(target)
    return {"first": times[0], "seconds": times[1], "steps": int(steps), "residual": off, "by": by}


def scores(xp, x, A, b):
    Q = xp.linalg.qr(A / (A @ x - b)[:, None])[0]
    return xp.sum(Q * Q, axis=1)


def numpy_solver(method, A, b, target):
    def jacobian(x):  # -2 L W A, L = diag(sigma) - P o P
        WA = A / (A @ x - b)[:, None]
        Q = np.linalg.qr(WA)[0]
        return 2 * ((Q @ Q.T) ** 2 @ WA - np.sum(Q * Q, axis=1)[:, None] * WA)

    size = np.linalg.norm(target)
    return lambda x: plain(np, method, lambda y: scores(np, y, A, b) - target, jacobian, x, size)


def jax_solver(method, A, b, target):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    data = tuple(jax.device_put(array) for array in (A, b, target))  # arguments, not constants of the compiled code

    def residual(x, data):
        return scores(jnp, x, data[0], data[1]) - data[2]

    card = f"on {jax.devices()[0].device_kind}"
    try:
        import optimistix
    except ImportError:
        f, J = jax.jit(residual), jax.jit(jax.jacfwd(residual))
        by = f"plain loops over JAX {jax.__version__} {card} (optimistix is not installed)"
        size = np.linalg.norm(target)
        return lambda x: plain(jnp, method, lambda y: f(y, data), lambda y: J(y, data), jnp.asarray(x), size), by
    kind = optimistix.LevenbergMarquardt if method == "LM" else optimistix.GaussNewton

    @jax.jit
    def run(x, data):
        solution = optimistix.least_squares(
            residual, kind(rtol=1e-12, atol=1e-12), x, args=data, max_steps=MOST_STEPS, throw=False)
        return solution.value, solution.stats["num_steps"]

    return lambda x: run(jnp.asarray(x), data), f"optimistix {optimistix.__version__}, JAX {jax.__version__} {card}"


def plain(xp, method, residual, jacobian, x, size):
    """Dense steps until the residual is rounding, relative to `size`, or grows; Levenberg-Marquardt damps by diag(J^T J)."""
    damping = 1e-3 if method == "LM" else 0.0
    r = residual(x)
    cost = float(r @ r)
    steps = 0
    while steps < MOST_STEPS:
        J = jacobian(x)
        H, g = J.T @ J, J.T @ r
        while True:
            trial = x - xp.linalg.solve(H + damping * xp.diag(xp.diag(H)), g)
            steps += 1
            r_trial = residual(trial)
            cost_trial = float(r_trial @ r_trial)
            if cost_trial < cost or damping == 0 or damping > 1e9:
                break
            damping *= 10
        if not cost_trial < cost:
            break
        x, r, cost = trial, r_trial, cost_trial
        damping /= 10
        if cost <= (EXACT * size) ** 2:
            break
    return x, steps


if __name__ == "__main__":
    sys.exit(main())
