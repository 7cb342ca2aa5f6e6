"""The RFC, pure: advertisements to and from bytes, the virtual router's state machine, ARP and NA frames."""
