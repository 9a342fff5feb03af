// GitHub's REST API: one request, and what may be done about its answer.
//
// 1. The token goes to GitHub's own hosts alone; a redirect elsewhere goes without it.
// 2. A request that was certainly not carried out is sent again; one that may have been is
//    reported as unknown, and its caller looks before it acts again.
// 3. Limits are waited for when that takes at most `waitSecondsMax`, and told otherwise.
// 4. A GET that was answered before is asked for with its ETag: 304 costs nothing of the limit.

internal import Foundation
package import ReleaseModel
package import Runbook

package actor GitHubClient {
  /// The API version that requests name; answers of 2026-03-10 are understood too.
  package static let version = "2022-11-28"
  static let waitSecondsMax = 120
  static let attemptsMax = 4
  static let pagesMax = 50
  private static let cacheMax = 100

  package let address: GitHubAddress
  let http: HTTP
  /// Waits some seconds; tests wait less.
  let pause: @Sendable (Int) async throws -> Void
  private let credential: @Sendable () async -> (secret: Secret, source: String)?
  let say: @Sendable (Narration) -> Void
  private let version: String
  private var found: (secret: Secret, source: String)?
  private var hasLooked = false
  private var cache: [String: Known] = [:]
  private var answers: [String: Set<String>] = [:]
  /// Whether this command saw the repository itself, which gives a 404 its meaning.
  private var hasSeenRepository = false

  /// An answer that may serve again.
  private struct Known {
    let tag: String
    let answer: HTTP.Answer
    var at: ContinuousClock.Instant
  }

  package init(
    address: GitHubAddress,
    http: HTTP,
    version: String = GitHubClient.version,
    credential: @escaping @Sendable () async -> (secret: Secret, source: String)?,
    pause: @escaping @Sendable (Int) async throws -> Void = {
      try await Task.sleep(for: .seconds($0))
    },
    say: @escaping @Sendable (Narration) -> Void = { _ in }
  ) {
    self.address = address
    self.http = http
    self.version = version
    self.credential = credential
    self.pause = pause
    self.say = say
  }

  /// Answers what does not change with its question, so that watching costs nothing.
  func remembered(
    _ question: String,
    _ find: @Sendable () async throws -> Set<String>
  ) async throws -> Set<String> {
    if let known = answers[question] { return known }
    let found = try await find()
    if answers.count >= Self.cacheMax { answers = [:] }
    answers[question] = found
    return found
  }

  /// The token and its source, looked up once.
  package func token() async -> (secret: Secret, source: String)? {
    if !hasLooked {
      found = await credential()
      hasLooked = true
    }
    return found
  }

  // MARK: asking

  /// Returns what is there, or nil for 404.
  ///
  /// GitHub also answers 404 for all of a repository that the token may not see: throws
  /// `github.repository` then.
  func get<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) async throws
    -> Value?
  {
    do {
      return try decoded(try await send("GET", path), path)
    } catch let refusal as GitHubRefusal where refusal.status == 404 {
      try await requireRepository()
      return nil
    }
  }

  /// Makes sure, once, that the repository can be read, so that a 404 means "not there".
  func requireRepository() async throws {
    guard !hasSeenRepository else { return }
    do {
      _ = try await send("GET", "")
    } catch let refusal as GitHubRefusal where refusal.status == 404 {
      throw await GitHubProblems.repository(address, refusal, token()?.source)
    }
    hasSeenRepository = true
  }

  /// That the repository cannot be seen; nil where it can, or where nobody knows.
  func repositoryProblem() async -> Problem? {
    do {
      try await requireRepository()
      return nil
    } catch {
      return (error as? Problem).flatMap { $0.code == "github.repository" ? $0 : nil }
    }
  }

  /// Returns every page of a list; `key` names the list where an object holds it.
  ///
  /// `secondsOld` lets an answer of a moment ago serve again, where several steps ask the same.
  func list<Value: Decodable & Sendable>(
    _ path: String,
    key: String? = nil,
    pages: Int = pagesMax,
    secondsOld: Int = 0
  ) async throws -> [Value] {
    var all: [Value] = []
    var next: String? = path + (path.contains("?") ? "&" : "?") + "per_page=100"
    for _ in 0..<pages {
      guard let url = next else { return all }
      let answer = try await send("GET", url, secondsOld: secondsOld)
      if let key {
        let page: [String: Lenient<[Value]>] = try decoded(answer, url)
        all += page[key]?.value ?? []
      } else {
        all += try decoded(answer, url) as [Value]
      }
      next = answer.header("Link").flatMap(Self.nextPage)
    }
    return all
  }

  /// Sends a body and returns the answer's.
  @discardableResult
  func write<Value: Decodable>(
    _ method: String,
    _ path: String,
    _ body: some Encodable,
    as type: Value.Type = Value.self
  ) async throws -> Value {
    try decoded(try await send(method, path, body: Self.json(body)), path)
  }

  static func json(_ body: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(body))
  }

  func decoded<Value: Decodable>(_ answer: HTTP.Answer, _ path: String) throws -> Value {
    // An answer without a body stands for an empty object.
    let body = answer.body.isEmpty ? Array("{}".utf8) : answer.body
    do {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Value.self, from: Data(body))
    } catch {
      throw Problem(
        "github.answer",
        "GitHub's answer cannot be understood.",
        why: "\(path): \(error)",
        next: ["Repeat the command; if it stays, report this."]
      )
    }
  }

  /// The address of the next page in a Link header (RFC 8288), which is to be taken as it is.
  static func nextPage(_ header: String) -> String? {
    for link in header.split(separator: ",") where link.contains("rel=\"next\"") {
      guard let start = link.firstIndex(of: "<"), let end = link.firstIndex(of: ">"), start < end
      else { continue }
      return String(link[link.index(after: start)..<end])
    }
    return nil
  }

  // MARK: sending

  /// Sends one request until it was answered or may have been carried out.
  ///
  /// Throws `GitHubRefusal`, `HTTP.Failure.unknown`, and problems of credentials and limits.
  func send(
    _ method: String,
    _ path: String,
    body: [UInt8] = [],
    accept: String = "application/vnd.github+json",
    secondsOld: Int = 0,
    bytesMax: Int = 16 << 20,
    isRead: Bool? = nil
  ) async throws -> HTTP.Answer {
    let url = path.hasPrefix("http") ? path : address.repository + path
    if secondsOld > 0, let known = cache[url],
      ContinuousClock.now - known.at < .seconds(secondsOld)
    {
      return known.answer
    }
    var request = HTTP.Request(method, url, body: body, bytesMax: bytesMax, seconds: 120)
    request.keepsConnection = true
    request.headers = await headers(url, accept: accept)
    if !body.isEmpty { request.headers.append(("Content-Type", "application/json")) }
    let known = method == "GET" ? cache[url] : nil
    if let known { request.headers.append(("If-None-Match", known.tag)) }
    let answer = try await answer(request, isRead: isRead ?? (method == "GET")) {
      try await self.http.send($0)
    }
    if answer.status == 304, let known {
      cache[url]?.at = .now
      return known.answer
    }
    if method == "GET", let tag = answer.header("ETag"), answer.body.count < 4 << 20 {
      if cache.count >= Self.cacheMax { cache = [:] }
      cache[url] = Known(tag: tag, answer: answer, at: .now)
    }
    return answer
  }

  func headers(_ url: String, accept: String) async -> [(String, String)] {
    var headers = [("Accept", accept), ("X-GitHub-Api-Version", version)]
    if address.isTrusted(url), let token = await token() {
      headers.append(("Authorization", "Bearer \(token.secret.reveal())"))
    }
    return headers
  }

  /// Carries a request through failures and limits.
  ///
  /// A read can always be repeated; a write only when nothing of it was sent.
  func answer(
    _ request: HTTP.Request,
    isRead: Bool,
    _ body: @Sendable (HTTP.Request) async throws -> HTTP.Answer
  ) async throws -> HTTP.Answer {
    var request = request
    var attempt = 0
    var hops = 0
    while true {
      attempt += 1
      let isLast = attempt >= Self.attemptsMax
      let answer: HTTP.Answer
      do {
        answer = try await body(request)
      } catch let failure as HTTP.Failure {
        // Without a network there is nothing to wait for; a connection may be refused once.
        guard failure.isNotSent ? attempt == 1 : isRead && !isLast else { throw failure }
        try await pause(1 << (attempt - 1))
        continue
      }
      switch answer.status {
      case 200..<300, 304: return answer
      case 301, 302, 307, 308:
        // A renamed repository: the same request, at the place that the server names.
        hops += 1
        guard hops <= 5, let target = answer.header("Location"), address.isTrusted(target) else {
          throw GitHubRefusal(answer)
        }
        request.url = target
        attempt -= 1
      case 403, 429:
        let limit = GitHubLimit(answer)
        guard let limit else { throw await forbidden(GitHubRefusal(answer)) }
        guard !isLast, limit.seconds <= Self.waitSecondsMax else { throw limit.problem }
        say(.note("GitHub asks to wait \(limit.seconds) s (\(limit.name))"))
        try await pause(limit.seconds)
      case 500...:
        guard isRead, !isLast else {
          throw HTTP.Failure.unknown("GitHub answered \(answer.status)")
        }
        try await pause(1 << (attempt - 1))
      case 401: throw await GitHubProblems.unauthorized(GitHubRefusal(answer), token()?.source)
      default: throw GitHubRefusal(answer)
      }
    }
  }

  private func forbidden(_ refusal: GitHubRefusal) async -> any Error {
    await GitHubProblems.forbidden(refusal, token()?.source) ?? refusal
  }
}

extension HTTP.Failure {
  fileprivate var isNotSent: Bool {
    if case .notSent = self { true } else { false }
  }
}

/// A value of an object that may hold other things beside it.
struct Lenient<Value: Decodable & Sendable>: Decodable, Sendable {
  let value: Value?

  init(from decoder: any Decoder) throws {
    value = try? Value(from: decoder)
  }
}

extension GitHubClient {
  /// What helps, and must not stop anything: a refusal is passed over.
  func attempt(_ body: @Sendable () async throws -> Void) async throws {
    do {
      try await body()
    } catch is GitHubRefusal {
    } catch let problem as Problem where problem.code == "github.permission" {}
  }
}

/// An answer without anything that is needed.
struct Ignored: Decodable, Sendable {}
