"""What can go wrong, by the exit codes of the command line."""


class LevinvError(Exception):
    """Any failure; its text is the command's own line, with the names of arguments for their files."""


class InvalidInputError(LevinvError, ValueError):
    """Bad input or usage, found before any work (exit code 2)."""


class DistributionError(LevinvError, RuntimeError):
    """There is no distribution of levinv, or no Java to run it."""


class DeviceError(LevinvError, RuntimeError):
    """The device failed, or memory ran out (exit code 4); ``result`` is the best x so far, or None."""

    def __init__(self, message, result=None):
        super().__init__(message)
        self.result = result


class InternalError(LevinvError, RuntimeError):
    """A bug in levinv, or its process was killed."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a call; ``result`` is the best x so far, or None where there was none yet."""

    def __init__(self, result=None):
        super().__init__("interrupted" if result is None else result.message)
        self.result = result
