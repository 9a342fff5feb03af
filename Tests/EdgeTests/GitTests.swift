import Foundation
import Git
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Signatures
import Testing

/// Our reading and writing of objects, held against git itself.
@Suite struct GitTests {
  private let scratch = ScratchFolder()
  private let run = LiveProcesses.runner(inherited: environment)

  private static let environment = ProcessInfo.processInfo.environment.merging([
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@x", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@x",
  ]) { $1 }

  @discardableResult private func sh(_ script: String) async throws -> String {
    let answer = try await run(ProcessCall("sh", ["-ec", script], in: scratch.path))
    #expect(answer.succeeded, "\(script): \(answer.errors)")
    return answer.text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A repository with a few files; `open` as the program has it.
  private func repository(_ format: String = "sha1") async throws -> Git {
    try await sh(
      """
      git init -q -b main --object-format=\(format) .
      mkdir -p docs/deep a.d && echo one > a && echo two > docs/deep/two && echo x > a.d/x
      echo run > docs/run && chmod +x docs/run && echo a0 > a0
      git add -A && git commit -q -m first && git tag -a -m one v1
      """
    )
    return Git(
      directory: scratch.path,
      run: run,
      open: LiveDialogue.opener(inherited: Self.environment),
      writer: LooseObjectWriter(
        folder: scratch.path.appending(".git").appending("objects"),
        sha256: format == "sha256",
        put: LiveFiles.putObject
      ),
      common: scratch.path.appending(".git")
    )
  }

  @Test(arguments: ["sha1", "sha256"])
  func aScratchWorktreeIsOneToGit(_ format: String) async throws {
    let git = try await repository(format)
    let files = LiveFiles.files
    let commit = try await sh("git rev-parse main")
    let folder = scratch.path.appending(".git").appending("hotfix").appending("tree-1")
    let worktree = try #require(git.scratchWorktree(folder, exists: files.exists))
    for file in worktree.files(at: commit) { try files.write(file.path, Array(file.text.utf8)) }
    try await git.fill(worktree)
    #expect(try await sh("git -C \(folder) status --porcelain --ignored") == "")
    #expect(try await sh("git -C \(folder) rev-parse HEAD") == commit)
    #expect(try await sh("git -C \(folder) describe") == "v1")
    #expect(try await sh("git -C \(folder) symbolic-ref -q HEAD || echo detached") == "detached")
    #expect(try await sh("test -x \(folder)/docs/run && cat \(folder)/docs/deep/two") == "two")
    #expect(try await sh("git worktree list | wc -l") == "2")
    #expect(try await sh("git worktree prune -v") == "")
    // Nobody else's worktree is taken, and git makes those whose refs are not files.
    #expect(git.scratchWorktree(folder, exists: files.exists) == nil)
    try await sh("git worktree remove --force \(folder)")
    #expect(git.scratchWorktree(folder, exists: files.exists) != nil)
    try files.makeFolder(scratch.path.appending(".git").appending("reftable"))
    #expect(git.scratchWorktree(folder, exists: files.exists) == nil)
  }

  @Test(arguments: ["sha1", "sha256"])
  func whatWeWriteIsWhatGitReads(_ format: String) async throws {
    let git = try await repository(format)
    for size in [0, 1, 65_535, 65_536, 200_000] {
      let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let name = try await git.write("blob", content)
      try LiveFiles.files.write(scratch.path.appending("plain"), content)
      #expect(try await sh("git hash-object plain") == name)
      #expect(try await git.object(name)?.content == content)
      // Without the program that stays and our own writer, git does the same.
      let plain = Git(directory: scratch.path, run: run)
      #expect(try await plain.write("blob", content) == name)
      #expect(try await plain.object(name)?.content == content)
      #expect(try await sh("git cat-file blob \(name) | cmp - plain && echo same") == "same")
    }
    #expect(try await sh("git fsck --full 2>&1 | grep -v dangling || true") == "")
  }

  @Test func aTreeIsEditedAsGitWouldEditIt() async throws {
    let git = try await repository()
    let edits: [String: [UInt8]?] = [
      "docs/deep/two": Array("2\n".utf8), "docs/run": Array("faster\n".utf8), "a.d/x": nil,
      "new/er/file": Array("n\n".utf8), "docs/absent": nil, "a.e": Array("e\n".utf8),
    ]
    let tree = try await git.tree(of: "main", replacing: edits)
    try await sh(
      """
      echo 2 > docs/deep/two && echo faster > docs/run && rm a.d/x
      mkdir -p new/er && echo n > new/er/file && echo e > a.e
      """
    )
    #expect(try await sh("git add -A && git write-tree") == tree)
    #expect(try await git.tree(of: "main", replacing: [:]) == sh("git rev-parse main^{tree}"))
  }

  @Test(arguments: ["../out", ".git/config", "a//b", "/abs", "docs/.GIT/x", ""])
  func noFileLeavesTheTree(_ path: String) async throws {
    let git = try await repository()
    await #expect(throws: Problem.self) {
      try await git.tree(of: "main", replacing: [path: [1]])
    }
  }

