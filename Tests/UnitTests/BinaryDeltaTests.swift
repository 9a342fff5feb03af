@testable import BinaryDelta
import HotfixTesting
import ReleaseModel
import Testing

/// A stream of numbers that is the same on every machine.
struct Dice: RandomNumberGenerator {
  var state: UInt64

  /// SplitMix64 (Steele, Lea, Flood 2014).
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func bytes(_ count: Int, below: UInt8 = 255) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...below, using: &self) }
  }
}

@Suite struct SuffixSortTests {
  static let texts: [[UInt8]] = {
    var dice = Dice(state: 7)
    var texts: [[UInt8]] = [
      [1], [1, 1], [2, 1], [1, 2], Array("mississippi".utf8), Array("abracadabra".utf8),
      [UInt8](repeating: 0, count: 300), Array(repeating: [1, 0], count: 100).flatMap(\.self),
      Array((0...255)), Array((0...255).reversed()),
    ]
    for below: UInt8 in [1, 2, 3, 255] {
      for count in [2, 3, 10, 57, 500, 2000] { texts.append(dice.bytes(count, below: below)) }
    }
    let block = dice.bytes(100, below: 3)
    texts.append(block + block + [9] + block + block + block)
    return texts
  }()

  @Test(arguments: texts)
  func sortsAsComparingAllSuffixesDoes(_ text: [UInt8]) {
    var found = [Int32](repeating: -1, count: text.count)
    found.withUnsafeMutableBufferPointer { found in
      text.withUnsafeBufferPointer { text in
        if let start = found.baseAddress { SuffixSort.sort(text, into: start) }
      }
    }
    let expected = text.indices.sorted { text[$0...].lexicographicallyPrecedes(text[$1...]) }
    #expect(found.map(Int.init) == expected)
  }
}

@Suite struct BinaryDiffTests {
  /// An executable as it is built again: bytes inserted, taken out and moved, and addresses shifted.
  static func rebuilt(_ old: [UInt8], _ dice: inout Dice) -> [UInt8] {
    var new = old
    for _ in 0..<20 {
      let at = Int.random(in: 0..<new.count, using: &dice)
      switch Int.random(in: 0..<3, using: &dice) {
      case 0: new.insert(contentsOf: dice.bytes(37), at: at)
      case 1: new.removeSubrange(at..<min(at + 50, new.count))
      default:
        for place in stride(from: at, to: min(at + 4000, new.count), by: 8) { new[place] &+= 16 }
      }
    }
    let part = Array(new[1000..<3000])
    new.removeSubrange(1000..<3000)
    return new + part
  }

  @Test func givesTheNewFileBack() async throws {
    var dice = Dice(state: 1)
    let old = dice.bytes(60_000, below: 40)
    let pairs: [([UInt8], [UInt8])] = [
      (old, Self.rebuilt(old, &dice)), (old, old), (old, []), ([], old), ([], []), ([1], [2]),
      ([1, 2, 3], [1, 2, 3, 4]), (old, Array(old.reversed())), (old, Array(old[100...])),
      ([UInt8](repeating: 0, count: 10_000), [UInt8](repeating: 0, count: 9_999) + [1]),
    ]
    for (old, new) in pairs {
      let patch = await BinaryDiff.patch(from: old, to: new, jobs: 2)
      #expect(patch.apply(to: old) == new)
      #expect(try await BinaryPatch(patch.encoded(classic: false)).apply(to: old) == new)
      #expect(try await BinaryPatch(patch.encoded(classic: true)).apply(to: old) == new)
    }
  }

  @Test func findsWhatMovedAndWhatShifted() async {
    var dice = Dice(state: 2)
    let old = dice.bytes(200_000)
    var new = Array(old[100_000...]) + Array(old[..<100_000])
    for place in stride(from: 0, to: new.count, by: 100) { new[place] &+= 1 }
    let patch = await BinaryDiff.patch(from: old, to: new, jobs: 1)
    #expect(patch.extra.count < 100, "all comes from the old file")
    #expect(patch.steps.count <= 4)
  }

