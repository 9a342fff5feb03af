internal import ReleaseModel

/// Writes `hotfix.yml`, each line with why it is there.
struct SettingsText {
  private var lines: [String] = []
  private let facts: SurveyFacts

  init(_ facts: SurveyFacts) {
    self.facts = facts
    writeVersion()
    writeHost()
    writeShip()
    writeFeeds()
    writeRest()
  }

  var text: String { lines.joined(separator: "\n") + "\n" }

  private mutating func add(_ line: String, _ comment: String? = nil, guess: String? = nil) {
    let mark = guess.map { "guess: \($0)" } ?? comment
    lines.append(line + (mark.map { "    # \(OutsideText($0).line)" } ?? ""))
  }

  private mutating func add(_ key: String, _ finding: Finding) {
    add("\(key): \(quoted(finding.value))", finding.place, guess: finding.guess)
  }

  private mutating func writeVersion() {
    add("app", facts.identity.name)
    if facts.input.main != "main" {
      add("main", Finding(facts.input.main, "releases come from this branch"))
    }
    add("version:")
    add("  scheme: \(facts.scheme.name)", facts.scheme.why)
    add("  tag", facts.tag)
    if let build = facts.build { add("  build", build) }
    if facts.input.keys.contains("version.files"), !facts.identity.versionFiles.isEmpty {
      let files = facts.identity.versionFiles.map(quoted).joined(separator: ", ")
      add("  files: [ \(files) ]", "where the version has to be bumped")
    }
  }

  private mutating func writeHost() {
    guard let repository = facts.repository else {
      let name = facts.identity.name.value.filter {
        $0.isLetter || $0.isNumber || "-_.".contains($0)
      }
      add("host:", "where releases are published")
      add(
        "  directory: \(quoted("../\(name)-site"))",
        guess: "the folder that your web server serves"
      )
      add(
        "  url: http://127.0.0.1:8080",
        guess: "where users reach it; hotfix serves a loopback address itself"
      )
      return
    }
    add("host:", "where releases are published")
    add("  github: \(quoted(repository))", "the remote")
    switch facts.home {
    case .branch(let other, let branch, _):
      add("  feeds: repository", "apps read a file of a branch", guess: foreign(other))
      add("  branch: \(quoted(branch))")
    case .pages(let other, _):
      add("  feeds: pages", "apps read GitHub Pages", guess: foreign(other))
      if other.hasSuffix(".github.io") || foreign(other) != nil {
        let parts = other.split(separator: "/")
        let tail = other.hasSuffix(".github.io") ? "" : "/\(parts.last ?? "")"
        add(
          "  site: \(quoted("https://\((parts.first ?? "").lowercased()).github.io\(tail)"))",
          "where apps ask"
        )
      }
    case .server(let site, _):
      add(
        "  feeds: pages",
        guess: "the feed is on a server of its own, which has to serve this branch"
      )
      add("  site: \(quoted(site))", "where apps ask")
    case .fixedRelease(_, let tag, _):
      add("  feeds: release", guess: "apps ask the release \(tag), and not the latest one")
    case .release(let other, _):
      if let guess = foreign(other) { add("  feeds: release", guess: guess) }
    case nil: break
    }
  }

  private func foreign(_ other: String) -> String? {
    other.lowercased() == facts.repository?.lowercased()
      ? nil : "apps ask \(other), which is another repository"
  }

  private mutating func writeShip() {
    let commands = facts.commands
    add("test:")
    add("  suite", commands.suite)
    add("  proof", commands.proof)
    add("ship:")
    add("  build", commands.build)
    if let workflow = facts.workflow, facts.repository != nil {
      add("  workflow: \(quoted(workflow))", "it runs hotfix ship")
    }
    let (artifacts, place, guess) = Survey.artifacts(facts.input, commands, facts.identity)
    add("  artifacts:", place, guess: guess)
    for artifact in artifacts {
      let platform = artifact.platform.map { ", platform: \($0)" } ?? ""
      add("    - { path: \(quoted(artifact.path))\(platform) }")
    }
    let needsSparkle = facts.feeds.contains(where: \.isAppcast)
    let needsMinisign = facts.feeds.contains { $0.reader == "tauri" }
    guard needsSparkle || needsMinisign else { return }
    add("  sign:", "what updaters check before they install")
    if needsSparkle {
      add("    ed25519: { key: env:SPARKLE_PRIVATE_KEY }", "from generate_keys -x")
    }
    if needsMinisign {
      let key = facts.tauriKey.map { ", public: \(quoted($0))" } ?? ""
      add(
        "    minisign: { key: env:TAURI_SIGNING_PRIVATE_KEY\(key) }",
        "from tauri signer generate"
      )
    }
  }

  private mutating func writeFeeds() {
    guard !facts.feeds.isEmpty else { return }
    add("feeds:")
    // One file is one entry; others that read it stand under `also`.
    var paths: Set<String> = []
    for feed in facts.feeds {
      let path = isReleaseAsset ? fileName(feed.path) : feed.path
      guard paths.insert(path).inserted else { continue }
      let others = facts.feeds.filter {
        $0 != feed && $0.path == feed.path && $0.isAppcast && feed.isAppcast
      }
      let also = others.isEmpty ? "" : ", also: [ \(others.map(\.reader).joined(separator: ", ")) ]"
      add("  - { \(feed.reader): \(quoted(path))\(also) }", feed.place, guess: feed.guess)
    }
  }

  private var isReleaseAsset: Bool {
    guard facts.repository != nil else { return false }
    return switch facts.home {
    case .branch, .pages, .server: false
    case .release, .fixedRelease, nil: true
    }
  }

  private mutating func writeRest() {
    if facts.input.keys.contains("components"), !facts.components.isEmpty {
      add("components:", "released by themselves, each with its tags")
      for part in facts.components {
        add(
          "  \(quoted(part.name)): { paths: [ \(quoted(part.folder)) ], version: { tag: \(quoted(part.tag)) } }"
        )
      }
    }
    add("policy:")
    add(
      "  reviewers: allowed_signers",
      "who may sign: one line a person, `email ssh-ed25519 AAAA…`"
    )
    if facts.input.people == 1 {
      let why = "one person: nobody else has to look"
      add("  approvals: 0", why, guess: facts.input.isAloneKnown ? nil : why)
    }
    if let changelog = facts.changelog {
      add("changelog", changelog)
    } else {
      add("changelog: none", "no changelog was found")
    }
    if !facts.hasDocuments { add("documents: none", "the record has it all anyway") }
  }

  private func quoted(_ text: String) -> String {
    let words: Set = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "none"]
    let isPlain =
      text.utf8.allSatisfy {
        (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || "-_./ ".utf8.contains($0)
      } && text.first?.isLetter == true && text.last != " " && !words.contains(text.lowercased())
    if isPlain { return text }
    return escaped(text)
  }

  private func escaped(_ text: String) -> String {
    "\""
      + escapingScalars(of: text) { scalar in
        switch scalar {
        case "\\": "\\\\"
        case "\"": "\\\""
        default:
          scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            || [0x2028, 0x2029, 0xFEFF].contains(scalar.value) ? "?" : nil
        }
      } + "\""
  }
}
