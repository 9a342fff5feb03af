package import BinaryDelta
internal import Foundation
package import ReleaseModel

/// A bundle's files as an updater compares them.
package struct FileTree: Sendable {
  package struct Entry: Sendable, Hashable {
    /// From the root, with a slash in front, in the decomposed form that a Mac gives to Sparkle.
    package let path: String
    /// From the root, as it stands on the disk.
    package let diskPath: String
    package let type: EntryType
    /// The permission bits.
    package let mode: UInt16
    package let size: Int
  }

  package static let entriesMax = 1_000_000
  static let depthMax = 100

  package let root: FilePath
  /// Folders before what is in them, siblings in the order of their bytes.
  package let entries: [Entry]

  /// Walks a folder.
  ///
  /// Throws `delta.file`, and `delta.refused` for what no delta can carry: devices and pipes, and names
  /// that a Mac would confuse or sort otherwise than here.
  package init(_ root: FilePath) throws {
    self.root = root
    guard let status = try Files.status(root), EntryType(mode: status.mode) == .folder else {
      throw Problem(
        "delta.no-folder",
        "\(root.string) is no folder.",
        why: "A delta is made between two bundles.",
        next: ["For two single files:  hotfix delta raw create OLD NEW OUT"]
      )
    }
    var found: [Entry] = []
    try Self.walk(root, "", "", depth: 0, &found)
    entries = found
  }

  func location(_ entry: Entry) -> FilePath { FilePath(root.string + entry.diskPath) }

  private static func walk(
    _ root: FilePath,
    _ path: String,
    _ diskPath: String,
    depth: Int,
    _ found: inout [Entry]
  ) throws {
    let folder = root.appending(String(diskPath.dropFirst()))
    guard depth < depthMax else {
      throw Files.refused(folder, "folders are nested more than \(depthMax) deep", "Flatten it.")
    }
    let names = try Files.names(in: folder)
    try checkNames(names, in: folder)
    for name in names {
      let diskPath = diskPath + "/" + name
      let canonical = path + "/" + decomposed(name)
      // Finder's icon of the bundle itself is not part of it.
      if canonical == "/Icon\r" { continue }
      let place = root.appending(String(diskPath.dropFirst()))
      guard let status = try Files.status(place) else { continue }
      guard let type = EntryType(mode: status.mode) else {
        let remedy = "rm \(OutsideText(place.string).word)"
        throw Files.refused(place, "it is neither file, folder nor link", remedy)
      }
      guard found.count < entriesMax else {
        throw Files.refused(root, "it has more than \(entriesMax) files", "Make it smaller.")
      }
      found.append(
        Entry(
          path: canonical,
          diskPath: diskPath,
          type: type,
          mode: status.mode & 0o7777,
          size: status.size
        )
      )
      if type == .folder { try walk(root, canonical, diskPath, depth: depth + 1, &found) }
    }
  }

  /// A Mac takes two forms of one name for the same file, and Sparkle's hash depends on the order.
  private static func checkNames(_ names: [String], in folder: FilePath) throws {
    guard names.contains(where: { name in name.utf8.contains { $0 >= 0x80 } }) else { return }
    let canonical = names.map(decomposed)
    for index in names.indices.dropFirst() {
      let (before, here) = (Array(canonical[index - 1].utf8), Array(canonical[index].utf8))
      guard !before.lexicographicallyPrecedes(here) else { continue }
      throw Files.refused(
        folder.appending(names[index]),
        before == here
          ? "another name beside it differs only in its Unicode form"
          : "its Unicode form is sorted otherwise on a Mac, and the hash would differ",
        "Rename it in ASCII."
      )
    }
  }
}

/// Decomposed, as `fileSystemRepresentation` gives names on a Mac.
private func decomposed(_ name: String) -> String {
  name.utf8.allSatisfy { $0 < 0x80 } ? name : name.decomposedStringWithCanonicalMapping
}

