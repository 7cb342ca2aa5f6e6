"""What a careful colleague would say of a configuration: of one file, of two that belong together, and of this host.

All of it is pure: `table` has the codes, the other modules find them on the model and on facts that others have
gathered. What concerns a single value, or refuses a file by itself, is found by `vrrpd.config.lint`.
"""
