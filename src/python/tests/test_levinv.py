"""What a caller of the client sees, with the distribution that LEVINV_HOME names."""

import contextlib
import importlib.util
import io
import json
import os
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from unittest import mock

import levinv
import numpy as np
from levinv import _command, _inputs

ROOT = Path(__file__).resolve().parents[3]
EXACT = 1e-9  # of x, relative; a converged solve of these problems leaves some 1e-13


def installed(module):
    return importlib.util.find_spec(module) is not None


def hat(A, b, x):
    """The scores by their definition."""
    U = np.asarray(A, dtype=float) / (np.asarray(A, dtype=float) @ x - b)[:, None]
    Q = np.linalg.qr(U)[0]
    return (Q * Q).sum(axis=1)


class ClientTest(unittest.TestCase):
    """Every test has a folder for temporary files, which must be empty at its end."""

    @classmethod
    def setUpClass(cls):
        cls.problem = levinv.generate(300, 4, "mixed", seed=3)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.temporary = self.folder / "temporary"
        self.temporary.mkdir()
        patch = mock.patch.object(tempfile, "tempdir", str(self.temporary))
        patch.start()
        self.addCleanup(patch.stop)

    def tearDown(self):
        self.assertEqual([], os.listdir(self.temporary))

    def assert_x(self, x, expected=None):
        truth = self.problem.x if expected is None else expected
        np.testing.assert_allclose(np.asarray(x), truth, rtol=0, atol=EXACT * abs(truth).max())

    @contextlib.contextmanager
    def starts_nothing(self):
        with mock.patch.object(subprocess, "Popen", side_effect=AssertionError("a process was started")):
            yield


class SolveTest(ClientTest):
    def test_x_is_found(self):
        A, b, sigma, x = self.problem
        result = levinv.solve(A, b, sigma)
        self.assert_x(result.x)
        self.assertEqual("converged", result.status)
        self.assertTrue(result.success)
        self.assertEqual([300, 4], [result.rows, result["columns"]])
        self.assertEqual(result.message, dict(result)["message"])
        self.assertIn(result.message, repr(result))
        self.assertIsNone(result.names)

    def test_a_result_has_no_other_attribute(self):
        with self.assertRaisesRegex(AttributeError, "no 'xs', but .*status"):
            levinv.Result({"status": "converged"}, {}, None).xs

    def test_summary_is_that_of_show(self):
        A, b, sigma, x = self.problem
        out = self.folder / "result"
        result = levinv.solve(A, b, sigma, out=out, report=True)
        shown = subprocess.run([_command.find(), "show", str(out)], capture_output=True, text=True, check=True)
        self.assertEqual(shown.stdout.replace(str(out), "result").rstrip(), result.summary().split("\n\nTo see")[0])
        self.assertEqual(result.summary(), pickle.loads(pickle.dumps(result)).summary())
        self.assertEqual({"report.html", "result.json", "x.csv", "x.npy"}, set(os.listdir(out)))

    def test_rows_at_the_answer(self):
        A, b, sigma, x = self.problem
        result = levinv.solve(A, b, sigma, write=["scores", "slacks"])
        np.testing.assert_allclose(result.scores, sigma, rtol=0, atol=1e-9)
        np.testing.assert_allclose(result.slacks, A @ result.x - b, rtol=1e-12)
        self.assertNotIn("residuals", result)

    def test_options_are_those_of_the_command(self):
        A, b, sigma, x = self.problem
        result = levinv.solve(
            A,
            b,
            sigma,
            signs=A @ x - b,
            start=x * 1.001,
            method="newton",
            device="reference",
            tolerance=1e-8,
            time_limit=600,
            max_work=1e6,
            memory="1G",
            certificate=True,
            regularization=np.zeros(len(b)),
            seed=-7,
        )
        self.assert_x(result.x)
        self.assertEqual("newton", result.options["method"])
        self.assertEqual(1e-8, result.options["tolerance"])
        self.assertEqual(600, result.options["time_limit"])
        self.assertEqual(1 << 30, result.options["memory"])
        self.assertEqual(-7, result.options["seed"])
        np.testing.assert_array_equal(x * 1.001, result.options["start"])
        self.assertGreater(result.certificate["smallest_eigenvalue"], 0)
        self.assertIn("reference", result.device)

    def test_errors_of_x_where_scores_are_rounded(self):
        A, b, sigma, x = self.problem
        result = levinv.solve(A, b, np.round(sigma, 6), signs=A @ x - b, digits=6)
        self.assertEqual(6, result.options["digits"])
        self.assertEqual((4,), result.x_error.shape)
        self.assertLess(np.max(abs(result.x - x) / result.x_error), 6)  # standard errors; rounding is bounded

    def test_a_search_that_ends_early_is_no_success(self):
        A, b, sigma, x = self.problem
        result = levinv.solve(A, b, sigma, max_work=3)
        self.assertEqual("work_limit", result.status)
        self.assertFalse(result.success)
        self.assertEqual((4,), result.x.shape)

    def test_what_another_run_left_is_no_result(self):
        A, b, sigma, x = self.problem
        out = self.folder / "result"
        levinv.solve(A, b, sigma, out=out)
        with self.assertRaises(levinv.InvalidInputError):
            levinv.solve(A, b * np.nan, sigma, out=out)
        with mock.patch.object(_command, "run", return_value=_command.Run(4, "", ["levinv: lost"], False)):
            with self.assertRaisesRegex(levinv.DeviceError, "^lost$") as failure:
                levinv.solve(A, b, sigma, out=out)
        self.assertIsNone(failure.exception.result)

    def test_progress_is_shown_where_it_is_asked_for(self):
        A, b, sigma, x = self.problem
        for verbose in (False, True):
            with contextlib.redirect_stderr(io.StringIO()) as said:
                levinv.solve(A, b, sigma, verbose=verbose)
            self.assertEqual(verbose, "residual" in said.getvalue())


    def test_quiet_is_what_it_is_anyway(self):
        A, b, sigma, x = self.problem
        self.assertEqual("converged", levinv.solve(A, b, sigma, quiet=True).status)
        with self.assertRaisesRegex(levinv.InvalidInputError, "^--quiet: expected not to be given with --verbose"):
            with contextlib.redirect_stderr(io.StringIO()):
                levinv.solve(A, b, sigma, quiet=True, verbose=True)

    def test_what_only_prints_is_refused(self):
        A, b, sigma, x = self.problem
        for word in ("help", "version"):
            with self.starts_nothing(), self.assertRaisesRegex(ValueError, f"^{word}: .*COMMAND --{word}$"):
                levinv.solve(A, b, sigma, **{word: True})


