# One door for every habit of the project. `make` alone lists the targets.
# PYTHON chooses the interpreter (3.11, 3.12 or 3.13): make run PYTHON=python3.12
PYTHON  ?= python3
PYTHONS ?= python3.11 python3.12 python3.13
ARGS    ?= case=pccp
SMOKE   ?= tests/core/test_laws.py tests/core/test_laws_of_integration.py tests/reference tests/commands/test_cli.py
COVERED ?= tests/core/test_elementary.py tests/core/test_lanes.py \
  tests/core/test_laws.py::test_a_partnership_can_end_for_each_reason tests/core/test_laws_of_people.py::test_ends_are_told_apart \
  tests/core/test_laws_of_people.py::test_causes_of_leaving_add_up_to_the_leavers tests/core/test_metrics.py::test_gini_by_hand \
  tests/config/test_staffing.py tests/config/test_case_files.py tests/config/test_config.py tests/results/test_outcomes.py tests/results/test_claim.py \
  tests/core/test_limits.py::test_the_printed_result_and_the_record_carry_the_limits \
  tests/sweeps/test_sweep_plan.py tests/sweeps/test_sweep_words.py tests/sweeps/test_designs.py \
  tests/commands/test_cli_errors.py tests/commands/test_public_names.py tests/analysis/test_answers.py \
  tests/lab/test_lab_text.py tests/mesa_front/test_live_pictures.py
JOBS    ?= 2
VENV    := .venv
BIN     := $(VENV)/bin
RUN_READY := $(VENV)/.ready-run
DEV_READY := $(VENV)/.ready-dev
DOCS_READY := $(VENV)/.ready-docs
PIP     := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip

.DEFAULT_GOAL := help
.PHONY: help setup run test test-slow test-ray test-neural test-viz test-docs test-wheel coverage hooks docs lab test-browser bench-lab lint types imports bench ablation calibrate studies questions notebooks test-notebooks jupyter estimators mutants derived derived-all test-pythons wheel ci clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "make: no '$(PYTHON)' found. Install Python 3.11, 3.12 or 3.13, or name yours: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else 1)' || { \
	  echo "make: partnersim needs Python 3.11, 3.12 or 3.13, but '$(PYTHON)' is $$($(PYTHON) -V 2>&1)." >&2; \
	  echo "      Name another one: make run PYTHON=python3.12" >&2; exit 1; }
	@echo "making a private Python environment in $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "make: '$(PYTHON) -m venv' failed (on Debian and Ubuntu, install the package python3-venv)." >&2; exit 1; }

