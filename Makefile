# The interpreter that makes .venv: the first that runs and is 3.11, 3.12 or 3.13.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(FITS)' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin

# PORT=9000 on the command line or in the environment reaches the settings; without it they read .env, or take 8000.
ifdef PORT
export PORT
endif

.DEFAULT_GOAL := help
.PHONY: help run cluster test chaos lint messages clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-7s %s\n", $$1, $$2}' Makefile

run: .venv/installed ## install what is needed and serve on http://127.0.0.1:8000 (PORT= changes it)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@exec $(BIN)/gunicorn

cluster: .venv/installed ## the same as many processes: PostgreSQL, Redis, two that answer, two workers, beat
	@exec $(BIN)/python -m sdsite.cluster

test: lint ## install what tests need and run all checks and tests
	$(BIN)/python -m tests

chaos: .venv/installed-dev ## the long rounds of the tests: KILLS=100 ACCEPTED=1000
	$(BIN)/python -m pytest --long tests/faults tests/monitoring/test_bad_days.py tests/deploy/test_backup.py \
		tests/generation/test_guard_fuzz.py --kills=$(or $(KILLS),100) --accepted=$(or $(ACCEPTED),1000) --outage=30 \
		--mutations=10000

lint: .venv/installed-dev ## style, types, import rules, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

messages: .venv/installed-dev ## gather what is to be translated, and compile the translations (sdsite/locale; needs gettext)
	$(BIN)/python manage.py makemessages
	$(BIN)/python manage.py compilemessages --ignore .venv

clean: ## remove the installed packages and all caches, but no data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(or $(PYTHON),false) -c '$(FITS)' \
		|| { echo 'Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.12'; exit 1; }
	$(PYTHON) -m venv .venv

# The stamps make the second run quick: pip is asked again only when the list has changed.
.venv/installed: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt requirements-reporting.txt requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@ .venv/installed