class InputTest(ClientTest):
    def test_arrays_are_written_as_they_are(self):
        A = np.arange(12).reshape(4, 3)
        for array in (
            A.astype(np.float32),
            np.asfortranarray(A.astype(float)),
            A,
            A > 4,
            A.astype(">f8"),
            A.astype(float)[::2],
        ):
            written = np.load(_inputs.matrix(self.folder, "A", array).argument)
            self.assertEqual(array.dtype, written.dtype)
            self.assertEqual(array.flags.f_contiguous, written.flags.f_contiguous)
            np.testing.assert_array_equal(array, written)

    def test_every_type_of_number_is_solved(self):
        A = np.random.default_rng(5).integers(-3, 4, (200, 3))
        x = np.array([0.5, -1.25, 2])
        b = A @ x - 1 - np.arange(200) % 4
        sigma = hat(A, b, x)
        for array in (A.tolist(), A.astype(np.int8), np.asfortranarray(A.astype(np.float32))):
            self.assert_x(levinv.solve(array, b, sigma, signs="positive").x, x)
        self.assert_x(levinv.solve(A, b[:, None], sigma[None, :], signs=np.ones(200, dtype=bool)).x, x)
        A = A > 0
        b = A @ x - 1 - np.arange(200) % 4
        self.assert_x(levinv.solve(A, b, hat(A, b, x), signs="positive").x, x)

    def test_a_mapped_file_is_read_from_its_place(self):
        A, b, sigma, x = self.problem
        file = self.folder / "A of mine.npy"
        np.save(file, A)
        mapped = np.load(file, mmap_mode="r")
        self.assertEqual(str(file), _inputs.matrix(self.folder, "A", mapped).argument)
        self.assert_x(levinv.solve(mapped, b, sigma).x)

    def test_a_part_of_a_mapped_file_is_not_the_file(self):
        file = self.folder / "whole.npy"
        np.save(file, np.arange(24.0).reshape(8, 3))
        changed = np.load(file, mmap_mode="c")
        changed[0, 0] = 7
        read = np.load(file, mmap_mode="r")
        for part in (read[1:], read[:, ::-1], read.T, read + 1, changed, read.view(np.int64)):
            found = _inputs.matrix(self.folder, "A", part).argument
            self.assertNotEqual(str(file), found)
            np.testing.assert_array_equal(part, np.load(found))

    def test_files_are_named(self):
        A, b, sigma, x = self.problem
        np.savez(self.folder / "all.npz", A=A, b=b)
        header = "a,\"b, c\",c,d"
        np.savetxt(self.folder / "A.csv", A, delimiter=",", header=header, comments="", fmt="%.17g")
        self.assert_x(levinv.solve(f"{self.folder}/all.npz:A", f"{self.folder}/all.npz:b", sigma).x)
        result = levinv.solve(self.folder / "A.csv", b, sigma)
        self.assert_x(result.x)
        self.assertEqual(["a", "b, c", "c", "d"], result.names)
        self.assertRegex(result.summary(), r"\n  b, c +-?\d")

    def test_wrong_shapes_start_nothing(self):
        A, b, sigma, x = self.problem
        with self.starts_nothing():
            for arguments, said in (
                ((A[0], b, sigma), r"A: expected a matrix of n x d, got an array of shape \(4,\)"),
                ((A, b[1:], sigma), "b: expected 300 values, one for each row of A, got 299"),
                ((A, b, A), r"sigma: expected a vector, got an array of shape \(300, 4\)"),
                ((A.astype(str), b, sigma), "A: expected numbers, got an array of type <U"),
                ((A * 1j, b, sigma), "A: expected numbers, got an array of type complex128"),
                ((A, np.ma.masked_less(b, 0), sigma), "b: expected numbers, got a masked array"),
                (([[1, 2], [3]], b, sigma), "A: expected"),
            ):
                with self.assertRaisesRegex(ValueError, f"^{said}"):
                    levinv.solve(*arguments)
            with self.assertRaisesRegex(ValueError, "^start: expected 4 values, one for each column of A, got 3$"):
                levinv.solve(A, b, sigma, start=x[1:])
            with self.assertRaisesRegex(ValueError, "^x: expected 4 values"):
                levinv.scores(A, b, b)
            with self.assertRaisesRegex(ValueError, "^report: expected out"):
                levinv.solve(A, b, sigma, report=True)
            with self.assertRaisesRegex(ValueError, "^out: expected the name of a folder, got ''$"):
                levinv.solve(A, b, sigma, out="")
            for offset, said in (
                ("b.npy", "expected numbers, got the name of a file, 'b.npy'$"),
                (["a"] * 300, "expected numbers, got an array of type <U1$"),
                (b[1:], "expected 300 values, one for each row of A, got 299$"),
            ):
                with self.assertRaisesRegex(levinv.InvalidInputError, f"^offset: {said}"):
                    levinv.solve(A, None, sigma, weights="logistic", offset=offset)

    def test_what_is_missing_is_named(self):
        A, b, sigma, x = self.problem
        with self.starts_nothing():
            for call, name in (
                (lambda: levinv.solve(None, b, sigma), "A"),
                (lambda: levinv.solve(A, b, None), "sigma"),
                (lambda: levinv.scale(None, sigma), "A"),
                (lambda: levinv.scale(A, None), "sigma"),
                (lambda: levinv.scores(None, b, x), "A"),
                (lambda: levinv.tyler(None, location=x), "A"),
                (lambda: levinv.solve_gradient(A, None, x, x), "b"),
                (lambda: levinv.solve_gradient(A, b, None, x), "gradient"),
                (lambda: levinv.solve_gradient(A, b, x, None), "start"),
                (lambda: levinv.audit(None, b, x), "A"),
                (lambda: levinv.audit(A, b, None), "x"),
            ):
                with self.assertRaisesRegex(levinv.InvalidInputError, f"^{name}: expected numbers, got None$"):
                    call()

    @unittest.skipUnless(installed("scipy"), "there is no SciPy")
    def test_sparse_matrices(self):
        from scipy import sparse

        A, b, sigma, x = self.problem
        thin = np.where(abs(A) > 0.3, A, 0)
        b = thin @ x - np.where(np.arange(300) % 2, 1.5, -0.5)
        self.assert_x(levinv.solve(sparse.csr_matrix(thin), b, hat(thin, b, x)).x)
        with self.starts_nothing(), self.assertRaisesRegex(ValueError, "^A: expected numbers, got a sparse matrix of"):
            levinv.solve(sparse.csr_matrix(thin * 1j), b, sigma)


