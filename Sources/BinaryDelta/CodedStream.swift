internal import ReleaseModel

/// Compresses what is written to it, and hands it on piece by piece.
package final class CompressedWriter {
  private enum Way {
    case coder(any StreamCoder)
    case xz(XZWriter)
  }

  private let way: Way
  private let sink: ([UInt8]) throws -> Void
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// Begins a stream; `sink` gets its pieces.
  ///
  /// `reach` is how far back, in bytes, what was written before is worth looking at; more takes memory.
  /// `jobs` says how much is done at once, and not what comes out; with `expected`, about how many bytes
  /// will be written, many jobs take no more memory than is fit. Throws `delta.compression` when the
  /// library refuses.
  package init(
    _ compression: DeltaCompression,
    best: Bool = false,
    reach: Int = 0,
    expected: Int = 0,
    jobs: Int = 1,
    sink: @escaping ([UInt8]) throws -> Void
  ) throws {
    self.sink = sink
    if let coder = try compression.encoder(best: best) {
      way = .coder(coder)
    } else {
      way = .xz(
        try XZWriter(best: best, reach: reach, expected: expected, jobs: jobs, sink: sink)
      )
    }
  }

  package func write(_ bytes: some Sequence<UInt8>) async throws {
    switch way {
    case .coder(let coder):
      let bytes = ContiguousArray(bytes)
      try bytes.withUnsafeBytes { try run(coder, $0, isLast: false) }
    case .xz(let writer): try await writer.write(bytes)
    }
  }

  package func finish() async throws {
    switch way {
    case .coder(let coder):
      try run(coder, UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
    case .xz(let writer): try await writer.finish()
    }
  }

  private func run(
    _ coder: any StreamCoder,
    _ bytes: UnsafeRawBufferPointer,
    isLast: Bool
  ) throws {
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
