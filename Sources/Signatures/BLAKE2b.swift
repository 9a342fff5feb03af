internal import CSodium

/// BLAKE2b without a key (RFC 7693), by libsodium.
///
/// minisign and electron-updater's block maps use it; swift-crypto does not have it.
package enum BLAKE2b {
  /// Returns the digest of `bytes`; `size` is 1 to 64 bytes.
  package static func digest(_ bytes: some Collection<UInt8>, size: Int = 64) -> [UInt8] {
    digest(size: size) { update in Array(bytes).withUnsafeBytes(update) }
  }

  /// Returns the digest of `content`, which is read once in pieces; `size` is 1 to 64 bytes.
  ///
  /// Throws what reading the content throws.
  package static func digest(_ content: Content, size: Int = 64) throws -> [UInt8] {
    try digest(size: size) { update in try content.forEachPiece(update) }
  }

  private static func digest(
    size: Int,
    of pieces: ((UnsafeRawBufferPointer) -> Void) throws -> Void
  ) rethrows -> [UInt8] {
    precondition((1...64).contains(size), "A BLAKE2b digest has 1 to 64 bytes.")
    prepareSodium()
    // Swift does not import the packed, aligned `crypto_generichash_blake2b_state`, so it is memory.
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: crypto_generichash_blake2b_statebytes(),
      alignment: 64
    )
    defer { memory.deallocate() }
    let state = OpaquePointer(memory)
    crypto_generichash_blake2b_init(state, nil, 0, size)
    try pieces { piece in
      if let bytes = piece.bindMemory(to: UInt8.self).baseAddress {
        crypto_generichash_blake2b_update(state, bytes, UInt64(piece.count))
      }
    }
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      if let address = buffer.baseAddress {
        crypto_generichash_blake2b_final(state, address, size)
      }
      count = size
    }
  }
}
