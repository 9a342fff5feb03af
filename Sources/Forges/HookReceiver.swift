internal import Foundation
internal import Hummingbird
internal import Logging
internal import NIOCore
package import ReleaseModel
package import Runbook

/// A receiver of webhooks on loopback, for drills and tests: every body becomes a file.
package enum HookReceiver {
  /// Serves until stopped; bodies go to `folder/<hook>-<number>.json`.
  package static func serve(into folder: FilePath, files: Files) async throws -> HTTP.Serving {
    var quiet = Logger(label: "hotfix.hooks")
    quiet.logLevel = .critical
    let router = Router()
    router.post("/hooks/{name}") { request, context in
      let name = try context.parameters.require("name")
      let body = try await request.body.collect(upTo: 1 << 20)
      let number = try files.list(folder).count { $0.hasPrefix("\(name)-") } + 1
      try files.write(
        folder.appending("\(name)-\(number).json"),
        Array(body.readableBytesView)
      )
      return "ok"
    }
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    let application = Application(
      router: router,
      configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) },
      logger: quiet
    )
    let task = Task {
      defer { continuation.finish() }
      try await application.run()
    }
    for await port in ports {
      return HTTP.Serving(
        port: port,
        stop: {
          task.cancel()
          _ = await task.result
        }
      )
    }
    throw Problem(
      "serve.failed",
      "No port on loopback can be used.",
      next: ["Check the system's limits."]
    )
  }
}
