import Archives
import BinaryDelta
import Deltas
import Foundation
import HotfixTesting
import ReleaseModel
import Signatures
import Testing

/// Deltas and trees made by Sparkle 2.9.2's own code (Tests/Fixtures/sparkle/deltas).
@Suite struct DeltaTests {
  private let scratch = ScratchFolder()

  static let cases = ["add-remove", "clone-mode-type", "edit", "everything"]

  private func fixture(_ name: String) -> FilePath {
    Fixtures.root.pushing(FilePath("Tests/Fixtures/sparkle/deltas/\(name)"))
  }

  private func bundle(_ name: String, _ side: String) throws -> FilePath {
    let folder = scratch.path.appending("\(name)-\(side)")
    try FileManager.default.createDirectory(
      atPath: folder.string,
      withIntermediateDirectories: true
    )
    try Unpacking.unpack(fixture("\(name)/\(side).tar.gz"), into: folder)
    return folder.appending("Lamp.app")
  }

  private func hash(_ tree: FilePath, _ version: DeltaVersion) async throws -> String {
    hexadecimal(try await HashedTree(try FileTree(tree), version, jobs: 2).hash)
  }

  private struct Hashes: Decodable {
    let hash_v3_old, hash_v3_new, hash_v4_old, hash_v4_new: String
  }

  @Test(arguments: cases)
  func hashesTreesAsSparkleDoes(_ name: String) async throws {
    let bytes = try Fixtures.bytes("sparkle/deltas/\(name)/case.json")
    let hashes = try JSONDecoder().decode(Hashes.self, from: Data(bytes))
    let old = try bundle(name, "old")
    let new = try bundle(name, "new")
    #expect(try await hash(old, .three) == hashes.hash_v3_old)
    #expect(try await hash(new, .three) == hashes.hash_v3_new)
    #expect(try await hash(old, .four) == hashes.hash_v4_old)
    #expect(try await hash(new, .four) == hashes.hash_v4_new)
  }

  @Test(arguments: cases, ["none", "bzip2", "lzma", "zlib"])
  func appliesSparklesOwnDeltas(_ name: String, _ compression: String) async throws {
    let old = try FileTree(bundle(name, "old"))
    for version in [3, 4] {
      let out = scratch.path.appending("out-\(version)")
      _ = try await DeltaApplication.apply(
        fixture("\(name)/v\(version)-\(compression).delta"),
        to: old,
        at: out,
        jobs: 2
      )
      try expectEqual(out, bundle(name, "new"))
    }
  }

  @Test(arguments: cases, DeltaCompression.allCases)
  func makesWhatLeadsToTheNewTree(_ name: String, _ compression: DeltaCompression) async throws {
    let old = try FileTree(bundle(name, "old"))
    let new = try FileTree(bundle(name, "new"))
    for version in DeltaVersion.allCases {
      let delta = scratch.path.appending("\(version).delta")
      let creation = DeltaCreation(version: version, compression: compression, jobs: 2)
      _ = try await creation.create(from: old, to: new, at: delta)
      let out = scratch.path.appending("out-\(version)")
      _ = try await DeltaApplication.apply(delta, to: old, at: out, jobs: 2)
      try expectEqual(out, new.root)
      let theirs = try Data(
        contentsOf: URL(
          fileURLWithPath: fixture("\(name)/v\(version.rawValue)-\(compression.name).delta").string
        )
      )
      let ours = try Data(contentsOf: URL(fileURLWithPath: delta.string))
      #expect(Double(ours.count) <= Double(theirs.count) * 1.01, "as small as Sparkle's")
    }
  }

  private func expectEqual(_ one: FilePath, _ other: FilePath) throws {
    let diff = Process()
    diff.executableURL = URL(fileURLWithPath: "/usr/bin/diff")
    diff.arguments = ["-r", "--no-dereference", one.string, other.string]
    diff.standardOutput = FileHandle.nullDevice
    try diff.run()
    diff.waitUntilExit()
    #expect(diff.terminationStatus == 0)
    let first = try FileTree(one).entries
    let second = try FileTree(other).entries
    #expect(first.map(\.path) == second.map(\.path))
    for (a, b) in zip(first, second) where a.type != .link {
      #expect(a.mode == b.mode, "\(a.path)")
    }
  }

  // MARK: - Bad input

