"""Rehearse a failover: the files of all hosts on virtual hosts, the faults of an operator, who holds what then."""
