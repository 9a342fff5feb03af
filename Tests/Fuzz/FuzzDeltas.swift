// Deltas and patches are strangers' data too: whatever the bytes are, applying them ends with a new
// bundle or an error, leaves nothing behind, and touches nothing outside.

import BinaryDelta
import Deltas
import Foundation
import ReleaseModel

enum FuzzDeltas {
  private static let old = Array("The quick brown fox jumps over the lazy dog. ".utf8) + [0, 1, 2]

  static func patch(_ bytes: [UInt8]) {
    // A patch names the size of the file that it makes; this is about its form.
    guard bytes.count < BinaryPatch.headerSize || bytes[27...31].allSatisfy({ $0 == 0 }) else {
      return
    }
    if let patch = try? BinaryPatch(bytes) {
      precondition(patch.apply(to: old).count == patch.newSize, "as long as it says")
    }
    var rest = bytes
    let reader = try? CompressedReader(.none) {
      defer { rest = [] }
      return rest
    }
    guard let reader, let raw = try? RawPatchReader(reader, length: bytes.count) else { return }
    try? raw.apply(to: old) { piece, place in
      precondition(place >= 0 && place + piece.count <= raw.newSize, "inside of the new file")
    }
  }

  /// A folder with an old bundle, and beside it a file that nobody may touch.
  private struct World {
    let folder: FilePath
    let tree: FileTree
    let hashes: [DeltaVersion: [UInt8]]

    init() throws {
      folder = FilePath(NSTemporaryDirectory()).appending("hotfix-fuzz-\(getpid())")
      let root = folder.appending("old").string
      let files = FileManager.default
      try files.createDirectory(atPath: root + "/a/b", withIntermediateDirectories: true)
      try Data("victim".utf8).write(to: URL(fileURLWithPath: folder.string + "/victim"))
      try Data(old).write(to: URL(fileURLWithPath: root + "/a/f"))
      try Data("text".utf8).write(to: URL(fileURLWithPath: root + "/a/b/g"))
      try files.createSymbolicLink(atPath: root + "/up", withDestinationPath: "..")
      tree = try FileTree(folder.appending("old"))
      var hashes: [DeltaVersion: [UInt8]] = [:]
      for version in DeltaVersion.allCases {
        var hash = TreeHash(version)
        for entry in tree.entries {
          var content = ContentHash(version, size: entry.type == .file ? entry.size : nil)
          let path = folder.string + "/old" + entry.path
          let bytes: [UInt8] =
            switch entry.type {
            case .folder: []
            case .file: [UInt8](files.contents(atPath: path) ?? Data())
            case .link: Array("..".utf8)
            }
          bytes.withUnsafeBytes { content.update($0) }
          hash.add(
            path: entry.path,
            type: entry.type,
            mode: entry.mode,
            content: entry.type == .folder ? nil : content.finish()
          )
        }
        hashes[version] = hash.finish()
      }
      self.hashes = hashes
    }
  }

  private static let world = try? World()

  static func delta(_ bytes: [UInt8]) {
    guard let world else { preconditionFailure("the fuzzer's folder could not be made") }
    var bytes = bytes
    // With the right hash in front it gets past the first check, when nothing is compressed.
    if bytes.count > 30, bytes[4] == 0, let version = DeltaVersion(rawValue: UInt16(bytes[6])),
      let hash = world.hashes[version]
    {
      bytes.replaceSubrange(10..<30, with: hash)
    }
    let file = world.folder.appending("delta")
    let out = world.folder.appending("out")
    _ = FileManager.default.createFile(atPath: file.string, contents: Data(bytes))
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      _ = try? await DeltaApplication.apply(file, to: world.tree, at: out, jobs: 1)
      done.signal()
    }
    done.wait()
    try? FileManager.default.removeItem(atPath: out.string)
    let left = (try? FileManager.default.contentsOfDirectory(atPath: world.folder.string)) ?? []
    precondition(Set(left) == ["delta", "old", "victim"], "nothing is left: \(left)")
    let victim = FileManager.default.contents(atPath: world.folder.string + "/victim")
    precondition(victim == Data("victim".utf8), "nothing outside is touched")
  }
}
