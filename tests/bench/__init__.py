"""`make bench`: the goals of speed, of weight, and of what others say of the site, measured.

What can be a ratio is one, both sides in the same run and in turn, so that a busy machine slows them
alike; each figure is the median of several. Nothing here fails: it prints a table to be read.
"""
