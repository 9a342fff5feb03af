internal import Git
internal import Record
internal import ReleaseModel

/// Whether a person of the list signed a release tag.
struct TagSignature: Sendable {
  let git: Git
  let people: People

  /// Returns why the tag cannot be trusted, or nil.
  func fault(of tag: GitTag) async throws -> String? {
    guard tag.isAnnotated else { return "It is a lightweight tag." }
    let object = TagObject(try await git.object(tag.object)?.content ?? [])
    guard let armor = object.signature else { return "It carries no signature." }
    do {
      _ = try await SignatureVerifier(git: git, people: people).signer(
        of: object.signedBytes,
        signature: armor,
        namespace: Chain.namespace,
        at: object.time
      )
      return nil
    } catch let fault as SignatureVerifier.Fault {
      return "Its signature does not hold: \(fault.text)."
    }
  }
}
