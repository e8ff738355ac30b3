# `make run` opens the app, `make test` runs the tests; both set up what they need.
# `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
LOCK := packaging/requirements.lock

# A window needs these on a bare Debian or Ubuntu; a desktop has them.
SYSTEM_LIBRARIES := libglib2.0-0 libgl1 libegl1 libfontconfig1 libxkbcommon0 libdbus-1-3 \
	libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-image0 \
	libxcb-render-util0 libxcb-randr0 libxcb-xinerama0 fonts-dejavu-core
TEST_PROGRAMS := xvfb xauth gnome-keyring dbus-x11

.DEFAULT_GOAL := help
.PHONY: help setup system-deps weights weaviate run test check conformance format lint types layers bench faults screenshots eval functions retrieval lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## make .venv with everything the app and its tests need

$(STAMP): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo "Python 3.11, 3.12 or 3.13 is needed; name one with: make PYTHON=python3.12 …"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

system-deps: ## install the system libraries that a bare server lacks (Debian, Ubuntu; as root)
	@packaging/system-deps.sh "$(SYSTEM_LIBRARIES)" "$(TEST_PROGRAMS)"

run: setup system-deps ## open the app; without a display, ask a sample question in the terminal
	@if [ "$$(uname)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		$(BIN)/elysia-desktop --headless && \
		echo "There is no display here. On a desktop, “make run” opens the window; ask in the terminal with:" && \
		echo "  $(BIN)/elysia-desktop --headless --ask \"…\""; \
	else $(BIN)/elysia-desktop; fi

weights: setup ## fetch the small model that the tests run, once (98 MB, kept outside the tree)
	@$(BIN)/python packaging/tools/get_local_llm.py 135m >/dev/null

weaviate: setup ## build the Weaviate server that the tests run, once (some minutes, needs Go; kept outside the tree)
	@$(BIN)/python packaging/tools/get_weaviate.py

test: setup system-deps weights ## run all tests
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest

check: setup system-deps weights format lint types layers test ## everything that must hold before a commit

conformance: setup system-deps weaviate ## ask both stores thousands of requests and compare with plain Python
	$(BIN)/python tests/conformance/run.py

format: setup ## are all files formatted?
	$(BIN)/ruff format --check .

lint: setup
	$(BIN)/ruff check .

types: setup
	$(BIN)/basedpyright

layers: setup
	$(BIN)/lint-imports

bench: setup ## measure speed beside its targets
	$(BIN)/python tests/benchmarks/run.py

faults: setup ## make things go wrong and tell what held: killed, full, frozen, unreachable (some ten minutes)
	$(BIN)/python tests/faults/run.py

eval: setup system-deps ## ask a real model the sample questions; needs 1.1 GB of weights, fetched once
	$(BIN)/python tests/eval/run.py

functions: setup ## compare function calling of small models, natively and in words; needs 1.7 GB of weights
	$(BIN)/python tests/eval/functions.py

retrieval: setup ## compare what the library and Weaviate find; CRANFIELD names the test collection's folder
	$(BIN)/python tests/eval/retrieval.py "$(CRANFIELD)"

screenshots: setup ## make the README's pictures
	$(BIN)/python tests/window/screenshots.py

lock: setup ## pin the newest versions that fit pyproject.toml, for all systems
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --upgrade --quiet \
		--custom-compile-command "make lock" --output-file $(LOCK)

clean: ## remove what was made
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
