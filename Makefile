# One file that carries the Swift runtime. It starts faster at a fixed address and without a table
# of its own symbols. Libraries that it loads are never looked for beside it, as in a folder of downloads.
ifeq ($(shell uname),Linux)
# libsodium is linked statically where its archive is installed: few machines have the library.
STATIC = .build/static/libsodium.pc
RELEASE = -c release --pkg-config-path .build/static --static-swift-stdlib --disable-local-rpath -Xlinker -no-pie -Xlinker -s -Xlinker --no-export-dynamic
else
RELEASE = -c release
endif

.PHONY: drill test bench check fuzz format install clean

# The main job: rehearse the whole runbook on the bundled sample project.
drill: .build/prerequisites
	swift build --product hotfix
	.build/debug/hotfix drill

test: .build/prerequisites
	swift build --build-tests
	swift test --skip-build --disable-xctest --filter ExitTests
	swift test --skip-build --disable-xctest --skip ExitTests

# Release build, several runs, medians, ratios to the peer beside us.
bench: .build/prerequisites $(STATIC)
	swift build $(RELEASE) --product hotfix
	swift build -c release --product bench-feeds
	swift build $(RELEASE) --product bench-github
	Benchmarks/run .build/release/hotfix
	Benchmarks/large .build/release/hotfix
	.build/release/bench-feeds
	.build/release/bench-github
	Benchmarks/deltas .build/release/hotfix

# Feeds, deltas, records and signatures are strangers' data: every format for SECONDS, from the corpus in the repository.
SECONDS ?= 60
fuzz: .build/prerequisites
	HOTFIX_FUZZ=1 swift build -c release --scratch-path .build-fuzz --product fuzz
	for format in $(notdir $(wildcard Tests/Fuzz/corpus/*)); do \
	  mkdir -p .build-fuzz/corpus/$$format; \
	  SWIFT_BACKTRACE=enable=no FUZZ_FORMAT=$$format .build-fuzz/release/fuzz .build-fuzz/corpus/$$format \
	    Tests/Fuzz/corpus/$$format -max_total_time=$(SECONDS) -max_len=4096 -timeout=10 || exit 1; \
	done

# What CI does, and the formatting.
check: test
	swift format lint --strict -r Sources Tests Benchmarks/Feeds Benchmarks/GitHub Package.swift

format:
	swift format -i -r Sources Tests Benchmarks/Feeds Benchmarks/GitHub Package.swift

PREFIX ?= /usr/local
install: .build/prerequisites $(STATIC)
	swift build $(RELEASE) --product hotfix
	install -d $(PREFIX)/bin
	install -m 755 .build/release/hotfix $(PREFIX)/bin/hotfix

.build/prerequisites: bin/prerequisites
	bin/prerequisites
	@mkdir -p .build && touch $@

# Under a name of its own, because the folder of the shared library comes first on the linker's path.
.build/static/libsodium.pc: .build/prerequisites
	@mkdir -p .build/static
	@name=sodium; for archive in /usr/lib/*/libsodium.a /usr/lib/libsodium.a /usr/lib64/libsodium.a; do \
	  if [ -f $$archive ]; then ln -sf $$archive .build/static/libsodium_static.a; name=sodium_static; fi; done; \
	  printf 'Name: libsodium\nDescription: statically\nVersion: 1.0.18\nLibs: -L%s -l%s\n' \
	  "$(CURDIR)/.build/static" $$name > $@

clean:
	rm -rf .build