  @Test func isTheSameWithAnyNumberOfJobs() async throws {
    var dice = Dice(state: 3)
    // More than one part.
    let block = dice.bytes(1 << 16, below: 60)
    let old = (0..<140).flatMap { number in block + [UInt8(number)] }
    let new = Self.rebuilt(old, &dice)
    let one = try await BinaryDiff.patch(from: old, to: new, jobs: 1).encoded(classic: false)
    let four = try await BinaryDiff.patch(from: old, to: new, jobs: 4).encoded(classic: false)
    #expect(one == four)
    #expect(try BinaryPatch(one).apply(to: old) == new)
  }

  @Test func refusesADamagedPatch() async throws {
    var dice = Dice(state: 4)
    let old = dice.bytes(6000)
    let patch = await BinaryDiff.patch(from: old, to: Self.rebuilt(old, &dice), jobs: 1)
    let bytes = try await patch.encoded(classic: false)
    for count in [0, 7, 31, 32, 55, bytes.count - 1] {
      #expect(throws: Problem.self, "\(count) bytes") { try BinaryPatch(Array(bytes[..<count])) }
    }
    // Every byte of header and steps: an error or a file, never a crash.
    for place in 0..<BinaryPatch.headerSize + patch.steps.count * 24 {
      for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
        var damaged = bytes
        damaged[place] = value
        _ = try? BinaryPatch(damaged).apply(to: old)
      }
    }
  }

  @Test func oldBytesOutsideOfTheFileCountAsZero() throws {
    // bspatch.c of bsdiff 4.3 adds only where 0 <= oldpos + i < oldsize.
    let patch = BinaryPatch(
      steps: [.init(add: 0, copy: 0, seek: -2), .init(add: 4, copy: 0, seek: 0)],
      difference: [1, 1, 1, 1],
      extra: []
    )
    #expect(patch.apply(to: [10]) == [1, 1, 11, 1])
  }
}

@Suite struct DeltaContainerTests {
  @Test(arguments: DeltaCompression.allCases)
  func everyCompressionGivesBackWhatWentIn(_ compression: DeltaCompression) async throws {
    var dice = Dice(state: 5)
    let bytes = dice.bytes(300_000, below: 3) + dice.bytes(1000)
    var packed: [UInt8] = []
    let writer = try CompressedWriter(compression, reach: bytes.count) { packed += $0 }
    try await writer.write(bytes[..<1000])
    try await writer.write(bytes[1000...])
    try await writer.finish()
    var rest = packed[...]
    let reader = try CompressedReader(compression) {
      defer { rest = rest.dropFirst(700) }
      return Array(rest.prefix(700))
    }
    #expect(try reader.read(10) == Array(bytes[..<10]))
    #expect(try reader.read(bytes.count - 10) == Array(bytes[10...]))
    #expect(try reader.isAtEnd())
    #expect(throws: Problem.self) { try reader.read(1) }
  }

  /// Parts of 4 MiB, at whose borders nothing may be lost; what cannot be compressed is stored.
  @Test(arguments: [0, 1, 4 << 20, 4 << 20 + 1, 9_000_000])
  func partsOfXZAreOneStream(_ count: Int) async throws {
    var dice = Dice(state: 6)
    let piece = dice.bytes(50_000, below: 2) + dice.bytes(50_000)
    let bytes = Array((0...count / piece.count).map { _ in piece }.joined().prefix(count))
    func packed(jobs: Int) async throws -> [UInt8] {
      var packed: [UInt8] = []
      let writer = try CompressedWriter(.lzma, jobs: jobs) { packed += $0 }
      for start in stride(from: 0, to: count, by: 1_000_000) {
        try await writer.write(bytes[start..<min(start + 1_000_000, count)])
      }
      try await writer.finish()
      return packed
    }
    let one = try await packed(jobs: 1)
    #expect(try await packed(jobs: 3) == one, "the number of jobs changes no byte")
    var rest = one[...]
    let reader = try CompressedReader(.lzma) {
      defer { rest = rest.dropFirst(100_000) }
      return Array(rest.prefix(100_000))
    }
    #expect(try reader.read(count) == bytes)
    #expect(try reader.isAtEnd() && rest.isEmpty)
  }

