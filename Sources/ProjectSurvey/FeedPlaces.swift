internal import ReleaseModel

/// Where a feed lives, as its address says.
enum FeedHome: Hashable {
  case release(repository: String, file: String)
  case branch(repository: String, branch: String, path: String)
  case pages(repository: String, path: String)
  /// An asset of one release that is edited again and again.
  case fixedRelease(repository: String, tag: String, file: String)
  case server(site: String, path: String)

  /// Whether the feed is an asset of a release.
  var isRelease: Bool {
    switch self {
    case .release, .fixedRelease: true
    case .branch, .pages, .server: false
    }
  }

  init?(_ address: String) {
    let address = String(address.prefix { $0 != "?" && $0 != "#" })
    // A mirror has the address that it mirrors for its path.
    if let mirrored = address.dropFirst().ranges(of: "https://").last {
      self.init(String(address[mirrored.lowerBound...]))
      return
    }
    guard let scheme = ["https://", "http://"].first(where: address.hasPrefix),
      !address.contains("{{"), !address.contains("$(")
    else { return nil }
    let parts = address.dropFirst(scheme.count).split(separator: "/").map(String.init)
    guard let host = parts.first?.lowercased(), parts.count > 1 else { return nil }
    let path = parts.dropFirst().joined(separator: "/")
    self =
      Self.gitHub(host, Array(parts.dropFirst()))
      ?? .server(site: scheme + (parts.first ?? ""), path: path)
  }

  private static func gitHub(_ host: String, _ parts: [String]) -> FeedHome? {
    func rest(_ count: Int) -> String { parts.dropFirst(count).joined(separator: "/") }
    let repository = parts.prefix(2).joined(separator: "/")
    switch host {
    case "github.com" where parts.count > 5 && parts[2...4] == ["releases", "latest", "download"]:
      return .release(repository: repository, file: rest(5))
    case "github.com" where parts.count > 5 && parts[2...3] == ["releases", "download"]:
      return .fixedRelease(repository: repository, tag: parts[4], file: rest(5))
    case "github.com" where parts.count > 4 && ["raw", "blob"].contains(parts[2]):
      return .branch(repository: repository, branch: parts[3], path: rest(4))
    case "raw.githubusercontent.com" where parts.count > 5 && parts[2...3] == ["refs", "heads"]:
      return .branch(repository: repository, branch: parts[4], path: rest(5))
    case "raw.githubusercontent.com" where parts.count > 3:
      return .branch(repository: repository, branch: parts[2], path: rest(3))
    case let name where name.hasSuffix(".github.io"):
      let owner = name.dropLast(".github.io".count)
      return parts.count > 1
        ? .pages(repository: "\(owner)/\(parts[0])", path: rest(1))
        : .pages(repository: "\(owner)/\(name)", path: rest(0))
    default: return nil
    }
  }

  var repository: String? {
    switch self {
    case .release(let repository, _), .branch(let repository, _, _), .pages(let repository, _),
      .fixedRelease(let repository, _, _):
      repository
    case .server: nil
    }
  }

  var path: String {
    switch self {
    case .release(_, let path), .branch(_, _, let path), .pages(_, let path),
      .fixedRelease(_, _, let path), .server(_, let path):
      path
    }
  }
}

/// Returns `owner/name` of a remote on GitHub.
func gitHubRepository(_ remote: String?) -> String? {
  var address = trimmed(remote ?? "")
  if address.hasSuffix("/") { address.removeLast() }
  if address.hasSuffix(".git") { address.removeLast(4) }
  let found = address.wholeMatch(
    of: /(?:https:\/\/(?:[^@\/]*@)?|ssh:\/\/git@|git@)github\.com[:\/]([\w.-]+\/[\w.-]+)/
  )
  return found.map { String($0.1) }
}
