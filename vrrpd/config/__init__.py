"""What was asked for: the model, the TOML reader, the checks across keywords."""
