# A fresh machine needs Python 3.11+, Rust 1.89+ and make; everything else is pinned by hash in requirements/.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

RUST := Cargo.toml Cargo.lock .cargo/config.toml $(shell find crates -name '*.rs' -o -name Cargo.toml)

.PHONY: build venv cluster postgresql demo run test lint check bench bench-full soak lock pot vectors wheel booth booth-tests \
	screenshots docs clean

VERIFIER := src/psephos/server/verifier.pyz

build: $(VENV)/built $(VERIFIER)
venv: build $(VENV)/dev

# Stamps, so that a second run does nothing. The install is editable: changes to src/psephos are live.
$(VENV)/run: requirements/run.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Python packages: a minute or two, the first time."
	$(PIP) install --require-hashes --only-binary :all: -r $<
	touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/run
	$(PIP) install --require-hashes --only-binary :all: -r $<
	touch $@

$(VENV)/built: $(VENV)/run pyproject.toml $(RUST)
	@echo "Compiling the Rust core: a few minutes, the first time."
	PATH="$(CURDIR)/$(BIN):$$PATH" $(PIP) install --no-build-isolation --no-deps -e .
	touch $@

# The verifier in reference/ as one file, which the server gives to whoever asks.
$(VERIFIER): $(wildcard reference/*.py)
	$(PYTHON) reference/pack.py $@

# What a coordinator and its workers need to share work among machines.
cluster: build
	$(PIP) install --require-hashes --only-binary :all: -r requirements/cluster.txt

# What a board with its tables on a PostgreSQL server needs: docs/adr/0011-postgresql.md.
postgresql: build
	$(PIP) install --require-hashes --only-binary :all: -r requirements/postgresql.txt

demo: build
	$(BIN)/psephos demo

# A referendum to try in the browser, on this machine: every party a process of its own.
# With Node it has the booth, without it voters use the command line.
run: build $(if $(PSEPHOS_DATABASE_URL),postgresql) $(if $(shell command -v npm),booth)
	$(BIN)/psephos local examples/local.toml target/local $(if $(shell test -e booth/dist/manifest.json && echo yes),--booth booth/dist)

# The extension is tested through Python.
RUST_TESTS := cargo test --package psephos-core --package psephos-lanes --lib --profile tests --locked --quiet
test: venv
	@echo "Tests: about ten minutes on two processors. What is skipped is listed at the end, with the reason."
	$(RUST_TESTS) -- --format pretty
	PSEPHOS_LANES=dalek $(RUST_TESTS)
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder -rs

soak: venv
	$(BIN)/pytest -m soak --hypothesis-profile=soak

lint: venv
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	cargo fmt --check
	cargo clippy --release --workspace --all-targets --locked --quiet -- -D warnings
	$(BIN)/lint-imports --no-cache

check: lint test

# Other systems are measured beside ours where Debian's belenios-tool and a Python 3.10 are there.
PYTHON310 ?= python3.10
BENCH := $(BIN)/python -m bench --python310 $(PYTHON310)
bench: $(VENV)/built $(VENV)/bench
	$(BENCH)

# For an hour, on a machine that does nothing else. First: does the time that secrets take tell them apart?
bench-full: $(VENV)/built $(VENV)/bench
	cargo run --release --locked --quiet -p psephos-core --example timing -- 20000
	$(BENCH) --voters 1000 10000 100000x1 --rows 4096 --ballots 100 --results target/bench.json --write

$(VENV)/bench: requirements/bench.txt $(VENV)/run
	$(PIP) install --require-hashes --only-binary :all: -r $<
	touch $@

# The lock files pin what pyproject.toml's ranges allow, by hash and for every platform.
LOCK := $(VENV)/lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock' --upgrade pyproject.toml --group build \
	--extra cli --extra server
lock:
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	$(LOCK) --output-file requirements/run.txt
	$(LOCK) --extra cluster --constraints requirements/run.txt --output-file requirements/cluster.txt
	$(LOCK) --extra postgresql --constraints requirements/run.txt --output-file requirements/postgresql.txt
	$(LOCK) --extra cluster --extra postgresql --group dev --constraints requirements/cluster.txt \
		--constraints requirements/postgresql.txt --output-file requirements/dev.txt
	$(LOCK) --group bench --constraints requirements/dev.txt --output-file requirements/bench.txt
	$(LOCK) --group docs --constraints requirements/dev.txt --output-file requirements/docs.txt

# What others install, in dist/: the program with the booth, the second verifier, the examples and the specification.
wheel: build booth
	$(BIN)/python tools/wheel.py dist

# The catalogues in src/psephos/language, brought up to date with what pages, letters and booth say.
pot: venv
	$(BIN)/python tools/catalogs.py .

# Vectors in folders; with NAMES="log/notes .." those alone. Records are never twice the same.
vectors: venv
	PYTHONPATH=tools:tools/conformance $(BIN)/python -m vector_generator vectors $(NAMES)

# The booth: what a voter's browser loads, in booth/dist, from packages that package-lock.json pins by hash and the
# catalogues.
BOOTH := booth/node_modules/.package-lock.json
$(BOOTH): booth/package.json booth/package-lock.json booth/.npmrc
	cd booth && npm ci --silent
	touch $@

booth: $(BOOTH)
	cd booth && node build.mjs

booth-tests: $(BOOTH)
	cd booth && node build.mjs test

# A site of the documents, in target/site; a link that leads nowhere is an error.
docs: $(VENV)/built $(VENV)/docs
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir docs/site --doctree-dir target/doctrees \
		. target/site
	@echo "The site begins with target/site/index.html"

$(VENV)/docs: requirements/docs.txt $(VENV)/run
	$(PIP) install --require-hashes --only-binary :all: -r $<
	touch $@

# The pictures of README and guides, from a referendum in memory: ten seconds, with Node and Chromium.
screenshots: venv booth
	$(BIN)/python -m tools.screenshots docs/images

clean:
	rm -rf $(VENV) target dist src/psephos/_core*.so
