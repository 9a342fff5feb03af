/// Bytes that can be read more than once, in pieces: a file of any size, or an array.
package struct Content: Sendable {
  package let size: Int
  private let scan: @Sendable (_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

  /// `scan` hands all bytes on from the beginning, each time that it is called.
  package init(
    size: Int,
    scan: @escaping @Sendable (_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) {
    self.size = size
    self.scan = scan
  }

  package init(_ bytes: [UInt8]) {
    self.init(size: bytes.count) { body in try bytes.withUnsafeBytes(body) }
  }

  package func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try scan(body)
  }

  /// What fits into the memory without being noticed goes through swift-crypto as a whole.
  private static let smallMax = 16 << 20

  var isSmall: Bool { size <= Self.smallMax }

  /// All bytes, or nil where they are too many to be held.
  func small() throws -> [UInt8]? {
    guard isSmall else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    try forEachPiece { bytes.append(contentsOf: $0) }
    return bytes
  }
}
