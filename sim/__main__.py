"""``python -m sim`` does what ``partnersim`` does."""

import sys

from sim.commands.cli import main

if __name__ == "__main__":
    sys.exit(main())
