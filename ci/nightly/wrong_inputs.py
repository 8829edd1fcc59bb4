#!/usr/bin/env python3
"""ci/nightly/wrong_inputs.py [LEVINV]: 384 wrong inputs of all commands: files of the wrong kind, shape or value, damaged
ones, options that contradict each other or have no sense, folders that cannot be written.

Each has to end with exit code 2, one line on standard error, nothing on standard output, and no file made or changed. Files
that are odd but right (CRLF, UTF-16, names with blanks) have to give x. Fails where one does not; some minutes. LEVINV is
target/levinv/bin/levinv unless it is named. Needs NumPy.
"""

import gzip
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
JAVA = ("Exception", "java.", "sun.", "null")  # words of the runtime, which help no one


class Inputs:
    """A problem of 60 x 3 in all that is wrong with it, in the current folder."""

    def __init__(self):
        random = np.random.default_rng(1)
        self.A = random.standard_normal((60, 3))
        self.x = np.array([1.0, 2, 3])
        self.b = self.A @ self.x - abs(random.standard_normal(60)) - 0.1
        Q = np.linalg.qr(self.A / (self.A @ self.x - self.b)[:, None])[0]
        self.sigma = (Q * Q).sum(axis=1)
        for name in ("A", "b", "sigma", "x"):
            np.save(f"{name}.npy", getattr(self, name))
        self.text = "".join(",".join(map(repr, map(float, row))) + "\n" for row in self.A)
        self.count = 0

    def array(self, array):
        """The name of a file that has it."""
        return self.file(".npy", saved(array))

    def file(self, suffix, content):
        self.count += 1
        name = f"f{self.count}{suffix}"
        Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    def matrices(self):
        A, text, npy = self.A, self.text, Path("A.npy").read_bytes()
        bad = [np.nan, np.inf, -np.inf]
        for array in (
            A.T, A[:3], A[:, 0], A[:, :, None], A[:0], A[:, :0], np.float64(1), A * 1j, A.astype("U5"), A.astype("g"),
            np.zeros((60, 3), "M8[s]"), np.zeros(60, [("a", "f8")]), A * 0, A * [1, 0, 1], A[:, [0, 0, 1]],
            *(np.where(np.arange(180).reshape(60, 3) == 22, value, A) for value in bad),
        ):
            yield self.array(array)
        yield self.file(".npy", saved(A.astype(object), allow_pickle=True))
        for old, new in ((b"(60, 3)", b"(9999999999999, 3)"), (b"(60, 3)", b"(-6, 3)"), (b"'<f8'", b"os.x ")):
            yield self.file(".npy", npy.replace(old, new, 1))
        for content in (b"", npy[:-8], npy + b"12345678", npy[:50], npy[:6] + b"\x09" + npy[7:], text):
            yield self.file(".npy", content)
        packed = gzip.compress(text.encode())
        for content in (b"", gzip.compress(b""), packed[: len(packed) // 2], packed[:-8] + bytes(8), text):
            yield self.file(".csv.gz", content)
        yield self.file(".npy.gz", gzip.compress(npy)[:300])
        line = "\n{},1,2\n"
        for content in (
            "", "\n\n", text.replace("\n", "\n\n", 1), "a,b,c\n", "# a\n", npy, "<html>\n", '{"a": 1}\n', text.replace(",", ";").replace(".", ","),
            text.replace(".", ","), text + "1,2\n", "1,2\n" + text, '"1,2,3\n' + text, text.replace("\n", ",\n"),
            text.encode("utf-16-le"), text.encode("utf-32"), text.encode("cp500"), text.replace("-", "\u2212"),
            text.replace("\n", "\n\0", 1), "a,b,c\nd,e,f\n" + text, "".join(f"{i},{t}" for i, t in index(text)),
            "".join(f'"{i}",{t}' for i, t in index(text, '"a","b","c"\n')),
            *(text.replace("\n", line.format(word), 1) for word in ("abc", "NA", "", "0x10", "1d", "1e999", '"1,000"')),
        ):
            yield self.file(".csv", content)
        kind, size = "%%MatrixMarket matrix {} general\n", "60 3\n"
        for content in (
            kind.format("array real") + size + "1\n2\n", kind.format("array complex") + size, kind.format("array real"),
            kind.format("array real") + "60 x\n1\n", kind.format("coordinate real") + "60 3 1\n61 1 5\n", text,
            kind.format("coordinate real") + "99999999999 9999999 1\n1 1 5\n",
        ):
            yield self.file(".mtx", content)
        archive, deflated = io.BytesIO(), io.BytesIO()
        np.savez(archive, A=A, b=self.b)
        np.savez_compressed(deflated, A=A)
        whole, damaged = archive.getvalue(), bytearray(deflated.getvalue())
        damaged[120] ^= 0xFF
        name = self.file(".npz", whole)
        yield from (name, f"{name}:C", f"{name}:", self.file(".npz", whole[:900]) + ":A", self.file(".npz", npy) + ":A")
        yield self.file(".npz", bytes(damaged)) + ":A"
        yield from (self.file(".h5", "hello") + ":/A", self.file(".h5", "") + ":/A", "none.h5:/A")
        for suffix in (".mat", ".parquet", ".xlsx", ".rds", ".pkl", ".json", ".zip", ".csv.xz", ".npz.gz", ".dat", ""):
            yield self.file(suffix, text)
        os.symlink("loop.npy", "loop.npy")
        os.mkfifo("pipe.csv")
        os.mkdir("folder.npy")
        yield from ("none.npy", "-", "/dev/stdin", "/dev/null", "", " ", "a" * 300 + ".npy", "https://x.org/A.csv")
        yield from ("loop.npy", "pipe.csv", "folder.npy", ".", "nicht da \u65e5.npy", "a\nb.npy")

    def vectors(self, v):
        """Wrong ones of a vector of n numbers."""
        for array in (v[1:], np.append(v, 1), self.A, np.where(np.arange(60) == 3, np.nan, v), v * 1j):
            yield self.array(array)
        yield self.file(".csv", "".join(f"{value:.6f}\n".replace(".", ",") for value in v))
        yield self.file(".csv", "".join("\n" if i == 30 else f"{value}\n" for i, value in enumerate(v)))
        yield from ("none.npy", "")

    def odd(self):
        """Matrices that are right all the same."""
        text = self.text
        for content in (
            "\n" + text + "\n\n", text.replace("\n", "\r\n"), text.replace("\n", "\r"), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16"),
            "gr\xf6\xdfe,b,c\n".encode("latin-1") + text.encode(), text.replace(",", ";"), text.replace(",", "\t"),
            "".join(",".join(f'"{field}"' for field in row.split(",")) + "\n" for row in text.splitlines()),
        ):
            yield self.file(".csv", content)
        for name in ("d\xe9 \u65e5\u672c \xdf.npy", "a:b,c=d;e.npy", "-A.npy", "@A.npy", "UP.NPY"):
            Path(name).write_bytes(Path("A.npy").read_bytes())
            yield name


def saved(array, allow_pickle=False):
    out = io.BytesIO()
    np.save(out, array, allow_pickle=allow_pickle)
    return out.getvalue()


def index(text, header=",a,b,c\n"):
    """Lines with the numbers of their rows, below a header that has no number."""
    first, *lines = text.splitlines(keepends=True)
    yield header.rstrip("\n") + "\n0", first
    yield from enumerate(lines, 1)


def solve(A="A.npy", b="b.npy", sigma="sigma.npy", *more):
    return ["solve", f"--matrix={A}", f"--offset={b}", f"--scores={sigma}", "--out=out", *more]


def wrong(inputs):
    """Arguments that have to be refused."""
    yield from (solve(A) for A in inputs.matrices())
    yield solve(inputs.array(np.where(np.arange(60)[:, None] == inputs.sigma.argmax(), 0, inputs.A)))  # a row of zeros
    yield from (solve(b=b) for b in inputs.vectors(inputs.b))
    yield from (solve(sigma=sigma) for sigma in inputs.vectors(inputs.sigma))
    for factor in (0, -1, 50, 100, 0.5, 1e300):
        yield solve(sigma=inputs.array(inputs.sigma * factor))
    words = {  # of each option, beside those that no option takes
        "tolerance": "-1 1e999 0", "max-iterations": "-1 1.5 0", "max-work": "-1 0", "time-limit": "-1 0", "checkpoint": "-1",
        "digits": "-1 2.5 400", "score-error": "-1 0 1e999", "seed": "1.5", "threads": "-1 1.5", "memory": "-1 0 5X 1e9",
        "precision": "half", "method": "bfgs newton", "device": "gpu cuda: cuda:9 cuda:0,0", "signs": "plus x.npy",
        "start": "b.npy none.npy", "regularization": "-1 1e999 x.npy", "accuracy": "0 0.5", "write": ", scores,foo",
        "weights": "logit student student:0 cauchy:-1 student:1:2:3", "prior-weights": "x.npy b.npy", "orient": "0:+",
    }
    for option, values in words.items():
        yield [*solve(), f"--{option}"]
        for value in (*values.split(), "", " ", "nan", "quatsch", "9" * 400):
            if not (value == "9" * 400 and option in ("max-work", "time-limit", "checkpoint")):  # no limit
                yield [*solve(), f"--{option}={value}"]
    for more in (
        "--digits=4 --score-error=1e-3", "-q -v", "--precision=mixed --method=newton --start=x.npy", "--scores=sigma.npy",
        "--weights=logistic --orient=9:+", "--weights=logistic --orient=age:*", "--weights=logistic --orient=b.npy",
        "--weights=logistic --method=sampled-newton --start=x.npy", "--start=x.npy --signs=negative", "--matrix=A.npy", "more",
    ):
        yield [*solve(), *more.split()]
    os.makedirs("taken/x.npy")
    os.makedirs("taken2/result.json")
    for folder in ("A.npy", "A.npy/x", "", "/proc/x", "/dev/null", "b" * 300, "taken", "taken2", "."):
        yield [*solve()[:-1], f"--out={folder}"]
    np.save("large.npy", np.where(np.arange(60) == 7, 1.2, inputs.sigma))
    np.save("half.npy", inputs.sigma / 2)
    for line in (
        "", "solv", "help solv", "solve", "solve A.npy", "solve --matirx A.npy", "solve -matrix A.npy", "devices cpu", "show",
        "show none", "show A.npy", "show .", "show a b", "show taken2", "scores --matrix A.npy --offset b.npy --out s.npy",
        "scores --matrix A.npy --at x.npy --out s.npy", "scores --matrix A.npy --out s.txt", "scores --matrix A.npy --out .",
        "scores --matrix A.npy --out A.npy", "scores --matrix A.npy --offset b.npy --at b.npy --out s.npy",
        "scores --matrix A.npy --row-weights x.npy --out s.npy", "scores --matrix A.npy --weights logistic --out s.npy",
        "scores --matrix A.npy --offset b.npy --at x.npy --row-weights b.npy --out s.npy", "scale --matrix A.npy --out out",
        "scale --matrix A.npy --scores sigma.npy --tyler --out out", "scale --matrix A.npy --tyler --location b.npy --out out",
        "scale --matrix A.npy --scores large.npy --out out", "scale --matrix A.npy --scores half.npy --out out",
        "scale --matrix A.npy --scores sigma.npy --location mean --out out", "scale --matrix A.npy --scores b.npy --out out",
        "scale --matrix A.npy --tyler --location men --out out", "scale --matrix A.npy --tyler --normalise max --out out",
        "scale --matrix A.npy --tyler --shrinkage 2 --out out", "scale --matrix A.npy --tyler --shrinkage nan --out out",
        "audit --matrix A.npy --offset b.npy --out out", "audit --matrix A.npy --at x.npy --out out",
        "audit --matrix A.npy --offset b.npy --at b.npy --out out", "audit --matrix A.npy --at x.npy --weights foo --out out",
        "solve-gradient --matrix A.npy --offset b.npy --gradient x.npy --out out",
        "solve-gradient --matrix A.npy --offset b.npy --gradient b.npy --start x.npy --out out",
        "solve-gradient --matrix A.npy --offset b.npy --gradient x.npy --start x.npy --method gradient --out out",
    ):
        yield line.split()
    for line in (
        "", "--rows 10 --columns 2", "--rows 10 --columns 2 --kind foo", "--rows 2 --columns 10 --kind mixed",
        "--rows -5 --columns 2 --kind mixed", "--rows 5 --columns 0 --kind mixed", "--rows 1e6 --columns 2 --kind mixed",
        "--rows 1000000000000000 --columns 2 --kind mixed", "--rows 1000000000000 --columns 1000000000 --kind mixed",
        "--rows 50 --columns 2 --kind mixed --condition 0", "--rows 50 --columns 2 --kind mixed --condition 1e300",
        "--rows 50 --columns 2 --kind mixed --noise -1", "--rows 50 --columns 2 --kind mixed --slack-spread 2",
        "--rows 50 --columns 2 --kind interior --slack-spread -2", "--rows 50 --columns 2 --kind mixed --row-scale 5000",
        "--rows 50 --columns 2 --kind mixed --reach 2", "--rows 50 --columns 2 --kind mixed --weights logistic",
        "--rows 50 --columns 2 --weights logit", "--rows 50 --columns 2 --weights logistic --reach 0",
        "--rows 2 --columns 2 --weights logistic", "--rows 50 --columns 2 --weights logistic --noise -0.5",
    ):
        yield ["generate", *line.split(), "--out", "problem"]


def state():
    """Every file below the current folder, and when it was written."""
    return {str(path): path.lstat().st_mtime_ns for path in Path(".").rglob("*")}


def main(levinv):
    inputs = Inputs()
    refused = list(wrong(inputs))
    odd = [solve(A) for A in inputs.odd()]
    before = state()
    faults = 0

    def run(arguments):
        return subprocess.run([levinv, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)

    def fault(arguments, done, why):
        nonlocal faults
        faults += 1
        print(f"levinv {' '.join(arguments)}: {why}\n  {done.returncode}: {done.stderr[:500]}{done.stdout[:200]}", flush=True)

    for arguments in refused:
        done = run(arguments)
        after = state()
        is_line = done.stderr.startswith("levinv: ") and done.stderr.count("\n") == 1
        if done.returncode != 2 or not is_line or done.stdout:
            fault(arguments, done, "expected exit code 2 and one line")
        elif any(word in done.stderr.replace("/dev/null", "").replace("-Djava.io", "") for word in JAVA):
            fault(arguments, done, "expected no words of Java")
        if after != before:
            changed = sorted(name for name, _ in set(after.items()) ^ set(before.items()))
            fault(arguments, done, f"expected no file to be made or changed, got {changed}")
            before = after
    for arguments in odd:
        done = run(arguments)
        if done.returncode != 0 or abs(np.load("out/x.npy") - inputs.x).max() > 1e-9:
            fault(arguments, done, "expected the x of the problem")
    print(f"{len(refused)} wrong inputs, {len(odd)} odd ones, {faults} faults")
    return faults > 0


if __name__ == "__main__":
    program = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/levinv/bin/levinv").resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sys.exit(main(str(program)))
