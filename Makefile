# Every target works right after a bare clone with python3 (venv, pip) and make.
PY := .venv/bin/python
STAMP := .venv/.installed

.PHONY: install run test check coverage diagrams bench bodies kills tamper year sweeps soak clean

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	python3 -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

run: $(STAMP)
	@if [ -n "$$TRADIER_API_KEY" ]; then .venv/bin/supervisor run; else .venv/bin/supervisor run --demo; fi

check: $(STAMP)
	.venv/bin/ruff check supervisor tests
	.venv/bin/ruff format --check supervisor tests
	.venv/bin/mypy

test: check
	$(PY) -m pytest -n auto --dist worksteal

# Every branch of what decides, or the reason on the line; fails where one was not taken.
coverage: $(STAMP)
	.venv/bin/coverage run --source=supervisor.core,supervisor.concerns,supervisor.orders,supervisor.remedies \
		-m pytest tests/core tests/concerns tests/orders tests/remedies tests/monitor
	.venv/bin/coverage report --skip-covered --show-missing --fail-under=100

diagrams: $(STAMP)
	.venv/bin/supervisor diagram --all --out diagrams
	PYTHONPATH=tests $(PY) tests/live_picture.py diagrams/live.svg

bench: $(STAMP)
	$(PY) tests/bench.py

bodies: $(STAMP)
	PYTHONPATH=tests $(PY) tests/wire/bodies.py

kills: $(STAMP)
	SUPERVISOR_KILLS=1000 $(PY) -m pytest tests/audit/test_audit_kills.py

tamper: $(STAMP)
	SUPERVISOR_TAMPERINGS=10000 $(PY) -m pytest tests/audit/test_audit_proof.py tests/journal/test_journal_verify.py

# Makes some gigabytes in a temporary folder, and takes a quarter of an hour: a year is written before it is measured.
year: $(STAMP)
	$(PY) tests/audit/year.py

# For a night: every fault, ordered pair and ordered triple; what breaks something is left in sweeps/ as a scenario.
sweeps: $(STAMP)
	.venv/bin/supervisor scenario sweep --depth 1 --processes 2 --save sweeps
	.venv/bin/supervisor scenario sweep --depth 2 --processes 2 --save sweeps
	.venv/bin/supervisor scenario sweep --depth 3 --processes 2 --save sweeps

soak: $(STAMP)
	.venv/bin/supervisor scenario soak --days 30

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage dist
