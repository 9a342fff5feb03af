internal import BinaryDelta
internal import ReleaseModel

/// Which commands lead from one tree to another, and where their data is.
///
/// Only what Sparkle's applier takes: parents before children, patches last, nothing beneath a link.
struct DeltaPlan: Sendable {
  enum Source: Sendable {
    case nothing
    case file(FilePath)
    case link(String)
    /// A patch between two files, which is yet to be made.
    case patch(old: FileTree.Entry, new: FileTree.Entry)
  }

  struct Planned: Sendable {
    var item: DeltaItem
    var source: Source
  }

  /// Below this a whole file costs less than the patch's header and steps.
  static let patchedMin = 512
  /// A file that is new at its path is compared with a removed one from this size on, as Sparkle does.
  static let similarMin = 16384

  private(set) var planned: [Planned] = []

  private let old: HashedTree
  private let new: HashedTree
  private let equal: Set<String>
  private var oldEntries: [String: Int] = [:]
  private var newEntries: [String: Int] = [:]
  private var oldByContent: [[UInt8]: [Int]] = [:]
  private var removedByName: [Substring: [FileTree.Entry]] = [:]

  init(_ old: HashedTree, _ new: HashedTree, equal: Set<String>) throws {
    self.old = old
    self.new = new
    self.equal = equal
    for (index, entry) in new.tree.entries.enumerated() { newEntries[entry.path] = index }
    for (index, entry) in old.tree.entries.enumerated() { oldEntries[entry.path] = index }
    var wanted: Set<[UInt8]> = []
    for (index, entry) in new.tree.entries.enumerated()
    where entry.type == .file && entry.size > 0 && oldEntries[entry.path] == nil {
      if let content = new.contents[index] { wanted.insert(content) }
    }
    for (index, entry) in old.tree.entries.enumerated() where entry.type == .file {
      if !wanted.isEmpty, entry.size > 0, let content = old.contents[index],
        wanted.contains(content)
      {
        oldByContent[content, default: []].append(index)
      }
      if newEntries[entry.path] == nil {
        removedByName[name(entry.path), default: []].append(entry)
      }
    }
    addRemovals()
    for index in new.tree.entries.indices { try add(index) }
    sort()
  }

  private func name(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }

  /// A folder goes with all that is in it.
  private mutating func addRemovals() {
    for entry in old.tree.entries where newEntries[entry.path] == nil {
      let parent = entry.path.split(separator: "/").dropLast().map { "/" + $0 }.joined()
      let stays =
        parent.isEmpty || newEntries[parent].map { new.tree.entries[$0].type == .folder } ?? false
      if stays { add(entry.path, .delete, .nothing) }
    }
  }

  private mutating func add(_ path: String, _ action: DeltaItem.Action, _ source: Source) {
    planned.append(Planned(item: DeltaItem(path: path, action: action), source: source))
  }

  private mutating func add(_ index: Int) throws {
    let entry = new.tree.entries[index]
    let before = oldEntries[entry.path].map { old.tree.entries[$0] }
    guard let before, before.type == entry.type else {
      if before == nil, entry.type == .file, try addSimilar(index) { return }
      try addWhole(entry, replacing: before != nil)
      return
    }
    switch entry.type {
    case .folder:
      if before.mode != entry.mode { add(entry.path, .changeMode(entry.mode), .nothing) }
    case .link:
      let target = try Files.target(of: new.tree.location(entry))
      if try Files.target(of: old.tree.location(before)) != target {
        try addWhole(entry, replacing: false)
      }
    case .file:
      if equal.contains(entry.path) {
        if before.mode != entry.mode { add(entry.path, .changeMode(entry.mode), .nothing) }
      } else if isPatchable(before, entry) {
        let mode = before.mode == entry.mode ? nil : EntryType.file.rawValue | entry.mode
        add(entry.path, .patch(length: 0, mode: mode), .patch(old: before, new: entry))
      } else {
        try addWhole(entry, replacing: false)
      }
    }
  }

  private func isPatchable(_ before: FileTree.Entry, _ entry: FileTree.Entry) -> Bool {
    before.size > 0 && entry.size >= Self.patchedMin && before.size <= BinaryPatch.fileMax
      && entry.size <= BinaryPatch.fileMax
  }

  private mutating func addWhole(_ entry: FileTree.Entry, replacing: Bool) throws {
    let place = new.tree.location(entry)
    let source: Source
    var length = 0
    var mode = entry.type.rawValue | entry.mode
    switch entry.type {
    case .folder: source = .nothing
    case .file:
      source = .file(place)
      length = entry.size
    case .link:
      let target = try Files.target(of: place)
      source = .link(target)
      length = target.utf8.count
      // A link's own permissions mean nothing, and differ between systems.
      mode = EntryType.link.rawValue | 0o755
    }
    add(entry.path, .extract(mode: mode, length: length, replacing: replacing), source)
  }

  /// A file that is new at its path: a copy of an old one, or near to a removed one.
  private mutating func addSimilar(_ index: Int) throws -> Bool {
    let entry = new.tree.entries[index]
    for candidate in new.contents[index].flatMap({ oldByContent[$0] }) ?? [] {
      let twin = old.tree.entries[candidate]
      guard twin.size == entry.size,
        try Files.haveEqualBytes(old.tree.location(twin), new.tree.location(entry))
      else { continue }
      add(entry.path, .clone(source: twin.path, length: nil, mode: mode(twin, entry)), .nothing)
      return true
    }
    guard entry.size >= Self.similarMin, let near = near(entry), isPatchable(near, entry) else {
      return false
    }
    add(
      entry.path,
      .clone(source: near.path, length: 0, mode: mode(near, entry)),
      .patch(old: near, new: entry)
    )
    return true
  }

  private func mode(_ before: FileTree.Entry, _ entry: FileTree.Entry) -> UInt16? {
    before.mode == entry.mode ? nil : EntryType.file.rawValue | entry.mode
  }

  /// The same file of a framework's version before, or the largest removed one of the same name.
  private func near(_ entry: FileTree.Entry) -> FileTree.Entry? {
    let fitting = (removedByName[name(entry.path)] ?? []).filter { before in
      min(before.size, entry.size) * 10 >= max(before.size, entry.size) * 4
    }
    let inner = insideVersion(entry.path)
    return fitting.first { before in inner != nil && insideVersion(before.path) == inner }
      ?? fitting.max { ($0.size, $1.path) < ($1.size, $0.path) }
  }

  /// `/A.framework/Versions/B/C` without its version.
  private func insideVersion(_ path: String) -> [Substring]? {
    let parts = path.split(separator: "/")
    guard let at = parts.firstIndex(of: "Versions"), at > 0, at + 2 < parts.count,
      parts[at - 1].hasSuffix(".framework")
    else { return nil }
    return Array(parts[..<at] + parts[(at + 2)...])
  }

  /// Sparkle's order: by path without case, what the old tree has first, and patches behind all else.
  private mutating func sort() {
    let keys = planned.map { planned in
      (
        planned.item.isPatch, planned.item.path.lowercased(),
        oldEntries[planned.item.path] == nil, planned.item.path
      )
    }
    planned = planned.indices.sorted { a, b in
      if keys[a].0 != keys[b].0 { return !keys[a].0 }
      if keys[a].1 != keys[b].1 {
        return keys[a].1.utf8.lexicographicallyPrecedes(keys[b].1.utf8)
      }
      if keys[a].2 != keys[b].2 { return !keys[a].2 }
      return keys[a].3 < keys[b].3
    }.map { planned[$0] }
  }
}
