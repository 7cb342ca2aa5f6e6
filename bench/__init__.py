"""Speed, always side by side with the peer in the same run."""
