"""What others see of the daemon: readers of the journal."""
