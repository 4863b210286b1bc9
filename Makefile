# WaitLessQ's commands. `make` alone lists them; every one sets up .venv first where it needs it.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python,\
	$(if $(shell command -v $(name) 2>/dev/null),$(name))))
IN_VENV := .venv/bin/python
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help venv build texts run edge test test-edge lint format manage psql replay screenshots \
	bench-live bench-forecast bench-queues bench-slots bench-scale projection requirements clean

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)$$/  make \1\t\2/p' Makefile | expand -t 22

venv: ## set up .venv from requirements-dev.txt (done by the others as needed)
	@$(if $(PYTHON),,echo "WaitLessQ needs Python 3.11 or newer on PATH." >&2; exit 1;) \
	$(PYTHON) embedded/bootstrap.py

build: venv ## build what browsers get, and the translations (done by the others as needed)
	@$(IN_VENV) -m embedded build

texts: venv ## bring the translators' files in locale up to date with the code and templates
	@$(IN_VENV) -m embedded texts

run: venv ## run the whole platform until Ctrl-C: servers, web, streams, relay, worker, beat
	@exec $(IN_VENV) -m embedded run

edge: venv ## the same behind the edge, as production has it: nginx, shards of event streams
	@exec $(IN_VENV) -m embedded edge $(ARGS)

test: venv lint ## check style and types, then run every test; ARGS='-k foo' goes to pytest
	@exec $(IN_VENV) -m embedded test -- $(ARGS)

test-edge: venv ## the browser tests once more, behind the edge and its event streams
	@EDGE=true exec $(IN_VENV) -m embedded test -- tests/browser $(ARGS)

.PHONY: test-pgbouncer
test-pgbouncer: venv ## run the tests through Debian's PgBouncer in transaction mode
	@exec $(IN_VENV) -m embedded test-pgbouncer -- $(ARGS)

.PHONY: faults
faults: venv ## kill and freeze parts of a platform of its own, and show what becomes of requests
	@exec $(IN_VENV) -m tests.faults $(ARGS)

lint: venv ## check style, types, layers, migrations and settings
	@exec $(IN_VENV) -m embedded lint

format: venv ## put style in order
	@$(IN_VENV) -m ruff check --fix .
	@$(IN_VENV) -m ruff format .
	@find . -path ./.venv -prune -o -path ./.embedded -prune -o -path '*/node_modules' -prune \
		-o -path '*/templates/*.html' -print0 | xargs -0 -r .venv/bin/djade

manage: venv ## manage.py in the running platform's environment: make manage ARGS='shell'
	@exec $(IN_VENV) -m embedded exec -- python manage.py $(ARGS)

psql: venv ## open the running platform's database
	@exec $(IN_VENV) -m embedded psql -- $(ARGS)

replay: venv ## drive the running platform with a queue log: make replay FILE=log.csv ARGS='…'
	@exec $(IN_VENV) -m embedded exec -- python manage.py replay_log "$(FILE)" $(ARGS)

screenshots: venv ## take the README's pictures into docs/images with Chromium
	@exec $(IN_VENV) -m embedded screenshots

bench-live: venv ## how long a change takes to open pages of the running platform
	@exec $(IN_VENV) -m embedded exec -- python -m bench.live $(ARGS)

bench-queues: venv ## how fast queues are, beside pgbench and with a million past tickets: ARGS='--past 10000 10000000'
	@exec $(IN_VENV) -m bench.queues $(ARGS)

.PHONY: bench-pwa
bench-pwa: venv ## how fast the providers' apps are built: ARGS='--providers 1000' for a quick try
	@$(IN_VENV) -m embedded build
	@exec $(IN_VENV) -m bench.pwa $(ARGS)

.PHONY: lighthouse
lighthouse: venv ## judge a published app of the running platform with Lighthouse; reports in build/lighthouse
	@exec $(IN_VENV) -m embedded exec -- python -m bench.lighthouse $(ARGS)

bench-scale: venv ## streams and requests at once behind the edge; ARGS=--small for a quick try
	@$(IN_VENV) -m bench.scale $(ARGS)

projection: venv ## what four sizes would need: make projection [REPORT=build/bench-scale/report.json]
	@$(IN_VENV) -m bench.scale.projection $(if $(REPORT),--report "$(REPORT)")

bench-slots: venv ## how fast free times are found and booked, in the running platform's database
	@exec $(IN_VENV) -m embedded exec -- python -m bench.slots $(ARGS)

bench-forecast: venv ## how right the wait estimate is on a log: make bench-forecast LOG=log.csv [TRAIN=earlier.csv]
	@$(IN_VENV) -m bench.forecast "$(LOG)" $(if $(TRAIN),--train "$(TRAIN)") $(ARGS)

requirements: venv ## compile the requirements files anew
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(IN_VENV) -m venv "$$folder"; "$$folder/bin/python" -m pip install -q uv; \
	compile() { "$$folder/bin/python" -m uv pip compile --universal --python-version 3.11.2 \
		--generate-hashes --no-header -q "$$@"; }; \
	compile requirements.in -o requirements.txt; \
	compile requirements-dev.in -c requirements.txt -o requirements-dev.txt

clean: ## stop this checkout's platform and remove its data, .venv, caches and build output
	@if [ -x $(IN_VENV) ]; then PYTHONDONTWRITEBYTECODE=1 $(IN_VENV) -m embedded clean; \
	elif [ -e .embedded ]; then rm -rf .embedded && echo "Removed .embedded"; fi
	@if [ -e .venv ]; then rm -rf .venv && echo "Removed .venv"; fi
