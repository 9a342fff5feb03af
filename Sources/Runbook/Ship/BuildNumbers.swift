internal import Feeds
internal import Git
internal import ReleaseModel

/// The number by which updaters compare a version: `CFBundleVersion`.
struct BuildNumbers: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  /// The number of a version in use where nothing tells it: worked out again at its tag.
  ///
  /// Nil where its tag is not on the remote.
  func number(of used: VersionsInUse.Used) async throws -> String? {
    if let number = used.release?.artifacts.compactMap(\.bundleVersion).first { return number }
    let tag = used.release?.tag ?? situation.settings.tag.filled(["version": used.version.text])
    guard let commit = try await situation.git.tags().first(where: { $0.name == tag })?.commit
    else { return nil }
    return try await number(of: used.version, at: commit)
  }

  /// The number that a build of `commit` gets.
  func number(of version: VersionName, at commit: String) async throws -> String {
    guard situation.settings.buildNumber.on(version) != nil else { return version.text }
    return try await Trials(situation).inCheckout(of: commit) { path in
      try await number(of: version, in: path)
    }
  }

  /// As above, in a checkout that is there.
  func number(of version: VersionName, in checkout: FilePath) async throws -> String {
    guard let command = situation.settings.buildNumber.on(version) else { return version.text }
    let answer = try await situation.command(
      command,
      in: checkout,
      seconds: situation.settings.testSeconds
    )
    return try Self.number(answer, command)
  }

  static func number(_ answer: ProcessAnswer, _ command: String) throws -> String {
    let number = trimmed(answer.text)
    guard answer.succeeded, !number.isEmpty, number.utf8.count <= 64,
      number.allSatisfy({ $0.isASCII && !$0.isNewline })
    else {
      throw Problem(
        "version.build",
        "version.build gave no build number.",
        why: ProjectCommand.why(command, answer),
        next: ["Mend version.build in hotfix.yml, for example:  git rev-list --count HEAD"]
      )
    }
    return number
  }
}