@unittest.skipUnless(installed("pandas"), "there is no pandas")
class FrameTest(ClientTest):
    def setUp(self):
        super().setUp()
        import pandas

        self.pandas = pandas
        A, b, sigma, x = self.problem
        self.index = [f"row {i}" for i in range(300)]
        self.names = ["age", 'the "b"', "c, d", "e"]
        self.A = pandas.DataFrame(A, index=self.index, columns=self.names)

    def test_x_has_the_names_of_the_columns(self):
        result = levinv.solve(self.A, self.problem.b, self.problem.sigma, write="scores")
        self.assert_x(result.x)
        self.assertEqual(self.names, list(result.x.index))
        self.assertEqual(self.names, result.names)
        self.assertEqual(self.index, list(result.scores.index))
        self.assertRegex(result.summary(), r"\n  c, d +-?\d")

    def test_rows_have_the_index(self):
        x = self.pandas.Series(self.problem.x, index=self.names)
        sigma = levinv.scores(self.A, self.problem.b, x)
        self.assertEqual(self.index, list(sigma.index))
        audit = levinv.audit(self.A, self.problem.b, x)
        self.assertEqual(self.names, list(audit.decimals[0]["x_error"].index))
        result = levinv.tyler(self.A)
        self.assertEqual(self.index, list(result.weights.index))
        self.assertEqual(self.names, list(result.scatter.columns))

    def test_rows_in_another_order_are_refused(self):
        b = self.pandas.Series(self.problem.b, index=self.index)
        with self.starts_nothing():
            with self.assertRaisesRegex(ValueError, "^b: expected the index of A"):
                levinv.solve(self.A, b[::-1], self.problem.sigma)
            with self.assertRaisesRegex(ValueError, "^offset: expected the index of A"):
                levinv.solve(self.A, None, self.problem.sigma, weights="logistic", offset=b[::-1])
            with self.assertRaisesRegex(ValueError, "^x: expected the columns of A"):
                levinv.scores(self.A, b, self.pandas.Series(self.problem.x))

    def test_columns_of_several_types(self):
        frame = self.pandas.DataFrame({"a": [1, 2], "b": [0.5, 1], "c": [True, False]})
        frame["d"] = self.pandas.array([1, 2], dtype="Int64")
        written = np.load(_inputs.matrix(self.folder, "A", frame).argument)
        np.testing.assert_array_equal([[1, 0.5, 1, 1], [2, 1, 0, 2]], written)
        written = np.load(_inputs.vector(self.folder, "b", frame["d"]).argument)
        np.testing.assert_array_equal([1, 2], written)
        missing = self.pandas.array([1, None], dtype="Int64")
        self.assertTrue(np.isnan(np.load(_inputs.vector(self.folder, "b", missing).argument)[1]))
        frame["e"] = ["p", "q"]
        with self.assertRaisesRegex(ValueError, "^A: expected numbers, got column 'e' of type "):
            _inputs.matrix(self.folder, "A", frame)


