# The commands of this project. `make` alone lists them; README.md says what each is for.

# Any Python from 3.11 on can make the environment: make book PYTHON=python3.12
PYTHON ?= python3
# The port of `make serve`, and one notebook for `make execute` (empty: every chapter).
PORT ?= 8000
NB ?=
# The study: where torch is installed from (empty: pip's own index), where it trains, and how many at once.
TORCH_INDEX ?=
DEVICE ?= cpu
WORKERS ?= 2
# Where `make pages-report` keeps its table, and the pages for lighthouse (empty: all, under a minute each).
REPORT ?= _build/pages-report.md
PAGES ?=
# A class: its roster, its folder, and what was handed in. SECRET may be set here or in the environment.
STUDENTS ?=
# Grading: one assignment; one question of the last grading; notebooks run again (RERUN=1); rules and times of papers;
# and the platform's own grade book with its column to fill and its column of ids.
ONLY ?=
QUESTION ?=
RERUN ?=
UNPROTECTED ?=
RUBRIC ?=
TIMES ?=
GRADEBOOK ?=
COLUMN ?=
KEY ?=
# What pip installs on Colab for the assignments (empty: this release).
INSTALL ?=
CLASS ?= class
FROM ?=

# An interpreter named by hand is insisted on; otherwise a working .venv is kept as it is.
INSIST := $(if $(filter file default,$(origin PYTHON)),,--this-python)
VENV := .venv/bin/python

# One thread each: pytest already runs two processes, and sums keep their order.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
# Read by the debugger inside every kernel, which otherwise warns about frozen modules.
export PYDEVD_DISABLE_FILE_VALIDATION := 1
# Settings of the reader's own IPython and matplotlib must not reach the chapters.
export IPYTHONDIR := $(CURDIR)/.venv/ipython
export MPLCONFIGDIR := $(CURDIR)/.venv/matplotlib

.DEFAULT_GOAL := help
.PHONY: help environment torch book live test-live pdf serve test format address execute bench pages-report study study-smoke dist assignments class oral grade lab-server lab-orders leaderboard grade-bench lock dev clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

environment:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
	  echo "Python is missing: no '$(PYTHON)' here. Install it (Debian, Ubuntu: sudo apt install python3 python3-venv), or name one: make book PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" _sphinx/tools/environment.py $(INSIST)

book: environment ## build the book into _build/html and check its pages
	@rm -rf _build/html _build/.doctrees
	@$(VENV) -m _sphinx.tools.build .
	@touch _build/html/.nojekyll # a GitHub Pages branch would otherwise leave out _static
	@$(VENV) -m _sphinx.tools.pdf _build/html --if-possible
	@$(VENV) -m _sphinx.tools.check _build/html

# From npm and the package index, every file by its hash; the book is the same without it, but for Run below the cells.
live: environment ## fetch Python for the pages (45 MB), so that make book lets readers run the code
	@$(VENV) -m _sphinx.tools.runtime $(if $(AGAIN),--again) $(if $(ALL_TABLES),--all-tables)

# The last part of make test, alone. Without node or a runtime it says so and ends well.
test-live: environment ## run every chapter under WebAssembly and compare (after make live; NB=path for one)
	@$(VENV) -m _sphinx.tools.live_cells --workers $(WORKERS) $(if $(NB),"$(NB)")

# `make book` makes it as well where a Chromium is found, and says so where none is.
pdf: environment ## write the whole book as one tagged PDF, _build/html/book.pdf
	@test -f _build/html/index.html || $(MAKE) --no-print-directory book
	@$(VENV) -m _sphinx.tools.pdf _build/html

serve: environment ## show the built book on this machine (PORT=8000)
	@test -f _build/html/index.html || $(MAKE) --no-print-directory book
	@$(VENV) -m _sphinx.tools.serve _build/html --port "$(PORT)"

# Lint and format, everything on this processor, the chapters as an older one would compute them, then as a page does.
# Each part runs even when one before it fails, so that one call shows all there is to mend.
test: environment $(if $(filter 1,$(WITH_STUDY)),torch) ## lint, and run every test, doctest and chapter
	@$(VENV) -m _sphinx.tools.suite

format: environment ## put the Python files into their one form and mend what ruff can
	@$(VENV) -m ruff check --quiet --fix --exit-zero .
	@$(VENV) -m ruff format .

# Colab's cell alone changes: a second or two for all notebooks, where running them takes minutes.
address: environment ## write the repository's address of _config.yml into the chapters, and run nothing
	@$(VENV) -m _sphinx.tools.execute --address

execute: environment ## re-run the chapters in place (NB=path for one)
	@$(VENV) -m _sphinx.tools.execute $(if $(NB),"$(NB)")

