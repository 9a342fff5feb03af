package import BinaryDelta
package import ReleaseModel

/// Makes the delta between two bundles.
package struct DeltaCreation: Sendable {
  package var version: DeltaVersion
  package var compression: DeltaCompression
  /// The strongest settings of the compressor, which take more time and memory on both sides.
  package var isBest = false
  package var jobs: Int
  /// Told of the bytes of changed files that are done, and of how many there are.
  package var progress: (@Sendable (_ done: Int, _ total: Int) -> Void)?

  package init(version: DeltaVersion, compression: DeltaCompression, jobs: Int) {
    self.version = version
    self.compression = compression
    self.jobs = jobs
  }

  /// Writes the delta to `out`, where nothing may stand yet.
  ///
  /// The same trees give the same bytes, with any number of jobs. Throws `delta.…`, and leaves nothing.
  package func create(from old: FileTree, to new: FileTree, at out: FilePath) async throws
    -> DeltaHead
  {
    try requireNothing(at: out)
    let trees = try await HashedTree.pair(old, new, version, jobs: jobs)
    let plan = try DeltaPlan(trees.old, trees.new, equal: trees.equal)
    let work = FilePath(out.string + ".partial")
    try Files.remove(work)
    try Files.makeFolder(work, mode: 0o700)
    do {
      let patches = try await patches(plan, old, new, in: work)
      let head = head(plan, trees.old, trees.new, patches)
      let file = work.appending("delta")
      try await write(head, plan, patches, to: file)
      try Files.rename(file, to: out)
      try Files.remove(work)
      return head
    } catch {
      try? Files.remove(work)
      throw error
    }
  }

  /// A patch that was made, and put aside until its turn comes.
  private struct Made: Sendable {
    let file: FilePath
    let length: Int
  }

  /// Makes the patches, the largest first, and as many at once as memory for one and a half allows.
  private func patches(
    _ plan: DeltaPlan,
    _ old: FileTree,
    _ new: FileTree,
    in work: FilePath
  ) async throws -> [Int: Made] {
    var wanted: [(number: Int, old: FileTree.Entry, new: FileTree.Entry)] = []
    for (number, planned) in plan.planned.enumerated() {
      if case .patch(let before, let after) = planned.source {
        wanted.append((number, before, after))
      }
    }
    wanted.sort { max($0.old.size, $0.new.size) > max($1.old.size, $1.new.size) }
    let sizes = wanted.map { max($0.old.size, $0.new.size) }
    let total = wanted.reduce(0) { $0 + $1.new.size }
    let done = Counter()
    let results = await eachOf(
      wanted,
      jobs: jobs,
      weights: sizes,
      atMost: (sizes.first ?? 0) * 3 / 2
    ) { wanted in
      await Self.catching {
        let made = try await patch(
          old.location(wanted.old),
          new.location(wanted.new),
          at: work.appending("\(wanted.number)")
        ) { bytes in progress?(await done.add(bytes), total) }
        return (wanted.number, made)
      }
    }
    return Dictionary(uniqueKeysWithValues: try results.map { try $0.get() })
  }

  private static func catching<Value: Sendable>(
    _ body: () async throws -> Value
  ) async -> Result<Value, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }

  private func patch(
    _ old: FilePath,
    _ new: FilePath,
    at file: FilePath,
    progress: @escaping @Sendable (Int) async -> Void
  ) async throws -> Made {
    let before = try Files.read(old, limit: BinaryPatch.fileMax)
    let after = try Files.read(new, limit: BinaryPatch.fileMax)
    let patch = await BinaryDiff.patch(from: before, to: after, jobs: jobs, progress: progress)
    guard patch.apply(to: before) == after else {
      throw Problem(
        "delta.self-check",
        "The patch for \(new.string) does not give the new file back.",
        why: "It was applied right after it was made; this is a fault of this program.",
        next: ["Please report it, with both files if you can share them."]
      )
    }
    let writer = try Files.create(file)
    try writer.write(patch.rawFront)
    try writer.write(patch.difference)
    try writer.write(patch.extra)
    return Made(file: file, length: patch.rawSize)
  }

  private func head(
    _ plan: DeltaPlan,
    _ old: HashedTree,
    _ new: HashedTree,
    _ patches: [Int: Made]
  ) -> DeltaHead {
    let items = plan.planned.enumerated().map { number, planned in
      var item = planned.item
      guard let made = patches[number] else { return item }
      switch item.action {
      case .patch(_, let mode): item.action = .patch(length: made.length, mode: mode)
      case .clone(let source, _, let mode):
        item.action = .clone(source: source, length: made.length, mode: mode)
      case .delete, .extract, .changeMode: break
      }
      return item
    }
    return DeltaHead(
      version: version,
      compression: compression,
      before: old.hash,
      after: new.hash,
      items: items
    )
  }

  private func write(
    _ head: DeltaHead,
    _ plan: DeltaPlan,
    _ patches: [Int: Made],
    to file: FilePath
  ) async throws {
    let output = try Files.create(file, mode: 0o644)
    try output.write(head.prefix)
    // Differences repeat what is near; new files may repeat each other from anywhere.
    let newBytes = plan.planned.reduce(0) { sum, planned in
      if case .file = planned.source { sum + planned.item.dataLength } else { sum }
    }
    let writer = try CompressedWriter(
      compression,
      best: isBest,
      reach: newBytes,
      expected: head.items.reduce(0) { $0 + $1.dataLength },
      jobs: jobs
    ) { try output.write($0) }
    try await writer.write(head.streamFront)
    for (number, planned) in plan.planned.enumerated() {
      switch planned.source {
      case .nothing: break
      case .file(let path):
        let length = try await Self.copy(path, to: writer)
        guard length == planned.item.dataLength else {
          throw Files.refused(path, "it changed while it was read", "Try again.")
        }
      case .link(let target): try await writer.write(target.utf8)
      case .patch:
        guard let made = patches[number] else { continue }
        _ = try await Self.copy(made.file, to: writer)
        try Files.remove(made.file)
      }
    }
    try await writer.finish()
  }

  /// Writes a file's bytes, and returns how many they are.
  private static func copy(_ path: FilePath, to writer: CompressedWriter) async throws -> Int {
    let reader = try FileReader(path)
    var length = 0
    while true {
      let piece = try reader.next()
      guard !piece.isEmpty else { return length }
      try await writer.write(piece)
      length += piece.count
    }
  }
}

private actor Counter {
  private var value = 0

  func add(_ amount: Int) -> Int {
    value += amount
    return value
  }
}
