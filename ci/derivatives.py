#!/usr/bin/env python3
"""Writes src/core/src/test/resources/derivatives.txt: the two objectives and their derivatives, which DerivativesTest compares
every device with.

From the definitions, with the n x n projection P formed: scores as the diagonal of P, first derivatives by complex steps
(exact to rounding, no differences), and second derivatives by complex steps through the first ones in closed form, which
are first checked against complex steps themselves. Shares no formula for a Hessian with the Java code.
"""

import pathlib

import numpy as np

STEP = 1e-40


def problem(n, d):
    """The formulas of PlainProblem.waves in the tests."""
    i, j = np.arange(n)[:, None], np.arange(d)[None, :]
    A = np.sin(1 + 3 * i + 7 * j + i * j)
    x = np.cos(1 + np.arange(d))
    b = A @ x - np.exp(np.sin(5 * np.arange(n)))
    return A, b, x


def projection(A, b, x):
    U = A / (A @ x - b)[:, None]
    return U, U @ np.linalg.solve(U.T @ U, U.T)


def scores(A, b, x):
    return np.diag(projection(A, b, x)[1])


def jacobian(A, b, x):
    """Of the scores: -2 L U, L = diag(sigma) - P o P."""
    U, P = projection(A, b, x)
    return -2 * (np.diag(np.diag(P)) - P * P) @ U


def field(A, b, x):
    """A(x)^T sigma(x)."""
    U, P = projection(A, b, x)
    return U.T @ np.diag(P)


def field_jacobian(A, b, x):
    U, P = projection(A, b, x)
    return -U.T @ (np.diag(np.diag(P)) @ U) + U.T @ jacobian(A, b, x)


def along(f, A, b, x):
    """The derivative of f in each direction, last index."""
    return np.stack([f(A, b, x + 1j * STEP * e).imag / STEP for e in np.eye(len(x))], axis=-1)


def parts(F, J, second, S, A, omega):
    """Gauss-Newton, curvature and regulariser of 0.5 F^T S F + 0.5 ||diag(omega) A x||^2."""
    return J.T @ S @ J, np.tensordot(S @ F, second, 1), A.T @ ((omega**2)[:, None] * A)


def lines(n, d):
    A, b, x = problem(n, d)
    omega = 0.1 * (np.arange(n) % 4)
    target = d / n * (1 + 0.3 * np.cos(np.arange(n)))
    gradient = np.sin(1 + 2 * np.arange(d))
    S = np.diag(1.5 + np.cos(np.arange(d))) + 0.1
    for objective, f, Jf, goal, M in (
        ("loss", scores, jacobian, target, np.eye(n)),
        ("gradient", field, field_jacobian, gradient, S),
    ):
        J, second = Jf(A, b, x), along(Jf, A, b, x)
        assert np.allclose(J, along(f, A, b, x), rtol=1e-12, atol=1e-12 * abs(J).max())
        F = f(A, b, x) - goal
        Ax = omega * (A @ x)
        values = {
            "value": 0.5 * F @ M @ F + 0.5 * Ax @ Ax,
            "slope": J.T @ M @ F + A.T @ (omega * Ax),
            "jacobian": J,
        }
        values.update(zip(("gauss_newton", "curvature", "regularizer"), parts(F, J, second, M, A, omega)))
        for name, value in values.items():
            yield " ".join([objective, str(n), str(d), name] + [repr(float(v)) for v in np.ravel(value)])


def main():
    to = pathlib.Path(__file__).resolve().parent.parent / "src/core/src/test/resources/derivatives.txt"
    to.parent.mkdir(exist_ok=True)
    to.write_text("\n".join(line for shape in ((12, 3), (40, 6)) for line in lines(*shape)) + "\n")


main()
