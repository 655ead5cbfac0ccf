"""The sample world and the phone simulator: processes of their own, imported by nothing."""
