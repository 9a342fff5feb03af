package import Record
internal import ReleaseModel

/// Why a release workflow failed, as its log tells, and what to do.
package struct WorkflowTrouble: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case certificate, notarization, credentials, infrastructure, artifact, test, unknown
  }

  package let kind: Kind
  /// The lines of the log that say it.
  package let lines: [String]

  /// Whether the failed jobs may be run again without a person having mended anything.
  package var isSafeToRepeat: Bool { kind == .infrastructure }

  /// Words of the log by which a kind is known, in the order of asking: a build that fails for want
  /// of a certificate may well print "FAILED" too.
  private static let signs: [(Kind, [String])] = [
    (
      .certificate,
      [
        "CSSMERR_TP_CERT_EXPIRED", "certificate has expired", "certificate is expired",
        "CSSMERR_TP_CERT_REVOKED", "0 valid identities found", "no identity found",
        "errSecInternalComponent", "[sign.failed]", "[sign.check]",
      ]
    ),
    (
      .notarization,
      [
        "status: Invalid", "status: Rejected", "The binary is not signed with a valid Developer ID",
        "does not include a secure timestamp", "does not have the hardened runtime enabled",
        "A required agreement is missing or has expired", "[notarize.failed]", "[notarize.check]",
      ]
    ),
    (
      .credentials,
      [
        "Bad credentials", "Resource not accessible by integration", "Invalid credentials",
        "HTTP status code: 401", "401 Unauthorized", "Permission denied (publickey)",
        "could not read Username", "[secret.missing]", "[github.unauthorized]", "[github.no-token]",
        "[github.permission]", "[sign.wrong-key]",
      ]
    ),
    (
      .infrastructure,
      [
        "The runner has received a shutdown signal", "lost communication with the server",
        "No space left on device", "Could not resolve host", "Temporary failure in name resolution",
        "Connection reset by peer", "Connection timed out", "Operation timed out", "ETIMEDOUT",
        "ECONNRESET", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway",
        "secondary rate limit", "[github.unreachable]", "[github.offline]", "[github.limit]",
      ]
    ),
    (
      .artifact,
      [
        "[artifact.missing]", "[artifact.changed]", "[build.number]", "[release.exists]",
        "[candidate.version]",
      ]
    ),
    (
      .test,
      [
        "Test run with", "test result: FAILED", "Tests failed", "tests failed", "FAILED (failures",
        "--- FAIL:", "Failing tests:", "[build.failed]", "error: fatalError",
      ]
    ),
  ]

  package init(log: String) {
    let lines = Self.withoutScripts(
      log.lines().suffix(5000).map(Self.withoutTime)
    )
    for (kind, words) in Self.signs {
      let telling = lines.indices.filter { index in words.contains { lines[index].contains($0) } }
      guard !telling.isEmpty else { continue }
      self.kind = kind
      self.lines = Array(telling.suffix(5).flatMap { Self.problem(endingAt: $0, lines) }.suffix(20))
      return
    }
    kind = .unknown
    if let code = lines.lastIndex(where: { $0.contains(/^ *\[[a-z-]+\.[a-z-]+\]/) }) {
      self.lines = Array(Self.problem(endingAt: code, lines))
      return
    }
    let errors = lines.filter { $0.hasPrefix("##[error]") || $0.hasPrefix("error:") }
    self.lines = Array((errors.isEmpty ? lines : errors).suffix(8))
  }

  /// A problem of this tool ends with its code; what happened, and why, is above it.
  private static func problem(endingAt index: Int, _ lines: [String]) -> ArraySlice<String> {
    let before = lines[max(0, index - 15)..<index]
    guard lines[index].drop(while: { $0 == " " }).hasPrefix("["),
      let start = before.lastIndex(where: { $0.hasPrefix("error: ") })
    else { return lines[index...index] }
    return lines[start...index]
  }

  /// Actions print every script before they run it; what stands there did not happen.
  private static func withoutScripts(_ lines: [String]) -> [String] {
    var isScript = false
    return lines.filter { line in
      if line.hasPrefix("##[group]Run ") { isScript = true }
      defer { if line.hasPrefix("##[endgroup]") { isScript = false } }
      return !isScript
    }
  }

  /// Actions put the time in front of every line.
  private static func withoutTime(_ line: Substring) -> String {
    guard let space = line.firstIndex(of: " "), line[..<space].hasSuffix("Z"),
      line[..<space].contains("T")
    else { return String(line) }
    return String(line[line.index(after: space)...])
  }

  /// What a person does about it; a candidate's run can be mended by a commit too.
  package func remedy(run: Int, candidate: RunOpened? = nil) -> [String] {
    let again = "gh run rerun \(run) --failed     then:  hotfix next --watch"
    let ship = candidate.map { "--candidate \($0.tag)" } ?? "TAG"
    let own =
      switch kind {
      case .certificate:
        [
          "Renew the signing certificate, and put it into the repository's secrets.",
          "hotfix doctor     checks its dates", again,
        ]
      case .notarization:
        [
          "xcrun notarytool log SUBMISSION     tells what Apple refuses",
          "Mend it, or accept the new agreement on developer.apple.com", again,
        ]
      case .credentials:
        ["gh secret list     shows what is set; renew what the log names", again]
      case .infrastructure: [again]
      case .artifact: ["hotfix ship \(ship)     on a laptop shows the same", again]
      case .test, .unknown:
        ["gh run view \(run) --log-failed     shows all of it", again]
      }
    guard let candidate else { return own }
    return own + [
      "Or commit on \(candidate.branch), then:  hotfix next     "
        + "a new run begins; nothing has been published"
    ]
  }
}
