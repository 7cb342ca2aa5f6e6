"""A world without a kernel: virtual clock, lossy LAN, many hosts, one seed. It drives the production engine."""
