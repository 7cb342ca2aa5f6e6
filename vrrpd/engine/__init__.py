"""Many virtual routers on one host: synchronous, without I/O and without a clock."""
