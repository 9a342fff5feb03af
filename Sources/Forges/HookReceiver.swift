internal import Foundation
internal import Hummingbird
internal import NIOCore
package import ReleaseModel
package import Runbook

/// A receiver of webhooks on loopback, for drills and tests: every body becomes a file.
package enum HookReceiver {
  /// Serves until stopped; bodies go to `folder/<hook>-<number>.json`.
  package static func serve(into folder: FilePath, files: Files) async throws -> HTTP.Serving {
    try await LoopbackServer.start(port: 0, name: "hotfix.hooks") { router, _ in
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
    }
  }
}
