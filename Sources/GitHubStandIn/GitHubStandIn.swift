internal import Foundation
internal import Git
internal import Machine
package import ReleaseModel

/// A stand-in for GitHub on loopback, good enough that other people's programs believe it.
///
/// It follows GitHub's documentation: REST at `/api/v3`, uploads at `/api/uploads`, GraphQL at
/// `/api/graphql`, git over HTTP, downloads, pages, and a runner that executes workflows. State is
/// in memory, git and assets are on the disk in one folder.
package actor GitHubStandIn {
  package nonisolated let folder: FilePath
  nonisolated let port: Int
  nonisolated let processes: ProcessRunner
  nonisolated let environment: [String: String]
  var live = State()
  var beforeLastWrite = State()
  var faults: [Fault] = []
  var faultHits: [Int] = []
  var exchanges: [Exchange] = []
  var servings: [Serving] = []
  var waiters: [UUID: CheckedContinuation<Void, Never>] = [:]
  var runnerTasks: [Int: Task<Void, Never>] = [:]
  var temporaryFiles = 0
  var writesPerMinute: Int?
  var writeTimes: [Int] = []
  var isRunnerPaused = false

  /// The server, as `https://ghe.example.com` is one.
  package nonisolated var url: String { "http://127.0.0.1:\(port)" }

  private init(folder: FilePath, port: Int, environment: [String: String]) {
    self.folder = folder
    self.port = port
    self.environment = environment
    processes = LiveProcesses.runner(inherited: Self.sealed(folder, environment))
  }

  /// Starts on a free port of loopback; everything on the disk is in `folder`.
  ///
  /// `environment` is added to what workflows run in; nothing of this process's own reaches them.
  package static func start(
    in folder: FilePath,
    environment: [String: String] = [:]
  ) async throws -> GitHubStandIn {
    for name in ["git", "assets", "temporary", "runner", "logs", "home"] {
      try FileManager.default.createDirectory(
        atPath: folder.appending(name).string,
        withIntermediateDirectories: true
      )
    }
    let door = Door()
    let serving = try await Serving.start(.loopback, door: door)
    let standIn = GitHubStandIn(folder: folder, port: serving.port, environment: environment)
    await standIn.keep(serving)
    door.open(to: standIn)
    return standIn
  }

  /// Serves the same routes on a Unix socket, as `api.github.com` and the hosts beside it.
  package func serveUnixSocket(at path: FilePath) async throws {
    let door = Door()
    let serving = try await Serving.start(.unixSocket(path), door: door)
    keep(serving)
    door.open(to: self)
  }

  /// Stops listening, and whatever a workflow still runs.
  package func stop() async {
    for task in runnerTasks.values { task.cancel() }
    for task in runnerTasks.values { await task.value }
    for serving in servings { await serving.stop() }
    servings = []
  }

  private func keep(_ serving: Serving) { servings.append(serving) }

  /// What git and workflows run in: nothing of the developer's own settings.
  private static func sealed(
    _ folder: FilePath,
    _ environment: [String: String]
  ) -> [String: String] {
    [
      "PATH": environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
      "HOME": folder.appending("home").string,
      "LC_ALL": "C.UTF-8",
      "TZ": "UTC",
      "GIT_CONFIG_GLOBAL": "/dev/null",
      "GIT_CONFIG_NOSYSTEM": "1",
      "GIT_TERMINAL_PROMPT": "0",
    ]
  }

  // MARK: - What every resource needs

  /// The state as a request sees it: of before the last write when a fault says so.
  var state: State {
    get { StaleRead.snapshot ?? live }
    set { live = newValue }
  }

  /// Returns a repository that a request was found to be about.
  func repository(_ id: Int) throws -> Repository {
    guard let repository = state.repositories[id] else { throw Refusal.notFound }
    return repository
  }

  /// Changes a repository in place.
  func change<Result>(
    _ id: Int,
    _ body: (inout Repository) throws -> Result
  ) throws -> Result {
    guard var repository = live.repositories[id] else { throw Refusal.notFound }
    let result = try body(&repository)
    live.repositories[id] = repository
    wake()
    return result
  }

  nonisolated func bare(_ repository: Repository) -> BareRepository {
    BareRepository(path: repository.path, processes: processes)
  }

  /// Returns the path of a file that nothing else uses.
  func temporaryFile(_ name: String) -> FilePath {
    temporaryFiles += 1
    return folder.appending("temporary").appending("\(temporaryFiles)-\(name)")
  }

  /// Wakes whoever waits for something to change.
  func wake() {
    let waiting = waiters
    waiters = [:]
    for continuation in waiting.values { continuation.resume() }
  }

  /// Returns when anything changes, or when the task is cancelled.
  func changed() async {
    let id = UUID()
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled { continuation.resume() } else { waiters[id] = continuation }
      }
    } onCancel: {
      Task { await self.wake() }
    }
  }
}

/// The snapshot that a stale read answers from.
enum StaleRead {
  @TaskLocal static var snapshot: State?
}

/// Now, as GitHub writes it: whole seconds in UTC.
func now() -> String { stamp(Date()) }

func stamp(_ date: Date) -> String {
  date.formatted(.iso8601)
}
