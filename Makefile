.PHONY: drill test bench check format install clean

# The main job: rehearse the whole runbook on the bundled sample project.
drill: .build/prerequisites
	swift build --product hotfix
	.build/debug/hotfix drill

test: .build/prerequisites
	swift build --build-tests
	swift test --skip-build --disable-xctest

# Release build, several runs, medians, ratios to the peer beside us.
bench: .build/prerequisites
	swift build -c release --static-swift-stdlib --product hotfix
	Benchmarks/run .build/release/hotfix

# What CI does, and the formatting.
check: test
	swift format lint --strict -r Sources Tests Package.swift

format:
	swift format -i -r Sources Tests Package.swift

PREFIX ?= /usr/local
install: .build/prerequisites
	swift build -c release --static-swift-stdlib --product hotfix
	install -d $(PREFIX)/bin
	install -m 755 .build/release/hotfix $(PREFIX)/bin/hotfix

.build/prerequisites: bin/prerequisites
	bin/prerequisites
	@mkdir -p .build && touch $@

clean:
	rm -rf .build
