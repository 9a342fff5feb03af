/// One thing that goes wrong, at requests that a pattern picks.
///
/// What a client must survive: a refusal, a server's error, an answer that is lost after the deed,
/// a connection closed before it, both limits, a read that lags behind a write, an upload that
/// leaves an empty asset, and one that loses bytes. Some clients, as git, ask again by themselves
/// when a kept connection dies: a fault that they shall notice strikes twice.
package struct Fault: Sendable {
  package enum Kind: Sendable {
    case refuse(status: Int, body: JSON)
    /// Refuses with headers that say why.
    case refuseWith(status: Int, headers: [(String, String)])
    case serverError(Int)
    /// Does it, then closes the connection without an answer.
    case lostAnswer
    /// Closes the connection without doing it.
    case closeBefore
    /// `retryAfter` is left out of the answer when nil, as GitHub sometimes does.
    case secondaryLimit(retryAfter: Int?)
    /// Nothing remains until so many seconds from now.
    case primaryLimit(resetAfter: Int)
    /// Answers from the state before the last write.
    case staleRead
    /// An upload leaves an asset in state `starter`, and answers 502.
    case starter
    /// An upload keeps half of the bytes, and answers as if nothing had happened.
    case truncatedUpload
  }

  package let method: String
  /// A pattern of the path without prefix and query; `*` stands for anything.
  package let path: String
  /// The first matching request is number 1.
  package let occurrences: ClosedRange<Int>
  package let kind: Kind

  package init(
    _ method: String,
    _ path: String,
    _ kind: Kind,
    at occurrences: ClosedRange<Int> = 1...1
  ) {
    self.method = method
    self.path = path
    self.occurrences = occurrences
    self.kind = kind
  }

  func matches(_ call: Call) -> Bool {
    guard method == "*" || method == call.method else { return false }
    return glob(path, "/" + call.segments.joined(separator: "/"))
  }
}

extension GitHubStandIn {
  /// Replaces the plan of what goes wrong; counting begins anew.
  package func setFaults(_ plan: [Fault]) {
    faults = plan
    faultHits = plan.map { _ in 0 }
  }

  /// How many requests each fault of the plan has seen.
  package var hits: [Int] { faultHits }

  /// Refuses what makes content more often than this in a minute, as GitHub does at 80.
  ///
  /// Off at first: tests write fast.
  package func setWritesPerMinute(_ limit: Int?) {
    writesPerMinute = limit
    writeTimes = []
  }

  func limitWrites(_ call: Call, _ surface: Surface) throws {
    guard let limit = writesPerMinute, surface != .git else { return }
    writeTimes.removeAll { $0 <= epoch() - 60 }
    guard writeTimes.count < limit else {
      let wait = (writeTimes.first ?? epoch()) + 60 - epoch()
      throw Refusal(
        403,
        "You have exceeded a secondary rate limit and have been temporarily blocked from content "
          + "creation. Please retry your request again later.",
        headers: [("Retry-After", "\(max(wait, 1))")]
      )
    }
    writeTimes.append(epoch())
  }

  /// Counts the request for every fault that it matches, and returns the first that strikes.
  func strike(_ call: Call) -> Fault.Kind? {
    var found: Fault.Kind?
    for (index, fault) in faults.enumerated() where fault.matches(call) {
      faultHits[index] += 1
      if found == nil, fault.occurrences.contains(faultHits[index]) { found = fault.kind }
    }
    return found
  }

  /// Returns the answer of faults that do not reach the resource at all.
  func refusal(of fault: Fault.Kind) -> Reply? {
    switch fault {
    case .refuse(let status, let body): return Reply(status, body)
    case .refuseWith(let status, let headers):
      return Refusal(
        status,
        "Resource protected by organization SAML enforcement.",
        headers: headers
      )
      .reply
    case .serverError(let status):
      return Reply(
        status,
        ["message": "Server Error", "documentation_url": "", "status": "\(status)"]
      )
    case .closeBefore: return .hangUp
    case .secondaryLimit(let seconds):
      var refusal = Refusal(
        403,
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
      )
      refusal.documentation =
        "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"
        + "#about-secondary-rate-limits"
      if let seconds { refusal.headers = [("Retry-After", "\(seconds)")] }
      return refusal.reply
    case .primaryLimit(let seconds):
      let reset = epoch() + seconds
      let refusal = Refusal(
        403,
        "API rate limit exceeded for user ID 1.",
        headers: [
          ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Used", "5000"),
          ("X-RateLimit-Reset", "\(reset)"),
        ]
      )
      return refusal.reply
    case .lostAnswer, .staleRead, .starter, .truncatedUpload: return nil
    }
  }
}

/// Matches a whole text against a pattern in which `*` stands for any characters.
func glob(_ pattern: some StringProtocol, _ text: some StringProtocol) -> Bool {
  let parts = String(pattern).split(separator: "*", omittingEmptySubsequences: false).map(
    String.init
  )
  guard parts.count > 1, let first = parts.first, let last = parts.last else {
    return String(pattern) == String(text)
  }
  guard text.hasPrefix(first), text.count >= first.count + last.count, text.hasSuffix(last) else {
    return false
  }
  var rest = String(text.dropFirst(first.count).dropLast(last.count))
  for part in parts.dropFirst().dropLast() where !part.isEmpty {
    guard let range = rest.firstRange(of: part) else { return false }
    rest = String(rest[range.upperBound...])
  }
  return true
}
