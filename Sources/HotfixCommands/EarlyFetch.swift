internal import Foundation
internal import Git
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Synchronization

/// A fetch that runs while git is still asked where the repository is and whose it is.
///
/// It begins where `hotfix.yml` lies beside `.git`. What it brings counts only if git agrees that
/// this is the repository; else everything is as if it had not begun.
final class EarlyFetch: Sendable {
  private let root: FilePath
  let settings: Settings
  private let running: Mutex<Task<Void, any Error>?>

  /// Begins at once; nil when `folder` is in no repository that has settings.
  init?(
    _ folder: FilePath,
    _ environment: [String: String],
    _ run: @escaping ProcessRunner
  ) {
    // git names the folder itself, whatever links lead to it.
    guard let real = realpath(folder.string, nil) else { return nil }
    defer { free(real) }
    var place = FilePath(String(cString: real))
    while !LiveFiles.files.exists(place.appending(".git")) {
      guard place.removeLastComponent() else { return nil }
    }
    guard let settings = try? Workspace.readSettings(place, environment) else { return nil }
    root = place
    self.settings = settings
    let git = Git(directory: place, remote: settings.remote, run: run)
    running = Mutex(Task { try await git.fetch() })
  }

  deinit { running.withLock { $0?.cancel() } }

  /// Returns this fetch if git found the same repository; else ends it, and returns nil.
  func confirmed(by found: FilePath) async -> EarlyFetch? {
    if root == found { return self }
    let wrong = take()
    wrong?.cancel()
    _ = await wrong?.result
    return nil
  }

  /// Waits for the fetch, the first time; returns false when there is none to wait for.
  func finish() async throws -> Bool {
    guard let fetching = take() else { return false }
    try await fetching.value
    return true
  }

  private func take() -> Task<Void, any Error>? {
    running.withLock { running in
      defer { running = nil }
      return running
    }
  }
}
