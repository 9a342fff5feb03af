package import BinaryDelta
package import ReleaseModel

/// A delta read to its end, for people who want to know what makes it large.
package struct DeltaContents {
  package struct Patch: Sendable {
    package let newSize: Int
    /// Bytes that are not as in the old file.
    package let differing: Int
    /// Bytes that are not taken from the old file at all.
    package let extra: Int
  }

  package let head: DeltaHead
  /// By item; nil for one that is no patch.
  package let patches: [Patch?]
  /// The length of the stream without compression.
  package let unpacked: Int

  /// Throws `delta.…` for what cannot be read.
  package static func read(_ delta: FilePath) throws -> DeltaContents {
    let file = try FileReader(delta)
    let (head, data) = try DeltaHead.read { try file.next() }
    var patches: [Patch?] = []
    for item in head.items {
      if item.isPatch {
        let patch = try RawPatchReader(data, length: item.dataLength)
        let (differing, extra) = try patch.counts()
        patches.append(Patch(newSize: patch.newSize, differing: differing, extra: extra))
      } else {
        try DeltaApplication.eachPiece(of: item.dataLength, data) { _ in }
        patches.append(nil)
      }
    }
    guard try data.isAtEnd() else {
      throw DeltaApplication.refused("", "data is left behind the last command")
    }
    let length = head.streamFront.count + head.items.reduce(0) { $0 + $1.dataLength }
    return DeltaContents(head: head, patches: patches, unpacked: length)
  }
}
