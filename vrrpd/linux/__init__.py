"""The kernel: raw sockets, links, addresses. The only importer of socket and pyroute2."""
