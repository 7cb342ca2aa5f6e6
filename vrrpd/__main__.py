"""`python -m vrrpd` is the command `vrrpd`."""

import sys

from vrrpd.daemon import main

if __name__ == "__main__":
    sys.exit(main())