  private func tree(_ name: String, _ files: [String: String]) throws -> FilePath {
    let root = scratch.path.appending(name)
    for (path, text) in files {
      let file = root.pushing(FilePath(path))
      try FileManager.default.createDirectory(
        atPath: file.removingLastComponent().string,
        withIntermediateDirectories: true
      )
      try Data(text.utf8).write(to: URL(fileURLWithPath: file.string))
    }
    return root
  }

  private func problem(_ body: () async throws -> Void) async -> String {
    do {
      try await body()
      return "no problem"
    } catch { return (error as? Problem)?.code ?? "\(error)" }
  }

  @Test func refusesAnotherSourceAndLeavesNothing() async throws {
    let old = try FileTree(bundle("edit", "new"))
    let out = scratch.path.appending("out")
    let code = await problem {
      _ = try await DeltaApplication.apply(fixture("edit/v4-lzma.delta"), to: old, at: out, jobs: 1)
    }
    #expect(code == "delta.wrong-source")
    #expect(leftovers(out).isEmpty)
  }

  private func leftovers(_ out: FilePath) -> [String] {
    let name = out.lastComponent?.string ?? ""
    let all = try? FileManager.default.contentsOfDirectory(atPath: scratch.path.string)
    return (all ?? []).filter { $0.hasPrefix(name) }
  }

  @Test func refusesATruncatedDeltaAtEveryLength() async throws {
    let old = try FileTree(bundle("everything", "old"))
    let whole = [UInt8](
      try Data(contentsOf: URL(fileURLWithPath: fixture("everything/v4-lzma.delta").string))
    )
    let out = scratch.path.appending("out")
    for count in [0, 3, 6, 20, 100, 1000, whole.count / 2, whole.count - 60] {
      let cut = scratch.path.appending("cut.delta")
      try Data(whole[..<count]).write(to: URL(fileURLWithPath: cut.string))
      let code = await problem {
        _ = try await DeltaApplication.apply(cut, to: old, at: out, jobs: 1)
      }
      #expect(code.hasPrefix("delta."), "\(count): \(code)")
      #expect(leftovers(out).isEmpty)
    }
  }

  private func delta(
    _ old: FileTree,
    _ items: [DeltaItem],
    _ data: [UInt8] = []
  ) async throws -> FilePath {
    let head = DeltaHead(
      version: .four,
      compression: .none,
      before: try await HashedTree(old, .four, jobs: 1).hash,
      after: [UInt8](repeating: 7, count: 20),
      items: items
    )
    let file = scratch.path.appending("hostile.delta")
    let bytes = Data(head.prefix + head.streamFront + data)
    try bytes.write(to: URL(fileURLWithPath: file.string))
    return file
  }

  @Test func writesNothingThroughALink() async throws {
    let outside = try tree("elsewhere", ["victim": "untouched"])
    let root = try tree("old", ["a/f": "text"])
    try FileManager.default.createSymbolicLink(
      atPath: root.appending("link").string,
      withDestinationPath: outside.string
    )
    let old = try FileTree(root)
    let out = scratch.path.appending("out")
    let extract = DeltaItem.Action.extract(mode: 0o100644, length: 4, replacing: false)
    let attacks: [[DeltaItem]] = [
      [DeltaItem(path: "/link/victim", action: extract)],
      [DeltaItem(path: "/link/victim", action: .delete)],
      [DeltaItem(path: "/link", action: .changeMode(0o777))],
      [
        DeltaItem(
          path: "/a",
          action: .extract(mode: 0o120755, length: outside.string.utf8.count, replacing: true)
        ),
        DeltaItem(path: "/a/victim", action: extract),
      ],
      [DeltaItem(path: "/new", action: .clone(source: "/link", length: nil, mode: nil))],
      [DeltaItem(path: "/link", action: .patch(length: 40, mode: nil))],
      [DeltaItem(path: "/none/f", action: extract)],
      [DeltaItem(path: "/a", action: extract)],
    ]
    for items in attacks {
      let linked = items.count == 2 ? Array(outside.string.utf8) : []
      let file = try await delta(
        old,
        items,
        linked + Array("evil".utf8) + [UInt8](repeating: 0, count: 40)
      )
      let code = await problem {
        _ = try await DeltaApplication.apply(file, to: old, at: out, jobs: 1)
      }
      #expect(["delta.refused", "delta.file"].contains(code), "\(items): \(code)")
      #expect(leftovers(out).isEmpty)
    }
    let victim = outside.appending("victim").string
    #expect(FileManager.default.contents(atPath: victim) == Data("untouched".utf8))
  }

