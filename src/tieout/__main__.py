"""`python -m tieout` is `tieout`."""

import sys

from tieout.cli import main

sys.exit(main())
