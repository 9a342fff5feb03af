import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// The usual moves where several runs are open.
extension World {
  /// Two faults of Wick, and a fix for each; the second fix says nothing about the first fault.
  static func withTwoFaults() async throws -> World {
    try await World(settings: { text in
      text.split(separator: "\n", omittingEmptySubsequences: false).map {
        $0.hasPrefix("verify:") ? "verify: { from: 3, fix: \"true\" }" : String($0)
      }.joined(separator: "\n")
    })
  }

  static func opening(_ title: String) -> [String] {
    ["open", title] + World.openArguments.dropFirst(2)
  }

  /// Opens a run and carries it to the author.
  func begin(_ title: String, _ tag: String) async throws {
    try expect(await hotfix(ana, Self.opening(title)), 0)
    try await start(tag)
  }

  func start(_ tag: String) async throws {
    try expect(await hotfix(ben, "approve", "--run", tag), 0)
    try expect(await hotfix(ana, "next", tag), 3)
  }

  func fixExtra(_ branch: String) async throws {
    try await sh(ana, "git checkout -q \(branch)")
    try write(
      ana,
      ["extra.sh": "echo extra\n", "tests/test_extra.sh": "test -f extra.sh\n"]
    )
    try await commit(ana, "Add what is missing")
  }

  func fixKeeping(_ branch: String) async throws {
    try await sh(ana, "git checkout -q \(branch)")
    try await fix()
  }

  /// Runs `next`, and lets ben approve, until every step holds.
  func finish(_ tag: String) async throws {
    for _ in 0..<6 {
      let next = await hotfix(ana, "next", tag)
      if next.status == 0 { return }
      guard next.status == 3, next.all.contains("approves") else {
        throw Problem("test.finish", "\(tag) stopped.", why: next.all, next: ["-"])
      }
      try expect(await hotfix(ben, "approve", "--run", tag), 0)
    }
    throw Problem("test.finish", "\(tag) did not come to its end.", next: ["-"])
  }

  func file(_ name: String, at tag: String) async throws -> String {
    try await sh(ana, "git fetch -q origin --tags && git show \(tag):\(name)")
  }

  /// Returns a PATH whose git runs ben's command once, before the first push that names `ref`.
  func before(_ ref: String, _ command: String) async throws -> String {
    let git = try await sh(ana, "command -v git")
    let tools = path.appending("tools")
    let script = """
      #!/bin/sh
      case "$*" in *" push "*\(ref)*) [ -e '\(tools)/done' ] || {
        touch '\(tools)/done'; '\(git)' -C '\(ben.clone)' \(command) >&2; } ;; esac
      exec '\(git)' "$@"
      """
    try await sh(ana, "mkdir \(tools)")
    try script.write(toFile: "\(tools)/git", atomically: true, encoding: .utf8)
    try await sh(ana, "chmod +x \(tools)/git")
    return "\(tools):\(ana.environment["PATH"] ?? "")"
  }

  /// Runs ana's command once for each of its points, kills it there, and looks at what follows.
  func cut(
    _ arguments: [String],
    then check: (String) async throws -> Void
  ) async throws {
    let before = try await copy("before")
    let counter = path.appending("points").string
    try "".write(toFile: counter, atomically: true, encoding: .utf8)
    let whole = ["HOTFIX_KILL_COUNTER": counter]
    _ = try await program(ana, arguments, environment: whole)
    let names = try String(contentsOfFile: counter, encoding: .utf8).split(separator: "\n")
    #expect(names.count > 1, "the command passes points")
    for (point, name) in names.enumerated() {
      try await restore(before)
      try "".write(toFile: counter, atomically: true, encoding: .utf8)
      let killed = try await program(
        ana,
        arguments,
        environment: whole.merging(["HOTFIX_KILL_AT": "\(point + 1)"]) { $1 }
      )
      #expect(killed.status == -9, "killed at \(name): \(killed.all)")
      try await check(String(name))
    }
  }
}