$(RUN_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing partnersim into $(VENV) (needed once; a few minutes on a slow connection) ..." >&2
	@$(PIP) install -q -c constraints.txt -e .
	@touch $@

$(DEV_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing partnersim and its test tools into $(VENV) (needed once) ..." >&2
	@$(PIP) install -q -c constraints.txt -e '.[test,dev]'
	@touch $(RUN_READY) $@

$(DOCS_READY): pyproject.toml constraints.txt | $(DEV_READY)
	@echo "installing what builds the site into $(VENV) (needed once) ..." >&2
	@$(PIP) install -q -c constraints.txt -e '.[docs]'
	@touch $@

setup: $(DEV_READY) ## everything a developer needs, in .venv

# Each `make run` writes a folder of its own (named by date and time), so a second one never meets the first.
run: $(RUN_READY) ## first set-up if needed, then one run of the case PCCP (ARGS="case=chrp seed=7" for another)
	@$(BIN)/partnersim run $(ARGS) $(if $(findstring output=,$(ARGS)),,output=results/make-run/$$(date +%Y%m%d-%H%M%S))
	@echo "Results of make run are in $(CURDIR)/results/make-run (newest folder: $$(ls -1 results/make-run 2>/dev/null | tail -n 1))."

lab: $(RUN_READY) ## the teaching page: two plans side by side
	$(BIN)/partnersim lab

test: $(DEV_READY) ## the tests
	$(BIN)/python -m pytest -q -n $(JOBS)

test-slow: $(DEV_READY) ## the long tests
	$(BIN)/python -m pytest -q -n $(JOBS) -m slow

# With the compiler off, so that lines of kernels count; COVERED leaves out what takes long without it, and so whole
# studies, sweeps that run and the pages of the lab: their rooms show less than the tests reach.
coverage: $(DEV_READY) ## lines and branches that a quick part of the tests reaches, per room, with the compiler off
	$(BIN)/coverage erase
	NUMBA_DISABLE_JIT=1 $(BIN)/coverage run -m pytest -q -p no:cacheprovider --durations=15 $(COVERED)
	@$(BIN)/coverage combine -q
	@$(BIN)/python tests/helpers/coverage_by_room.py

test-ray: $(DEV_READY) ## sweeps on a real Ray of two nodes on this machine (installs the extra ray)
	@$(PIP) install -q -c constraints.txt -e '.[ray]'
	$(BIN)/python -m pytest -q tests/sweeps/test_ray.py

test-neural: $(DEV_READY) ## the neural posterior on toys whose answer is known (installs the extra neural)
	@$(PIP) install -q -c constraints.txt -e '.[neural]'
	$(BIN)/python -m pytest -q tests/experiments/test_neural.py

test-viz: $(DEV_READY) ## Mesa's own browser view, rendered without a browser (installs the extra viz)
	@$(PIP) install -q -c constraints.txt -e '.[viz]'
	$(BIN)/python -m pytest -q tests/mesa_front/test_solara.py

test-docs: $(DOCS_READY) ## the site and what it says
	$(BIN)/python -m pytest -q tests/house/test_docs_site.py

docs: $(DOCS_READY) ## the site, into results/site (installs the extra docs once; no network after that)
	@$(BIN)/sphinx-build -W --keep-going -c docs . results/site
	@echo "Open $(CURDIR)/results/site/index.html"

test-browser: $(DEV_READY) ## the teaching page in a real Chromium (installs the extra browser)
	@$(PIP) install -q -c constraints.txt -e ".[browser]"
	$(BIN)/python -m pytest -q tests/lab/test_lab_browser.py

lint: $(DEV_READY) ## ruff and typos
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/typos

hooks: $(DEV_READY) ## what git checks before each commit from now on; and now, on all files
	$(BIN)/pre-commit install
	$(BIN)/pre-commit run --all-files

types: $(DEV_READY) ## mypy
	$(BIN)/mypy

imports: $(DEV_READY) ## import-linter: who may import whom
	$(BIN)/lint-imports

bench: $(DEV_READY) ## speed, side by side with Mesa: docs/results/benchmarks.md and the README's table (about 10 minutes)
	$(BIN)/python experiments/benchmark/bench.py $(BENCH)

ablation: $(DEV_READY) ## what each lever, rule and mechanism does, into results/ablation (2 minutes)
	$(BIN)/python -m experiments.ablation

calibrate: $(DEV_READY) ## fit both cases, docs/results/calibration.md (a quarter of an hour; what is there is not run again)
	$(BIN)/python -m experiments.calibration.cases

studies: $(DEV_READY) ## what hangs on the calibration: rivals, emergent patterns, recovery, priors (half an hour; resumable)
	for study in emergent rivals recovery priors; do $(BIN)/python -m experiments.calibration.$$study || exit 1; done

questions: $(DEV_READY) ## one experiment per question, and the five surprises: pages and figures in docs/results (half an hour on one core)
	for question in validity people two_cases enabling_levels shocks turnover scale surprises sensitivity portfolios comparison; do $(BIN)/python -m experiments.questions.$$question || exit 1; done

notebooks: $(DEV_READY) ## run the notebooks and keep what they show (installs the extra notebooks; 3 minutes)
	@$(PIP) install -q -c constraints.txt -e '.[notebooks]'
	$(BIN)/python -m experiments.notebooks $(NAMES)

test-notebooks: $(DEV_READY) ## run the notebooks and compare with what was kept (3 minutes)
	@$(PIP) install -q -c constraints.txt -e '.[notebooks]'
	$(BIN)/python -m experiments.notebooks --check $(NAMES)

jupyter: $(RUN_READY) ## open the notebooks in your browser (installs the extra notebooks and JupyterLab)
	@$(PIP) install -q -c constraints.txt -e '.[notebooks]' jupyterlab
	$(BIN)/jupyter lab notebooks

estimators: $(DEV_READY) ## do three unlike estimators agree on the tables of make calibrate? (installs the extra neural; 6 minutes)
	@$(PIP) install -q -c constraints.txt -e '.[neural]'
	$(BIN)/python -m experiments.calibration.estimators

bench-lab: $(DEV_READY) ## how fast the lab answers, in a real Chromium, beside SolaraViz: docs/guide/lab.md (3 minutes)
	@$(PIP) install -q -c constraints.txt -e ".[browser,viz]"
	$(BIN)/python -m experiments.benchmark.lab

mutants: $(DEV_READY) ## apply listed faults one by one; the named test must fail for each
	$(BIN)/python tests/mutants/run.py --jobs $(JOBS)

derived: $(DEV_READY) ## rebuild what is derived from the tables and the model (about 6 minutes)
	$(BIN)/python -m docs.derive
	$(BIN)/python -m experiments.derived

derived-all: $(DEV_READY) ## rebuild all results, pages and notebooks that are not of this model (two hours; resumable)
	@$(PIP) install -q -c constraints.txt -e '.[notebooks,neural]'
	$(BIN)/python -m experiments.derived_all

wheel: $(DEV_READY) ## build dist/*.whl
	rm -rf build dist
	$(PIP) wheel -q . --no-deps -w dist

test-wheel: wheel ## the wheel in a new environment, from an empty folder
	.ci/wheel

test-pythons: ## install, laws, smoke and newest Mesa under each Python that is present (PYTHONS="...")
	@status=0; for p in $(PYTHONS); do \
	  if ! $$p -c '' >/dev/null 2>&1; then echo "SKIPPED $$p: not found"; continue; fi; \
	  where=.pythons/$$($$p -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  { [ -x $$where/bin/python ] || $$p -m venv $$where; } \
	  && $$where/bin/python -m pip install -q -c constraints.txt -e '.[test]' \
	  && $$where/bin/python -m pytest -q -n $(JOBS) $(SMOKE) \
	  && $$where/bin/python -m pip install -q -U 'mesa<4' \
	  && echo "newest Mesa for it: $$($$where/bin/python -c 'import mesa; print(mesa.__version__)')" \
	  && $$where/bin/python -m pytest -q -n $(JOBS) tests/mesa_front/test_mesa_front.py \
	  && echo "PASSED $$p" || { echo "FAILED $$p"; status=1; }; \
	done; exit $$status

ci: ## what is run before a change is taken
	.ci/run

clean: ## remove environments, builds and caches; results/ stays
	rm -rf $(VENV) .pythons build dist *.egg-info .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
