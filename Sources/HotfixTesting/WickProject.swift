/// Wick, the tests' sample project: a shell script packed as an app, so that a build takes no time.
enum WickProject {
  /// 1.0.0 forgets the last word.
  static let losing = """
    #!/bin/sh
    # Says its words.
    while [ $# -gt 1 ]; do printf '%s\\n' "$1"; shift; done

    """

  static let keeping = """
    #!/bin/sh
    # Says its words.
    while [ $# -gt 0 ]; do printf '%s\\n' "$1"; shift; done

    """

  static let testSays = "test \"$(sh wick.sh one two | head -n 1)\" = one\n"
  static let testKeeps = "test \"$(sh wick.sh one two | tail -n 1)\" = two\n"

  static let build = """
    set -e
    rm -rf dist stage && mkdir -p dist stage/Wick.app/Contents
    cp wick.sh stage/Wick.app/Contents/wick.sh
    sed -e "s/@VERSION@/$1/" -e "s/@BUILD@/$2/" Info.plist > stage/Wick.app/Contents/Info.plist
    tar -C stage -czf "dist/Wick-$1.tar.gz" Wick.app
    cp "dist/Wick-$1.tar.gz" "dist/Wick-$1-full.nupkg"

    """

  static func infoPlist(_ publicKey: String) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <plist version="1.0"><dict>
      <key>CFBundleShortVersionString</key><string>@VERSION@</string>
      <key>CFBundleVersion</key><string>@BUILD@</string>
      <key>SUPublicEDKey</key><string>\(publicKey)</string>
    </dict></plist>

    """
  }

  static let changelog = """
    # Changelog

    ## [Unreleased]

    ## [1.0.0] - 2026-11-01

    - First release.

    """

  static func settings(_ host: String) -> String {
    """
    app: Wick
    version: { scheme: suffix, build: git rev-list --count HEAD }
    host: \(host)
    test:
      suite: for t in tests/*.sh; do sh $t || exit 1; done
      proof: sh tests/{test}.sh
    ship:
      build: sh build.sh {version} {build}
      artifacts: [ { path: "dist/Wick-{version}.tar.gz" } ]
      sign: { ed25519: { key: env:WICK_KEY } }
    feeds: [ { sparkle: appcast.xml, signed: true } ]
    verify: { from: 3, fix: "test $(sh {installed}/Wick.app/Contents/wick.sh a b | wc -l) -eq 2" }
    tell:
      announcement: [ { atom: news.atom } ]

    """
  }
}
