"""How the handbook is kept true and built: page -> run -> checks -> report."""