class OtherCommandsTest(ClientTest):
    def test_scores(self):
        A, b, sigma, x = self.problem
        np.testing.assert_allclose(levinv.scores(A, b, x), hat(A, b, x), rtol=1e-9)

    def test_hat_values(self):
        A = self.problem.A
        w = np.arange(1, 301)
        for found, B in ((levinv.scores(A), A), (levinv.scores(A, row_weights=w), A * w[:, None])):
            Q = np.linalg.qr(B)[0]
            np.testing.assert_allclose(found, (Q * Q).sum(axis=1), rtol=1e-9)

    def test_scale(self):
        A, b, sigma, x = self.problem
        result = levinv.scale(A, sigma)
        self.assertTrue(result.success)
        np.testing.assert_allclose(hat(A * result.weights[:, None], -np.ones(300), np.zeros(4)), sigma, atol=1e-9)
        self.assertNotIn("x", result)
        self.assertIn("weights.npy", result.summary())

    def test_tyler(self):
        A = self.problem.A
        result = levinv.tyler(A)
        S = result.scatter
        distances = (A @ np.linalg.inv(S) * A).sum(axis=1)
        fixed = 4 / 300 * (A.T / distances) @ A  # Tyler's equation, up to the trace
        np.testing.assert_allclose(fixed * 4 / np.trace(fixed), S, atol=1e-9)
        self.assertAlmostEqual(4, np.trace(S))

    def test_tyler_about_a_point(self):
        A = self.problem.A
        point = [0.5, 0, -0.25, 1]
        result = levinv.tyler(A, location=point, normalise="det")
        np.testing.assert_array_equal(point, result.location)
        self.assertAlmostEqual(1, np.linalg.det(result.scatter))
        shifted = levinv.tyler(A - point)
        np.testing.assert_allclose(result.scatter / np.trace(result.scatter) * 4, shifted.scatter, atol=1e-9)
        np.testing.assert_allclose(levinv.tyler(A, location="mean").location, A.mean(axis=0), atol=1e-12)

    def test_solve_gradient(self):
        A, b, sigma, x = self.problem
        b = A @ x - abs(A @ x - b)
        gradient = (A / (A @ x - b)[:, None]).T @ hat(A, b, x)
        self.assert_x(levinv.solve_gradient(A, b, gradient, x * 1.01).x)

    def test_audit(self):
        A, b, h, x = levinv.generate(80, 3, weights="logistic")
        out = self.folder / "audit"
        found = levinv.audit(A, None, x, weights="logistic", out=out)
        self.assertEqual({"audit.json", "audit.svg"}, set(os.listdir(out)))
        self.assertEqual(list(range(2, 9)), [one["digits"] for one in found.decimals])
        self.assertTrue(all(one["x_error"].shape == (3,) for one in found.decimals))
        self.assertEqual("logistic", found.weights)
        self.assertTrue(found.message in found.summary() and found.message in repr(found))

    def test_generate(self):
        A, b, sigma, x = levinv.generate(50, 3, "interior", seed=2, slack_spread=2)
        self.assertTrue(np.all(A @ x > b))
        np.testing.assert_allclose(hat(A, b, x), sigma, rtol=1e-9)


