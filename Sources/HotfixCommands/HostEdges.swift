internal import Forges
internal import Foundation
internal import Git
internal import Machine
internal import ReleaseModel
internal import Runbook

/// The release host of the settings, and the forge where there is one.
struct HostEdges: Sendable {
  let host: ReleaseHost
  let forge: Forge?
  let client: GitHubClient?

  static func live(
    _ settings: Settings,
    home folder: FilePath,
    scratch: FilePath,
    run: @escaping ProcessRunner,
    boundary: @escaping @Sendable (String) async throws -> Void,
    environment: [String: String],
    pause: @escaping @Sendable (Int) async throws -> Void,
    say: @escaping @Sendable (Narration) -> Void
  ) throws -> HostEdges {
    // What stands around components may name no host, so none is at hand before one is chosen.
    if settings.host == .directory(path: "", url: ""), let problem = settings.unchosen("hotfix …") {
      return HostEdges(host: .missing(problem), forge: nil, client: nil)
    }
    switch settings.host {
    case .directory(let path, let url):
      let host = DirectoryHost(
        root: folder.pushing(FilePath(path)).lexicallyNormalized(),
        base: url,
        files: LiveFiles.shared,
        http: LiveHTTP.http,
        foreign: settings.foreignReleases
      )
      return HostEdges(host: host.host, forge: nil, client: nil)
    case .github(let home):
      let address = try GitHubAddress(home.repository, server: home.server)
      let credential = GitHubCredential(
        address,
        environment: { environment[$0] },
        run: run,
        directory: folder
      )
      let client = GitHubClient(
        address: address,
        http: LiveHTTP.http,
        credential: { await credential.token() },
        pause: pause,
        say: say
      )
      let host = GitHubHost(
        client: client,
        settings: settings,
        home: home,
        files: LiveFiles.files,
        scratch: scratch,
        boundary: boundary
      )
      return HostEdges(
        host: host.host,
        forge: client.forge,
        client: client
      )
    }
  }
}
