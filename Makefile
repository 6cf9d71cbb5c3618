# `make help` lists the targets. Each target first installs what it needs into .venv.
PORT ?= 8000
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# One process and one database for each core. The tests of a file share their fixtures.
SHARED := -n 2 --dist loadfile
PYTEST := $(BIN)/pytest $(SHARED)
# `make test-quick`: ml without its long trainings and databases, and the main doors of the site.
QUICK_SITE := loansite/tests/test_layers.py loansite/tests/test_documents.py \
    $(patsubst %,predictions/tests/%.py,api/test_predictions api/test_article_client api/test_same_answer \
    batches/test_batches cases/test_decisions cases/test_policies cases/test_remarks site/test_health \
    web/test_form web/test_result web/test_sign_in)
NOT_QUICK := card command_line csv_formulas export export_sql fairness forest forest_reasons gate learning_curve \
    private_files protected_cost real_table store store_refusals training

.DEFAULT_GOAL := help
.PHONY: help install install-dev install-explain install-bulk run demo demo-remove test test-quick quick-ml \
    quick-site test-all test-postgres test-faults coverage lint bench lock

help: ## List the targets.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

install: .venv/core ## Create .venv with what the product needs.

install-dev: .venv/dev ## Add what tests and lint need.

install-explain: .venv/explain ## Add shap: reasons for the article's forest.

install-bulk: .venv/bulk ## Add dask and pyarrow: bulk scoring on a cluster, Parquet.

run: install ## Set up, train when there is no model, serve on 127.0.0.1 with a worker (PORT=8000, DATA=file.csv).
	$(MANAGE) prepare $(if $(DATA),--data "$(DATA)") $(CONFIRM:%=--confirm %)
	@PORT=$(PORT) BIN=$(BIN) exec sh deploy/serve.sh

demo: install ## Fill an empty site with a year of made-up cases, so that every page shows something.
	$(MANAGE) demo

demo-remove: install ## Delete the demo, and nothing else.
	$(MANAGE) demo --remove

test: install-dev ## Run the tests of every commit, on SQLite, in three minutes.
	$(PYTEST) -p no:schemathesis -m "not slow"
	@echo "Left out: slow tests (browser, wide walks), most cases of tests with many, databases that no variable names, faults. 'make test-all' runs them."

test-quick: install-dev ## Run the tests of values, the scorecard and the main doors, in half a minute.
	@$(MAKE) --no-print-directory --jobs=2 --output-sync quick-ml quick-site

quick-ml:
	@$(BIN)/pytest -q -m "not slow" ml $(NOT_QUICK:%=--ignore-glob='ml/*/test_%.py')

quick-site:
	@$(BIN)/pytest -q -m "not slow" $(QUICK_SITE)

test-all: install-dev install-bulk install-explain ## Run every test (LOANSITE_TEST_POSTGRES=..., LOANSITE_TEST_MYSQL=...).
	sh deploy/test_all.sh

test-postgres: install-dev ## Run all tests on PostgreSQL (DATABASE_URL=postgres://...).
	@case "$(DATABASE_URL)" in postgres*) ;; *) echo "Set DATABASE_URL=postgres://user@host/name"; exit 2;; esac
	DATABASE_URL="$(DATABASE_URL)" $(PYTEST)

test-faults: install-dev ## Kill processes of running sites and count stored predictions (minutes; DATABASE_URL for PostgreSQL).
	$(BIN)/pytest predictions/tests/faults

coverage: install-dev ## Print the lines of ml that its own tests do not cover (a minute).
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(SHARED) -m "not slow" ml
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: install-dev ## Check style, types and templates.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --quiet --lint templates

bench: install-dev .venv/bench ## Measure our server beside the article's and others, and compare with floors (half an hour).
	$(BIN)/python -m benchmarks

lock: install-dev ## Pin the newest compatible versions in requirements.
	sh deploy/lock.sh

.venv/core: requirements.txt
	PYTHON="$(PYTHON)" sh deploy/install.sh requirements.txt
	@touch $@

.venv/dev: .venv/core requirements/postgres.txt requirements/dev.txt
	PYTHON="$(PYTHON)" sh deploy/install.sh requirements/postgres.txt requirements/dev.txt
	@touch $@

.venv/explain: .venv/core requirements/explain.txt
	PYTHON="$(PYTHON)" sh deploy/install.sh requirements/explain.txt
	@touch $@

.venv/bulk: .venv/core requirements/bulk.txt
	PYTHON="$(PYTHON)" sh deploy/install.sh requirements/bulk.txt
	@touch $@

.venv/bench: .venv/core requirements/bench.txt
	PYTHON="$(PYTHON)" sh deploy/install.sh requirements/bench.txt
	@touch $@