  @Test func revisionsAreReadAsGitReadsThem() async throws {
    let git = try await repository()
    let commit = try await sh("git rev-parse main")
    #expect(try await git.resolve("main") == commit)
    #expect(try await git.resolve("v1^{}") == commit)
    #expect(try await git.resolve("refs/heads/none") == nil)
    #expect(try await git.resolve("--all") == nil)
    #expect(try await git.file("docs/run", at: "main") == Array("run\n".utf8))
    #expect(try await git.file("docs", at: "main") == nil)
    #expect(try await git.file("none", at: commit) == nil)
    let refs = try await git.detailedRefs(["refs/tags/v1", "refs/heads/main", "refs/heads/x"])
    #expect(refs["refs/tags/v1"]?.isTagObject == true && refs["refs/tags/v1"]?.commit == commit)
    #expect(refs["refs/heads/main"]?.tree == (try await sh("git rev-parse main^{tree}")))
    #expect(refs.count == 2)
    // A file that came since is seen by the process that stays.
    try await sh("printf nl > 'a\nb' && git add -A && git commit -q -m second")
    #expect(try await git.file("a\nb", at: "main") == Array("nl".utf8))
    #expect(try await git.resolve("main~1") == commit)
  }

  @Test func refsMoveTogetherOrNotAtAll() async throws {
    let git = try await repository()
    let commit = try #require(try await git.resolve("main"))
    try await git.updateRefs([RefUpdate("refs/heads/one", old: nil, new: commit)])
    await #expect(throws: Git.Failure.self) {
      try await git.updateRefs([
        RefUpdate("refs/heads/two", old: nil, new: commit),
        RefUpdate("refs/heads/one", old: nil, new: commit),
      ])
    }
    #expect(try await git.resolve("refs/heads/two") == nil)
    // The process that refused is gone; the next one answers.
    try await git.updateRefs(
      [RefUpdate("refs/heads/one", old: commit, new: nil)],
      tracking: [RefUpdate("refs/heads/three", old: nil, new: commit)]
    )
    #expect(try await git.resolve("refs/heads/one") == nil)
    #expect(try await git.resolve("refs/heads/three") == commit)
  }

  @Test func aProgramThatEndsInsteadOfAnsweringIsAnError() async throws {
    let open = LiveDialogue.opener(inherited: Self.environment)
    let ends = open(ProcessCall("sh", ["-c", "read line; echo part; exit 3"], in: scratch.path))
    for _ in 0..<3 {
      await #expect(throws: DialogueEnded.self) {
        try await ends.ask(Array("question\n".utf8)) { $0.count > 100 }
      }
    }
    let slow = open(ProcessCall("sh", ["-c", "sleep 600"], in: scratch.path, seconds: 1))
    await #expect(throws: DialogueEnded.self) { try await slow.ask([10]) { !$0.isEmpty } }
    let loud = open(ProcessCall("yes", [], in: scratch.path, outputBytesMax: 100_000))
    await #expect(throws: DialogueEnded.self) { try await loud.ask([10]) { _ in false } }
    let missing = open(ProcessCall("no-such-program", [], in: scratch.path))
    await #expect(throws: DialogueEnded.self) { try await missing.ask([10]) { _ in true } }
    let echo = open(ProcessCall("cat", [], in: scratch.path))
    let line = [UInt8](repeating: 65, count: 300_000) + [10]
    for _ in 0..<3 { #expect(try await echo.ask(line) { $0.last == 10 } == line) }
  }
}
