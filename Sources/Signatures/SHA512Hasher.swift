internal import Crypto
internal import DigestLoading

/// SHA-512 over bytes that come in pieces: of large content by the system's OpenSSL, where Linux
/// has it, and else by swift-crypto.
///
/// OpenSSL uses AVX2 and takes a fifth less time; to load it takes a millisecond.
struct SHA512Hasher {
  private enum Backend {
    case swiftCrypto(SHA512)
    case system(system_sha512)
  }

  private var backend: Backend

  private init(_ backend: Backend) { self.backend = backend }

  init(for content: Content) {
    self = (content.isSmall ? nil : Self.system) ?? .swiftCrypto
  }

  static var swiftCrypto: Self { Self(.swiftCrypto(SHA512())) }

  /// Nil where the library is not there; the first call loads it.
  static var system: Self? {
    var hash = system_sha512()
    return system_sha512_begin(&hash) == 1 ? Self(.system(hash)) : nil
  }

  var isSystem: Bool {
    if case .system = backend { true } else { false }
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    switch backend {
    case .swiftCrypto(var hasher):
      hasher.update(bufferPointer: bytes)
      backend = .swiftCrypto(hasher)
    case .system(var hash):
      system_sha512_update(&hash, bytes.baseAddress, bytes.count)
      backend = .system(hash)
    }
  }

  /// The digest's 64 bytes.
  func finish() -> [UInt8] {
    switch backend {
    case .swiftCrypto(let hasher): return Array(hasher.finalize())
    case .system(var hash):
      return [UInt8](unsafeUninitializedCapacity: 64) { digest, count in
        system_sha512_finish(&hash, digest.baseAddress)
        count = 64
      }
    }
  }
}
