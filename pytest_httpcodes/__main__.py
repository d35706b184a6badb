"""`python -m pytest_httpcodes` is the same as the command `httpcodes`."""

from __future__ import annotations

import sys

from pytest_httpcodes.cli import main

sys.exit(main())
