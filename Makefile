# Pith's everyday commands. Plain swift commands work too; these add the set-up and keep to one
# set of flags, so that nothing is built twice: the tests run against the release build, and
# without testable imports, which would be a second build of everything (tests reach what is not
# public through `package` access).

.PHONY: help setup build test test-older-processors conformance demo bench format lint clean
.NOTPARALLEL:

with = . ./Scripts/environment;
sources = $(shell find Sources Tests $(wildcard Benchmarks) -name '*.swift' \
  -not -name '*.pb.swift' -not -path '*/.build/*') Package.swift

help:
	@echo 'make setup        install the libraries that Pith links to'
	@echo 'make build        build the release version: .build/release/pith'
	@echo 'make test         set up and run all tests'
	@echo 'make conformance  run the node tests of ONNX; writes Documentation/operators.md'
	@echo 'make demo         set up, build, and compress a small network from start to end'
	@echo 'make bench        run the comparisons under Benchmarks/'
	@echo 'make format       format the sources'
	@echo 'make lint         check the format of the sources'
	@echo 'make clean        remove what was built'

setup:
	@Scripts/setup

build:
	@$(with) swift build -c release

test: setup test-older-processors
	@$(with) swift test -c release --disable-testable-imports

# The kernels that a processor without AVX-512, or without AVX2, would run.
test-older-processors: setup
ifeq ($(shell uname -m),x86_64)
	@$(with) swift build -c release --build-tests
	@$(with) PITH_MAX_ISA=avx2 swift test -c release --disable-testable-imports --skip-build \
	  --filter 'PithOperatorsTests|PithRuntimeTests|PithTrainingTests'
	@$(with) PITH_MAX_ISA=portable swift test -c release --disable-testable-imports --skip-build \
	  --filter 'PithOperatorsTests|PithRuntimeTests'
endif

conformance: setup
	@$(with) swift build -c release --product PithConformance
	@$(with) Scripts/conformance

demo: setup build
	@$(with) .build/release/pith demo --force

# `make bench ONLY=training-speed ARGUMENTS='1 2 resnet20'` runs one of them.
comparisons = training-speed int8-inference sparse-inference quantization-speed weight-sharing \
  memory growth mnist resnet20 coding threshold-search
bench: setup build
	@$(with) for each in $(or $(ONLY),$(comparisons)); do \
	  echo "== $$each"; Benchmarks/$$each $(ARGUMENTS) || exit 1; \
	done

format:
	@swift format --in-place --parallel $(sources)

lint:
	@swift format lint --strict --parallel $(sources)

clean:
	rm -rf .build
