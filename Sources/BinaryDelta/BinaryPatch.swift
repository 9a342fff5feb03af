package import ReleaseModel

/// What turns one file into another: stretches of the old one with a difference added, and new bytes.
///
/// The parts are those of Percival's bsdiff ("Naive Differences of Executable Code", 2003).
package struct BinaryPatch: Sendable {
  /// The largest file: Sparkle and `bspatch` count with 32 bits.
  package static let fileMax = Int(Int32.max)

  /// Adds `add` bytes of the difference to the old file, takes `copy` new ones, then seeks in the old.
  package struct Step: Sendable, Hashable {
    package var add: Int
    package var copy: Int
    package var seek: Int
  }

  package var steps: [Step]
  package var difference: [UInt8]
  package var extra: [UInt8]

  package var newSize: Int { difference.count + extra.count }

  /// `BSDIFN40`, bsdiff's form without compression of its own, as it stands in Sparkle's deltas.
  package static let rawMagic = Array("BSDIFN40".utf8)
  /// `BSDIFF40`, the classic form of three bzip2 streams.
  package static let classicMagic = Array("BSDIFF40".utf8)
  package static let headerSize = 32

  /// The length of the patch in the form without compression.
  package var rawSize: Int {
    Self.headerSize + steps.count * 24 + difference.count + extra.count
  }

  /// The header and the control block of the form without compression.
  package var rawFront: [UInt8] {
    var bytes = Self.rawMagic
    bytes.reserveCapacity(Self.headerSize + steps.count * 24)
    for number in [steps.count * 24, difference.count, newSize] { bytes.append(signed: number) }
    append(control: &bytes)
    return bytes
  }

  private func append(control bytes: inout [UInt8]) {
    for step in steps {
      bytes.append(signed: step.add)
      bytes.append(signed: step.copy)
      bytes.append(signed: step.seek)
    }
  }

  /// Returns the patch as one file.
  ///
  /// Throws `delta.compression` when libbz2 refuses.
  package func encoded(classic: Bool) async throws -> [UInt8] {
    guard classic else {
      var bytes = rawFront
      bytes.reserveCapacity(rawSize)
      bytes += difference
      bytes += extra
      return bytes
    }
    var control: [UInt8] = []
    append(control: &control)
    var blocks: [[UInt8]] = []
    for block in [control, difference, extra] { blocks.append(try await Self.bzip2(block)) }
    var bytes = Self.classicMagic
    for number in [blocks[0].count, blocks[1].count, newSize] { bytes.append(signed: number) }
    return bytes + blocks.joined()
  }

  private static func bzip2(_ bytes: [UInt8]) async throws -> [UInt8] {
    var packed: [UInt8] = []
    let writer = try CompressedWriter(.bzip2) { packed += $0 }
    try await writer.write(bytes)
    try await writer.finish()
    return packed
  }

  /// Reads either form whole.
  ///
  /// Throws `delta.patch` for what does not hold together, `delta.truncated`, `delta.compression`.
  package init(_ bytes: [UInt8]) throws {
    guard bytes.count >= Self.headerSize else { throw Self.bad("it is shorter than its header") }
    let magic = Array(bytes[..<8])
    guard magic == Self.rawMagic || magic == Self.classicMagic else {
      throw Self.bad("it begins with neither BSDIFN40 nor BSDIFF40")
    }
    let isClassic = magic == Self.classicMagic
    let controlSize = bytes.signed(at: 8)
    let differenceSize = bytes.signed(at: 16)
    let newSize = bytes.signed(at: 24)
    guard (0...Self.fileMax).contains(controlSize), (0...Self.fileMax).contains(differenceSize),
      (0...Self.fileMax).contains(newSize),
      Self.headerSize + controlSize + differenceSize <= bytes.count
    else { throw Self.bad("its header names lengths that are not in it") }
    let differenceStart = Self.headerSize + controlSize
    let extraStart = differenceStart + differenceSize
    let control = Array(bytes[Self.headerSize..<differenceStart])
    if isClassic {
      steps = try Self.steps(Self.reader(control), newSize: newSize)
    } else {
      guard controlSize % 24 == 0 else {
        throw Self.bad("its control block is no whole number of steps")
      }
      steps = try Self.steps(control, newSize: newSize)
    }
    let added = steps.reduce(0) { $0 + $1.add }
    let difference = Array(bytes[differenceStart..<extraStart])
    let extra = Array(bytes[extraStart...])
    if isClassic {
      self.difference = try Self.reader(difference).read(added)
      self.extra = try Self.reader(extra).read(newSize - added)
    } else {
      guard difference.count == added, extra.count == newSize - added else {
        throw Self.bad("its blocks are not as long as its steps need")
      }
      self.difference = difference
      self.extra = extra
    }
  }

  package init(steps: [Step], difference: [UInt8], extra: [UInt8]) {
    self.steps = steps
    self.difference = difference
    self.extra = extra
  }

  private static func reader(_ bytes: [UInt8]) throws -> CompressedReader {
    var isRead = false
    return try CompressedReader(.bzip2) {
      defer { isRead = true }
      return isRead ? [] : bytes
    }
  }

  private static func steps(_ reader: CompressedReader, newSize: Int) throws -> [Step] {
    var steps: [Step] = []
    var made = 0
    while made < newSize {
      // Empty steps without end would be a way to keep a client busy.
      guard steps.count <= newSize else { throw bad("it has more steps than bytes") }
      steps.append(try step(reader.read(24), 0, made: &made, newSize: newSize))
    }
    return steps
  }

  /// Reads the steps that are needed; what follows is not looked at, as by every patcher.
  package static func steps(_ control: [UInt8], newSize: Int) throws -> [Step] {
    var steps: [Step] = []
    steps.reserveCapacity(control.count / 24)
    var made = 0
    var at = 0
    while made < newSize {
      guard at + 24 <= control.count else { throw bad("its steps end before the new file does") }
      steps.append(try step(control, at, made: &made, newSize: newSize))
      at += 24
    }
    return steps
  }

  private static func step(
    _ bytes: [UInt8],
    _ at: Int,
    made: inout Int,
    newSize: Int
  ) throws -> Step {
    let step = Step(
      add: bytes.signed(at: at),
      copy: bytes.signed(at: at + 8),
      seek: bytes.signed(at: at + 16)
    )
    guard step.add >= 0, step.copy >= 0, step.add <= newSize - made,
      step.copy <= newSize - made - step.add, abs(step.seek) <= fileMax
    else { throw bad("a step leads out of the new file") }
    made += step.add + step.copy
    return step
  }

  /// Returns the new file.
  ///
  /// Outside the old file its bytes count as zero, as to `bspatch`.
  package func apply(to old: [UInt8]) -> [UInt8] {
    var new: [UInt8] = []
    new.reserveCapacity(newSize)
    var position = 0
    var added = 0
    var copied = 0
    for step in steps {
      for index in 0..<step.add {
        let place = position + index
        let base = place >= 0 && place < old.count ? old[place] : 0
        new.append(base &+ difference[added + index])
      }
      added += step.add
      new += extra[copied..<copied + step.copy]
      copied += step.copy
      position += step.add + step.seek
    }
    return new
  }

  package static func bad(_ why: String) -> Problem {
    Problem(
      "delta.patch",
      "The patch does not hold together.",
      why: "\(why.prefix(1).uppercased() + why.dropFirst()).",
      next: ["Fetch it again, and compare its digest with the feed's."]
    )
  }
}

extension [UInt8] {
  /// Appends a number in bsdiff's form: eight bytes, the sign in the highest bit.
  mutating func append(signed number: Int) {
    append(little: UInt64(number.magnitude) | (number < 0 ? 1 << 63 : 0))
  }

  mutating func append<Number: FixedWidthInteger>(little number: Number) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }

  func signed(at offset: Int) -> Int {
    let raw = self[offset..<offset + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let magnitude = Int(raw & ~(1 << 63))
    return raw >> 63 == 1 ? -magnitude : magnitude
  }
}
