/// What a value in `hotfix.yml` may be.
///
/// The checker and the JSON Schema both come from this.
package indirect enum Shape: Sendable {
  case text(hint: String)
  case secret
  case number(ClosedRange<Int>)
  case flag
  case choice([String])
  case list(Shape)
  case map([Key])
  case texts
  /// A mapping from names that people choose to values.
  case named(Shape)
  case either(Shape, Shape)
  /// A value, or a mapping from a version prefix to a value.
  case perLine(Shape)

  package struct Key: Sendable {
    package let name: String
    package let shape: Shape
    package let isRequired: Bool
    package let says: String

    package init(_ name: String, _ shape: Shape, required: Bool = false, _ says: String) {
      self.name = name
      self.shape = shape
      self.isRequired = required
      self.says = says
    }
  }

  /// What the shape is, in words.
  var words: String {
    switch self {
    case .text(let hint): hint
    case .secret: "env:NAME or file:PATH, where the secret is kept"
    case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .flag: "true or false"
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    case .list(let element): "a list, each entry \(element.words)"
    case .map(let keys): "a mapping with \(keys.map(\.name).joined(separator: ", "))"
    case .texts: "a mapping of names to texts"
    case .named(let element): "a mapping of names, each to \(element.words)"
    case .either(let a, let b): "\(a.words), or \(b.words)"
    case .perLine(let value): "\(value.words), or a mapping of version prefixes to such values"
    }
  }
}

extension Shape {
  /// The whole of `hotfix.yml`.
  package static let hotfix = Shape.map(
    keys + [
      Key(
        "components",
        .named(.map(componentKeys)),
        "Several applications in one repository, by name: each has the file's keys but remote, main, "
          + "policy and embargo, laid over what stands above."
      )
    ]
  )

  /// What a component with the file's keys around it has to be.
  static let component = Shape.map(keys + [componentPaths])

  /// What stands around components, each of which may have the rest.
  static let project = hotfix.relaxed

  private static let componentPaths = Key(
    "paths",
    .list(path),
    "The folders and files that are the component's; a fix that touches others is told."
  )

  /// The keys that a component may have.
  static let componentKeys: [Key] = {
    let shared: Set<String> = ["remote", "main", "policy", "embargo"]
    guard case .map(let all) = Shape.map(keys).relaxed else { return [] }
    return all.filter { !shared.contains($0.name) } + [componentPaths]
  }()

  /// The same shape, in which every key may be left out.
  private var relaxed: Shape {
    switch self {
    case .map(let keys): .map(keys.map { Key($0.name, $0.shape.relaxed, $0.says) })
    default: self
    }
  }

  private static let keys = [
    Key("app", .text(hint: "the application's name"), required: true, "The application's name."),
    Key(
      "remote",
      .text(hint: "a remote's name"),
      "The git remote to release from; default origin."
    ),
    Key(
      "main",
      .text(hint: "a branch's name"),
      "The branch that releases come from; default main."
    ),
    Key("version", version, "How hotfixes are named."),
    Key("host", host, required: true, "Where releases are published."),
    Key("test", test, required: true, "How the project is tested."),
    Key("ship", ship, required: true, "How artifacts are built, signed and notarized."),
    Key("feeds", .list(feed), "The update feeds that users' apps read."),
    Key("verify", verify, "What is tried from outside after the release."),
    Key("policy", policy, "Who has to agree, and how small a hotfix has to be."),
    Key(
      "embargo",
      .choice(["none"]),
      "none: security faults are mended in public, on a remote that strangers read; default is to "
        + "refuse that."
    ),
    Key("tell", tell, "Who is told, and where."),
    Key("changelog", path, "The changelog, or none; default CHANGELOG.md."),
    Key(
      "documents",
      path,
      "Where the runs' documents go, or none: the record has it all anyway; default docs/hotfixes."
    ),
  ]

  private static let path = Shape.text(hint: "a path")
  private static let command = Shape.text(hint: "a command line for sh")

