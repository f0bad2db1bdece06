# The one loop, the same on a laptop and in CI. Every target sets up what it needs.
# The first that really runs: a version manager's shim may be there and lead nowhere.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Most of the tests' time is waiting for servers and screens: twice as many processes as cores have something to do.
# Only tests that share a server stay together (tests/conftest.py).
SIDE_BY_SIDE ?= -n 4 --dist loadgroup

.PHONY: demo test check bench mutants screenshots messages keys docs man lock format wheel bundle clean

demo: $(READY)  ## the dashboard on a simulated stack; nothing else is needed
	@$(BIN)/artisan-tui demo

test: $(READY)  ## the tests; a server that is not installed skips its tests here and fails them in CI
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

check: $(READY)  ## what CI does: format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

bench: $(READY)  ## the speed table: ratios measured in one run
	$(BIN)/python -m bench

mutants: $(READY)  ## how many small errors in the rules the tests notice; MUTANTS="--count 60 --seed 7"
	$(BIN)/python -m bench.mutants $(MUTANTS)

screenshots: $(READY)  ## SVGs of the real program at three sizes into screenshots/
	$(BIN)/python -m bench.screenshots

messages: $(READY)  ## extract and compile the message catalogues
	PYTHONPATH=. $(BIN)/pybabel -q extract -F babel.cfg -k N_ -o artisan_tui/locale/artisan_tui.pot --no-location --project artisan-tui artisan_tui
	$(BIN)/pybabel -q update --no-fuzzy-matching -N -D artisan_tui -i artisan_tui/locale/artisan_tui.pot -d artisan_tui/locale
	$(BIN)/pybabel -q compile -D artisan_tui -d artisan_tui/locale
	$(BIN)/python -m bench.sentences artisan_tui/locale/details.pot
	$(BIN)/pybabel -q update --no-fuzzy-matching -N -D details -i artisan_tui/locale/details.pot -d artisan_tui/locale
	$(BIN)/python -m bench.sentences artisan_tui/locale/ko/LC_MESSAGES/details.po

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

keys: $(READY)  ## write the list of key ids into the configuration and the README
	$(BIN)/python -m bench.key_ids
	$(BIN)/ruff format -q artisan_tui/config/key_ids.py

docs: $(READY)  ## write the pages of the manual that follow from the code: the configuration, the man page
	$(BIN)/python -m bench.manual

man: docs  ## install the man page for the person who asks; `man artisan-tui` finds it
	install -D -m 644 docs/artisan-tui.1 "$${XDG_DATA_HOME:-$$HOME/.local/share}/man/man1/artisan-tui.1"

lock: $(READY)  ## resolve again, for every platform; names, versions and hashes only
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --upgrade --all-extras --group dev pyproject.toml -o requirements.lock

wheel: $(READY)
	$(BIN)/python -m hatchling build -t wheel

bundle: $(READY)  ## one archive in dist/ that installs without a network; prints its SHA-256
	$(BIN)/python -m bench.bundle

clean:
	rm -rf $(VENV) build dist

# The lock decides what is installed, hash by hash; the project itself comes last, without asking anybody.
$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed (on Debian: apt-get install python3-venv)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)
