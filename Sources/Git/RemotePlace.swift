/// Where a remote's URL leads, by git's rules (git-fetch(1), "Git URLs").
package enum RemotePlace: Sendable, Hashable {
  /// A folder of this machine.
  case folder
  /// A server and the path on it, without `.git`; credentials in the URL are left out.
  case server(scheme: String, host: String, path: String)
  /// A program that is called `git-remote-NAME`.
  case helper(String)

  package init(_ url: String) {
    let scheme = url.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+.-".contains($0)) }
    let rest = url.dropFirst(scheme.count)
    if !scheme.isEmpty, rest.hasPrefix("::") {
      self = .helper(String(scheme))
    } else if !scheme.isEmpty, rest.hasPrefix("://") {
      self = Self.place(scheme.lowercased(), rest.dropFirst(3))
    } else if let colon = url.firstIndex(of: ":"),
      url.firstIndex(of: "/").map({ colon < $0 }) ?? true
    {
      // user@host:path, as scp has it.
      self = Self.place("ssh", url[..<colon] + "/" + url[url.index(after: colon)...])
    } else {
      self = .folder
    }
  }

  private static func place(_ scheme: String, _ rest: Substring) -> RemotePlace {
    if scheme == "file" { return .folder }
    let end = rest.firstIndex(of: "/") ?? rest.endIndex
    let host = rest[..<end].split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    var path = rest[end...].split(separator: "/").joined(separator: "/")
    if path.hasSuffix(".git") { path.removeLast(4) }
    return .server(scheme: scheme, host: host.lowercased(), path: path)
  }

  /// The place as it is told to people.
  package var name: String {
    switch self {
    case .folder: "a folder of this machine"
    case .server(_, let host, let path): "\(host)/\(path)"
    case .helper(let name): "what git-remote-\(name) reaches"
    }
  }
}

extension Git {
  /// Returns where pushes to the remote go, with git's `insteadOf` and `pushInsteadOf` applied.
  package func pushPlaces() async throws -> [RemotePlace] {
    try await lines(["remote", "get-url", "--push", "--all", remote]).map { RemotePlace($0) }
  }
}