  private static let version = Shape.map([
    Key(
      "scheme",
      .choice(["suffix", "patch"]),
      "suffix: 1.0.1-hotfix1 over 1.0.0, as in the runbook; patch: 1.0.1. Default suffix."
    ),
    Key("tag", .text(hint: "a text with {version}"), "The tag's name; default v{version}."),
    Key(
      "files",
      .list(.text(hint: "a path, or `path: text with {version}`")),
      "The files that carry the version: manifests that are known by their names, or any file with "
        + "the text around the version."
    ),
    Key("write", .flag, "Whether hotfix commits the new version itself; default false."),
    Key(
      "build",
      .perLine(command),
      "Prints the build number (CFBundleVersion) of the commit that is checked out; or one command "
        + "a release line, by version prefix."
    ),
  ])

  private static let host = Shape.map([
    Key("directory", path, "A folder that a web server serves at `url`."),
    Key("github", .text(hint: "owner/name"), "A repository on GitHub, or on the server at `url`."),
    Key(
      "url",
      .text(hint: "a URL"),
      "Where users reach the folder; a loopback address is served by hotfix while it verifies. Of "
        + "GitHub: the Enterprise Server; default https://github.com."
    ),
    Key(
      "feeds",
      .choice(["release", "pages", "repository"]),
      "Where feeds are on GitHub: assets of the latest release (default), or files on a branch."
    ),
    Key(
      "branch",
      .text(hint: "a branch's name"),
      "The feeds' branch; default gh-pages for pages, main's name for repository."
    ),
    Key("site", .text(hint: "a URL"), "Where users reach that branch's files, if it is elsewhere."),
    Key(
      "merge",
      .choice(["merge", "squash", "rebase"]),
      "How GitHub merges the pull request; default merge."
    ),
  ])

  private static let test = Shape.map([
    Key("suite", command, required: true, "Runs the full test suite."),
    Key(
      "proof",
      command,
      required: true,
      "Runs the fix's own test; it has to fail on the base release and pass on the fix. {test} is what "
        + "`open --test` names, else the name of the fix's test file up to its first dot."
    ),
    Key("regression", .list(command), "Commands that try the regression scenarios."),
    Key(
      "files",
      .list(.text(hint: "a glob pattern")),
      "Which paths are tests; default any path with test or spec in a component."
    ),
    Key("minutes", .number(1...1440), "Time limit of each command; default 30."),
  ])

  private static let ship = Shape.map([
    Key("build", command, required: true, "Builds the artifacts of {version}, build {build}."),
    Key(
      "workflow",
      .text(hint: "a file's name"),
      "The workflow of .github/workflows that runs hotfix ship; without it, next ships itself."
    ),
    Key(
      "artifacts",
      .list(
        .map([
          Key("path", path, required: true, "The file, with {version} in its name."),
          Key("platform", .choice(["macos", "linux", "windows", "any"]), "Where it runs."),
        ])
      ),
      required: true,
      "The files that the build makes."
    ),
    Key(
      "sign",
      .map([
        Key(
          "ed25519",
          .map([Key("key", .secret, required: true, "Sparkle's private update key.")]),
          "Signs artifacts for Sparkle."
        ),
        Key(
          "minisign",
          .map([
            Key("key", .secret, required: true, "Minisign's secret key, as Tauri has it."),
            Key("password", .secret, "The key's password."),
            Key(
              "public",
              .text(hint: "a public key"),
              "Its public key, as tauri.conf.json has it, for those who verify without the secret."
            ),
          ]),
          "Signs artifacts for Tauri, with the version in the trusted comment."
        ),
        Key("command", command, "Signs {artifact} in place, before it is hashed."),
        Key("check", command, "Has to succeed on the signed {artifact}."),
      ]),
      "How artifacts are signed."
    ),
    Key(
      "notarize",
      .map([
        Key("command", command, required: true, "Notarizes and staples {artifact}."),
        Key("check", command, "Has to succeed on the notarized {artifact}."),
      ]),
      "How macOS artifacts are notarized."
    ),
    Key("minutes", .number(1...1440), "Time limit of each command; default 60."),
  ])

