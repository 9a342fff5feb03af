package import Documents
package import ReleaseModel
internal import Yams

/// `hotfix.yml`, checked, with every default filled in.
package struct Settings: Sendable, Hashable {
  /// The file's name, at the root of the repository.
  package static let fileName = "hotfix.yml"

  /// Where a secret is kept; the secret itself is never in the settings.
  package enum SecretSource: Sendable, Hashable {
    case environment(String)
    case file(String)

    init?(_ text: String) {
      if text.hasPrefix("env:") {
        self = .environment(String(text.dropFirst(4)))
      } else if text.hasPrefix("file:") {
        self = .file(String(text.dropFirst(5)))
      } else {
        return nil
      }
    }

    /// As a word of a shell command, which does not show the secret.
    package var shellWord: String {
      switch self {
      case .environment(let name): "\"$\(name)\""
      case .file(let path): "\"$(cat \(shellQuoted(path)))\""
      }
    }
  }

  package struct Artifact: Sendable, Hashable {
    package let path: Template
    package let platform: Platform
  }

  package enum VersionsInUse: Sendable, Hashable {
    case last(Int)
    case listed([VersionName])
  }

  package struct Channel: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
      case webhook(SecretSource)
      case slack(SecretSource)
      case discord(SecretSource)
      case mail(to: String, from: String?, smtp: MailServer?)
      case atom(path: String)
      case discussion(category: String)
    }

    /// Where mail is handed in, in place of `sendmail`.
    package struct MailServer: Sendable, Hashable {
      /// `host:port`.
      package let address: String
      /// `user:password`; with it, nothing is sent before the connection is encrypted.
      package let login: SecretSource?

      package init(address: String, login: SecretSource?) {
        self.address = address
        self.login = login
      }
    }

    package let kind: Kind
    package let template: String?

    package init(kind: Kind, template: String?) {
      self.kind = kind
      self.template = template
    }

    /// The channel's name in the record and in messages; it holds no secret.
    package var name: String {
      switch kind {
      case .webhook(let source): "webhook \(source.name)"
      case .slack(let source): "slack \(source.name)"
      case .discord(let source): "discord \(source.name)"
      case .mail(let to, _, _): "mail \(to)"
      case .atom(let path): "atom \(path)"
      case .discussion(let category): "discussion \(category)"
      }
    }

    /// How what is sent through the channel is read.
    package var form: Announcement.Form {
      switch kind {
      case .slack: .slack
      case .discord: .discord
      case .discussion: .markdown
      case .webhook, .mail, .atom: .plain
      }
    }

    package var isDiscussion: Bool {
      if case .discussion = kind { true } else { false }
    }
  }

  /// The component whose settings these are; nil: the file's own.
  package var component: String?
  /// The paths of the repository that are the component's.
  package var paths: [String] = []
  /// The components' settings by their names, among the file's own.
  package var components: [String: Settings] = [:]
  package var app: String
  package var remote: String
  package var main: String
  package var scheme: VersionScheme
  package var tag: Template
  package var buildNumber: PerLine<String>
  /// The files that carry the version.
  package var versionFiles: [VersionFile]
  /// Whether hotfix commits the new version itself.
  package var writesVersion: Bool
  package var host: Host
  package var suite: String
  package var proof: Template
  package var regression: [String]
  package var testFiles: [String]
  package var testSeconds: Int
  package var build: Template
  /// The release workflow's file name on GitHub; nil: whoever runs `next` ships.
  package var workflow: String?
  package var artifacts: [Artifact]
  package var updateKey: SecretSource?
  /// Minisign's secret key for Tauri, and its password.
  package var minisignKey: SecretSource?
  package var minisignPassword: SecretSource?
  package var minisignPublic: String?
  package var signCommand: Template?
  package var signCheck: Template?
  package var notarizeCommand: Template?
  package var notarizeCheck: Template?
  package var shipSeconds: Int
  package var feeds: [Feed]
  package var versionsInUse: PerLine<VersionsInUse>
  package var fixCheck: Template?
  package var installCommand: Template?
  package var versionCommand: Template?
  package var approvals: Int = 1
  package var reviewersPath = "allowed_signers"
  package var revocationPath: String?
  /// How many people have to waive a step.
  package var waivers: Int?
  /// Who is asked to review on GitHub.
  package var asked: [String] = []
  package var openPGP: [String: String] = [:]
  package var approvalSeconds: Int = 86_400
  package var filesMax: Int = 20
  package var linesMax: Int = 400
  package var forbiddenPaths: [String] = []
  package var allowDependencies = false
  package var team: [Channel] = []
  package var announcement: [Channel] = []
  package var users: [Channel] = []
  package var support = "reply to this message"
  /// Whether security faults may be mended where strangers can read of them.
  package var isSecurityPublic = false
  /// The changelog's path; nil where the project has none.
  package var changelog: String? = "CHANGELOG.md"
  /// Whether the settings name it; a file that they do not name is not made.
  package var isChangelogNamed = false
  /// Where the runs' documents go; nil: the record alone has them.
  package var documents: String? = "docs/hotfixes"

  /// Reads the text of `hotfix.yml`.
  ///
  /// Throws `Problems` with every mistake at once.
  package static func read(_ text: String, file: String = "hotfix.yml") throws -> Settings {
    var reader = SettingsReader(file: file)
    guard let node = reader.parse(text) else { throw Problems(reader.problems) }
    let parts = node.components
    let shape = parts.isEmpty ? Shape.hotfix : .project
    guard let value = reader.read(node, as: shape) else { throw Problems(reader.problems) }
    var settings = Settings(value)
    guard !parts.isEmpty else {
      let problems = reader.problems + settings.contradictions(value, reader.places)
      guard problems.isEmpty else { throw Problems(problems) }
      return settings
    }
    // What stands around the components is part of each, so its mistakes would be told for each.
    guard reader.problems.isEmpty else { throw Problems(reader.problems) }
    settings.components = try components(parts, file: file, reader.places)
    return settings
  }

  private static func components(
    _ parts: [(name: String, node: Node)],
    file: String,
    _ places: SettingsPlaces
  ) throws -> [String: Settings] {
    var problems: [Problem] = []
    var components: [String: Settings] = [:]
    for (name, node) in parts {
      var reader = SettingsReader(file: file, component: name)
      guard let value = reader.read(node, as: .component) else { continue }
      var settings = Settings(value)
      settings.component = name
      settings.paths = value["paths"]?.texts ?? []
      let found = reader.problems + settings.contradictions(value, reader.places)
      problems += found.filter { !problems.contains($0) }
      components[name] = settings
    }
    if problems.isEmpty { problems = contradictions(between: components, places) }
    guard problems.isEmpty else { throw Problems(problems) }
    return components
  }

  private init(_ value: SettingsValue) {
    app = value["app"]?.text ?? ""
    remote = value["remote"]?.text ?? "origin"
    main = value["main"]?.text ?? "main"
    scheme = value["version"]?["scheme"]?.text.flatMap(VersionScheme.init) ?? .suffix
    tag = Template(value["version"]?["tag"]?.text ?? "v{version}")
    buildNumber = PerLine(value["version"]?["build"], \.text)
    versionFiles = value["version"]?["files"]?.texts.compactMap(VersionFile.init) ?? []
    writesVersion = value["version"]?["write"]?.flag ?? false
    host = Host(value["host"], main: main)
    let test = value["test"]
    suite = test?["suite"]?.text ?? ""
    proof = Template(test?["proof"]?.text ?? "")
    regression = test?["regression"]?.texts ?? []
    testFiles = test?["files"]?.texts ?? []
    testSeconds = (test?["minutes"]?.number ?? 30) * 60
    let ship = value["ship"]
    build = Template(ship?["build"]?.text ?? "")
    workflow = ship?["workflow"]?.text
    artifacts = (ship?["artifacts"]?.list ?? []).map { entry in
      Artifact(
        path: Template(entry["path"]?.text ?? ""),
        platform: entry["platform"]?.text.flatMap(Platform.init) ?? .any
      )
    }
    updateKey = ship?["sign"]?["ed25519"]?["key"]?.text.flatMap(SecretSource.init)
    let minisign = ship?["sign"]?["minisign"]
    minisignKey = minisign?["key"]?.text.flatMap(SecretSource.init)
    minisignPublic = minisign?["public"]?.text
    minisignPassword = minisign?["password"]?.text.flatMap(SecretSource.init)
    signCommand = ship?["sign"]?["command"]?.text.map { Template($0) }
    signCheck = ship?["sign"]?["check"]?.text.map { Template($0) }
    notarizeCommand = ship?["notarize"]?["command"]?.text.map { Template($0) }
    notarizeCheck = ship?["notarize"]?["check"]?.text.map { Template($0) }
    shipSeconds = (ship?["minutes"]?.number ?? 60) * 60
    feeds = (value["feeds"]?.list ?? []).compactMap(Feed.init)
    let verify = value["verify"]
    versionsInUse = PerLine(verify?["from"]) { from in
      from.list.map { .listed($0.compactMap(\.text).map { VersionName($0) }) }
        ?? from.number.map { .last($0) }
    }
    fixCheck = verify?["fix"]?.text.map { Template($0) }
    installCommand = verify?["install"]?.text.map { Template($0) }
    versionCommand = verify?["version"]?.text.map { Template($0) }
    readPeople(value)
  }

  /// Who agrees, who is told, and where it is written down.
  private mutating func readPeople(_ value: SettingsValue) {
    let policy = value["policy"]
    approvals = policy?["approvals"]?.number ?? approvals
    reviewersPath = policy?["reviewers"]?.text ?? reviewersPath
    revocationPath = policy?["revocation"]?.text
    waivers = policy?["waive"]?["by"]?.number
    asked = policy?["ask"]?.texts ?? []
    if case .map(let map)? = policy?["gpg"] { openPGP = map.compactMapValues(\.text) }
    approvalSeconds = policy?["hours"]?.number.map { $0 * 3600 } ?? approvalSeconds
    let limits = policy?["limits"]
    filesMax = limits?["files"]?.number ?? filesMax
    linesMax = limits?["lines"]?.number ?? linesMax
    forbiddenPaths = limits?["paths"]?.texts ?? []
    allowDependencies = limits?["dependencies"]?.flag ?? allowDependencies
    isSecurityPublic = value["embargo"]?.text == "none"
    let tell = value["tell"]
    team = (tell?["team"]?.list ?? []).compactMap(Channel.init)
    announcement = (tell?["announcement"]?.list ?? []).compactMap(Channel.init)
    users = (tell?["users"]?.list ?? []).compactMap(Channel.init)
    support = tell?["support"]?.text ?? support
    if let path = value["changelog"]?.text { changelog = path == "none" ? nil : path }
    isChangelogNamed = value["changelog"] != nil
    if let path = value["documents"]?.text { documents = path == "none" ? nil : path }
  }
}

