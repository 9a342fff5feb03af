// The candidate: the fix's tree as it will be released, built and tried before the tag.
//
// 1. It is built by the same code as the release, in a scratch clone where the tag exists already.
// 2. Notarization is left out: it takes long and leaves traces at Apple. What it changes is
//    rehearsed again before publishing, as all bytes are that were not tried.

internal import Git
internal import Record
internal import ReleaseModel

struct Candidate: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  /// Where the candidate's artifacts stay, to be compared with what is built from the tag.
  static func folder(_ situation: Situation) -> FilePath {
    situation.toolbox.scratch.appending("candidate-\(situation.opened.tag)")
  }

  /// Builds, signs and rehearses the candidate, and writes the receipt.
  func run() async throws {
    // What can be refused without a build is refused before it.
    let order =
      situation.settings.feeds.isEmpty
      ? nil : try await OrderProof(situation).proven()
    var situation = situation
    situation.settings.notarizeCommand = nil
    let folder = Self.folder(situation)
    let yard = Shipyard(situation, folder: folder, provenBuild: order?.build)
    for stage in yard.stages { try await yard.perform(stage) }
    let artifacts = try yard.manifest()?.artifacts ?? []
    let outcome = try await Rehearsal(situation, folder: folder).run()
    try Receipts(situation).write(
      "candidate",
      try yard.evidence(.build, artifacts) + outcome.evidence,
      facts: ["artifacts": Shipyard.json(artifacts), "items": outcome.items]
    )
  }
}

/// Compares what is about to be published with the candidate that was tried.
struct TriedBytes: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  private var tried: [Artifact] { situation.recordedArtifacts(of: "candidate") ?? [] }

  /// Whether these very bytes were tried.
  func hold(_ artifacts: [Artifact]) -> Bool {
    !tried.isEmpty && Set(artifacts.map(\.digest)) == Set(tried.map(\.digest))
  }

  /// Says what differs from the candidate, file by file where its artifacts are at hand.
  func difference(_ artifacts: [Artifact], in folder: FilePath) async -> String {
    let changed = artifacts.filter { artifact in
      !tried.contains { $0.name == artifact.name && $0.digest == artifact.digest }
    }
    guard !tried.isEmpty else { return "no candidate of it was tried" }
    var words: [String] = []
    for artifact in changed where artifact.delta == nil {
      let files = (try? await files(artifact, in: folder)) ?? []
      words.append(
        artifact.name
          + (files.isEmpty
            ? ""
            : " (\(files.prefix(5).joined(separator: ", "))"
              + (files.count > 5 ? " and \(files.count - 5) more)" : ")"))
      )
    }
    let gone = tried.filter { candidate in !artifacts.contains { $0.name == candidate.name } }
    words += gone.map { "\($0.name), which is not there" }
    if words.isEmpty { words = changed.map(\.name) }
    let why =
      situation.settings.noNotarization == nil
      ? "it was notarized, or the build is not reproducible" : "the build is not reproducible"
    return "\(why); it differs in \(words.joined(separator: ", "))"
  }

  /// The files inside an artifact that differ from the candidate's.
  private func files(_ artifact: Artifact, in folder: FilePath) async throws -> [String] {
    let toolbox = situation.toolbox
    let candidate = Candidate.folder(situation).appending(artifact.name)
    guard Bundles.isArchive(artifact.name), toolbox.files.exists(candidate) else { return [] }
    let scratch = toolbox.scratch.appending("differ-\(toolbox.makeKey())")
    defer { try? toolbox.files.remove(scratch) }
    var trees: [[String: Files.TreeEntry]] = []
    for (number, file) in [candidate, folder.appending(artifact.name)].enumerated() {
      let target = scratch.appending("\(number)")
      try toolbox.files.makeFolder(target)
      try await toolbox.unpack(file, target)
      let entries = try toolbox.files.tree(target)
      trees.append(Dictionary(entries.map { ($0.path, $0) }) { $1 })
    }
    let names = Set(trees[0].keys).union(trees[1].keys).sorted()
    let different = names.filter { trees[0][$0] != trees[1][$0] }
    return different.isEmpty ? ["only the archive's own dates or order"] : different
  }
}
