internal import Foundation
internal import Runbook

extension GitHubClient {
  /// Hidden at the end of a text, so that what was made is found again.
  static func hidden(_ mark: HiddenMark) -> String { "<!-- hotfix: \(mark.marker) -->" }

  private struct Viewer: Decodable, Sendable {
    let viewer: GitHubPulls.User
  }

  /// The token's account, an App's too, which may not ask REST for it: `name[bot]`.
  func account() async throws -> String {
    let known = try await remembered("account") {
      let answer: Viewer = try await self.ask(GitHubDocuments.viewer, [:])
      return [answer.viewer.login]
    }
    return known.first ?? ""
  }

  /// Returns whether a text is ours: strangers can write the marker, and quote it, and are not us.
  func isOurs(_ text: String?, by author: String?, _ mark: HiddenMark) async throws -> Bool {
    guard let text, let author else { return false }
    guard text.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix(Self.hidden(mark)) else {
      return false
    }
    if mark.accounts.contains(author) { return true }
    return try await account() == author
  }
}

/// Who did something, as GraphQL names them: without the end that the name of a bot has in REST.
struct GitHubActor: Decodable, Sendable {
  let login: String
  private let kind: String

  private enum CodingKeys: String, CodingKey {
    case login
    case kind = "__typename"
  }

  var account: String { kind == "Bot" ? "\(login)[bot]" : login }
}
