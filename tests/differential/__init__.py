"""The same keepalived.conf and the same events for keepalived and for vrrpd: does the same happen?

`python -m tests.differential` plays every scenario with a pair of keepalived, a pair of vrrpd and the two mixed
pairs, in laboratories side by side, and compares each with the pair of keepalived.
"""
