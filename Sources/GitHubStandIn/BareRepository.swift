internal import Foundation
internal import Git
internal import ReleaseModel

/// git said no, with its words.
struct GitRefused: Error, CustomStringConvertible {
  let command: String
  let words: String
  var description: String { "git \(command): \(words)" }
}

/// A bare repository on the disk, read and written with git's own commands.
struct BareRepository: Sendable {
  let path: FilePath
  let processes: ProcessRunner

  /// Who writes merges and files that are edited in the web page.
  struct Author: Sendable {
    var name: String
    var email: String
    var date: String?
  }

  /// What GitHub's side of the protocol offers.
  private static let settings = """
    [receive]
    \thideRefs = refs/pull
    \tadvertiseAtomic = true
    \tadvertisePushOptions = true
    \tprocReceiveRefs = refs
    [uploadpack]
    \tallowFilter = true
    \tallowTipSHA1InWant = true
    \tallowReachableSHA1InWant = true
    [gc]
    \tauto = 0

    """

  func create(defaultBranch: String) async throws {
    let parent = path.removingLastComponent()
    let answer = try await processes(
      ProcessCall(
        "git",
        ["init", "--quiet", "--bare", "--initial-branch=\(defaultBranch)", path.string],
        in: parent
      )
    )
    guard answer.succeeded else { throw GitRefused(command: "init", words: answer.errors) }
    let config = path.appending("config").string
    let written = try String(contentsOfFile: config, encoding: .utf8)
    try (written + Self.settings).write(toFile: config, atomically: true, encoding: .utf8)
    try GitHooks.install(in: path)
  }

  func run(
    _ arguments: [String],
    input: [UInt8] = [],
    environment: [String: String] = [:]
  ) async throws -> ProcessAnswer {
    try await processes(
      ProcessCall(
        "git",
        arguments,
        in: path,
        environment: environment.mapValues { Optional($0) },
        input: input,
        outputBytesMax: 64 << 20
      )
    )
  }

  /// Runs git and returns what it printed, without the last line's end; refuses when git does.
  @discardableResult
  func text(
    _ arguments: [String],
    input: [UInt8] = [],
    environment: [String: String] = [:]
  ) async throws -> String {
    let answer = try await run(arguments, input: input, environment: environment)
    guard answer.succeeded else {
      throw GitRefused(command: arguments.joined(separator: " "), words: answer.errors)
    }
    return answer.text.trimmingCharacters(in: .newlines)
  }

  /// Returns the object that an expression names, or nil.
  ///
  /// Words from outside never look like options.
  func resolve(_ expression: String, to kind: String? = "commit") async throws -> String? {
    guard !expression.isEmpty, !expression.hasPrefix("-") else { return nil }
    let name = kind.map { "\(expression)^{\($0)}" } ?? expression
    let answer = try await run(["rev-parse", "--verify", "--quiet", "--end-of-options", name])
    let object = answer.text.trimmingCharacters(in: .newlines)
    return answer.succeeded && !object.isEmpty ? object : nil
  }

  /// Returns the commit that a branch, a tag, a full ref or an object name means, as the API takes it.
  func commit(_ name: String) async throws -> String? {
    for candidate in ["refs/heads/\(name)", "refs/tags/\(name)", name] {
      if let found = try await resolve(candidate) { return found }
    }
    return nil
  }

  func branch(_ name: String) async throws -> String? { try await resolve("refs/heads/\(name)") }

  /// Lists refs under prefixes, with the objects that they name.
  func refs(_ prefixes: String...) async throws -> [(name: String, object: String, type: String)] {
    try await refs(prefixes)
  }

  func refs(_ prefixes: [String]) async throws -> [(name: String, object: String, type: String)] {
    let format = "--format=%(refname) %(objectname) %(objecttype)"
    let lines = try await text(["for-each-ref", format] + prefixes).lines()
    return lines.compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      return words.count == 3 ? (words[0], words[1], words[2]) : nil
    }
  }

  /// Moves a ref from what it was seen to be; says whether it was still there.
  func move(_ ref: String, to new: String, from old: String?) async throws -> Bool {
    let zero = String(repeating: "0", count: 40)
    return try await run(["update-ref", ref, new, old ?? zero]).succeeded
  }

  func isAncestor(_ one: String, of other: String) async throws -> Bool {
    try await run(["merge-base", "--is-ancestor", one, other]).succeeded
  }

  /// Returns the tree of both sides merged, or nil when they conflict.
  func mergedTree(_ one: String, _ other: String) async throws -> String? {
    let answer = try await run(["merge-tree", "--write-tree", one, other])
    guard answer.succeeded else { return nil }
    return answer.text.lines().first.map(String.init)
  }

  func commitTree(
    _ tree: String,
    parents: [String],
    message: String,
    author: Author,
    committer: Author? = nil
  ) async throws -> String {
    var environment = Self.names("AUTHOR", author)
    environment.merge(Self.names("COMMITTER", committer ?? author)) { $1 }
    return try await text(
      ["commit-tree", tree] + parents.flatMap { ["-p", $0] },
      input: Array(message.utf8),
      environment: environment
    )
  }

  static func names(_ role: String, _ author: Author) -> [String: String] {
    var environment = ["GIT_\(role)_NAME": author.name, "GIT_\(role)_EMAIL": author.email]
    if let date = author.date { environment["GIT_\(role)_DATE"] = date }
    return environment
  }

  /// Replays the head's commits onto the base, each with a new committer, as the rebase button does.
  ///
  /// Returns nil when a commit conflicts.
  func rebased(
    _ head: String,
    onto base: String,
    committer: Author,
    folder: FilePath
  ) async throws -> String? {
    let start = try await text(["merge-base", base, head])
    guard start != head else { return base }
    try await text(["worktree", "add", "--quiet", "--detach", folder.string, base])
    let environment = Self.names("COMMITTER", committer)
    let picked = try await processes(
      ProcessCall(
        "git",
        ["cherry-pick", "--allow-empty", "--keep-redundant-commits", "\(start)..\(head)"],
        in: folder,
        environment: environment.mapValues { Optional($0) }
      )
    )
    var result: String?
    if picked.succeeded {
      let head = ProcessCall("git", ["rev-parse", "HEAD"], in: folder)
      result = try await processes(head).text.trimmingCharacters(in: .newlines)
    }
    try await text(["worktree", "remove", "--force", folder.string])
    return result
  }

  /// Returns the object at a path of a commit, when it is of that kind.
  func object(_ path: String, at commit: String, _ kind: String) async throws -> String? {
    // Behind a colon everything is the path: `^{blob}` there would be a part of its name.
    guard let object = try await resolve("\(commit):\(path)", to: nil) else { return nil }
    return try await text(["cat-file", "-t", object]) == kind ? object : nil
  }

  /// Returns what is in a file of a commit, or nil when there is none.
  func file(_ path: String, at commit: String) async throws -> [UInt8]? {
    guard try await object(path, at: commit, "blob") != nil else { return nil }
    let answer = try await run(["cat-file", "blob", "\(commit):\(path)"])
    return answer.succeeded ? answer.output : nil
  }
}
