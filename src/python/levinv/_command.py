"""Finds the command levinv and runs it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from ._errors import DistributionError

HOME = "LEVINV_HOME"
_BUNDLED = Path(__file__).parent / "_distribution"
_PREFIX = "levinv: "
_WARNING = _PREFIX + "warning: "


def find(distribution=None):
    """The program bin/levinv of ``distribution``, of LEVINV_HOME, of this wheel, or levinv on the PATH."""
    for name, home in (("distribution", distribution), (HOME, os.environ.get(HOME))):
        if home:
            program = Path(home).absolute() / "bin" / "levinv"
            if not program.is_file():
                raise DistributionError(
                    f"{name}: expected a folder that holds bin/levinv, got {os.fspath(home)}"
                )
            return str(program)
    bundled = _BUNDLED / "bin" / "levinv"
    program = str(bundled) if bundled.is_file() else shutil.which("levinv")
    if program is None:
        raise DistributionError(
            f"levinv was not found: expected {HOME} to name the folder that holds bin/levinv, or levinv on the PATH"
        )
    return program


class Run:
    """What a command did: ``code``, ``out``, ``message`` and whether Ctrl-C ``interrupted`` it."""

    def __init__(self, code, out, lines, interrupted):
        self.code = code
        self.out = out
        self.interrupted = interrupted
        self.message = _message(lines)


class _Terminated(BaseException):
    """SIGTERM."""


@contextlib.contextmanager
def terminable():
    """SIGTERM ends this process as ever, but the command and what it was given go first.

    A program that listens to it by itself, or calls from another thread than the main one, is left alone.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def terminated(number, frame):
        raise _Terminated

    signal.signal(signal.SIGTERM, terminated)
    try:
        yield
    except _Terminated:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def run(arguments, distribution=None, show=None):
    """Runs the command with these arguments, and shows what ``show`` makes of its lines, if anything, on standard error.

    The first Ctrl-C asks it to end with the best x so far, a second one ends it at once. It has a session of its own,
    since a terminal would send it a signal besides ours, which would be the second one.
    """
    process = subprocess.Popen(
        [find(distribution), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    lines = []
    reader = threading.Thread(target=_hear, args=(process.stderr, lines, show), daemon=True)
    interrupted = False
    try:
        try:
            reader.start()
            out = process.stdout.read()
            process.wait()
        except KeyboardInterrupt:
            interrupted = True
            process.send_signal(signal.SIGINT)
            out = process.stdout.read()
            process.wait()
        reader.join()
    finally:  # the command is never left running
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()
    return Run(process.returncode, out, lines, interrupted)


def _hear(stream, lines, show):
    with stream:
        for line in stream:
            lines.append(line.rstrip("\n"))
            del lines[:-1000]  # the last words are enough to explain a failure
            if show:
                print(show(line), end="", file=sys.stderr, flush=True)


def _message(lines):
    """The one line that says what went wrong, or all there is, such as a crash of Java."""
    for line in lines:
        if line.startswith(_PREFIX) and not line.startswith(_WARNING):
            return line[len(_PREFIX) :]
    return "\n".join(lines).strip()
