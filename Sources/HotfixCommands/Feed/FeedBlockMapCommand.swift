internal import Archives
internal import ArgumentParser
internal import Feeds
internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Signatures

struct FeedBlockMapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blockmap",
    abstract: "Make or check an electron-updater block map",
    discussion: """
      Users then download only the blocks that changed.

      $ hotfix feed blockmap Lantern-1.0.1.exe --from Lantern-1.0.0.exe.blockmap
      wrote Lantern-1.0.1.exe.blockmap: 214 blocks
      from Lantern-1.0.0.exe.blockmap: 65536 of 3500000 bytes in 2 requests
      $ hotfix feed blockmap Lantern-1.0.1.exe --check
      Lantern-1.0.1.exe.blockmap describes Lantern-1.0.1.exe
      """
  )

  @Argument(help: "The artifact.")
  var artifact: String

  @Flag(help: "Check the block map that is there, and write nothing.")
  var check = false

  @Option(help: "An earlier version's block map, or that artifact itself: what its users download.")
  var from: [String] = []

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    struct Saving: Encodable {
      let from: String
      let bytes, requests: Int
    }

    let schema = "hotfix.blockmap/1"
    let file: String
    let blocks, size: Int
    let downloads: [Saving]
  }

  func run() async throws {
    let bytes = try Self.bytes(artifact, global)
    let name = artifact + ".blockmap"
    let map: BlockMap
    if check {
      map = try read(name)
      if let why = map.mismatch(bytes, checksum: Self.checksum) {
        throw Problem(
          "blockmap.differs",
          "\(name) does not describe \(artifact).",
          why: "It differs: \(why). Clients then download the whole file.",
          next: ["hotfix feed blockmap \(artifact)     makes it again"]
        )
      }
    } else {
      map = Self.make(bytes)
      let path = global.folder.pushing(FilePath(name))
      try LiveFiles.files.write(path, try Gzip.compress(map.json))
    }
    let savings = try from.map { old in
      let ranges = map.downloads(having: try earlier(old))
      return Result.Saving(
        from: old,
        bytes: ranges.reduce(0) { $0 + $1.count },
        requests: ranges.count
      )
    }
    try global.console.show(
      Result(file: name, blocks: map.blocks.count, size: map.size, downloads: savings),
      ([check ? "\(name) describes \(artifact)" : "wrote \(name): \(map.blocks.count) blocks"]
        + savings.map {
          "from \($0.from): \($0.bytes) of \(map.size) bytes in \($0.requests) requests"
        }).joined(separator: "\n")
    )
  }

  private func read(_ name: String) throws -> BlockMap {
    let packed = try Self.bytes(name, global)
    return try BlockMap(json: try Gzip.decompress(packed))
  }

  /// The block map of an earlier version, made here where it was not kept.
  private func earlier(_ name: String) throws -> BlockMap {
    let isMap = name.hasSuffix(".blockmap") || name.hasSuffix(".json")
    return isMap ? try read(name) : Self.make(try Self.bytes(name, global))
  }

  private static func bytes(_ path: String, _ global: GlobalOptions) throws -> [UInt8] {
    guard let bytes = try LiveFiles.files.read(global.folder.pushing(FilePath(path)), 4 << 30)
    else {
      throw Problem("artifact.missing", "The file \(path) is not there.", next: ["Check the path."])
    }
    return bytes
  }

  private static func checksum(_ block: ArraySlice<UInt8>) -> String {
    Data(BLAKE2b.digest(block, size: 18)).base64EncodedString()
  }

  private static func make(_ bytes: [UInt8]) -> BlockMap {
    var start = 0
    return BlockMap(
      blocks: BlockMap.cuts(bytes).map { end in
        defer { start = end }
        return .init(checksum: checksum(bytes[start..<end]), size: end - start)
      }
    )
  }
}
