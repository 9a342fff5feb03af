package import Feeds
internal import ReleaseModel
package import Signatures

extension UpdateKey {
  /// Signs a feed's new content; a feed that is signed already, only if by this key.
  ///
  /// Throws `feed.wrong-key`.
  package func signedFeed(
    _ content: [UInt8],
    replacing old: (any FeedFormat)?,
    at path: String
  ) throws -> [UInt8] {
    if let old, let signature = old.signature,
      !edSignatureHolds(signature, over: old.content, publicKey: publicKey)
    {
      throw Problem(
        "feed.wrong-key",
        "\(path) is not signed by the key at hand, so it was not touched.",
        why: "Either the key is the wrong one, or somebody changed the feed.",
        next: ["hotfix doctor     compares the keys", "hotfix feed show \(path)"]
      )
    }
    return SparkleFeed.file(content: content, signature: try sign(content))
  }
}