extension Settings {
  /// The commands of `hotfix.yml`, by their keys.
  package var commands: [(key: String, line: String)] {
    let named: [(String, String?)] =
      [("test.suite", suite), ("test.proof", proof.text)]
      + regression.map { ("test.regression", $0) }
      + [
        ("ship.build", build.text), ("ship.sign.command", signCommand?.text),
        ("ship.sign.check", signCheck?.text), ("ship.notarize.command", notarizeCommand?.text),
        ("ship.notarize.check", notarizeCheck?.text), ("verify.install", installCommand?.text),
        ("verify.version", versionCommand?.text), ("verify.fix", fixCheck?.text),
      ]
    return named.compactMap { key, line in line.map { (key, $0) } }.filter { !$0.line.isEmpty }
  }

  /// Where secrets are kept, by the keys that say so.
  package var secretSources: [(key: String, source: SecretSource)] {
    let signing = [
      ("ship.sign.ed25519.key", updateKey), ("ship.sign.minisign.key", minisignKey),
      ("ship.sign.minisign.password", minisignPassword),
    ]
    let channels = [
      ("tell.team", team), ("tell.announcement", announcement), ("tell.users", users),
    ]
    return signing.compactMap { key, source in source.map { (key, $0) } }
      + channels.flatMap { key, list in list.compactMap(\.source).map { (key, $0) } }
  }

