# Everything a newcomer types. Needs only Python >= 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
.DEFAULT_GOAL := help
.PHONY: help env env-dev run test quality stack bench faults tamper screens clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# A stamp holds the hash of the locked requirements: a second run installs nothing.
.venv/base.stamp: requirements/base.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 ou plus récent est nécessaire." if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installation (une seule fois)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/base.stamp
	@echo "Installation des outils de test (une seule fois)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

env: .venv/base.stamp ## Create .venv from the locked requirements
env-dev: .venv/dev.stamp ## The same, with what tests and linters need

run: env ## Serve the guichet on http://127.0.0.1:8000 (SQLite, one process)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py load_reference
	@$(BIN)/python manage.py demo
	@echo "Guichet : http://127.0.0.1:$(PORT)/   Console : http://127.0.0.1:$(PORT)/console/   Arrêt : Ctrl+C"
	@$(BIN)/python -m guichet.server -b 127.0.0.1 -p $(PORT) guichet.asgi:application

test: env-dev ## The tests: units and flows, then stack, browser and faults where the services are (GUICHET_REQUIRE=1 demands them)
	@$(BIN)/python -m tests.run

quality: env-dev ## Linters: ruff, templates, migrations, check --deploy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint --quiet --lint templates
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m tests.deploy_check

stack: env ## The production processes, natively, on the local PostgreSQL and Redis
	@$(BIN)/python -m guichet.stack

bench: env-dev ## Ratios against baselines measured in the same run
	@$(BIN)/python -m tests.bench

faults: env-dev ## Kill and freeze everything (SEED=n)
	@$(BIN)/python -m tests.faults

tamper: env-dev ## Change bundles in every way; verify.py alone must find each one (N=1000, SEED=n)
	@$(BIN)/python -m tests.tamper

screens: env-dev ## Pictures of every page in var/screens
	@$(BIN)/python -m tests.screens

clean: ## Forget the environment and the local data
	rm -rf .venv var .pytest_cache .ruff_cache
