"""The kernel: raw sockets, links, addresses. The only importer of pyroute2."""
