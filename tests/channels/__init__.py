"""The promises of every channel adapter, and the details of each."""
