internal import ReleaseModel

/// Writes `hotfix.yml`, each line with why it is there.
struct SettingsText {
  private var lines: [String] = []
  private let facts: SurveyFacts
  private let indent: String
  /// The component's folder; empty: the whole project.
  private let folder: String
  /// Whether another component's feeds are assets of the latest release, of which there is one.
  private let latestIsTaken: Bool

  /// The whole file: of one application, or of several.
  init(_ facts: SurveyFacts, _ parts: [(component: SurveyComponent, facts: SurveyFacts)]) {
    self.init(facts, folder: "", indent: "")
    guard !parts.isEmpty else {
      writePart()
      writePolicy()
      return
    }
    let name = facts.repository.map(fileName) ?? facts.input.folder
    add("app", Finding(name, "each component has a name of its own"))
    writeMain()
    writePlainHost()
    add("components:", "each has keys of its own, laid over what stands above")
    var latestIsTaken = false
    for (component, own) in parts {
      var part = SettingsText(
        own,
        folder: component.folder,
        indent: "    ",
        latestIsTaken: latestIsTaken
      )
      part.add("paths: [ \(quoted(component.folder)) ]", "what its fixes may touch")
      part.writePart()
      lines += ["  \(quoted(component.name)):"] + part.lines
      latestIsTaken = latestIsTaken || part.usesLatest
    }
    writePolicy()
  }

  private init(
    _ facts: SurveyFacts,
    folder: String,
    indent: String,
    latestIsTaken: Bool = false
  ) {
    self.facts = facts
    self.folder = folder
    self.indent = indent
    self.latestIsTaken = latestIsTaken
  }

  /// What belongs to one application.
  private mutating func writePart() {
    writeVersion()
    writeHost()
    writeShip()
    writeFeeds()
    writeDocuments()
  }

  var text: String { lines.joined(separator: "\n") + "\n" }

  private mutating func add(_ line: String, _ comment: String? = nil, guess: String? = nil) {
    let mark = guess.map { "guess: \($0)" } ?? comment
    lines.append(indent + line + (mark.map { "    # \(OutsideText($0).line)" } ?? ""))
  }

  /// A command of the component's folder, as it runs at the top of the repository.
  private func atTop(_ command: Finding) -> Finding {
    guard !folder.isEmpty, !command.value.hasPrefix(Commands.placeholder) else { return command }
    return Finding(
      "cd \(OutsideText(folder).word) && \(command.value)",
      joined(folder, command.place),
      guess: command.guess
    )
  }

  /// Whether the feeds are assets of the latest release on GitHub.
  private var usesLatest: Bool {
    guard facts.repository != nil, !facts.feeds.isEmpty, !latestIsTaken else { return false }
    return switch facts.home {
    case .release, .fixedRelease, nil: true
    case .branch, .pages, .server: false
    }
  }

  private mutating func add(_ key: String, _ finding: Finding) {
    add("\(key): \(quoted(finding.value))", finding.place, guess: finding.guess)
  }

  private mutating func writeVersion() {
    add("app", facts.identity.name)
    if folder.isEmpty { writeMain() }
    add("version:")
    add("  scheme: \(facts.scheme.name)", facts.scheme.why)
    add("  tag", facts.tag)
    if let build = facts.build {
      add("  build", build.value.hasPrefix("git ") ? build : atTop(build))
    }
    if !facts.versionFiles.isEmpty {
      let files = facts.versionFiles.map { quoted(joined(folder, $0)) }.joined(separator: ", ")
      add("  files: [ \(files) ]", "they say the version")
      add("  write: true", "hotfix commits the new version there, after the fix")
    }
  }

  private mutating func writeMain() {
    if facts.input.main != "main" {
      add("main", Finding(facts.input.main, "releases come from this branch"))
    }
  }

  private mutating func writePlainHost() {
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
  }

  /// The host, and where on it the apps look for their feeds.
  private mutating func writeHost() {
    if folder.isEmpty {
      writePlainHost()
    } else {
      guard facts.repository != nil, latestIsTaken && !facts.feeds.isEmpty || facts.home != nil
      else {
        return
      }
      add("host:")
    }
    guard facts.repository != nil else { return }
    if latestIsTaken, !facts.feeds.isEmpty, [nil, true].contains(facts.home.map(\.isRelease)) {
      add("  feeds: pages", guess: "the latest release has the feeds of another component")
      return
    }
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
      let guess = foreign(other)
      if guess != nil || !folder.isEmpty {
        add("  feeds: release", "apps ask the latest release", guess: guess)
      }
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
    add("  suite", atTop(commands.suite))
    add("  proof", atTop(commands.proof))
    add("ship:")
    add("  build", atTop(commands.build))
    if let workflow = facts.workflow, facts.repository != nil {
      add("  workflow: \(quoted(workflow))", "it runs hotfix ship")
    }
    let (artifacts, place, guess) = Survey.artifacts(facts.input, commands, facts.identity)
    add("  artifacts:", place, guess: guess)
    for artifact in artifacts {
      let platform = artifact.platform == .any ? "" : ", platform: \(artifact.platform.rawValue)"
      add("    - { path: \(quoted(joined(folder, artifact.path)))\(platform) }")
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
      let isMoved = latestIsTaken && [nil, true].contains(facts.home.map(\.isRelease))
      let path =
        isMoved
        ? joined(facts.input.folder, fileName(feed.path))
        : isReleaseAsset ? fileName(feed.path) : feed.path
      guard paths.insert(path).inserted else { continue }
      let others = facts.feeds.filter {
        $0 != feed && $0.path == feed.path && $0.isAppcast && feed.isAppcast
      }
      let also = others.isEmpty ? "" : ", also: [ \(others.map(\.reader).joined(separator: ", ")) ]"
      let artifact = Survey.artifact(of: feed, facts).map { ", artifact: \(quoted($0))" } ?? ""
      add(
        "  - { \(feed.reader): \(quoted(path))\(also)\(artifact) }",
        feed.place,
        guess: feed.guess
      )
    }
  }

  private var isReleaseAsset: Bool {
    guard facts.repository != nil else { return false }
    return switch facts.home {
    case .branch, .pages, .server: false
    case .release, .fixedRelease, nil: true
    }
  }

  private mutating func writeDocuments() {
    if let changelog = facts.changelog {
      add("changelog: \(quoted(joined(folder, changelog.value)))", changelog.place)
    } else {
      add("changelog: none", "no changelog was found")
    }
    if !facts.hasDocuments { add("documents: none", "the record has it all anyway") }
  }

  private mutating func writePolicy() {
    guard facts.input.people == 1 else { return }
    let why = "one person: nobody else has to look"
    add("policy:")
    add("  approvals: 0", why, guess: facts.input.isAloneKnown ? nil : why)
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
