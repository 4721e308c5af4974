# LeaseLedger. `make demo` shows it, `make test` checks it; both set up all they need.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
RUNTIME := var/.runtime-ready
LIBRARIES := var/.libraries-ready
MIGRATED := var/migrated
DEV := var/.dev-ready
CATALOGUES := var/.catalogues-ready
export LL_PORT ?= 8000
# Images often set it; each process of the demo would then compile every module again: a minute.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test bench lint types setup serve clean
.DEFAULT_GOAL := help

help:
	@echo "make demo          the whole product on http://localhost:$(LL_PORT), with three institutions"
	@echo "make demo ONCE=1   the same line without serving; results under var/demo/"
	@echo "make test          lint, types, import rules, migrations, tests, browser journeys"
	@echo "make bench         every speed as a ratio to a floor measured beside it"

demo: $(RUNTIME)
	@$(MAKE) -s --no-print-directory -j2 $(LIBRARIES) $(MIGRATED)
	@$(PY) -m config.launch demo $(if $(ONCE),--once) $(if $(LEASES),--leases '$(LEASES)')

serve: $(LIBRARIES) $(CATALOGUES)
	@$(PY) -m config.launch serve

test: $(DEV) $(LIBRARIES) $(CATALOGUES)
	@$(PY) -m config.checks

bench: $(DEV) $(LIBRARIES) $(CATALOGUES)
	@$(PY) .ci/npm_ci.py benchmarks
	@$(PY) -m benchmarks

setup: $(DEV) $(LIBRARIES) $(CATALOGUES)

lint: $(DEV)
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .

types: $(DEV)
	@$(VENV)/bin/mypy

$(VENV)/bin/uv:
	@$(PYTHON) .ci/check_python.py
	@echo "· creating the environment"
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt

$(RUNTIME): $(VENV)/bin/uv requirements/runtime.txt
	@echo "· installing packages"
	@$(VENV)/bin/uv pip install --quiet --python $(PY) --require-hashes -r requirements/runtime.txt
	@mkdir -p var && touch $@

$(LIBRARIES): $(RUNTIME) package-lock.json config/vendor.py
	@echo "· installing browser libraries and fonts"
	@$(PY) .ci/npm_ci.py
	@$(PY) -m config.vendor
	@touch $@

# The first time only, beside the libraries; every start looks whether something is new.
$(MIGRATED): $(CATALOGUES)
	@$(PY) -m config.launch prepare && touch $@

# apart from the packages: a pulled translation is compiled at the next start
$(CATALOGUES): $(RUNTIME) $(wildcard */locale/*/LC_MESSAGES/django.po)
	@$(PY) manage.py compile_catalogues
	@touch $@

$(DEV): $(RUNTIME) requirements/dev.txt
	@echo "· installing what checks the product"
	@$(VENV)/bin/uv pip install --quiet --python $(PY) --require-hashes -r requirements/dev.txt
	@touch $@

clean:
	@rm -rf $(VENV) node_modules static_vendor static_built
