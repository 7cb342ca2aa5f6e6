"""`python -m vrrpd.sim`."""

import sys

from vrrpd.sim.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
