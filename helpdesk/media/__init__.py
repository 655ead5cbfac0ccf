"""Makes files of strangers harmless and usable, in a process of its own that has no secrets and little time."""
