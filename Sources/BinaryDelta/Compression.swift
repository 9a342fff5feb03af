internal import CCompression
internal import ReleaseModel

/// How the stream in a delta is compressed; the numbers are those of Sparkle's container.
package enum DeltaCompression: UInt8, CaseIterable, Sendable {
  case none = 0
  case bzip2 = 1
  /// An xz stream with one LZMA2 block and without a check, as Apple's encoder writes it.
  case lzma = 2
  /// A raw deflate stream.
  case zlib = 5

  package var name: String {
    switch self {
    case .none: "none"
    case .bzip2: "bzip2"
    case .lzma: "lzma"
    case .zlib: "zlib"
    }
  }

  package static func named(_ name: String) -> DeltaCompression? {
    allCases.first { $0.name == name }
  }

  /// The level that Sparkle writes into its header; readers ignore it.
  package var level: UInt8 {
    switch self {
    case .none: 0
    case .bzip2: 9
    case .lzma: 6
    case .zlib: 5
    }
  }

  /// The compressions of other makers' deltas that are not read here.
  static func foreignName(_ number: UInt8) -> String? {
    switch number {
    case 3: "lzfse"
    case 4: "lz4"
    default: nil
    }
  }

  /// The encoder of all but `lzma`, which `XZWriter` writes.
  func encoder(best: Bool) throws -> (any StreamCoder)? {
    switch self {
    case .none: CopyCoder()
    case .bzip2: try BZip2Coder(encoding: true)
    case .lzma: nil
    case .zlib: try DeflateCoder(encoding: true, level: best ? 9 : 5)
    }
  }

  func decoder() throws -> any StreamCoder {
    switch self {
    case .none: CopyCoder()
    case .bzip2: try BZip2Coder(encoding: false)
    case .lzma: try LZMADecoder()
    case .zlib: try DeflateCoder(encoding: false, level: 0)
    }
  }
}

/// One compressor or decompressor that is fed piece by piece.
protocol StreamCoder: AnyObject {
  /// Takes bytes from the front of `input`, and returns how many it wrote, and whether that was all.
  ///
  /// With `isLast`, what follows the input is the end. Throws `delta.compression`.
  func code(
    _ input: inout UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer,
    isLast: Bool
  ) throws -> (written: Int, ended: Bool)
}

func damaged(_ library: String, _ status: Int) -> Problem {
  Problem(
    "delta.compression",
    "The delta's compressed stream is damaged.",
    why: "\(library) answered \(status).",
    next: ["Fetch the delta again, and compare its digest with the feed's."]
  )
}

private final class CopyCoder: StreamCoder {
  func code(
    _ input: inout UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer,
    isLast: Bool
  ) -> (written: Int, ended: Bool) {
    let count = min(input.count, output.count)
    output.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
    input = UnsafeRawBufferPointer(rebasing: input[count...])
    return (count, isLast && input.isEmpty)
  }
}

// The libraries keep the stream's address, so each lives on the heap.

private final class LZMADecoder: StreamCoder {
  /// What a decoder may use: 64 MiB for the dictionary of preset 9, and its own.
  private static let decoderMemory: UInt64 = 80 << 20
  private let stream: UnsafeMutablePointer<lzma_stream>

  init() throws {
    stream = .allocate(capacity: 1)
    stream.initialize(to: lzma_stream())
    let status = lzma_stream_decoder(stream, Self.decoderMemory, 0)
    guard status == LZMA_OK else { throw damaged("liblzma", Int(status.rawValue)) }
  }

  deinit {
    lzma_end(stream)
    stream.deallocate()
  }

  func code(
    _ input: inout UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer,
    isLast: Bool
  ) throws -> (written: Int, ended: Bool) {
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = input.count
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = output.count
    let status = lzma_code(stream, isLast ? LZMA_FINISH : LZMA_RUN)
    guard status == LZMA_OK || status == LZMA_STREAM_END || status == LZMA_BUF_ERROR else {
      throw damaged("liblzma", Int(status.rawValue))
    }
    input = UnsafeRawBufferPointer(rebasing: input[(input.count - stream.pointee.avail_in)...])
    return (output.count - stream.pointee.avail_out, status == LZMA_STREAM_END)
  }
}

private final class BZip2Coder: StreamCoder {
  private let stream: UnsafeMutablePointer<bz_stream>
  private let isEncoding: Bool

  init(encoding: Bool) throws {
    isEncoding = encoding
    stream = .allocate(capacity: 1)
    stream.initialize(to: bz_stream())
    let status =
      encoding ? BZ2_bzCompressInit(stream, 9, 0, 0) : BZ2_bzDecompressInit(stream, 0, 0)
    guard status == BZ_OK else { throw damaged("libbz2", Int(status)) }
  }

  deinit {
    _ = isEncoding ? BZ2_bzCompressEnd(stream) : BZ2_bzDecompressEnd(stream)
    stream.deallocate()
  }

  func code(
    _ input: inout UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer,
    isLast: Bool
  ) throws -> (written: Int, ended: Bool) {
    if isEncoding && input.isEmpty && !isLast { return (0, false) }
    let start = input.baseAddress?.assumingMemoryBound(to: CChar.self)
    stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
    stream.pointee.avail_in = UInt32(truncatingIfNeeded: input.count)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
    stream.pointee.avail_out = UInt32(truncatingIfNeeded: output.count)
    let status =
      isEncoding
      ? BZ2_bzCompress(stream, isLast ? BZ_FINISH : BZ_RUN) : BZ2_bzDecompress(stream)
    guard status >= 0 else { throw damaged("libbz2", Int(status)) }
    let left = Int(stream.pointee.avail_in)
    input = UnsafeRawBufferPointer(rebasing: input[(input.count - left)...])
    return (output.count - Int(stream.pointee.avail_out), status == BZ_STREAM_END)
  }
}

private final class DeflateCoder: StreamCoder {
  private let stream: UnsafeMutablePointer<z_stream>
  private let isEncoding: Bool

  init(encoding: Bool, level: Int32) throws {
    isEncoding = encoding
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let size = Int32(MemoryLayout<z_stream>.size)
    // 15 window bits; negative for a stream without zlib's header.
    let status =
      encoding
      ? deflateInit2_(stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
      : inflateInit2_(stream, -15, ZLIB_VERSION, size)
    guard status == Z_OK else { throw damaged("zlib", Int(status)) }
  }

  deinit {
    _ = isEncoding ? deflateEnd(stream) : inflateEnd(stream)
    stream.deallocate()
  }

  func code(
    _ input: inout UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer,
    isLast: Bool
  ) throws -> (written: Int, ended: Bool) {
    let start = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
    stream.pointee.avail_in = UInt32(truncatingIfNeeded: input.count)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(truncatingIfNeeded: output.count)
    let status =
      isEncoding
      ? deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH) : inflate(stream, Z_NO_FLUSH)
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
      throw damaged("zlib", Int(status))
    }
    let left = Int(stream.pointee.avail_in)
    input = UnsafeRawBufferPointer(rebasing: input[(input.count - left)...])
    return (output.count - Int(stream.pointee.avail_out), status == Z_STREAM_END)
  }
}
