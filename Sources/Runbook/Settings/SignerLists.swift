package import Git
package import ReleaseModel

/// The files that say who counts: those who may sign, and keys that were revoked.
package struct SignerLists: Sendable, Hashable {
  package let signers: String
  package let revoked: String?

  package init(signers: String, revoked: String? = nil) {
    self.signers = signers
    self.revoked = revoked
  }

  /// Reads the files that the settings name at a commit; nil where there is no list of signers.
  ///
  /// Throws `signers.missing` where the file of revoked keys is not there.
  package static func read(
    _ settings: Settings,
    at commit: String,
    _ git: Git
  ) async throws -> SignerLists? {
    func text(_ path: String) async throws -> String? {
      try await git.file(path, at: commit).map { String(decoding: $0, as: UTF8.self) }
    }
    guard let signers = try await text(settings.reviewersPath) else { return nil }
    guard let path = settings.revocationPath else { return SignerLists(signers: signers) }
    guard let revoked = try await text(path) else { throw missingRevocation(path) }
    return SignerLists(signers: signers, revoked: revoked)
  }

  package static func missingRevocation(_ path: String) -> Problem {
    Problem(
      "signers.missing",
      "The list of revoked keys, \(path), is not there.",
      why: "policy.revocation in hotfix.yml names it.",
      next: ["git add \(shellQuoted(path))     commit it and push it to main"]
    )
  }
}