class FailureTest(ClientTest):
    def test_models(self):
        v = np.arange(1.0, 81.0)
        A, b, h, x = levinv.generate(80, 3, weights="logistic", with_offset=True, prior_weights=v)
        model = {"weights": "logistic", "offset": -b, "prior_weights": v}
        np.testing.assert_allclose(levinv.scores(A, x=x, **model), h, atol=1e-12)
        np.testing.assert_allclose(levinv.solve(A, None, h, **model).x, x, atol=1e-8)
        h = levinv.scores(A, x=x, weights="logistic")
        y = (A @ x > 0).astype(float)
        result = levinv.solve(A, None, h, weights="logistic", orient=y)
        self.assertTrue(result.mirror)
        np.testing.assert_allclose(result.x, x, atol=1e-8)
        with self.assertRaisesRegex(levinv.InvalidInputError, "expected b to be None"):
            levinv.solve(A, b, h, offset=b)
        with self.assertRaisesRegex(levinv.InvalidInputError, "expected scores, residuals or slacks, got ''"):
            levinv.solve(A, b, h, write=[])

    def test_words_are_those_of_the_command(self):
        A, b, sigma, x = self.problem
        b = b.copy()
        b[7] = np.nan
        for call, said in (
            (lambda: levinv.solve(A, b, sigma), "b, row 7: expected a finite number, got NaN"),
            (lambda: levinv.solve(A, A[:, 0], sigma, methd="x"), "unknown option '--methd', did you mean --method"),
            (lambda: levinv.solve(A, self.problem.b, sigma, signs="postive"), "--signs: expected auto, positive"),
            (lambda: levinv.solve(self.folder / "no.npy", b, sigma), f"{self.folder}/no.npy: "),
        ):
            with self.assertRaises(levinv.InvalidInputError) as failure:
                call()
            self.assertIsInstance(failure.exception, ValueError)
            self.assertEqual(said, str(failure.exception)[: len(said)])
            self.assertNotIn("\n", str(failure.exception))

    def test_files_have_the_names_of_their_arguments(self):
        A, b, sigma, x = self.problem
        v = np.ones(300)
        v[3] = -1
        for call, said in (
            (lambda: levinv.solve(A * [1, 1, 1, 0], b, sigma), "A: expected independent columns"),
            (lambda: levinv.solve(A[:4], b[:4], sigma[:4]), "A: expected more rows than columns, got 4 x 4"),
            (lambda: levinv.solve(A, b, sigma + 2), "sigma, row "),
            (lambda: levinv.solve(A, None, sigma), "b: expected b, n values, for the weights barrier"),
            (lambda: levinv.scores(A, None, x), "x: expected --offset"),
            (lambda: levinv.solve(A, b, sigma, prior_weights=v), "prior_weights, row 3: expected a weight above 0"),
            (lambda: levinv.solve(A, b, sigma, start=x * np.inf), "start, row"),
        ):
            with self.assertRaises(levinv.InvalidInputError) as failure:
                call()
            self.assertEqual(said, str(failure.exception)[: len(said)])
            self.assertNotRegex(str(failure.exception), r"levinv-|\.npy")
        with contextlib.redirect_stderr(io.StringIO()) as shown:
            result = levinv.solve(A, b, sigma, signs=np.sign(A @ x - b), verbose=True)
        self.assertNotIn(tempfile.gettempdir(), result.summary() + str(dict(result)) + shown.getvalue())

    def test_files_that_are_kept_name_arguments(self):
        A, b, sigma, x = self.problem
        out = self.folder / "kept"
        levinv.solve(A, b, sigma, report=True, out=out)
        found = json.loads((out / "result.json").read_text())
        self.assertEqual(["A", "b", "sigma"], [file["file"] for file in found["inputs"].values()])
        self.assertEqual({"report.html", "result.json", "x.csv", "x.npy"}, set(os.listdir(out)))
        audited = self.folder / "audited"
        levinv.audit(A, b, x, out=audited)
        for file in (*out.iterdir(), *audited.iterdir()):
            self.assertNotIn(str(self.temporary).encode(), file.read_bytes(), file.name)

    def test_the_distribution_is_found(self):
        home = Path(_command.find()).parent.parent
        environment = {key: value for key, value in os.environ.items() if key != "LEVINV_HOME"}
        environment["PATH"] = str(self.folder)
        with mock.patch.dict(os.environ, environment, clear=True), mock.patch.object(_command, "_BUNDLED", self.folder):
            with self.assertRaisesRegex(levinv.DistributionError, "expected LEVINV_HOME .* or levinv on the PATH"):
                _command.find()
            os.symlink(home / "bin" / "levinv", self.folder / "levinv")
            self.assertEqual(str(self.folder / "levinv"), _command.find())
            self.assertEqual(str(home / "bin" / "levinv"), _command.find(home))
            with self.assertRaisesRegex(levinv.DistributionError, "^distribution: expected a folder that holds"):
                _command.find(self.folder)
            os.environ["LEVINV_HOME"] = str(self.folder)
            with self.assertRaisesRegex(levinv.DistributionError, "^LEVINV_HOME: expected a folder that holds"):
                _command.find()

    def program(self, text):
        """A distribution that does this instead."""
        program = self.folder / "bin" / "levinv"
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\n" + text)
        program.chmod(0o755)
        return self.folder

    def test_exit_codes(self):
        A, b, sigma, x = self.problem
        for text, failure, said in (
            ("echo levinv: warning: w >&2; echo levinv: no card >&2; exit 4", levinv.DeviceError, "no card"),
            ("echo levinv: a bug >&2; exit 1", levinv.InternalError, "a bug"),
            ("echo levinv: no Java >&2; exit 127", levinv.DistributionError, "no Java"),
            ("kill -9 $$", levinv.InternalError, "levinv ended with exit code -9"),
        ):
            with self.assertRaises(failure) as raised:
                levinv.solve(A, b, sigma, distribution=self.program(text))
            self.assertIsInstance(raised.exception, RuntimeError)
            self.assertEqual(said, str(raised.exception))

    def test_the_version_is_that_of_the_distribution(self):
        said = subprocess.run([_command.find(), "--version"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(f"levinv {levinv.__version__}", said.strip())

    def test_the_module_is_the_command(self):
        said = subprocess.run([sys.executable, "-m", "levinv", "--version"], capture_output=True, text=True)
        self.assertEqual((0, f"levinv {levinv.__version__}"), (said.returncode, said.stdout.strip()))


class ReadmeTest(ClientTest):
    def test_examples(self):
        """Each runs as it stands, and prints what its comments say where they quote."""
        (self.folder / "src").symlink_to(ROOT / "src")
        here = os.getcwd()
        self.addCleanup(os.chdir, here)
        os.chdir(self.folder)
        examples = re.findall("```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
        self.assertEqual(3, len(examples))
        said = ""
        for example in examples:
            if "import pandas" in example and not installed("pandas"):
                continue
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(example, {})
            said += out.getvalue()
        self.assertIn("converged ", said)
        self.assertIn("\nb: expected 1000 values, one for each row of A, got 999\n", said)


class InterruptionTest(ClientTest):
    """Ctrl-C, as the terminal says it: a signal to this process."""

    def interrupted(self, call, ready):
        over = threading.Event()

        def ask():
            while not ready():
                if over.wait(0.01):
                    return
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            with self.assertRaises(KeyboardInterrupt) as raised:
                call()
        finally:
            over.set()
            thread.join()
        return raised.exception

    def test_the_best_x_so_far(self):
        A, b, sigma, x = levinv.generate(20000, 60, "mixed", seed=1, noise=0.05)
        sigma = np.minimum(sigma, 1)  # noise takes heavy rows beyond what a score can be
        with contextlib.redirect_stderr(io.StringIO()) as said:
            stopped = self.interrupted(
                lambda: levinv.solve(A, b, sigma, tolerance=1e-300, verbose=True),
                lambda: "residual" in said.getvalue(),
            )
        self.assertIsInstance(stopped, levinv.Interrupted)
        self.assertEqual("interrupted", stopped.result.status)
        self.assertFalse(stopped.result.success)
        self.assertEqual((60,), stopped.result.x.shape)

    def program(self, listens):
        """A distribution that runs for ever; it writes its id, and the first Ctrl-C makes a file."""
        program = self.folder / "bin" / "levinv"
        program.parent.mkdir()
        program.write_text(
            f"#!/bin/sh\ntrap '{listens}' INT\necho $$ > {self.folder}/new && mv {self.folder}/new {self.folder}/id\n"
            "while :; do sleep 0.02; done\n"
        )
        program.chmod(0o755)
        return self.folder

    def wait_for(self, name):
        """Whether the file appears, which takes some milliseconds unless it never does."""
        for _ in range(3000):
            if (self.folder / name).exists():
                return True
            time.sleep(0.01)
        return False

    def assert_gone(self):
        with self.assertRaises(ProcessLookupError):
            os.kill(int((self.folder / "id").read_text()), 0)

    def test_one_that_does_not_listen_is_ended_by_the_second(self):
        home = self.program(listens=f"echo > {self.folder}/asked")

        def ready():
            if not self.wait_for("id"):
                return False
            os.kill(os.getpid(), signal.SIGINT)
            return self.wait_for("asked")

        self.interrupted(lambda: levinv.scores(self.problem.A, distribution=home), ready)
        self.assert_gone()

    def test_termination_leaves_nothing(self):
        home = self.program(listens="")
        caller = subprocess.Popen(
            [sys.executable, "-c", f"import levinv; levinv.scores([[1], [2]], distribution='{home}')"],
            env={**os.environ, "TMPDIR": str(self.temporary)},
        )
        self.assertTrue(self.wait_for("id"))
        caller.terminate()
        self.assertEqual(-signal.SIGTERM, caller.wait())
        self.assert_gone()


if __name__ == "__main__":
    unittest.main()