  private static let feed = Shape.map([
    Key("sparkle", path, "An appcast, as a path on the release host."),
    Key("winsparkle", path, "An appcast that WinSparkle reads."),
    Key("netsparkle", path, "An appcast that NetSparkle reads."),
    Key("electron", path, "A channel file of electron-updater: latest.yml, latest-mac.yml, …"),
    Key("tauri", path, "Tauri's latest.json."),
    Key("velopack", path, "Velopack's releases.{channel}.json."),
    Key("squirrel-windows", path, "Squirrel.Windows's RELEASES."),
    Key("squirrel-mac", path, "Squirrel.Mac's static JSON."),
    Key("appstream", path, "An AppStream metainfo file."),
    Key(
      "also",
      .list(.choice(["sparkle", "winsparkle", "netsparkle"])),
      "Other updaters that read the same appcast."
    ),
    Key("artifact", .text(hint: "a file name with {version}"), "Which artifact the feed offers."),
    Key("signed", .flag, "Sign the feed itself (SURequireSignedFeed)."),
    Key("deltas", .number(0...20), "From how many earlier releases Sparkle gets a binary delta."),
    Key(
      "minimum-system",
      .perLine(.text(hint: "a system version")),
      "sparkle:minimumSystemVersion; or one a release line, by version prefix."
    ),
    Key(
      "line",
      .text(hint: "a version prefix"),
      "The release line that the feed belongs to, such as \"1\"; default the newest."
    ),
  ])

  private static let verify = Shape.map([
    Key(
      "from",
      .perLine(.either(.number(1...50), .list(.text(hint: "a version")))),
      "The versions in use that are tried: the last N releases, or a list; default 3. Or one a "
        + "release line, by version prefix."
    ),
    Key(
      "install",
      command,
      "Installs {artifact} into the empty folder {installed}, for artifacts that are no archives."
    ),
    Key(
      "version",
      command,
      "Run on an installed copy in {installed}; has to print the version."
    ),
    Key(
      "fix",
      command,
      "Run on an installed copy in {installed}; has to succeed where the fix is in."
    ),
  ])

  private static let policy = Shape.map([
    Key(
      "approvals",
      .number(0...20),
      "How many people have to approve; default 1. With 0 nobody else has to look."
    ),
    Key(
      "reviewers",
      path,
      "The allowed-signers file of those who may sign; default allowed_signers."
    ),
    Key(
      "revocation",
      path,
      "A file of public keys that count for nothing any more, one a line."
    ),
    Key(
      "ask",
      .list(.text(hint: "a login")),
      "Who is asked to review on GitHub: logins, or owner/team; CODEOWNERS are asked anyway."
    ),
    Key("gpg", .texts, "OpenPGP fingerprints by person, for those who sign with GPG."),
    Key("hours", .number(1...720), "How long an approval counts; default 24."),
    Key(
      "waive",
      .map([
        Key(
          "by",
          .number(1...20),
          "How many people; default one, who for reviews and approval is not the author."
        )
      ]),
      "Who may pass over a step."
    ),
    Key(
      "limits",
      .map([
        Key("files", .number(1...10_000), "How many files a fix may touch; default 20."),
        Key("lines", .number(1...1_000_000), "How many lines a fix may change; default 400."),
        Key("paths", .list(.text(hint: "a glob pattern")), "Paths that a fix may not touch."),
        Key("dependencies", .flag, "Whether a fix may change dependencies; default false."),
      ]),
      "How small a hotfix has to be."
    ),
  ])

  private static let channel = Shape.map([
    Key("webhook", .secret, "Posts JSON: {\"subject\", \"text\", …}, or `template`."),
    Key("slack", .secret, "A Slack incoming webhook."),
    Key("discord", .secret, "A Discord webhook."),
    Key("mail", .text(hint: "an address"), "Sends mail through sendmail, or `smtp`."),
    Key("from", .text(hint: "an address"), "The sender of the mail."),
    Key("smtp", .text(hint: "host:port"), "An SMTP server, reached through curl."),
    Key("login", .secret, "Its user:password; sent over TLS alone."),
    Key("atom", path, "An Atom file, as a path on the release host."),
    Key("discussion", .text(hint: "a category"), "A discussion on GitHub, in this category."),
    Key("template", path, "A file that overrides the text, with {app}, {version} and so on."),
  ])

  private static let tell = Shape.map([
    Key("team", .list(channel), "Told when a hotfix is approved."),
    Key("announcement", .list(channel), "Where every release is announced."),
    Key("users", .list(channel), "Told when the hotfix is critical."),
    Key("support", .text(hint: "an address or URL"), "Where users get support."),
  ])
}
