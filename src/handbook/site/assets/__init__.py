"""The site's files that are no pages: scripts, styles, typefaces, and Python for the browser."""
