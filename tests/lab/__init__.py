"""The laboratory: network namespaces, real peers, brokers and proxies, a capture of the wire, a client.

Used by the kernel tests, the benchmarks and the demonstration. Everything a `Lan` makes is gone when its
`with` block is left; what a killed process left behind is removed by `tests.lab.namespaces.sweep`. All
instants are Unix time in seconds as float, those of the kernel's time stamps too, so they can be
subtracted.
"""
