internal import Forges
internal import Git
internal import Machine
internal import ProjectSurvey
internal import ReleaseModel
internal import Runbook

/// Collects what a survey needs: from git, from the checkout, and once from the host and the feeds.
struct ProjectLook {
  private static let fileBytesMax = 1 << 20
  private static let answerBytesMax = 4 << 20
  private static let seconds = 2
  private static let feedsMax = 6

  let git: Git
  let root: FilePath
  let isOffline: Bool

  /// Returns the input, and what could not be read.
  func input() async throws -> (SurveyInput, [String]) {
    let tracked = try await git.text(["ls-files", "-z"]).split(separator: "\0").map(String.init)
    let remote = try? await git.text(["config", "--get", "remote.origin.url"])
    let main = await mainBranch()
    let root = root
    var input = SurveyInput(
      folder: root.lastComponent?.string ?? "App",
      files: tracked,
      tags: try await newestTags(),
      remote: remote,
      main: main,
      people: await people(main),
      read: { Self.read($0, in: root) }
    )
    var unread: [String] = []
    if !isOffline, let repository = Survey.gitHub(remote) {
      input.releases = await newestReleases(repository)
      let prefix = Survey.tagForm(input).replacing("{version}", with: "")
      input.release = input.releases.first { $0.tag.hasPrefix(prefix) }
      if input.release == nil { unread.append("no release of \(repository) could be read") }
    }
    return (input, unread)
  }

  /// A file that really is in the checkout: a link may lead anywhere.
  private static func read(_ path: String, in root: FilePath) -> String? {
    let file = root.pushing(FilePath(path))
    guard let real = LiveFiles.files.resolve(file), let top = LiveFiles.files.resolve(root),
      real.starts(with: top)
    else { return nil }
    return (try? LiveFiles.files.read(real, fileBytesMax))?.map { $0 }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private func newestTags() async throws -> [String] {
    try await git.text([
      "for-each-ref", "--sort=-creatordate", "--count=5000", "--format=%(refname:strip=2)",
      "refs/tags",
    ]).lines().map(String.init)
  }

  private func mainBranch() async -> String {
    let head = try? await git.text(["symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"])
    let prefix = "refs/remotes/origin/"
    if let head, head.hasPrefix(prefix) {
      return String(head.dropFirst(prefix.count)).lines().first.map(String.init) ?? "main"
    }
    for name in ["main", "master"] {
      if (try? await git.resolve(prefix + name)) ?? nil != nil { return name }
    }
    let here = (try? await git.head()) ?? nil
    return here.map { String($0.dropFirst($0.hasPrefix("refs/heads/") ? 11 : 0)) } ?? "main"
  }

  /// How many people committed in the last year, without robots; nil where nobody did.
  private func people(_ main: String) async -> Int? {
    let branch = (try? await git.resolve("refs/remotes/origin/\(main)")) ?? nil
    let log = try? await git.text([
      "log", "--since=1.year", "--max-count=2000", "--format=%an%x09%ae", branch ?? "HEAD",
    ])
    let robots = [
      "[bot]", "dependabot", "renovate", "github-actions", "weblate", "noreply@github.com",
    ]
    var people: [(names: Set<String>, mails: Set<String>)] = []
    for line in Set((log ?? "").lines().map { $0.lowercased() })
    where !robots.contains(where: line.contains) {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else { continue }
      // One person often has two addresses, or two spellings of a name.
      let known = people.firstIndex { $0.names.contains(parts[0]) || $0.mails.contains(parts[1]) }
      if let known {
        people[known].names.insert(parts[0])
        people[known].mails.insert(parts[1])
      } else {
        people.append(([parts[0]], [parts[1]]))
      }
    }
    return people.isEmpty ? nil : people.count
  }

  private func get(_ address: String) async -> String? {
    guard HTTPAddress.fault(address) == nil else { return nil }
    let request = HTTP.Request(
      "GET",
      address,
      headers: [("User-Agent", "hotfix")],
      bytesMax: Self.answerBytesMax,
      seconds: Self.seconds
    )
    guard let answer = try? await LiveHTTP.http.send(request), answer.status == 200 else {
      return nil
    }
    return String(decoding: answer.body, as: UTF8.self)
  }

  private func newestReleases(_ repository: String) async -> [SurveyInput.Release] {
    let list = await get("https://api.github.com/repos/\(repository)/releases?per_page=20")
    return list.map { Survey.releases(inGitHubs: $0) } ?? []
  }

  /// Reads each feed once.
  func readingFeeds(_ input: SurveyInput, _ unread: inout [String]) async -> SurveyInput {
    var input = input
    guard !isOffline else { return input }
    for address in Survey(input).feedAddresses.prefix(Self.feedsMax) {
      if let text = await get(address) {
        input.feeds[address] = text
      } else {
        unread.append("\(address) could not be read")
      }
    }
    return input
  }
}
