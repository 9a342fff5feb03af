internal import Signatures
internal import Record
internal import Foundation
internal import ReleaseModel

/// Results of work that leaves no trace in the world: test runs, downloads, trial installs.
///
/// Kept in the scratch folder from the end of the work until the step is observed and recorded.
struct Receipts: Sendable {
  private struct Receipt: Codable {
    var evidence: [String]
    var facts: [String: String]
  }

  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  private func file(_ step: String) -> FilePath {
    // Another test, another command, another base or another main needs another run.
    let settings = situation.settings
    var inputs = [
      situation.subject(of: .develop), situation.progress.test ?? "", settings.suite,
      settings.proof.text, settings.regression.joined(),
      settings.buildNumber.on(situation.version) ?? "",
      step == "version-order" ? situation.refs.main ?? "" : "",
      step == "proof" ? situation.opened.base.commit : "",
    ]
    if step == "candidate" { inputs += candidateInputs }
    let name = ContentDigest.of(inputs.joined(separator: "\0")).short
    return situation.toolbox.scratch.appending("receipt-\(situation.run)-\(step)-\(name)")
  }

  /// The settings that a candidate was built and tried with.
  private var candidateInputs: [String] {
    let settings = situation.settings
    let commands = [
      settings.build, settings.signCommand, settings.signCheck, settings.fixCheck,
      settings.installCommand, settings.versionCommand,
    ]
    return commands.map { $0?.text ?? "" }
      + settings.artifacts.map { "\($0.path.text) \($0.platform)" }
      + settings.feeds.map {
        [$0.path, $0.line ?? "", $0.artifact?.text ?? "", "\($0.isSigned)", "\($0.deltas)"]
          .joined(separator: " ")
      }
  }

  func write(_ step: String, _ evidence: [String], facts: [String: String] = [:]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let bytes = [UInt8](try encoder.encode(Receipt(evidence: evidence, facts: facts)))
    try situation.toolbox.files.write(file(step), bytes)
  }

  func finding(_ step: String, otherwise lacking: String) -> Finding {
    guard let bytes = try? situation.toolbox.files.read(file(step), 1 << 20),
      let receipt = try? JSONDecoder().decode(Receipt.self, from: Data(bytes))
    else { return .lacking(lacking) }
    return .holds(receipt.evidence, facts: receipt.facts)
  }
}
