internal import ReleaseModel

/// Compresses what is written to it, and hands it on piece by piece.
package final class CompressedWriter {
  private let coder: any StreamCoder
  private let sink: ([UInt8]) throws -> Void
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// `reach` is how far back, in bytes, what was written before is worth looking at; more takes memory.
  ///
  /// Throws `delta.compression` when the library refuses.
  package init(
    _ compression: DeltaCompression,
    best: Bool,
    reach: Int,
    sink: @escaping ([UInt8]) throws -> Void
  ) throws {
    coder = try compression.encoder(best: best, reach: reach)
    self.sink = sink
  }

  package func write(_ bytes: some Sequence<UInt8>) throws {
    let bytes = ContiguousArray(bytes)
    try bytes.withUnsafeBytes { try run($0, isLast: false) }
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws { try run(bytes, isLast: false) }

  package func finish() throws {
    try run(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
  }

  private func run(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws {
    var input = bytes
    while true {
      let (written, ended) = try buffer.withUnsafeMutableBytes {
        try coder.code(&input, into: $0, isLast: isLast)
      }
      if written > 0 { try sink(Array(buffer[..<written])) }
      if isLast ? ended : input.isEmpty && written < buffer.count { return }
    }
  }
}

/// Decompresses what it is fed, as much as is asked for.
package final class CompressedReader {
  private let coder: any StreamCoder
  private let source: () throws -> [UInt8]
  private var fed: [UInt8] = []
  private var used = 0
  private var sourceEnded = false
  private var ended = false

  /// `source` gives the next piece of the compressed bytes; none at the end.
  ///
  /// Throws `delta.compression` when the library refuses.
  package init(_ compression: DeltaCompression, source: @escaping () throws -> [UInt8]) throws {
    coder = try compression.decoder()
    self.source = source
  }

  /// Reads exactly `count` bytes.
  ///
  /// Throws `delta.truncated` when there are fewer.
  package func read(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = try bytes.withUnsafeMutableBytes { try fill($0) }
    guard found == count else { throw Self.truncated }
    return bytes
  }

  /// Fills the buffer.
  ///
  /// Throws `delta.truncated` when the stream ends before.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws {
    guard try fill(buffer) == buffer.count else { throw Self.truncated }
  }

  /// Whether nothing is left, which is asked once, behind the last read.
  package func isAtEnd() throws -> Bool {
    var byte: [UInt8] = [0]
    return try byte.withUnsafeMutableBytes { try fill($0) } == 0
  }

  private func fill(_ output: UnsafeMutableRawBufferPointer) throws -> Int {
    var filled = 0
    while filled < output.count, !ended {
      if used == fed.count, !sourceEnded {
        fed = try source()
        used = 0
        sourceEnded = fed.isEmpty
      }
      let rest = UnsafeMutableRawBufferPointer(rebasing: output[filled...])
      let (written, taken) = try fed.withUnsafeBytes { bytes in
        var input = UnsafeRawBufferPointer(rebasing: bytes[used...])
        let before = input.count
        let (written, done) = try coder.code(&input, into: rest, isLast: sourceEnded)
        ended = done
        return (written, before - input.count)
      }
      used += taken
      filled += written
      if written == 0, taken == 0, sourceEnded || used < fed.count { return filled }
    }
    return filled
  }

  private static var truncated: Problem {
    Problem(
      "delta.truncated",
      "The delta ends too early.",
      why: "Its stream holds less than its header says.",
      next: ["Fetch the delta again, and compare its length with the feed's."]
    )
  }
}
