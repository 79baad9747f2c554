# `make run` opens the product with demo data, `make test` proves it; both first set up what is missing.
.PHONY: run test check clean

run:
	@bin/setup run
	@bin/run

# make test ARGS="tests/exams -k separation"
# Files in their own order: the longest have one test each, and would otherwise come last, one after the other.
test:
	@bin/setup test
	@.venv/bin/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder $(ARGS)

# The linters, the type checker and the house rules alone.
check:
	@bin/setup test
	@.venv/bin/python -m pytest --quiet tests/house

# Leaves var/, where the data is.
clean:
	rm -rf .venv .venv-* node_modules lbcert/web/static/vendor *.egg-info build dist .*_cache
