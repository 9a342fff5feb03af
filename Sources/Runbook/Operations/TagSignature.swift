internal import Git
internal import Record
internal import ReleaseModel
internal import Signatures

/// Whether a person of the list signed a release tag.
struct TagSignature: Sendable {
  let git: Git
  let scratch: FilePath
  let policy: Policy

  /// Returns why the tag cannot be trusted, or nil.
  func fault(of tag: GitTag) async throws -> String? {
    guard tag.isAnnotated else { return "It is a lightweight tag." }
    let object = TagObject(try await git.object(tag.object)?.content ?? [])
    guard let armor = object.signature else { return "It carries no signature." }
    if let signature = SSHSignature(armor: armor),
      signature.verify(object.signedBytes, namespace: Chain.namespace) == .good,
      try AllowedSigners(policy.signers).person(for: signature.key, namespace: Chain.namespace)
        != nil
    {
      return nil
    }
    do {
      _ = try await SignatureProgram(git: git, scratch: scratch).signer(
        of: object.signedBytes,
        signature: armor,
        policy: policy,
        namespace: Chain.namespace,
        sequence: 0
      )
    } catch {
      return "Its signature does not hold."
    }
    return nil
  }
}
