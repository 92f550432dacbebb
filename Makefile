# The commands of the README. Everything they need is installed by them; caches lie in .cache, state in .state.
STACK ?= dev
SHELL := /bin/bash
.PHONY: up down test matrix lint docs drills preview clean-cache

up:
	@deploy/begin $(STACK)

down:
	@toolchain/install && toolchain/run python -m deploy down --stack $(STACK)

preview:
	@deploy/pulumi $(STACK) preview --diff

lint:
	@toolchain/install && tests/install && toolchain/run tests/lint

docs:
	@toolchain/install && toolchain/run mkdocs build --strict && echo "docs: .cache/site/index.html"

test:
	@tests/prepare && toolchain/run tests/run

matrix:
	@tests/prepare && toolchain/run tests/run --matrix

drills:
	@toolchain/install && toolchain/run python -m deploy up --stack $(STACK) && \
	  ./hactl drills --all --yes --times 3 --stack $(STACK) --report docs/measured.md

clean-cache:
	rm -rf .cache