# Times depend on the machine, so the committed tables change only when that is asked for.
bench: environment ## time the fits against others' (SAVE=1 to keep the tables)
	@$(VENV) -m benchmarks $(if $(SAVE),--save)
	@if [ -n "$$SCALINGLIB_DATA" ]; then $(VENV) -m benchmarks.scalebench $(if $(SAVE),--save); fi

torch: environment
	@$(VENV) -c "import torch, sys; sys.exit(not torch.__version__.startswith('2.13.0'))" 2>/dev/null || { \
	  echo "Installing torch, which only the study needs."; \
	  $(VENV) -m pip install --quiet --disable-pip-version-check -r study/requirements.txt \
	    $(if $(TORCH_INDEX),--extra-index-url "$(TORCH_INDEX)"); }

# Results are kept in study/results as each run ends; the tables of the course change only when asked for.
study: torch ## train the course's own models, within an hour on two cores (SAVE=1 to keep the tables)
	@$(VENV) -m study --device "$(DEVICE)" --workers "$(WORKERS)" $(if $(SAVE),--save)

study-smoke: torch ## a miniature of every study, in seconds
	@$(VENV) -m study --smoke --workers "$(WORKERS)"

# Scores depend on the machine and on what else it does: they are looked at, never tested.
pages-report: environment ## weigh the built pages and let lighthouse score them (REPORT=file PAGES="intro ...")
	@test -f _build/html/index.html || $(MAKE) --no-print-directory book
	@$(VENV) -m _sphinx.tools.report _build/html --report "$(REPORT)" --pages $(PAGES)

dist: environment ## build sdist and wheel into dist/ and try each in an empty environment
	@rm -rf dist
	@$(VENV) -m build --no-isolation
	@PYTHON="$(PYTHON)" bash .ci/try dist/*

# A class: its folder says who has which table, so it stays with the teacher; each file of tables/ goes to its student.
assignments: environment ## write the assignments' copies for students and for the teacher into _build/assignments
	@$(VENV) -m scalinglib.classroom copies --out _build/assignments $(if $(INSTALL),--install "$(INSTALL)")

# The secret reaches the command through the environment, which no list of processes shows.
class: environment ## draw each student's tables (SECRET=... STUDENTS=roster.csv CLASS=folder)
	@$(VENV) -m scalinglib.classroom class --students "$(STUDENTS)" --out "$(CLASS)"

oral: environment ## write sheets for talks with each student's own numbers (CLASS=folder)
	@$(VENV) -m scalinglib.classroom oral --class "$(CLASS)"

grade: environment ## mark the answers of a class (FROM=submissions CLASS=folder RERUN=1 or QUESTION=name)
	@$(VENV) -m scalinglib.classroom grade --class "$(CLASS)" --out "$(CLASS)/grades" --workers "$(WORKERS)" \
	  $(if $(FROM),--from "$(FROM)") $(if $(ONLY),--only "$(ONLY)") $(if $(QUESTION),--question "$(QUESTION)") \
	  $(if $(filter 1,$(RERUN)),--rerun) $(if $(UNPROTECTED),--unprotected "$(UNPROTECTED)") \
	  $(if $(RUBRIC),--rubric "$(RUBRIC)") $(if $(TIMES),--times "$(TIMES)") \
	  $(if $(GRADEBOOK),--gradebook "$(GRADEBOOK)") $(if $(COLUMN),--column "$(COLUMN)") $(if $(KEY),--key "$(KEY)")

# The game of the laboratory: its ledger stands in CLASS/laboratory; the secret reaches it through the environment.
GAME = --students "$(STUDENTS)" --out "$(CLASS)/laboratory"
HOST ?= 127.0.0.1
LAB_PORT ?= 8765
lab-server: environment ## sell runs of the laboratory to a class (SECRET=... STUDENTS=roster.csv HOST=0.0.0.0)
	@$(VENV) -m scalinglib.classroom lab-server $(GAME) --host "$(HOST)" --port "$(LAB_PORT)"

lab-orders: environment ## carry out sheets of orders without a server (FROM=orders)
	@$(VENV) -m scalinglib.classroom lab-orders $(GAME) --from "$(FROM)"

leaderboard: environment ## write who planned how well, under pseudonyms, into CLASS/laboratory
	@$(VENV) -m scalinglib.classroom leaderboard $(GAME)

# Written down in benchmarks/results when asked for: times depend on the machine.
grade-bench: environment ## grade a class of 200 generated papers in each assignment (SAVE=1 to keep the table)
	@$(VENV) -m benchmarks.grading $(if $(SAVE),--save)

lock: environment ## refresh constraints.txt and list the outputs that would change
	@$(VENV) -m _sphinx.tools.lock

dev: environment ## let git show notebooks as text in diffs
	@git config diff.ipynb.textconv 'python3 _sphinx/tools/notebook_text.py'
	@echo "git diff now shows notebooks as text."

clean: ## remove what was built; .venv stays
	@rm -rf _build dist .pytest_cache .hypothesis .ruff_cache
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
