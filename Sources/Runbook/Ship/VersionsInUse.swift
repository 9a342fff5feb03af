internal import Record
internal import Git
internal import ReleaseModel

/// The releases that users still run: the last few on the host, or a list.
///
/// A withdrawn release counts: whoever has it needs the way out most.
struct VersionsInUse: Sendable {
  struct Used: Sendable {
    let version: VersionName
    let release: HostedRelease
  }

  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  func all() async throws -> [Used] {
    let releases = try await situation.toolbox.host.releases()
      .filter { $0.tag != situation.opened.tag && $0.app == situation.opened.app }
      .filter { isOlder($0.version, than: situation.version) }
      .sorted { isOlder($0.version, than: $1.version) }
    switch situation.settings.versionsInUse {
    case .last(let count):
      return releases.suffix(count).map { Used(version: $0.version, release: $0) }
    case .listed(let versions):
      return try versions.map { version in
        guard let release = releases.first(where: { $0.version == version }) else {
          throw Problem(
            "verify.unknown-version",
            "\(version) is listed as in use and is not on the host.",
            next: ["Mend verify.from in hotfix.yml."]
          )
        }
        return Used(version: version, release: release)
      }
    }
  }
}
