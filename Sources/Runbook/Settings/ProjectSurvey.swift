internal import Feeds
internal import ReleaseModel

/// What `init` finds out about a project, and the smallest `hotfix.yml` that works for it.
package struct ProjectSurvey: Sendable {
  private struct Commands {
    let says: String
    let suite: String
    let proof: String
    let build: String
    let artifact: String
  }

  private let name: String
  private let files: Set<String>
  private let tags: [String]
  private let mainBranch: String
  private let remote: String?
  private let read: @Sendable (String) -> String?

  package init(
    name: String,
    files: Set<String>,
    tags: [String],
    mainBranch: String,
    remote: String? = nil,
    read: @escaping @Sendable (String) -> String?
  ) {
    self.name = name
    self.files = files
    self.tags = tags
    self.mainBranch = mainBranch
    self.remote = remote
    self.read = read
  }

  /// The tag's form: what stands before the first digit of the newest version tag.
  private var tagForm: String {
    let newest = tags.last { tag in tag.contains(".") && tag.contains(where: \.isNumber) }
    guard let newest else { return "v{version}" }
    return newest.prefix { !$0.isNumber } + "{version}"
  }

  private var appcast: String? {
    files.filter { $0.hasSuffix(".xml") && $0.lowercased().contains("appcast") }.min()
  }

  /// The updaters' feeds that the project seems to have, as lines of `hotfix.yml`.
  private var feeds: [(reader: Settings.Feed.Reader, path: String)] {
    var found: [(Settings.Feed.Reader, String)] = []
    if let appcast { found.append((.sparkle, fileName(appcast))) }
    let package = read("package.json") ?? ""
    if package.contains("\"electron-updater\"") || package.contains("\"electron-builder\"") {
      found.append((.electron, "latest.yml"))
    }
    if (read("src-tauri/tauri.conf.json") ?? "").contains("\"updater\"") {
      found.append((.tauri, "latest.json"))
    }
    let velopack = files.filter { $0.hasSuffix(".csproj") }.sorted().prefix(20).contains {
      (read($0) ?? "").contains("Include=\"Velopack\"")
    }
    if velopack { found.append((.velopack, "releases.win.json")) }
    return found
  }

  private func fileName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// Why the runbook's own names, 1.0.1-hotfix1 over 1.0.0, would hurt users of an updater, or nil.
  ///
  /// Appcasts compare build numbers, so there the name does not matter.
  private var objection: String? {
    feeds.filter { $0.reader.kind != .appcast }.flatMap(\.reader.clients)
      .compactMap { Updater.named($0) }
      .flatMap {
        SafeSpelling.objections($0, old: "1.0.0", new: "1.0.1-hotfix1", regular: "1.0.1")
      }.first
  }

  private var scheme: (name: String, why: String) {
    if feeds.isEmpty { return ("patch", "1.0.1 over 1.0.0") }
    if let objection { return ("patch", "1.0.1 over 1.0.0; \(objection)") }
    return ("suffix", "1.0.1-hotfix1 over 1.0.0, as the runbook has it")
  }

  private var commands: Commands {
    let makefile = (read("Makefile") ?? read("makefile") ?? "").lines()
    func target(_ name: String) -> Bool { makefile.contains { $0.hasPrefix("\(name):") } }
    if target("test") {
      let build = ["dist", "package", "release", "all"].first(where: target) ?? "all"
      return Commands(
        says: "Makefile",
        suite: "make test",
        proof: "make test-one TEST={test}",
        build: "make \(build) VERSION={version}",
        artifact: "dist/\(name)-{version}.zip"
      )
    }
    if files.contains("Package.swift") {
      return Commands(
        says: "SwiftPM",
        suite: "swift test",
        proof: "swift test --filter {test}",
        build: "swift build -c release && mkdir -p dist && tar -czf dist/\(name)-{version}.tar.gz "
          + "-C .build/release \(name)",
        artifact: "dist/\(name)-{version}.tar.gz"
      )
    }
    if let project = files.compactMap(xcodeProject).min() {
      return Commands(
        says: "Xcode",
        suite: "xcodebuild -scheme \(project) test",
        proof: "xcodebuild -scheme \(project) test -only-testing {test}",
        build: "xcodebuild -scheme \(project) -configuration Release -derivedDataPath build "
          + "MARKETING_VERSION={version} build && mkdir -p dist && ditto -c -k --keepParent "
          + "build/Build/Products/Release/\(project).app dist/\(project)-{version}.zip",
        artifact: "dist/\(project)-{version}.zip"
      )
    }
    return byPackageManager
  }

  private var byPackageManager: Commands {
    if files.contains("package.json") {
      return Commands(
        says: "npm",
        suite: "npm ci && npm test",
        proof: "npm ci && npm test -- {test}",
        build: "npm ci && npm run build",
        artifact: "dist/\(name)-{version}.zip"
      )
    }
    if files.contains("Cargo.toml") {
      return Commands(
        says: "Cargo",
        suite: "cargo test --locked",
        proof: "cargo test --locked {test}",
        build: "cargo build --release --locked && mkdir -p dist && tar -czf "
          + "dist/\(name)-{version}.tar.gz -C target/release \(name)",
        artifact: "dist/\(name)-{version}.tar.gz"
      )
    }
    if files.contains("go.mod") {
      return Commands(
        says: "Go",
        suite: "go test ./...",
        proof: "go test ./... -run {test}",
        build: "mkdir -p dist && go build -o dist/\(name) . && tar -czf "
          + "dist/\(name)-{version}.tar.gz -C dist \(name)",
        artifact: "dist/\(name)-{version}.tar.gz"
      )
    }
    if files.contains("CMakeLists.txt") {
      return Commands(
        says: "CMake",
        suite: "cmake -B build && cmake --build build && ctest --test-dir build",
        proof: "cmake -B build && cmake --build build && ctest --test-dir build -R {test}",
        build: "cmake -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build && mkdir -p dist "
          + "&& cpack --config build/CPackConfig.cmake -G TGZ -B dist",
        artifact: "dist/\(name)-{version}.tar.gz"
      )
    }
    return Commands(
      says: "no build system that init knows; put your commands in",
      suite: "./test.sh",
      proof: "./test.sh {test}",
      build: "./build.sh {version}",
      artifact: "dist/\(name)-{version}.tar.gz"
    )
  }

  private func xcodeProject(_ path: String) -> String? {
    guard let part = path.split(separator: "/").first, part.hasSuffix(".xcodeproj") else {
      return nil
    }
    return String(part.dropLast(".xcodeproj".count))
  }

  /// What was found, in words.
  package var found: [String] {
    [
      "\(tags.count) tags like \(tagForm)", commands.says,
      feeds.isEmpty
        ? "no update feed"
        : feeds.map { "\($0.reader.rawValue): \($0.path)" }.joined(separator: ", "),
    ]
  }

  /// The file, with a comment for every line.
  package var settings: String {
    let commands = commands
    var lines = [
      "app: \(quoted(name))    # the name that users know",
      mainBranch == "main" ? nil : "main: \(mainBranch)    # releases come from this branch",
      "version:",
      "  scheme: \(scheme.name)    # \(scheme.why)",
      "  tag: \"\(tagForm)\"    # as your tags are named",
      appcast == nil
        ? nil
        : "  build: git rev-list --count HEAD    # CFBundleVersion: has to grow with every release",
    ].compactMap(\.self)
    lines += hostLines
    lines += [
      "test:",
      "  suite: \(quoted(commands.suite))    # everything; found: \(commands.says)",
      "  proof: \(quoted(commands.proof))    # the fix's own test: fails on base, passes on fix",
      "ship:",
      "  build: \(quoted(commands.build))    # runs in a clean checkout of the tag",
      "  artifacts: [ { path: \(quoted(commands.artifact)) } ]    # what the build makes",
    ]
    lines += feedLines
    lines += [
      "policy:",
      "  reviewers: allowed_signers    # who may sign: one line a person, `email ssh-ed25519 AAAA…`",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// `owner/name` of the remote, when it is on GitHub.
  private var gitHub: String? {
    let address = (remote ?? "").replacing(/\.git$/, with: "")
    let found = address.firstMatch(
      of: /^(?:https:\/\/(?:[^@\/]*@)?|ssh:\/\/git@|git@)github\.com[:\/]([\w.-]+\/[\w.-]+)$/
    )
    return found.map { String($0.1) }
  }

  private var hostLines: [String] {
    if let gitHub {
      return [
        "host:    # where releases are published",
        "  github: \(gitHub)    # as the remote says; releases, pull requests and checks are there",
      ]
    }
    return [
      "host:    # where releases are published",
      "  directory: ../\(name)-site    # the folder that your web server serves",
      "  url: http://127.0.0.1:8080    # where users reach it; hotfix serves a loopback address itself",
    ]
  }

  private var feedLines: [String] {
    guard !feeds.isEmpty else { return [] }
    let kinds = Set(feeds.map(\.reader.kind))
    let signing = [
      kinds.contains(.appcast)
        ? "    ed25519: { key: env:SPARKLE_PRIVATE_KEY }    # from generate_keys -x" : nil,
      kinds.contains(.tauri)
        ? "    minisign: { key: env:TAURI_SIGNING_PRIVATE_KEY }    # from tauri signer generate"
        : nil,
    ].compactMap(\.self)
    return
      (signing.isEmpty ? [] : ["  sign:    # what updaters check before they install"] + signing)
      + ["feeds:    # relative to the host's folder"]
      + feeds.map { feed in
        let who = feed.reader.clients.compactMap { Updater.named($0)?.title }
        return
          "  - { \(feed.reader.rawValue): \(feed.path) }    # read by \(who.joined(separator: ", "))"
      }
  }

  private func quoted(_ text: String) -> String {
    "\"" + escapingScalars(of: text) { ["\\": "\\\\", "\"": "\\\""][$0] } + "\""
  }
}
