internal import Foundation
internal import ReleaseModel

/// A repository on GitHub or on a GitHub Enterprise Server.
package struct GitHubAddress: Sendable, Hashable {
  /// `https://github.com`, or the server's address; without a slash at the end.
  package let server: String
  package let owner: String
  package let name: String

  /// Reads `owner/name`.
  ///
  /// Throws `github.name`, `github.server`.
  package init(_ repository: String, server: String) throws {
    let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ isSaneName(String($0)) && !$0.contains("/") }) else {
      throw Problem(
        "github.name",
        "\(repository) is not a repository's name.",
        next: ["Write, in hotfix.yml:  host: { github: owner/name }"]
      )
    }
    let url = URLComponents(string: server)
    let isLoopback = ["127.0.0.1", "localhost", "::1"].contains(url?.host ?? "")
    // A token goes there: only where nobody can listen on the way.
    guard let url, url.host?.isEmpty == false,
      url.scheme == "https" || url.scheme == "http" && isLoopback
    else {
      throw Problem(
        "github.server",
        "\(server) is not the address of a GitHub server.",
        why: "Credentials are sent over https only.",
        next: ["Write, in hotfix.yml:  host: { github: owner/name, url: https://github.com }"]
      )
    }
    self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
    owner = String(parts[0])
    self.name = String(parts[1])
  }

  var isDotCom: Bool { server == "https://github.com" }

  /// The host that credentials are asked for, with the port when it is not the usual one.
  var host: String {
    let url = URLComponents(string: server)
    return (url?.host ?? "") + (url?.port.map { ":\($0)" } ?? "")
  }

  /// GitHub Enterprise Server has its API below the same host.
  var api: String { isDotCom ? "https://api.github.com" : "\(server)/api/v3" }
  var graphQL: String { isDotCom ? "https://api.github.com/graphql" : "\(server)/api/graphql" }
  var repository: String { "\(api)/repos/\(owner)/\(name)" }
  var web: String { "\(server)/\(owner)/\(name)" }

  /// Whether a request to this address may carry the token.
  func isTrusted(_ url: String) -> Bool {
    guard let target = URLComponents(string: url), let own = URLComponents(string: api) else {
      return false
    }
    let hosts = isDotCom ? ["api.github.com", "uploads.github.com"] : [own.host ?? ""]
    return target.scheme == own.scheme && target.port == own.port
      && hosts.contains(target.host?.lowercased() ?? "")
  }

  /// A text as one component of a path.
  static func escaped(_ text: String) -> String {
    let allowed = CharacterSet(
      charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )
    return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
  }
}
