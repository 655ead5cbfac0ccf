"""PURE: time arithmetic of service levels. May import the domain and nothing else."""
