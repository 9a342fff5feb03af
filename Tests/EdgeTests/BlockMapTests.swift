import Archives
import Feeds
import Foundation
import HotfixTesting
import ReleaseModel
import Signatures
import Testing

/// Files that electron-updater 6.8.9 took in a differential download (Tests/Fixtures/updaters).
@Suite struct BlockMapTests {
  struct Expected: Decodable {
    let requestedRanges: [[Int]]
    let downloadedBytes: Int
  }

  @Test(arguments: ["append-fixed8k", "insert-cdc", "overwrite-fixed4k"])
  func asksForWhatTheRealClientAskedFor(_ name: String) throws {
    let folder = "updaters/blockmap/\(name)"
    func map(_ file: String) throws -> BlockMap {
      try BlockMap(json: try Gzip.decompress(try Fixtures.bytes("\(folder)/\(file).blockmap")))
    }
    let expected = try JSONDecoder().decode(
      Expected.self,
      from: Data(try Fixtures.bytes("\(folder)/expected.json"))
    )
    let new = try map("new.bin")
    let ranges = new.downloads(having: try map("old.bin"))
    #expect(ranges.map { [$0.lowerBound, $0.upperBound - 1] } == expected.requestedRanges)
    #expect(ranges.reduce(0) { $0 + $1.count } == expected.downloadedBytes)
    let bytes = try Fixtures.bytes("\(folder)/new.bin")
    func checksum(_ block: ArraySlice<UInt8>) -> String {
      Data(BLAKE2b.digest(block, size: 18)).base64EncodedString()
    }
    #expect(new.mismatch(bytes, checksum: checksum) == nil)
    #expect(new.mismatch(bytes + [0], checksum: checksum) != nil)
    var changed = bytes
    changed[changed.count / 2] ^= 1
    #expect(new.mismatch(changed, checksum: checksum) != nil)
  }

  @Test func cutsByContentSoThatAnInsertionMovesNoLaterCut() {
    var state: UInt64 = 7
    let bytes = (0..<400_000).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    let old = BlockMap.cuts(bytes)
    let new = BlockMap.cuts(Array("inserted".utf8) + bytes)
    #expect(old.last == bytes.count)
    let same = Set(old).intersection(new.map { $0 - 8 })
    #expect(same.count >= old.count - 3, "\(old.count) cuts, \(same.count) the same")
  }

  @Test func gzipGoesThereAndBack() throws {
    let bytes = Array("hello hello hello".utf8)
    let packed = try Gzip.compress(bytes)
    #expect(try Gzip.compress(bytes) == packed)
    #expect(try Gzip.decompress(packed) == bytes)
    #expect(throws: Problem.self) { try Gzip.decompress(Array("no gzip".utf8) + [0x1F, 0x8B]) }
  }
}
