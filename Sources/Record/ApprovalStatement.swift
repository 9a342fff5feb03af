internal import Foundation
package import ReleaseModel

/// What an approver signs: an in-toto Statement v1 about one step and one subject.
///
/// Source: in-toto attestation framework, Statement v1.
package struct ApprovalStatement: Sendable, Hashable {
  package let run: String
  package let step: String
  package let decision: String
  package let subject: String
  package let reason: String
  package let expires: Moment
  /// The policy under which it was given.
  package let policy: ContentDigest
  package let line: String

  private struct Wire: Codable {
    struct Subject: Codable {
      var name: String
      var digest: [String: String]
    }

    struct Predicate: Codable {
      var decision: String
      var expires: Moment
      var hf: String
      var policy: ContentDigest
      var reason: String
      var record: ContentDigest
      var step: String
    }

    var _type = "https://in-toto.io/Statement/v1"
    var predicate: Predicate
    var predicateType = "https://hotfix.dev/approval/v1"
    var subject: [Subject]
  }

  /// Makes the statement; `record` is the digest of the record's tip as the approver saw it.
  package static func make(
    run: String,
    step: String,
    decision: String,
    subject: String,
    commit: String?,
    reason: String,
    policy: ContentDigest,
    record: ContentDigest,
    expires: Moment
  ) throws -> String {
    let (kind, value) = split(subject)
    var digest = [kind: value]
    if let commit { digest["gitCommit"] = commit }
    let wire = Wire(
      predicate: .init(
        decision: decision,
        expires: expires,
        hf: run,
        policy: policy,
        reason: reason,
        record: record,
        step: step
      ),
      subject: [.init(name: step, digest: digest)]
    )
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(wire), as: UTF8.self)
  }

  package init?(line: String) {
    guard line.utf8.count <= 16_384,
      let wire = try? JSONDecoder().decode(Wire.self, from: Data(line.utf8)),
      wire._type == "https://in-toto.io/Statement/v1",
      wire.predicateType == "https://hotfix.dev/approval/v1", wire.subject.count == 1
    else { return nil }
    let digest = wire.subject[0].digest
    if let tree = digest["gitTree"] {
      subject = "tree:\(tree)"
    } else if let assessment = digest["sha256"] {
      subject = "sha256:\(assessment)"
    } else {
      return nil
    }
    run = wire.predicate.hf
    step = wire.predicate.step
    decision = wire.predicate.decision
    reason = wire.predicate.reason
    expires = wire.predicate.expires
    policy = wire.predicate.policy
    self.line = line
  }

  private static func split(_ subject: String) -> (String, String) {
    let parts = subject.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return ("text", subject) }
    return (parts[0] == "tree" ? "gitTree" : parts[0], parts[1])
  }
}
