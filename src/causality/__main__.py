"""`python -m causality`."""

import sys

from causality.command import main

sys.exit(main())
