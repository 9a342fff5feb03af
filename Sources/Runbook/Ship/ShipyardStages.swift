internal import Feeds
internal import Record
internal import ReleaseModel

/// Which stages a build goes through: what is not configured is not needed, and no stage of its own.
extension Settings {
  /// Why nothing is signed, or nil.
  var noSignature: String? {
    if updateKey != nil || signCommand != nil || signCheck != nil { return nil }
    if minisignKey == nil { return "hotfix.yml names no signature" }
    return feeds.contains { $0.kind == .tauri }
      ? nil : "no feed of hotfix.yml carries a minisign signature"
  }

  /// Why nothing is notarized, or nil.
  var noNotarization: String? {
    if notarizeCommand == nil { return "hotfix.yml names no notarization" }
    return artifacts.contains { $0.platform.isNotarized }
      ? nil : "hotfix.yml names no artifact for macOS"
  }
}

extension Platform {
  /// Whether Apple's notarization is for artifacts of this platform.
  var isNotarized: Bool { [.macos, .any].contains(self) }
}

extension Shipyard {
  /// The stages up to the final bytes.
  var stages: [Stage] {
    [.build] + (settings.noSignature == nil ? [.sign] : [])
      + (settings.noNotarization == nil ? [.notarize] : [])
  }

  /// Behind this stage the bytes are final, and deltas can be made.
  var lastStage: Stage { stages.last ?? .build }

  func evidence(_ stage: Stage, _ artifacts: [Artifact]) throws -> [String] {
    switch stage {
    case .build, .publish:
      return artifacts.map { "\($0.name): \($0.size) bytes, \($0.digestInWords)" }
    case .sign: return try signatures(artifacts)
    case .notarize:
      return artifacts.filter { $0.delta == nil && $0.platform.isNotarized }.map { artifact in
        let check = settings.notarizeCheck == nil ? "" : ", and its check passed"
        return "\(artifact.name): notarized\(check)"
      }
    case .feeds: return []
    }
  }

  /// Says how each artifact is signed; refuses one that lacks a signature that hotfix.yml names.
  private func signatures(_ artifacts: [Artifact]) throws -> [String] {
    let unsigned = artifacts.filter { settings.updateKey != nil && $0.edSignature == nil }
    guard unsigned.isEmpty else {
      throw Problem(
        "sign.absent",
        "\(unsigned.map(\.name).joined(separator: ", ")) has no Ed25519 signature.",
        why: "hotfix.yml names ship.sign.ed25519, and the release of \(tag) was made without it.",
        next: [
          "hotfix withdraw --reason \"it is not signed\"     updaters refuse it",
          "hotfix note --done sign \"…\"     when it is signed in another way",
        ]
      )
    }
    let command = settings.signCommand.map { ["`\($0.text)` ran"] } ?? []
    let check = settings.signCheck.map { ["`\($0.text)` passed"] } ?? []
    return command + check
      + artifacts.filter { $0.edSignature != nil }.map { "\($0.name): Ed25519 holds" }
      + artifacts.filter { $0.minisign != nil }.map { "\($0.name): signed by minisign" }
  }
}

extension Shipyard {
  /// What to say of artifacts that the build did not make.
  func notMade(
    _ missing: [String],
    _ values: [String: String],
    made: [String]
  ) -> Problem {
    let base = situation.opened.base.version.text
    let ofBase = settings.artifacts.map { $0.path.filled(values.merging(["version": base]) { $1 }) }
    // Where the build made the base's artifacts, only the sources can be wrong.
    let isOld = made.contains(where: ofBase.contains)
    return Problem(
      "artifact.missing",
      "The build did not make \(missing.joined(separator: ", ")).",
      why: made.isEmpty
        ? "It made no file."
        : "It made: " + made.prefix(20).joined(separator: ", ") + "."
          + (isOld ? "\nThe sources still say \(base)." : ""),
      next: [
        "Bump the version\(situation.onBranch) and commit"
          + (isOld
            ? ", then:"
            : ", or change ship.build and ship.artifacts in hotfix.yml on "
              + "\(situation.opened.main), then:"),
        "hotfix next     nothing has been published",
      ]
    )
  }
}

extension Shipyard {
  /// The command that ships by hand; a tag that the record does not know yet is shipped by `next` alone.
  static func commands(_ situation: Situation) -> [String] {
    let does = "build, sign, notarize, publish and feeds"
    return situation.progress.observed["tag"] == nil && !situation.opened.branch.isEmpty
      ? ["hotfix next     # records the tag, then does \(does)"]
      : ["hotfix ship \(situation.opened.tag)     # does \(does)"]
  }
}
