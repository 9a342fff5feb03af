internal import Forges
internal import Git
internal import ReleaseModel
internal import Runbook

/// Keeps what is known of a security fault from strangers until its release.
///
/// A run's record, branch and reviews are on the remote from the first moment.
struct Embargo: Sendable {
  let workspace: Workspace

  /// Who can read the remote, as far as that can be known.
  private enum Readers: Sendable, Hashable {
    case team
    case everybody(String)
    case unknown(String)
  }

  /// Returns once the run may be opened; says what strangers can read then, if they can.
  ///
  /// Throws `open.public` before anything is written.
  func require(_ request: OpenRequest, tells: Bool = true) async throws {
    guard request.kind == .security else { return }
    guard let fault = try await fault() else { return }
    let readable = Self.readable(request)
    guard request.publicly != nil || isWaived else {
      throw problem(fault, readable)
    }
    guard tells else { return }
    workspace.console.narrate(
      workspace.console.yellow("\(fault) They can read from now on: \(readable)")
    )
  }

  /// Main says so: settings that one person brings along do not.
  private var isWaived: Bool {
    if case .main = workspace.source.origin { workspace.settings.isSecurityPublic } else { false }
  }

  /// Why strangers may read the remote; nil where they cannot.
  private func fault() async throws -> String? {
    let remote = workspace.git.remote
    for place in try await workspace.git.pushPlaces() {
      switch await readers(of: place) {
      case .team: continue
      case .everybody(let name): return "Everybody can read \(remote), which is \(name)."
      case .unknown(let why): return "Nobody knows who can read \(remote): \(why)"
      }
    }
    return nil
  }

  private func readers(of place: RemotePlace) async -> Readers {
    switch place {
    case .folder: return .team
    case .helper: return .unknown("it is \(place.name).")
    case .server(let scheme, let host, let path):
      guard let server = gitHub(scheme, host) else {
        return .unknown("\(place.name) is not on GitHub, which would say so.")
      }
      do {
        let isPrivate = try await client(path, server).isPrivate()
        return isPrivate ? .team : .everybody(place.name)
      } catch let problem as Problem {
        return .unknown(
          "\(place.name) could not be asked. \(problem.what)"
        )
      } catch {
        return .unknown("\(place.name) could not be asked.")
      }
    }
  }

  /// The address of the GitHub server that a host belongs to; nil when it is none that is known.
  private func gitHub(_ scheme: String, _ host: String) -> String? {
    if ["github.com", "ssh.github.com", "www.github.com"].contains(Self.name(host)) {
      return "https://github.com"
    }
    guard let server = workspace.settings.github?.server,
      case .server(_, let own, _) = RemotePlace("\(server)/"),
      own == host || scheme == "ssh" && Self.name(own) == Self.name(host)
    else { return nil }
    return server
  }

  /// A host without its port.
  private static func name(_ host: String) -> Substring { host.prefix { $0 != ":" } }

  private func client(_ path: String, _ server: String) async throws -> GitHubClient {
    let address = try GitHubAddress(path, server: server)
    if let client = workspace.github, await client.address == address { return client }
    let (environment, root) = (workspace.environment, workspace.root)
    let credential = GitHubCredential(
      address,
      environment: { environment[$0] },
      run: workspace.toolbox.run,
      directory: root
    )
    return GitHubClient(
      address: address,
      http: workspace.toolbox.http,
      credential: { await credential.token() },
      pause: workspace.toolbox.pause
    )
  }

  private static func readable(_ request: OpenRequest) -> String {
    let answers = request.answers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    return
      (["the title \"\(request.title)\"", "that it is a security fault"] + answers + [
        "why it cannot wait", "the verdict", "the affected versions", "the workaround",
        "and, as they are pushed, the branch with the fix, its tests and its reviews.",
      ]).joined(separator: ", ").replacing(", and, as", with: " and, as")
  }

  private func problem(_ fault: String, _ readable: String) -> Problem {
    let (remote, main) = (workspace.git.remote, workspace.settings.main)
    return Problem(
      "open.public",
      "A security fault is not opened where strangers may read of it.",
      why: "\(fault)\nThey could read at once: \(readable)",
      next: [
        "gh repo create OWNER/NAME-embargo --private     or any other repository that only the team "
          + "can read",
        "git push https://github.com/OWNER/NAME-embargo.git refs/remotes/\(remote)/\(main):"
          + "refs/heads/\(main) 'refs/remotes-tags/\(remote)/*:refs/tags/*'",
        "git clone https://github.com/OWNER/NAME-embargo.git && cd NAME-embargo && hotfix open …     "
          + "carries it on there until the day of release",
        "hotfix open … --public \"why strangers may read of it now\"     opens it here, and records "
          + "the sentence",
        "embargo: none     in hotfix.yml on \(main), where security faults are mended in public",
      ]
    )
  }
}
