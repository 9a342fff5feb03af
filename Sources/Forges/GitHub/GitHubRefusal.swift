internal import Foundation
internal import ReleaseModel
internal import Runbook

/// A request that GitHub refused: nothing was done.
struct GitHubRefusal: Error, Sendable {
  let status: Int
  let message: String
  /// The codes of validation errors, for example `already_exists`.
  let codes: [String]
  let sso: String?
  /// What the token would need, in GitHub's words, for example `contents=write`.
  let permissions: String?

  private struct Body: Decodable {
    struct Detail: Decodable {
      let code: String?
      let message: String?

      init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
          (code, message) = (nil, text)
          return
        }
        let container = try? decoder.container(keyedBy: Key.self)
        code = try? container?.decode(String.self, forKey: .code)
        message = try? container?.decode(String.self, forKey: .message)
      }

      enum Key: String, CodingKey {
        case code, message
      }
    }

    let message: String?
    let errors: Lenient<[Detail]>?
  }

  init(_ answer: HTTP.Answer) {
    status = answer.status
    let body = try? JSONDecoder().decode(Body.self, from: Data(answer.body))
    let details = body?.errors?.value ?? []
    let words = [body?.message] + details.map { $0.message ?? $0.code }
    let text = words.compactMap(\.self).joined(separator: "; ")
    message = text.isEmpty ? "HTTP \(answer.status)" : String(text.prefix(2000))
    codes = details.compactMap(\.code)
    sso = answer.header("X-GitHub-SSO").flatMap { header in
      header.firstRange(of: "url=").map { String(header[$0.upperBound...]) }
    }
    permissions = answer.header("X-Accepted-GitHub-Permissions")
  }
}

/// A limit that GitHub enforces, and how long to wait for it.
///
/// Primary: `x-ratelimit-remaining: 0`, until `x-ratelimit-reset`. Secondary: `Retry-After`, or a
/// minute where only the words tell it (docs.github.com, rate limits for the REST API).
struct GitHubLimit: Sendable {
  let name: String
  let seconds: Int

  init(name: String, seconds: Int) {
    self.name = name
    self.seconds = seconds
  }

  init?(_ answer: HTTP.Answer) {
    let words = String(decoding: answer.body.prefix(4096), as: UTF8.self).lowercased()
    if let after = answer.header("Retry-After").flatMap({ Int($0) }) {
      name = "secondary limit"
      seconds = max(0, after)
    } else if answer.header("x-ratelimit-remaining") == "0",
      let reset = answer.header("x-ratelimit-reset").flatMap({ Int($0) })
    {
      name = "primary limit"
      // The server's own clock: ours may be wrong. A header can hold any number.
      let until = reset.clamped(to: 0...1 << 40)
      seconds = max(1, until - (Self.date(answer) ?? until - 60) + 1)
    } else if answer.status == 429 || words.contains("secondary rate limit")
      || words.contains("abuse detection")
    {
      name = "secondary limit"
      seconds = 60
    } else {
      return nil
    }
  }

  static func date(_ answer: HTTP.Answer) -> Int? {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return answer.header("Date").flatMap { format.date(from: $0) }
      .map { Int($0.timeIntervalSince1970.clamped(to: 0...1e12)) }
  }

  var problem: Problem {
    Problem(
      "github.limit",
      "GitHub takes no more requests for now.",
      why: "The \(name) is used up; it asks to wait \(seconds) s.",
      next: ["Wait, then repeat the command; nothing is done twice."]
    )
  }
}

/// What refusals mean to a person.
enum GitHubProblems {
  static func unauthorized(_ refusal: GitHubRefusal, _ source: String?) -> Problem {
    guard let source else { return noToken(refusal.message) }
    return Problem(
      "github.unauthorized",
      "GitHub does not take the token.",
      why: "From \(source): \(refusal.message)",
      next: ["gh auth login", "or:  export GITHUB_TOKEN=…     with a token that is not expired"]
    )
  }

