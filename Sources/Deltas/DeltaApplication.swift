package import BinaryDelta
package import ReleaseModel
internal import Signatures

/// Applies a delta, which is an attacker's until its result has the right hash.
///
/// The new bundle grows in a folder of its own beside OUT, and is moved there when all is right. Nothing
/// outside is written: every path is one of the tree that is built, and none leads through a link.
package struct DeltaApplication {
  /// What stands at a path of the tree that is built.
  private struct Place {
    let disk: String
    let type: EntryType
  }

  private let old: FileTree
  private let oldEntries: [String: FileTree.Entry]
  private let root: FilePath
  private var places: [String: Place] = [:]
  /// Folders get their modes last, because one may forbid writing.
  private var folderModes: [String: UInt16] = [:]

  /// Writes the new bundle to `out`, where nothing may stand yet.
  ///
  /// Throws `delta.wrong-source` when the delta was made from another bundle, `delta.…` for a damaged or
  /// hostile one, and leaves nothing.
  package static func apply(
    _ delta: FilePath,
    to old: FileTree,
    at out: FilePath,
    jobs: Int
  ) async throws -> DeltaHead {
    try requireNothing(at: out)
    let file = try FileReader(delta)
    let (head, data) = try DeltaHead.read { try file.next() }
    let found = try await HashedTree(old, head.version, jobs: jobs).hash
    guard found == head.before else { throw wrongSource(old, head, found) }
    let work = FilePath(out.string + ".partial")
    try Files.remove(work)
    try Files.makeFolder(work, mode: 0o700)
    do {
      var application = DeltaApplication(old, root: work)
      try application.build(head, data)
      let result = try await HashedTree(try FileTree(work), head.version, jobs: jobs).hash
      guard result == head.after else { throw wrongResult(head, result) }
      let rootMode = try Files.status(old.root)?.mode ?? 0o755
      try Files.changeMode(work, rootMode)
      try Files.rename(work, to: out)
      return head
    } catch {
      try? Files.remove(work)
      throw error
    }
  }

  private init(_ old: FileTree, root: FilePath) {
    self.old = old
    self.root = root
    oldEntries = Dictionary(old.entries.map { ($0.path, $0) }) { first, _ in first }
  }

  private mutating func build(_ head: DeltaHead, _ data: CompressedReader) throws {
    try copyOld(without: head)
    for item in head.items { try run(item, data) }
    guard try data.isAtEnd() else { throw Self.refused("", "data is left behind the last command") }
    for (path, mode) in folderModes.sorted(by: { $0.key > $1.key }) {
      guard let place = places[path], place.type == .folder else { continue }
      try Files.changeMode(location(place), mode)
    }
  }

  /// Copies what no command replaces as a whole.
  private mutating func copyOld(without head: DeltaHead) throws {
    var replaced: Set<String> = []
    for item in head.items {
      switch item.action {
      case .delete, .extract, .patch: replaced.insert(item.path)
      case .changeMode, .clone: break
      }
    }
    for entry in old.entries {
      let place = Place(disk: entry.diskPath, type: entry.type)
      switch entry.type {
      case .folder:
        try Files.makeFolder(location(place), mode: 0o700)
        folderModes[entry.path] = entry.mode
      case .link:
        try Files.makeLink(location(place), to: Files.target(of: old.location(entry)))
      case .file:
        if !replaced.contains(entry.path) { try copy(entry, to: place, mode: entry.mode) }
      }
      places[entry.path] = place
    }
  }

  private func copy(_ entry: FileTree.Entry, to place: Place, mode: UInt16) throws {
    let writer = try Files.create(location(place))
    try Files.eachPiece(of: old.location(entry)) { try writer.write($0) }
    try writer.changeMode(mode)
  }

  private func location(_ place: Place) -> FilePath {
    root.appending(String(place.disk.dropFirst()))
  }

  private mutating func run(_ item: DeltaItem, _ data: CompressedReader) throws {
    // Sparkle deletes what was in a folder behind the folder.
    if item.action == .delete, isGone(item.path) { return }
    let parent = try parent(of: item.path)
    let known = places[item.path]
    let disk = known?.disk ?? parent + "/" + (item.path.split(separator: "/").last ?? "")
    let target = root.appending(String(disk.dropFirst()))
    switch item.action {
    case .delete:
      try Files.remove(target)
      places[item.path] = nil
    case .extract(let mode, let length, let replacing):
      if replacing || known?.type != .folder { try Files.remove(target) }
      places[item.path] = Place(disk: disk, type: EntryType(mode: mode) ?? .file)
      try extract(item.path, mode, length, to: target, data)
    case .changeMode(let mode):
      guard let known, known.type != .link else {
        throw Self.refused(item.path, "there is nothing whose permissions could be changed")
      }
      if known.type == .folder {
        folderModes[item.path] = mode
      } else {
        try Files.changeMode(target, mode)
      }
    case .patch(let length, let mode):
      let base = try file(item.path)
      try patch(base, length, to: target, mode: mode ?? base.mode, data)
      places[item.path] = Place(disk: disk, type: .file)
    case .clone(let source, let length, let mode):
      let base = try file(source)
      let place = Place(disk: disk, type: .file)
      if let length {
        try patch(base, length, to: target, mode: mode ?? base.mode, data)
      } else {
        try Files.remove(target)
        try copy(base, to: place, mode: mode ?? base.mode)
      }
      places[item.path] = place
    }
  }

  /// Whether a folder above the path is not there any more.
  private func isGone(_ path: String) -> Bool {
    var walked = ""
    for name in path.split(separator: "/").dropLast() {
      walked += "/" + name
      if places[walked] == nil { return true }
    }
    return false
  }

  /// Where the parent stands, which has to be a folder, as have all above it.
  private func parent(of path: String) throws -> String {
    var disk = ""
    var walked = ""
    for name in path.split(separator: "/").dropLast() {
      walked += "/" + name
      guard let place = places[walked], place.type == .folder else {
        throw Self.refused(path, "\(walked) is no folder")
      }
      disk = place.disk
    }
    return disk
  }

  private func file(_ path: String) throws -> FileTree.Entry {
    guard let entry = oldEntries[path], entry.type == .file else {
      throw Self.refused(path, "the old bundle has no such file")
    }
    return entry
  }

  private mutating func extract(
    _ path: String,
    _ mode: UInt16,
    _ length: Int,
    to target: FilePath,
    _ data: CompressedReader
  ) throws {
    switch EntryType(mode: mode) {
    case .folder:
      try Files.makeFolder(target, mode: 0o700)
      folderModes[path] = mode & 0o7777
    case .link:
      let bytes = try data.read(length)
      guard !bytes.contains(0), let link = String(validating: bytes, as: UTF8.self), length > 0
      else {
        throw Self.refused(path, "its link leads nowhere")
      }
      try Files.makeLink(target, to: link)
    case .file, nil:
      let writer = try Files.create(target)
      try Self.eachPiece(of: length, data) { try writer.write($0) }
      try writer.changeMode(mode)
    }
  }

  /// Patches while the data streams by: in memory are the old file, the steps and one piece.
  private func patch(
    _ base: FileTree.Entry,
    _ length: Int,
    to target: FilePath,
    mode: UInt16,
    _ data: CompressedReader
  ) throws {
    guard length >= BinaryPatch.headerSize else {
      throw Self.refused(base.path, "its patch is too short")
    }
    let before = try Files.read(old.location(base), limit: BinaryPatch.fileMax)
    try Files.remove(target)
    let writer = try Files.create(target)
    try RawPatchReader(data, length: length).apply(to: before) { try writer.write($0, at: $1) }
    try writer.changeMode(mode)
  }

  static func eachPiece(
    of length: Int,
    _ data: CompressedReader,
    _ body: ([UInt8]) throws -> Void
  ) throws {
    var left = length
    while left > 0 {
      let piece = try data.read(min(left, 1 << 17))
      try body(piece)
      left -= piece.count
    }
  }

  static func refused(_ path: String, _ why: String) -> Problem {
    Problem(
      "delta.refused",
      "The delta's command for \(path.isEmpty ? "its end" : path) is refused.",
      why: "\(why.prefix(1).uppercased() + why.dropFirst()).",
      next: ["Fetch the delta again, and compare its digest with the feed's."]
    )
  }

  private static func wrongSource(_ old: FileTree, _ head: DeltaHead, _ found: [UInt8]) -> Problem {
    Problem(
      "delta.wrong-source",
      "The delta was not made from \(old.root.string).",
      why:
        "It expects a bundle with hash \(hexadecimal(head.before)); this one has \(hexadecimal(found)).",
      next: ["Unpack the very archive that was shipped, with modes and links, and try again."]
    )
  }

  private static func wrongResult(_ head: DeltaHead, _ found: [UInt8]) -> Problem {
    Problem(
      "delta.wrong-result",
      "The delta does not give the bundle that it promises.",
      why: "It promises hash \(hexadecimal(head.after)), and \(hexadecimal(found)) came out.",
      next: ["Fetch the delta again, and compare its digest with the feed's."]
    )
  }
}
