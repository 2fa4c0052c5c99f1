"""The museum's matrix: every exhibit planted, and every check asked whether it notices."""
