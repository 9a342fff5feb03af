internal import ReleaseModel
internal import Foundation
internal import Signatures

/// How a request becomes an answer: who asks, what goes wrong, which resource, which headers.
extension GitHubStandIn {
  private static let primaryLimit = 5000

  func answer(_ arriving: Call, _ surface: Surface) async -> Reply {
    var call = arriving
    var fault: Fault.Kind?
    var reply: Reply
    do {
      try requireName(call, surface)
      call.viewer = try viewer(call, surface)
      call.version = try version(call)
      fault = strike(call)
      if let fault, let refused = refusal(of: fault) {
        reply = refused
      } else {
        if Self.isWrite(call, surface) {
          beforeLastWrite = live
          try limitWrites(call, surface)
        }
        reply = try await served(call, surface, fault)
      }
    } catch let refusal as Refusal {
      reply = refusal.reply
      if surface == .uploads, case .json(let body) = reply.body {
        reply.body = .json(body.adding(["request_id": "0000:00000:0000000:0000000:00000000"]))
      }
      if surface == .git { reply = Self.forGit(refusal) }
    } catch {
      reply = Refusal(500, "Server Error: \(error)").reply
    }
    if case .lostAnswer = fault { reply.hangsUp = true }
    if surface == .rest || surface == .graphQL || surface == .uploads {
      reply = dressed(reply, call, surface)
    }
    note(call, surface, reply, cost: cost(reply, surface))
    wake()
    return reply
  }

  /// git shows people what a server says in plain text alone.
  private static func forGit(_ refusal: Refusal) -> Reply {
    let words =
      switch refusal.status {
      case 401: "Invalid username or token. Password authentication is not supported."
      case 404: "Repository not found."
      default: refusal.message
      }
    var headers = refusal.headers
    if refusal.status == 401 { headers.append(("WWW-Authenticate", "Basic realm=\"GitHub\"")) }
    return Reply(
      refusal.status,
      headers: headers,
      body: .bytes(Array(words.utf8), type: "text/plain")
    )
  }

  private func served(_ call: Call, _ surface: Surface, _ fault: Fault.Kind?) async throws -> Reply
  {
    if case .staleRead = fault {
      return try await StaleRead.$snapshot.withValue(beforeLastWrite) {
        try await resource(call, surface, fault)
      }
    }
    return try await resource(call, surface, fault)
  }

  private func resource(_ call: Call, _ surface: Surface, _ fault: Fault.Kind?) async throws
    -> Reply
  {
    switch surface {
    case .rest: return try await rest(call)
    case .uploads: return try await upload(call, fault)
    case .graphQL: return try await graphQL(call)
    case .git: return try await gitOverHTTP(call)
    case .web: return try await webPage(call)
    case .storage: return try await stored(call)
    }
  }

  private static func isWrite(_ call: Call, _ surface: Surface) -> Bool {
    switch surface {
    case .rest, .uploads: !call.isRead
    case .git: call.segments.last == "git-receive-pack"
    case .graphQL:
      call.json["query"].text?.drop(while: \.isWhitespace).hasPrefix("mutation") == true
    case .web, .storage: false
    }
  }

  /// Refuses programs that do not say what they are, as the API does.
  private func requireName(_ call: Call, _ surface: Surface) throws {
    guard surface == .rest || surface == .graphQL || surface == .uploads,
      call.headers["user-agent"]?.isEmpty ?? true
    else { return }
    throw Refusal(
      403,
      "Request forbidden by administrative rules. Please make sure your request has a User-Agent "
        + "header."
    )
  }

