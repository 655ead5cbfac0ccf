"""One function, one use case; takes a session, never commits, never opens a socket."""
