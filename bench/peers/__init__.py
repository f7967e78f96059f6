"""Other voting systems, as they come from public registries, measured in the same run as Psephos."""