  /// Finds out who asks; a token that nobody has is refused, also where none is needed.
  private func viewer(_ call: Call, _ surface: Surface) throws -> Token? {
    guard surface != .storage, surface != .web else { return nil }
    guard let header = call.headers["authorization"] else { return nil }
    let words = header.split(separator: " ", maxSplits: 1).map(String.init)
    guard words.count == 2 else { throw Refusal.badCredentials }
    var secret = words[1]
    if words[0].lowercased() == "basic" {
      guard let data = Data(base64Encoded: secret) else { throw Refusal.badCredentials }
      let pair = String(decoding: data, as: UTF8.self)
        .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      // The token may stand in either place, as GitHub allows.
      let candidates = pair.reversed().filter { live.tokens[$0] != nil }
      guard let found = candidates.first else { throw Refusal.badCredentials }
      secret = found
    }
    guard let token = live.tokens[secret] else { throw Refusal.badCredentials }
    return token
  }

  private func version(_ call: Call) throws -> APIVersion {
    guard let asked = call.headers["x-github-api-version"] else { return .november2022 }
    guard let version = APIVersion(rawValue: asked) else {
      throw Refusal(400, "The version \"\(asked)\" is not supported.")
    }
    return version
  }

  private func cost(_ reply: Reply, _ surface: Surface) -> Int {
    surface == .rest && reply.status != 304 && !reply.hangsUp ? 1 : 0
  }

  // MARK: - Headers

  private func dressed(_ reply: Reply, _ call: Call, _ surface: Surface) -> Reply {
    var reply = reply
    var headers: [(String, String)] = []
    if surface == .rest, (200..<300).contains(reply.status), case .json(let body) = reply.body {
      // Of the address too: equal bodies of two resources are two entities.
      let place = Array("\(call.version.rawValue)\(call.target)".utf8)
      let tag = "W/\"\(ContentDigest.of(body.bytes + place).hex)\""
      headers.append(("ETag", tag))
      if call.isRead, let known = call.headers["if-none-match"], matches(known, tag) {
        reply.status = 304
        reply.body = .none
      }
      headers.append(("Cache-Control", "private, max-age=60, s-maxage=60"))
      headers.append(("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP"))
    }
    headers.append(("X-GitHub-Request-Id", "STND:\(exchanges.count):0:0:0"))
    headers.append(("X-GitHub-Media-Type", "github.v3; format=json"))
    headers.append(("X-GitHub-Api-Version-Selected", call.version.rawValue))
    if let scopes = call.viewer?.scopes {
      headers.append(("X-OAuth-Scopes", scopes.joined(separator: ", ")))
      headers.append(("X-Accepted-OAuth-Scopes", ""))
    }
    if surface != .uploads { headers += limits(reply, call, surface) }
    let given = Set(reply.headers.map { $0.0.lowercased() })
    reply.headers += headers.filter { !given.contains($0.0.lowercased()) }
    return reply
  }

  private func matches(_ known: String, _ tag: String) -> Bool {
    known == "*"
      || known.split(separator: ",").contains { candidate in
        let trimmed = candidate.trimmingCharacters(in: .whitespaces)
        return trimmed == tag || "W/" + trimmed == tag
      }
  }

  private func limits(_ reply: Reply, _ call: Call, _ surface: Surface) -> [(String, String)] {
    let charge = reply.status == 304 ? 0 : 1
    var used = charge
    var reset = epoch() + 3600
    if let viewer = call.viewer, var token = live.tokens[viewer.secret] {
      if token.resets <= epoch() {
        token.resets = reset
        token.used = 0
        token.usedGraphQL = 0
      }
      if surface == .graphQL { token.usedGraphQL += charge } else { token.used += charge }
      used = surface == .graphQL ? token.usedGraphQL : token.used
      reset = token.resets
      live.tokens[viewer.secret] = token
    }
    let limit = call.viewer == nil ? 60 : Self.primaryLimit
    return [
      ("X-RateLimit-Limit", "\(limit)"),
      ("X-RateLimit-Remaining", "\(max(limit - used, 0))"),
      ("X-RateLimit-Used", "\(used)"),
      ("X-RateLimit-Reset", "\(reset)"),
      ("X-RateLimit-Resource", surface == .graphQL ? "graphql" : "core"),
    ]
  }
}

/// Seconds since 1970.
func epoch() -> Int { Int(Date().timeIntervalSince1970) }
