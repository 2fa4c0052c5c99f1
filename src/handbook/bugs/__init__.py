"""The bug museum: classic bugs, planted in `minimodel` one at a time, and what notices them.

- `exhibits/`: one TOML file a bug: the patch, a run that shows the symptom, the words in both languages
- `exhibit`: reads them
- `plant`: an import hook that gives `minimodel` with a patch in it; there is no second copy of anything
- `row`: what is known of one bug
- `record`: the matrix as it is committed, for the page

How a bug is noticed is no part of what is shipped: it lies in `tests/museum`.
"""
