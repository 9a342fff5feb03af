internal import Hummingbird
internal import Logging
internal import ReleaseModel
internal import Runbook

/// A server on loopback that runs until it is told to stop.
enum LoopbackServer {
  /// Serves on `port`, or on one that is free when it is 0.
  ///
  /// Throws `serve.failed`.
  static func start(
    port: Int,
    name: String,
    _ routes: (Router<BasicRequestContext>, Logger) -> Void
  ) async throws -> HTTP.Serving {
    guard (0...65_535).contains(port) else { throw unusable(port) }
    var quiet = Logger(label: name)
    quiet.logLevel = .critical
    let router = Router()
    routes(router, quiet)
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    let application = Application(
      router: router,
      configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: "hotfix"),
      onServerRunning: { continuation.yield($0.localAddress?.port ?? port) },
      logger: quiet
    )
    let task = Task {
      defer { continuation.finish() }
      try await application.run()
    }
    for await bound in ports {
      return HTTP.Serving(
        port: bound,
        stop: {
          task.cancel()
          _ = await task.result
        }
      )
    }
    throw unusable(port)
  }

  private static func unusable(_ port: Int) -> Problem {
    Problem(
      "serve.failed",
      port == 0 ? "No port on loopback can be used." : "Port \(port) on loopback cannot be used.",
      next: [
        port == 0
          ? "Check the system's limits."
          : "Stop what listens there, or change host.url in hotfix.yml."
      ]
    )
  }
}
