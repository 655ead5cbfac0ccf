"""PURE: the words and rules of complaint handling. No framework, no database, no clock."""
