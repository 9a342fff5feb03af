package import ReleaseModel

extension Settings {
  /// Where releases are published.
  package enum Host: Sendable, Hashable {
    case directory(path: String, url: String)
    case github(GitHubHost)
  }

  package struct GitHubHost: Sendable, Hashable {
    /// Where feeds are: assets of the latest release, or files on a branch.
    package enum FeedHome: String, Sendable, Hashable {
      case release, pages, repository
    }

    package let repository: String
    package let server: String
    package let feeds: FeedHome
    package let branch: String
    /// Where users reach the branch's files, when it is not GitHub's usual place.
    package let site: String?
    package let mergeMethod: String
  }

  /// The host on GitHub, or nil.
  package var github: GitHubHost? {
    if case .github(let host) = host { host } else { nil }
  }
}

extension Settings.Host {
  init(_ value: SettingsValue?, main: String) {
    func address(_ name: String) -> String? {
      value?[name]?.text.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    }
    guard let repository = value?["github"]?.text else {
      self = .directory(path: value?["directory"]?.text ?? "", url: address("url") ?? "")
      return
    }
    let feeds =
      value?["feeds"]?.text.flatMap(Settings.GitHubHost.FeedHome.init) ?? .release
    self = .github(
      Settings.GitHubHost(
        repository: repository,
        server: address("url") ?? "https://github.com",
        feeds: feeds,
        branch: value?["branch"]?.text ?? (feeds == .pages ? "gh-pages" : main),
        site: address("site"),
        mergeMethod: value?["merge"]?.text ?? "merge"
      )
    )
  }
}

extension Settings {
  /// Reads the version out of a tag's name; nil when the tag is not named by the scheme.
  package func version(ofTag name: String) -> VersionName? {
    let marked = tag.filled(["version": "\0"]).split(
      separator: "\0",
      maxSplits: 1,
      omittingEmptySubsequences: false
    )
    guard marked.count == 2 else { return nil }
    let (prefix, suffix) = (marked[0], marked[1])
    guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.count > prefix.count + suffix.count
    else { return nil }
    let version = VersionName(String(name.dropFirst(prefix.count).dropLast(suffix.count)))
    return version.numbers == nil ? nil : version
  }

  /// What does not go together in `host`.
  func hostContradictions(_ value: SettingsValue?, _ places: SettingsPlaces) -> [Problem] {
    let named = ["directory", "github"].filter { value?[$0] != nil }
    guard named.count == 1 else {
      return [
        places.problem(
          "host",
          at: "host",
          "host names \(named.count) release hosts.",
          "Give it exactly one of directory, github."
        )
      ]
    }
    return switch host {
    case .directory(_, let url): directoryContradictions(url, value, places)
    case .github(let github): gitHubContradictions(github, places)
    }
  }

  private func directoryContradictions(
    _ url: String,
    _ value: SettingsValue?,
    _ places: SettingsPlaces
  ) -> [Problem] {
    var problems: [Problem] = []
    func add(_ code: String, at name: String, _ what: String, _ next: String) {
      problems.append(places.problem(code, at: name, what, next))
    }
    if url.isEmpty {
      add(
        "host",
        at: "host",
        "host.url is missing.",
        "Write the address at which users reach the folder."
      )
    } else if let problem = Self.unusable(url, at: "host.url", places) {
      problems.append(problem)
    }
    for key in ["feeds", "branch", "site", "merge"] where value?[key] != nil {
      add("host", at: "host.\(key)", "host.\(key) is for GitHub alone.", "Remove it.")
    }
    if workflow != nil {
      add("workflow", at: "ship.workflow", "ship.workflow is for GitHub alone.", "Remove it.")
    }
    if (team + announcement + users).contains(where: { $0.isDiscussion }) {
      add(
        "channel",
        at: "tell",
        "a discussion is for GitHub alone.",
        "Tell them by another channel."
      )
    }
    return problems
  }

  private static func unusable(
    _ url: String?,
    at name: String,
    _ places: SettingsPlaces
  ) -> Problem? {
    url.flatMap(HTTPAddress.fault).map { fault in
      places.problem(
        "url",
        at: name,
        "\(name) cannot be asked: \(fault).",
        "Write the address that users reach, such as  https://downloads.example.org"
      )
    }
  }

  private func gitHubContradictions(_ github: GitHubHost, _ places: SettingsPlaces) -> [Problem] {
    var problems: [Problem] = []
    func add(_ code: String, at name: String, _ what: String, _ next: String) {
      problems.append(places.problem(code, at: name, what, next))
    }
    problems += [("url", github.server), ("site", github.site)].compactMap { name, url in
      Self.unusable(url, at: "host.\(name)", places)
    }
    if github.repository.split(separator: "/", omittingEmptySubsequences: false).count != 2 {
      add(
        "host",
        at: "host.github",
        "host.github is not owner/name.",
        "Write, for example:  github: owner/name"
      )
    }
    let isOwn = github.repository.hasSuffix(".github.io")
    if github.feeds == .pages, github.site == nil, isOwn || github.server != "https://github.com" {
      add(
        "host",
        at: "host",
        "host.site is missing: nobody can tell from outside where these Pages are.",
        "Write the address at which users reach them."
      )
    }
    if github.feeds == .release, feeds.contains(where: { $0.path.contains("/") }) {
      add(
        "feed",
        at: "feeds",
        "a feed among a release's assets has a plain name.",
        "Write it without folders, or:  host: { feeds: pages }"
      )
    }
    return problems
  }
}