  /// The environment variables that hold secrets.
  package var secretNames: Set<String> {
    Set(
      secretSources.compactMap { secret in
        if case .environment(let name) = secret.source { name } else { nil }
      }
    )
  }
}

extension Settings.Channel {
  fileprivate var source: Settings.SecretSource? {
    switch kind {
    case .webhook(let source), .slack(let source), .discord(let source): source
    case .mail(_, _, let smtp): smtp?.login
    case .atom, .discussion: nil
    }
  }
}

extension Settings.SecretSource {
  package var name: String {
    switch self {
    case .environment(let name): name
    case .file(let path): path.split(separator: "/").last.map(String.init) ?? path
    }
  }
}

extension Settings.Channel {
  init?(_ value: SettingsValue) {
    func source(_ name: String) -> Settings.SecretSource? {
      value[name]?.text.flatMap(Settings.SecretSource.init)
    }
    template = value["template"]?.text
    if let source = source("webhook") {
      kind = .webhook(source)
    } else if let source = source("slack") {
      kind = .slack(source)
    } else if let source = source("discord") {
      kind = .discord(source)
    } else if let to = value["mail"]?.text {
      let server = value["smtp"]?.text.map {
        Settings.Channel.MailServer(address: $0, login: source("login"))
      }
      kind = .mail(to: to, from: value["from"]?.text, smtp: server)
    } else if let path = value["atom"]?.text {
      kind = .atom(path: path)
    } else if let category = value["discussion"]?.text {
      kind = .discussion(category: category)
    } else {
      return nil
    }
  }
}