  static func noToken(_ why: String) -> Problem {
    Problem(
      "github.no-token",
      "There is no token for GitHub.",
      why: why,
      next: ["gh auth login", "or:  export GITHUB_TOKEN=…"]
    )
  }

  /// A repository that is not there, or that the token may not see.
  static func repository(
    _ address: GitHubAddress,
    _ refusal: GitHubRefusal,
    _ source: String?
  ) -> Problem {
    let name = "\(address.owner)/\(address.name)"
    return Problem(
      "github.repository",
      "The repository \(name) cannot be read on \(address.server).",
      why: "\(refusal.status): \(refusal.message). A private repository is also not found "
        + (source.map { "by a token that may not read it; the token is from \($0)." }
          ?? "without a token, and there is none."),
      next: [
        "gh auth login     or:  export GITHUB_TOKEN=…     with access to \(name)",
        "Check host.github in hotfix.yml: \(name)",
        "hotfix doctor     tells what the token may see",
      ]
    )
  }

  /// A 403 that everybody has to understand, whatever they asked for; nil: it depends.
  static func forbidden(_ refusal: GitHubRefusal, _ source: String?) -> Problem? {
    if let address = refusal.sso {
      return Problem(
        "github.sso",
        "The organisation wants the token to be authorised for single sign-on.",
        why: refusal.message,
        next: ["Open \(address) and authorise it, then repeat the command."]
      )
    }
    if refusal.message.contains("archived") {
      return Problem(
        "github.archived",
        "The repository is archived.",
        why: refusal.message,
        next: ["Unarchive it in the repository's settings, then repeat the command."]
      )
    }
    if refusal.message.contains("Resource not accessible") {
      return Problem(
        "github.permission",
        "The token may not do this.",
        why: refusal.message + (refusal.permissions.map { "\nIt needs \($0)." } ?? "")
          + (source.map { "\nThe token is from \($0)." } ?? ""),
        next: ["hotfix doctor     names each permission that is missing"]
      )
    }
    return nil
  }

  static func problem(_ doing: String, _ address: GitHubAddress, _ refusal: GitHubRefusal)
    -> Problem
  {
    if refusal.status == 404 {
      return Problem(
        "github.not-found",
        "GitHub does not show what is needed while \(doing).",
        why: "\(refusal.message). Also what the token may not see is not found.",
        next: [
          "hotfix doctor     tells what the token may see",
          "Check host.github in hotfix.yml: \(address.owner)/\(address.name)",
        ]
      )
    }
    return Problem(
      "github.refused",
      "GitHub refused while \(doing).",
      why: "\(refusal.status): \(refusal.message)"
        + (refusal.status == 403 ? refusal.permissions.map { "\nIt needs \($0)." } ?? "" : ""),
      next: ["hotfix doctor     checks what can be checked", "hotfix next"]
    )
  }
}

extension GitHubClient {
  /// Runs something, and tells what GitHub refused as a problem of it.
  nonisolated func told<Value: Sendable>(
    _ doing: String,
    _ body: @Sendable () async throws -> Value
  ) async throws -> Value {
    do {
      return try await body()
    } catch let refusal as GitHubRefusal {
      // Of a repository that cannot be seen at all there is more to say.
      if refusal.status == 404, let problem = await repositoryProblem() { throw problem }
      throw GitHubProblems.problem(doing, address, refusal)
    } catch HTTP.Failure.notSent(let why) {
      throw Problem(
        "github.offline",
        "GitHub cannot be reached while \(doing); nothing was changed.",
        why: why,
        next: [
          "Check the network and the proxy, and whether GitHub is up (www.githubstatus.com).",
          "Then repeat the command.",
        ]
      )
    } catch let failure as HTTP.Failure {
      throw Problem(
        "github.unreachable",
        "GitHub gave no clear answer while \(doing).",
        why: failure.why,
        next: ["Repeat the command: it looks first, and does nothing twice."]
      )
    }
  }
}

extension Comparable {
  fileprivate func clamped(to range: ClosedRange<Self>) -> Self {
    min(max(self, range.lowerBound), range.upperBound)
  }
}
