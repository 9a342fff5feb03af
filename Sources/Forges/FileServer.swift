internal import Hummingbird
package import ReleaseModel
package import Runbook

/// The embedded release host: a folder served on loopback.
package enum FileServer {
  package static func serve(_ folder: FilePath, _ port: Int) async throws -> HTTP.Serving {
    try await LoopbackServer.start(port: port, name: "hotfix.fileserver") { router, quiet in
      router.add(
        middleware: FileMiddleware(folder.string, searchForIndexHtml: false, logger: quiet)
      )
    }
  }
}
