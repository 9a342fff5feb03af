// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
  .treatAllWarnings(as: .error),  // SE-0443
]

/// A target of ours: the house settings, and nothing else to remember.
func ours(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

// On Linux the library is loaded when it is needed (ArchiveLoading) and not linked.
#if os(Linux)
  let archivePackage: String? = nil
#else
  let archivePackage: String? = "libarchive"
#endif

let package = Package(
  name: "hotfix",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "hotfix", targets: ["hotfix"])],
  dependencies: [
    // Command line, help texts and shell completions.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // Ed25519, ECDSA and SHA-2, on Linux as on macOS.
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    // `hotfix.yml`, with the line and column of every node.
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    // git and the team's own commands, with limits and cancellation.
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    // `FilePath` on Linux; on Apple platforms it comes with the system.
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    // Outward HTTP: verification as an outsider, and webhooks.
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    // The embedded release host on loopback; shares NIO with the client.
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
  ],
  targets: [
    // The program: one file.
    .executableTarget(name: "hotfix", dependencies: ["HotfixCommands"], swiftSettings: settings),
    // One file per command, the console, and the place where the edges are put together.
    ours(
      "HotfixCommands",
      [
        "Runbook", "Record", "Feeds", "Documents", "Signatures", "ReleaseModel", "Git", "Forges",
        "Channels", "Machine", "Archives", "Deltas", "BinaryDelta", "GitHubStandIn",
        "ProjectSurvey",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),

    // Edges: each owns one outside thing and holds no rule.
    ours(
      "Machine",
      [
        "Runbook", "Git", "Signatures", "ProcessSafety",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ]
    ),
    ours(
      "Forges",
      [
        "Runbook", "Signatures", "Git",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Hummingbird", package: "hummingbird"),
      ]
    ),
    // A stand-in for GitHub on loopback, for tests: other people's programs believe it.
    ours(
      "GitHubStandIn",
      [
        "ReleaseModel", "Git", "Machine", "Signatures",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Yams", package: "Yams"),
      ]
    ),
    ours("Channels", ["Runbook", "Feeds", "Git", "Signatures"]),
    ours("Archives", ["ReleaseModel", "CArchive", "ArchiveLoading"]),
    ours("Deltas", ["BinaryDelta", "ReleaseModel", "Signatures"]),

    // The procedure: decides what is next, and reaches the world through `Toolbox` alone.
    ours(
      "Runbook",
      [
        "ReleaseModel", "Record", "Feeds", "Documents", "Signatures", "Git",
        .product(name: "Yams", package: "Yams"),
      ]
    ),

    // git's commands as typed values, their parsers, and the record in git. Runs nothing itself:
    // `Machine` does, through one closure.
    ours("Git", ["ReleaseModel", "Record", "Signatures"]),

    // Pure: bytes and values in, bytes and values out.
    ours("Record", ["ReleaseModel", "Signatures"]),
    ours("Feeds", ["ReleaseModel", .product(name: "Yams", package: "Yams")]),
    ours("Documents", ["ReleaseModel"]),
    // What a stranger's project is made of, and the hotfix.yml that follows from it.
    ours("ProjectSurvey", ["Documents", "ReleaseModel", "Feeds"]),
    ours(
      "Signatures",
      [
        "ReleaseModel", "DigestLoading", "CSodium",
        .product(name: "Crypto", package: "swift-crypto"),
      ]
    ),
    ours(
      "ReleaseModel",
      [
        .product(
          name: "SystemPackage",
          package: "swift-system",
          condition: .when(platforms: [.linux])
        )
      ]
    ),

    // Binary deltas in the updaters' forms. Optimised also in debug builds, where the tests make some.
    .target(
      name: "BinaryDelta",
      dependencies: [
        "ReleaseModel", "CCompression", .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]
    ),

    // The compressions of the updaters' delta forms, which no Swift library has.
    .systemLibrary(
      name: "CCompression",
      pkgConfig: "liblzma",
      providers: [.apt(["liblzma-dev", "libbz2-dev", "zlib1g-dev"]), .brew(["xz"])]
    ),

    // Ed25519 with expanded keys and in pieces, BLAKE2b, and scrypt for minisign keys, of which
    // swift-crypto's `Crypto` has none.
    .systemLibrary(
      name: "CSodium",
      pkgConfig: "libsodium",
      providers: [.apt(["libsodium-dev"]), .brew(["libsodium"])]
    ),

    // libarchive reads zip and tar safely; a system library, so nothing is vendored.
    .systemLibrary(
      name: "CArchive",
      pkgConfig: archivePackage,
      providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]
    ),

    // Signals, limits and prctl: what only C can call.
    .target(name: "ProcessSafety"),

    // On Linux, loads libarchive at the first archive and not at every start.
    .target(name: "ArchiveLoading"),

    // The system's OpenSSL, if there, hashes a large file in a fifth less time than swift-crypto.
    .target(name: "DigestLoading"),

    // Figures of the feeds beside the platform's XML parser: `make bench`.
    .executableTarget(
      name: "bench-feeds",
      dependencies: ["Feeds", "ReleaseModel"],
      path: "Benchmarks/Feeds",
      swiftSettings: settings
    ),

    // Publishing to GitHub beside gh: `make bench`.
    .executableTarget(
      name: "bench-github",
      dependencies: [
        "Forges", "GitHubStandIn", "HotfixTesting", "Machine", "Runbook", "Signatures", "Git",
        "ReleaseModel",
      ],
      path: "Benchmarks/GitHub",
      swiftSettings: settings
    ),

    // Scratch repositories, fault plans and the sealed environment that tests run in.
    ours(
      "HotfixTesting",
      [
        "HotfixCommands", "Runbook", "Git", "Machine", "Forges", "Signatures", "ReleaseModel",
        "GitHubStandIn",
      ]
    ),
    tests(
      "UnitTests",
      [
        "ReleaseModel", "Record", "Feeds", "Documents", "Signatures", "Git", "Runbook",
        "BinaryDelta", "ProjectSurvey", "HotfixTesting",
        .product(name: "Crypto", package: "swift-crypto"),
      ]
    ),
    tests(
      "EdgeTests",
      [
        "ReleaseModel", "Signatures", "Runbook", "Git", "Forges", "Channels", "Machine", "Archives",
        "Feeds", "Deltas", "BinaryDelta", "GitHubStandIn",
        "HotfixTesting",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
      ]
    ),
    // What a test's own process has to end for. Run first and apart (`make test`): once a process has
    // run such a test, a thread of the runner's watches for ended children without pause, which costs
    // the many processes of the other tests an eighth of their time.
    tests(
      "ExitTests",
      ["ReleaseModel", "Signatures", "Forges", "Machine", "Runbook", "HotfixTesting"]
    ),
    tests(
      "ProgramTests",
      [
        "ReleaseModel", "Signatures", "HotfixCommands", "HotfixTesting", "GitHubStandIn", "Forges",
        "Runbook",
        "hotfix",
      ]
    ),
  ]
)

// `make fuzz` alone: the fuzzer's own main, and coverage in what it looks at.
if Context.environment["HOTFIX_FUZZ"] != nil {
  let coverage = SwiftSetting.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"])
  let fuzzed = [
    "Feeds", "BinaryDelta", "Deltas", "Record", "Signatures", "Documents", "ReleaseModel",
    "Runbook",
  ]
  for target in package.targets where fuzzed.contains(target.name) {
    target.swiftSettings = settings + [coverage]
  }
  package.targets.append(
    .executableTarget(
      name: "fuzz",
      dependencies: fuzzed.map { .byName(name: $0) },
      path: "Tests/Fuzz",
      exclude: ["corpus"],
      swiftSettings: settings + [coverage],
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]
    )
  )
}