  @Test func checksTheResultBeforeItIsThere() async throws {
    let old = try FileTree(try tree("old", ["f": "text"]))
    let out = scratch.path.appending("out")
    let file = try await delta(old, [DeltaItem(path: "/f", action: .delete)])
    let code = await problem {
      _ = try await DeltaApplication.apply(file, to: old, at: out, jobs: 1)
    }
    #expect(code == "delta.wrong-result")
    #expect(leftovers(out).isEmpty)
  }

  @Test func sameTreesMakeAnEmptyDelta() async throws {
    let tree = try FileTree(try bundle("edit", "old"))
    let file = scratch.path.appending("empty.delta")
    let creation = DeltaCreation(version: .four, compression: .lzma, jobs: 1)
    let head = try await creation.create(from: tree, to: tree, at: file)
    #expect(head.items.isEmpty)
    let out = scratch.path.appending("out")
    _ = try await DeltaApplication.apply(file, to: tree, at: out, jobs: 1)
    try expectEqual(out, tree.root)
  }

  @Test func refusesWhatNoDeltaCanCarry() async throws {
    let pipe = try tree("pipe", ["f": "text"])
    #expect(mkfifo(pipe.appending("p").string, 0o600) == 0)
    #expect(await problem { _ = try FileTree(pipe) } == "delta.refused")
    let twins = try tree("twins", ["u\u{308}": "one"])
    try Data("two".utf8).write(to: URL(fileURLWithPath: twins.string + "/\u{FC}"))
    // A Mac's own file system already takes them for one.
    if try FileManager.default.contentsOfDirectory(atPath: twins.string).count == 2 {
      #expect(await problem { _ = try FileTree(twins) } == "delta.refused")
    }
    #expect(await problem { _ = try FileTree(pipe.appending("f")) } == "delta.no-folder")
  }

  @Test func writesOverNothing() async throws {
    let tree = try FileTree(try bundle("edit", "old"))
    let taken = try self.tree("taken", ["f": "mine"]).appending("f")
    let creation = DeltaCreation(version: .four, compression: .lzma, jobs: 1)
    let code = await problem { _ = try await creation.create(from: tree, to: tree, at: taken) }
    #expect(code == "delta.exists")
    #expect(FileManager.default.contents(atPath: taken.string) == Data("mine".utf8))
  }

  @Test func followsAFrameworkToItsNextVersion() async throws {
    var dice = Array("library ".utf8)
    while dice.count < 40_000 { dice += Array("\(dice.count) ".utf8) }
    let text = String(decoding: dice, as: UTF8.self)
    let old = try tree("old", ["Glow.framework/Versions/A/Glow": text, "other/Glow": "x"])
    let new = try tree("new", ["Glow.framework/Versions/B/Glow": text + "more", "other/Glow": "x"])
    let file = scratch.path.appending("framework.delta")
    let creation = DeltaCreation(version: .four, compression: .lzma, jobs: 1)
    let head = try await creation.create(from: try FileTree(old), to: try FileTree(new), at: file)
    let moved = head.items.first { $0.path == "/Glow.framework/Versions/B/Glow" }
    guard case .clone(let source, let length, _) = moved?.action else {
      Issue.record("it is \(String(describing: moved?.action))")
      return
    }
    #expect(source == "/Glow.framework/Versions/A/Glow")
    #expect((length ?? 0) > 0)
    let out = scratch.path.appending("out")
    _ = try await DeltaApplication.apply(file, to: try FileTree(old), at: out, jobs: 1)
    try expectEqual(out, new)
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/bspatch"), "no bspatch")
  )
  func bspatchReadsTheClassicForm() async throws {
    let old = try bundle("everything", "old").pushing(FilePath("Contents/MacOS/Lamp"))
    let new = try bundle("everything", "new").pushing(FilePath("Contents/MacOS/Lamp"))
    let before = [UInt8](try Data(contentsOf: URL(fileURLWithPath: old.string)))
    let after = [UInt8](try Data(contentsOf: URL(fileURLWithPath: new.string)))
    let patch = await BinaryDiff.patch(from: before, to: after, jobs: 1)
    let file = scratch.path.appending("classic.patch")
    try await Data(patch.encoded(classic: true)).write(to: URL(fileURLWithPath: file.string))
    let out = scratch.path.appending("out")
    let bspatch = Process()
    bspatch.executableURL = URL(fileURLWithPath: "/usr/bin/bspatch")
    bspatch.arguments = [old.string, out.string, file.string]
    try bspatch.run()
    bspatch.waitUntilExit()
    #expect(FileManager.default.contents(atPath: out.string) == Data(after))
  }
}
