"""keepalived.conf read into the model: first its lines, then its blocks, then what they mean."""
