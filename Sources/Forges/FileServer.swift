internal import Hummingbird
internal import Logging
package import ReleaseModel
package import Runbook

/// The embedded release host: a folder served on loopback.
package enum FileServer {
  package static func serve(_ folder: FilePath, _ port: Int) async throws -> HTTP.Serving {
    var quiet = Logger(label: "hotfix.fileserver")
    quiet.logLevel = .critical
    let router = Router()
    router.add(middleware: FileMiddleware(folder.string, searchForIndexHtml: false, logger: quiet))
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    let application = Application(
      router: router,
      configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: "hotfix"),
      onServerRunning: { channel in
        continuation.yield(channel.localAddress?.port ?? port)
      },
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
    throw Problem(
      "serve.failed",
      "Port \(port) on loopback cannot be used to serve the release host.",
      next: ["Stop what listens there, or change host.url in hotfix.yml."]
    )
  }
}
