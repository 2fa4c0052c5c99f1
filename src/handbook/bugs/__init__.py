"""The bug museum: classic bugs, planted in `minimodel` one at a time, and what notices them.

- `exhibits/`: one TOML file a bug: the patch, a run that shows the symptom, the words in both languages
- `exhibit`: reads them
- `plant`: an import hook that gives `minimodel` with a patch in it; there is no second copy of anything
- `row`: what is known of one bug
- `subjects`: models and the influence matrices they should have
- `checks`: the six ways in which a bug can be noticed
- `inside`: what happens in the fresh process of one bug
- `matrix`: all bugs, in two processes, and what earlier rounds saw
- `record`: the matrix as it is committed, for the page
"""
