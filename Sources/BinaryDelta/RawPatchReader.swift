/// Applies a patch in bsdiff's form without compression, as it comes out of a delta's stream.
package struct RawPatchReader {
  private static let pieceSize = 1 << 20

  private let data: CompressedReader
  private let steps: [BinaryPatch.Step]
  package let newSize: Int
  private let added: Int

  /// Reads header and steps.
  ///
  /// Throws `delta.patch` when they do not fit in `length` bytes.
  package init(_ data: CompressedReader, length: Int) throws {
    self.data = data
    let header = try data.read(BinaryPatch.headerSize)
    guard header.starts(with: BinaryPatch.rawMagic) else {
      throw BinaryPatch.bad("it does not begin with BSDIFN40")
    }
    let control = header.signed(at: 8)
    let difference = header.signed(at: 16)
    newSize = header.signed(at: 24)
    let room = length - BinaryPatch.headerSize
    guard control >= 0, control % 24 == 0, control <= room, difference >= 0,
      difference <= room - control, newSize >= 0, newSize <= BinaryPatch.fileMax
    else { throw BinaryPatch.bad("its header names lengths that are not in it") }
    steps = try BinaryPatch.steps(try data.read(control), newSize: newSize)
    added = steps.reduce(0) { $0 + $1.add }
    guard added == difference, newSize - added == room - control - difference else {
      throw BinaryPatch.bad("its blocks are not as long as its steps need")
    }
  }

  /// Calls `write` with every piece of the new file and its place, in no order.
  package func apply(
    to old: [UInt8],
    write: (UnsafeRawBufferPointer, Int) throws -> Void
  ) throws {
    let pieces = PieceReader(data, size: Self.pieceSize, total: added)
    var place = 0
    var position = 0
    for step in steps {
      var done = 0
      while done < step.add {
        let at = position + done
        try pieces.take(step.add - done) { piece in
          Self.add(old, at: at, to: piece)
          try write(UnsafeRawBufferPointer(piece), place + done)
          done += piece.count
        }
      }
      place += step.add + step.copy
      position += step.add + step.seek
    }
    let extra = PieceReader(data, size: Self.pieceSize, total: newSize - added)
    place = 0
    for step in steps {
      place += step.add
      var done = 0
      while done < step.copy {
        try extra.take(step.copy - done) { piece in
          try write(UnsafeRawBufferPointer(piece), place + done)
          done += piece.count
        }
      }
      place += step.copy
    }
  }

  /// Counts the bytes that are not as in the old file, and those that are not from it at all.
  package func counts() throws -> (differing: Int, extra: Int) {
    var differing = 0
    let pieces = PieceReader(data, size: Self.pieceSize, total: added)
    var left = added
    while left > 0 {
      try pieces.take(left) { piece in
        for byte in piece where byte != 0 { differing += 1 }
        left -= piece.count
      }
    }
    let extra = newSize - added
    let rest = PieceReader(data, size: Self.pieceSize, total: extra)
    left = extra
    while left > 0 { try rest.take(left) { left -= $0.count } }
    return (differing, extra)
  }

  private static func add(_ old: [UInt8], at start: Int, to piece: UnsafeMutableRawBufferPointer) {
    let first = min(max(-start, 0), piece.count)
    let last = max(min(old.count - start, piece.count), first)
    old.withUnsafeBytes { old in
      for index in first..<last { piece[index] = piece[index] &+ old[start + index] }
    }
  }
}

/// Takes a stream in large pieces, and gives it out in small ones.
private final class PieceReader {
  private let data: CompressedReader
  private var left: Int
  private var buffer: [UInt8]
  private var used = 0
  private var filled = 0

  init(_ data: CompressedReader, size: Int, total: Int) {
    self.data = data
    left = total
    buffer = [UInt8](repeating: 0, count: min(size, total))
  }

  /// Hands out the next bytes, at most `count` and at least one.
  func take(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
    if used == filled {
      filled = min(left, buffer.count)
      used = 0
      left -= filled
      let end = filled
      try buffer.withUnsafeMutableBytes {
        try data.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<end]))
      }
    }
    let range = used..<min(used + count, filled)
    used = range.upperBound
    try buffer.withUnsafeMutableBytes {
      try body(UnsafeMutableRawBufferPointer(rebasing: $0[range]))
    }
  }
}