/// A tree with the hash of every content.
package struct HashedTree: Sendable {
  package let tree: FileTree
  /// By entry; nil for folders.
  package let contents: [[UInt8]?]
  package let version: DeltaVersion

  /// The hash of the whole.
  ///
  /// Twenty bytes.
  package var hash: [UInt8] {
    var hash = TreeHash(version)
    for (entry, content) in zip(tree.entries, contents) {
      hash.add(path: entry.path, type: entry.type, mode: entry.mode, content: content)
    }
    return hash.finish()
  }

  /// Hashes every file, several at once.
  package init(_ tree: FileTree, _ version: DeltaVersion, jobs: Int) async throws {
    self.tree = tree
    self.version = version
    let results = await inChunks(tree.entries, jobs: jobs) { entry in
      try Self.content(of: entry, in: tree, version)
    }
    contents = try results.get()
  }

  private init(_ tree: FileTree, _ version: DeltaVersion, contents: [[UInt8]?]) {
    self.tree = tree
    self.version = version
    self.contents = contents
  }

  fileprivate static func content(
    of entry: FileTree.Entry,
    in tree: FileTree,
    _ version: DeltaVersion
  ) throws -> [UInt8]? {
    let place = tree.location(entry)
    switch entry.type {
    case .folder: return nil
    case .link:
      var hash = ContentHash(version, size: nil)
      try Array(Files.target(of: place).utf8).withUnsafeBytes { hash.update($0) }
      return hash.finish()
    case .file:
      var hash = ContentHash(version, size: entry.size)
      var read = 0
      try Files.eachPiece(of: place) {
        hash.update($0)
        read += $0.count
      }
      guard read == entry.size else {
        throw Files.refused(place, "it changed while it was read", "Try again.")
      }
      return hash.finish()
    }
  }

  /// Hashes two trees, and compares the files of one path byte by byte, each read once.
  package static func pair(
    _ old: FileTree,
    _ new: FileTree,
    _ version: DeltaVersion,
    jobs: Int
  ) async throws -> (old: HashedTree, new: HashedTree, equal: Set<String>) {
    let olds = Dictionary(old.entries.enumerated().map { ($1.path, $0) }) { first, _ in first }
    let news = try await inChunks(new.entries, jobs: jobs) { entry in
      let twin = olds[entry.path].map { old.entries[$0] }
      guard let twin, twin.type == .file, entry.type == .file, twin.size == entry.size else {
        return (try content(of: entry, in: new, version), false)
      }
      return try comparing(twin, in: old, with: entry, in: new, version)
    }.get()
    var equal: Set<String> = []
    var known = [[UInt8]?](repeating: nil, count: old.entries.count)
    var isKnown = [Bool](repeating: false, count: old.entries.count)
    for (entry, (content, isEqual)) in zip(new.entries, news) where isEqual {
      equal.insert(entry.path)
      guard let index = olds[entry.path] else { continue }
      known[index] = content
      isKnown[index] = true
    }
    let rest = old.entries.indices.filter { !isKnown[$0] }
    let contents = try await inChunks(rest, jobs: jobs) { index in
      try content(of: old.entries[index], in: old, version)
    }.get()
    for (index, content) in zip(rest, contents) { known[index] = content }
    return (
      HashedTree(old, version, contents: known),
      HashedTree(new, version, contents: news.map(\.0)), equal
    )
  }

  /// Returns the new file's hash, and whether the old one has the same bytes.
  private static func comparing(
    _ twin: FileTree.Entry,
    in old: FileTree,
    with entry: FileTree.Entry,
    in new: FileTree,
    _ version: DeltaVersion
  ) throws -> (content: [UInt8]?, isEqual: Bool) {
    guard entry.size <= 1 << 20 else {
      let before = try content(of: twin, in: old, version)
      let after = try content(of: entry, in: new, version)
      guard before == after else { return (after, false) }
      return (after, try Files.haveEqualBytes(old.location(twin), new.location(entry)))
    }
    let bytes = try Files.read(new.location(entry), size: entry.size)
    let isEqual = try Files.read(old.location(twin), size: twin.size) == bytes
    var hash = ContentHash(version, size: bytes.count)
    bytes.withUnsafeBytes { hash.update($0) }
    return (hash.finish(), isEqual)
  }
}

/// Works on elements some dozens at a time, several such chunks at once; the first error ends it.
func inChunks<Element: Sendable, Value: Sendable>(
  _ elements: [Element],
  jobs: Int,
  _ work: @escaping @Sendable (Element) throws -> Value
) async -> Result<[Value], any Error> {
  let size = 64
  let starts = Array(stride(from: 0, to: elements.count, by: size))
  let chunks = await eachOf(starts, jobs: jobs) { start in
    Result { try elements[start..<min(start + size, elements.count)].map(work) }
  }
  return Result { try chunks.flatMap { try $0.get() } }
}
