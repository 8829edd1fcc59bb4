"""``python -m levinv`` is the command line of the distribution that the client uses."""

import os
import sys

from ._command import find
from ._errors import DistributionError

try:
    program = find()
except DistributionError as e:
    sys.exit(f"levinv: {e}")
os.execv(program, [program, *sys.argv[1:]])
