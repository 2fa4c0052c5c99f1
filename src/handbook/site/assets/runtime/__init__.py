"""Python for the reader's browser: what it is, how it is fetched once, and how it is put on the site.

The site needs none of it to be built. Where it has been fetched, with `handbook runtime`, the pages offer to
run their NumPy blocks.
"""
