package import ReleaseModel
internal import Signatures

extension Git {
  /// Returns the tree of `base` with the given files written (nil removes one).
  ///
  /// The user's checkout and index are not touched. A file that was executable stays so.
  ///
  /// Throws `git.tree`.
  package func tree(of base: String, replacing files: [String: [UInt8]?]) async throws -> String {
    guard let tree = try await object(base + "^{tree}") else {
      throw wrongTree("\(base) is not in this clone.")
    }
    let edits = try files.map { path, content in
      let names = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      let forbidden: Set<String> = ["", ".", "..", ".git"]
      guard names.allSatisfy({ !forbidden.contains($0.lowercased()) }) else {
        throw wrongTree("\(path) is no path inside a repository.")
      }
      return (path: names[...], content: content)
    }
    if let name = try await edited(tree, edits) { return name }
    return try await write("tree", [])
  }

  private func wrongTree(_ why: String) -> Problem {
    Problem(
      "git.tree",
      "The files could not be put into a commit.",
      why: why,
      next: ["git fsck     checks the clone", "hotfix next"]
    )
  }

  private typealias Edit = (path: ArraySlice<String>, content: [UInt8]?)

  /// Returns the new tree's name, or nil when nothing is left in it.
  private func edited(_ tree: GitObject?, _ edits: [Edit]) async throws -> String? {
    var entries = GitTreeEntries()
    if let tree {
      guard let read = GitTreeEntries(tree.content, nameBytes: tree.name.count / 2) else {
        throw wrongTree("The tree \(tree.name) cannot be read.")
      }
      entries = read
    }
    for (name, edits) in Dictionary(grouping: edits, by: { $0.path.first ?? "" }) {
      let old = entries[name]
      if let whole = edits.first(where: { $0.path.count == 1 }) {
        guard let content = whole.content else {
          entries[name] = nil
          continue
        }
        let mode = old?.mode == "100755" ? "100755" : "100644"
        entries[name] = .init(mode: mode, object: try await write("blob", content))
      } else {
        let below = old?.isTree == true ? try await object(old?.object ?? "") : nil
        let new = try await edited(below, edits.map { ($0.path.dropFirst(), $0.content) })
        entries[name] = new.map { .init(mode: "40000", object: $0) }
      }
    }
    return entries.isEmpty ? nil : try await write("tree", entries.bytes)
  }
}

/// The entries of one tree object.
///
/// Format: as git's `tree-walk.c` reads it: `<mode> SP <name> NUL <object>`, sorted by name as if the
/// names of trees ended with a slash (`base_name_compare`).
struct GitTreeEntries {
  struct Entry {
    let mode: String
    let object: String
    var isTree: Bool { mode == "40000" }
  }

  private var entries: [[UInt8]: Entry] = [:]

  init() {}

  /// Reads an object; nil when it is no tree.
  ///
  /// `nameBytes`: how long a name is, 20 or 32.
  init?(_ content: [UInt8], nameBytes: Int) {
    var rest = content[...]
    while !rest.isEmpty {
      guard let space = rest.firstIndex(of: 0x20), let end = rest.firstIndex(of: 0), space < end,
        rest.endIndex - end > nameBytes
      else { return nil }
      let mode = String(decoding: rest[..<space], as: UTF8.self)
      let object = rest[(end + 1)...].prefix(nameBytes)
      entries[Array(rest[(space + 1)..<end])] = Entry(mode: mode, object: hexadecimal(object))
      rest = rest[(end + 1 + nameBytes)...]
    }
  }

  var isEmpty: Bool { entries.isEmpty }

  subscript(name: String) -> Entry? {
    get { entries[Array(name.utf8)] }
    set { entries[Array(name.utf8)] = newValue }
  }

  var bytes: [UInt8] {
    let sorted = entries.map { name, entry in
      (key: entry.isTree ? name + Array("/".utf8) : name, name: name, entry: entry)
    }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return sorted.flatMap { item in
      Array("\(item.entry.mode) ".utf8) + item.name + [0] + bytes(hexadecimal: item.entry.object)
    }
  }

  private func bytes(hexadecimal text: String) -> [UInt8] {
    let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }
}

extension Git {
  /// Makes a clone that shares this repository's objects, with the remote's tags and `tag` at
  /// `commit`, which is checked out.
  package func clone(to path: FilePath, at commit: String, tagged tag: String) async throws {
    // What the build asks git there has to fit the files, so the clone has the settings itself.
    let settings = GitSettings.files.flatMap { ["--config", $0] }
    try await output(
      [
        "clone", "--quiet", "--shared", "--no-checkout", "--origin=origin", "--template=",
        "--no-reject-shallow", "--no-recurse-submodules",
      ] + settings + ["--", directory.string, path.string],
      environment: ["GIT_ALLOW_PROTOCOL": "file"]
    )
    // It has the objects; an upload may hide refs.
    let prefix = "refs/remotes-tags/\(remote)/"
    let tags = try await refs([prefix]).map {
      "update refs/tags/\($0.dropFirst(prefix.count)) \($1)\n"
    }
    try await output(Self.refMover, input: Array(tags.sorted().joined().utf8), in: path)
    if let url = try await optionalText(["config", "--get", "remote.\(remote).url"]) {
      try await output(["config", "remote.origin.url", url], in: path)
    }
    try await output(["update-ref", "refs/tags/\(tag)", commit], in: path)
    try await output(["checkout", "--quiet", "--detach", commit], in: path)
  }

  /// Returns the files of a checkout that are not in its commit, ignored ones too; at most 1,000.
  package func untracked(in path: FilePath) async throws -> [String] {
    let text = try await text(
      ["status", "--porcelain", "-z", "--ignored", "--untracked-files=all"],
      in: path
    )
    return text.split(separator: "\0").prefix(1000).map { String($0.dropFirst(3)) }
  }
}
