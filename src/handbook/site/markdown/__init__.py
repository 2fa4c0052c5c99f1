"""The Markdown extension: containers, pins, formulas, code; and one page rendered with it."""
