internal import Foundation
internal import Git
internal import Machine
internal import ReleaseModel
internal import Runbook

// When a command asks the remote, and how long it waits for the answer.

extension Workspace {
  /// The age in seconds from which what was fetched is fetched again by a command that only looks.
  static let fetchAgeSecondsMax = 60
  /// How long a command that only looks waits for the remote.
  private static let lookSecondsMax = 10

  /// Returns whether the remote answered, if it was asked.
  static func fetch(
    _ fetching: Fetching,
    _ git: Git,
    _ store: RecordStore,
    _ scratch: FilePath,
    _ console: Console
  ) async throws -> Bool {
    let stamp = FetchStamp(scratch: scratch, remote: git.remote)
    switch fetching {
    case .no: return true
    case .always:
      try await fetch(git, store, scratch)
      return true
    case .ifOld where stamp.age.map({ (0...fetchAgeSecondsMax).contains($0) }) == true:
      return true
    case .ifReachable, .ifOld:
      let isLook = fetching == .ifOld
      do {
        try await fetch(git, store, scratch, seconds: isLook ? lookSecondsMax : 120)
        return true
      } catch let problem as Problem {
        let rest = isLook ? "This is what was fetched last." : "The record follows later."
        console.narrate("warning: \(problem.what) \(rest)")
        return false
      }
    }
  }

  func fetch() async throws { try await Self.fetch(git, store, toolbox.scratch) }

  /// Fetches, and reads what this clone knows of open runs meanwhile.
  private static func fetch(
    _ git: Git,
    _ store: RecordStore,
    _ scratch: FilePath,
    seconds: Int = 120
  ) async throws {
    async let ahead: Void = RunIndex.readAhead(store, scratch)
    do {
      try await fetch(git, seconds)
    } catch let failure as Git.Failure {
      if let obstacle = GitObstacle(failure.answer.errors) {
        throw obstacle.problem(remote: git.remote)
      }
      throw Problem(
        "remote.unreachable",
        "The remote \(git.remote) could not be read.",
        why: failure.answer.errors.isEmpty ? failure.answer.endingInWords : failure.answer.errors,
        next: [
          "git fetch \(git.remote)     shows it again",
          "hotfix status --offline     shows what this clone knows",
        ]
      )
    }
    FetchStamp(scratch: scratch, remote: git.remote).set()
    await ahead
  }

  private static func fetch(_ git: Git, _ seconds: Int) async throws {
    // Another process of this clone may hold a ref's lock for a moment.
    for _ in 0..<5 {
      do {
        return try await git.fetch(seconds: seconds)
      } catch let failure as Git.Failure where failure.answer.errors.contains("cannot lock ref") {
        try await Task.sleep(for: .milliseconds(100))
      }
    }
    try await git.fetch(seconds: seconds)
  }
}

/// When this clone last fetched from a remote: git has no time of its own for that, since a fetch of
/// something else moves `FETCH_HEAD` too.
private struct FetchStamp {
  let scratch: FilePath
  let remote: String

  private var file: FilePath { scratch.appending("fetched") }

  /// Seconds since the last fetch; nil where none is known.
  var age: Int? {
    guard let bytes = try? LiveFiles.files.read(file, 4096) else { return nil }
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[1] == remote, let at = Int(words[0]) else { return nil }
    return Moment.now.seconds - at
  }

  /// A clone that cannot be written to just fetches again.
  func set() {
    try? LiveFiles.files.makeFolder(scratch)
    try? LiveFiles.files.write(file, Array("\(Moment.now.seconds) \(remote)".utf8))
  }
}