  /// The worked example of the format: one file changed, one folder new (container 4, no compression).
  @Test func writesTheBytesThatSparkleReads() throws {
    let head = DeltaHead(
      version: .four,
      compression: .none,
      before: [0x38, 0x80, 0x56, 0xFE] + [UInt8](repeating: 0, count: 16),
      after: [0xAC, 0x59, 0xC5, 0xCC] + [UInt8](repeating: 0, count: 16),
      items: [
        DeltaItem(path: "/a/f", action: .extract(mode: 0o100644, length: 12, replacing: false)),
        DeltaItem(path: "/b", action: .extract(mode: 0o040755, length: 0, replacing: false)),
      ]
    )
    let zeros = [UInt8](repeating: 0, count: 16)
    let expected: [UInt8] =
      [0x73, 0x70, 0x6B, 0x21, 0, 0, 4, 0, 2, 0, 0x38, 0x80, 0x56, 0xFE] + zeros
      + [0xAC, 0x59, 0xC5, 0xCC] + zeros + [UInt8](repeating: 0, count: 8)
      + [8, 0, 0, 0, 0, 0, 0, 0, 0x2F, 0x61, 0x2F, 0x66, 0, 0x2F, 0x62, 0]
      + [2, 0xA4, 0x81, 12, 0, 0, 0, 0, 0, 0, 0, 2, 0xED, 0x41, 0]
    #expect(head.prefix + head.streamFront == expected)
    #expect(try Self.read(expected) == head)
  }

  @Test(arguments: ["/../a", "a", "/", "//a", "/a/./b", "/a//b", "/a/..", ""])
  func refusesAPathThatLeadsOut(_ path: String) {
    let head = DeltaHead(
      version: .four,
      compression: .none,
      before: [UInt8](repeating: 0, count: 20),
      after: [UInt8](repeating: 0, count: 20),
      items: [DeltaItem(path: path, action: .delete)]
    )
    #expect(throws: Problem.self) { try Self.read(head.prefix + head.streamFront) }
  }

  @Test func namesWhatCanReadAnotherForm() throws {
    func why(_ bytes: [UInt8]) -> String {
      do {
        _ = try Self.read(bytes)
        return "read"
      } catch { return (error as? Problem)?.why ?? "\(error)" }
    }
    let zeros = [UInt8](repeating: 0, count: 60)
    #expect(why(Array("xar!".utf8) + zeros).contains("Sparkle 2.0 and older"))
    #expect(why(Array("spk!".utf8) + [3, 0] + zeros).contains("lzfse"))
    #expect(why(Array("spk!".utf8) + [0, 0, 5, 0, 0, 0] + zeros).contains("a newer Sparkle"))
    #expect(why(Array("spk!".utf8) + [2, 6] + zeros).contains("liblzma"))
    #expect(why([]).contains("shorter"))
  }

  private static func read(_ bytes: [UInt8]) throws -> DeltaHead {
    var rest = bytes
    return try DeltaHead.read {
      defer { rest = [] }
      return rest
    }.head
  }
}

@Suite struct TreeHashTests {
  /// Sparkle's own answers for the trees of the worked example.
  @Test func hashesAsSparkleDoes() {
    func hash(_ version: DeltaVersion, _ text: String, withB: Bool) -> String {
      var tree = TreeHash(version)
      func content(_ text: String, isFile: Bool) -> [UInt8] {
        var content = ContentHash(version, size: isFile ? text.utf8.count : nil)
        Array(text.utf8).withUnsafeBytes { content.update($0) }
        return content.finish()
      }
      tree.add(path: "/a", type: .folder, mode: 0o755, content: nil)
      tree.add(path: "/a/f", type: .file, mode: 0o644, content: content(text, isFile: true))
      tree.add(path: "/a/l", type: .link, mode: 0o777, content: content("f", isFile: false))
      if withB { tree.add(path: "/b", type: .folder, mode: 0o755, content: nil) }
      return tree.finish().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    let zeros = String(repeating: "0", count: 32)
    #expect(
      hash(.three, "hello\n", withB: false) == "9e34afc5e7c78d9a7b086505d13b417f755705b2"
    )
    #expect(
      hash(.three, "hello world\n", withB: true) == "b77f20d0ca2965829bba110dcee58e9a96bdedff"
    )
    #expect(hash(.four, "hello\n", withB: false) == "388056fe" + zeros)
    #expect(hash(.four, "hello world\n", withB: true) == "ac59c5cc" + zeros)
    #expect(
      TreeHash(.three).finish().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        == "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    )
  }
}
