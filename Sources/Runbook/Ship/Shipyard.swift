// From the tag to the feed: the release workflow itself.
//
// 1. Artifacts come from a clean checkout of the tag's commit.
// 2. Code signing and notarization change bytes, so digests and update signatures are made last.
// 3. Artifacts, then release, then feeds (invariant 4); a feed never offers what is not there.
// 4. What is published is byte for byte what was built: digests are compared before and after.

internal import Record
internal import Feeds
internal import Foundation
internal import Git
internal import ReleaseModel
internal import Signatures

/// Ships one tag: the same code in a run, in CI and on a laptop.
struct Shipyard: Sendable {
  enum Stage: String, Sendable, CaseIterable {
    case build, sign, notarize, publish, feeds
  }

  struct Manifest: Codable {
    var commit: String
    var stages: [String]
    var artifacts: [Artifact]
  }

  let situation: Situation
  /// Where the artifacts lie.
  let folder: FilePath
  /// The build number that was proven to be right, where a step has not recorded it yet.
  private let provenBuild: String?

  init(_ situation: Situation, folder: FilePath? = nil, provenBuild: String? = nil) {
    self.situation = situation
    self.folder =
      folder ?? situation.toolbox.scratch.appending("ship-\(situation.opened.tag)")
    self.provenBuild = provenBuild
  }

  var toolbox: Toolbox { situation.toolbox }
  var settings: Settings { situation.settings }
  var tag: String { situation.opened.tag }
  var manifestFile: FilePath { folder.appending(".manifest.json") }

  // MARK: looking

  func finding(_ stage: Stage) async throws -> Finding {
    if let release = try await toolbox.host.release(tag) {
      return try await published(stage, release)
    }
    if let watch = WorkflowWatch(situation) { return try await watch.finding() }
    guard stage != .publish && stage != .feeds else { return .lacking("\(tag) is not on the host") }
    guard let manifest = try manifest() else { return .lacking("nothing is built here") }
    guard manifest.stages.contains(stage.rawValue) else { return .lacking("not done yet") }
    try check(manifest.artifacts)
    return .holds(try evidence(stage, manifest.artifacts), facts: facts(manifest.artifacts))
  }

  /// Whether what a stage recorded is on the host, or in this machine's shipping folder unchanged.
  ///
  /// Another machine builds again, and then every later stage has to run again too.
  func isAtHand(_ stage: Stage) async throws -> Bool {
    if try await toolbox.host.release(tag) != nil { return true }
    guard let manifest = try manifest(), manifest.stages.contains(stage.rawValue) else {
      return false
    }
    return stage == .build && lastStage != .build
      || situation.recordedArtifacts(of: stage.rawValue) == manifest.artifacts
      || stage.rawValue != manifest.stages.last
  }

  private func published(_ stage: Stage, _ release: HostedRelease) async throws -> Finding {
    if let reason = release.withdrawn {
      throw Problem(
        "release.withdrawn",
        "\(tag) was taken back.",
        why: reason,
        next: ["hotfix rollback     puts the last good code under a higher version"]
      )
    }
    for artifact in situation.intendedArtifacts where stage == .publish {
      guard release.artifacts.contains(where: { $0.agrees(with: artifact) }) else {
        throw Problem(
          "release.differs",
          "The host has other bytes of \(artifact.name) than were built.",
          why: "Built \(artifact.digestInWords); the host lists "
            + release.artifacts.map(\.digestInWords).joined(separator: ", ") + ".",
          next: ["hotfix verify \(tag)", "hotfix withdraw --reason \"artifacts differ\""]
        )
      }
    }
    if stage == .feeds {
      let found = try await FeedPublisher(situation).finding(release)
      // While the workflow runs, its feeds are its own.
      guard case .lacking = found, let wait = try await WorkflowWatch(situation)?.unfinished()
      else {
        return found
      }
      return wait
    }
    return .holds(try evidence(stage, release.artifacts), facts: facts(release.artifacts))
  }

  private func facts(_ artifacts: [Artifact]) -> [String: String] {
    ["artifacts": Self.json(artifacts)]
  }

  static func json(_ artifacts: [Artifact]) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(artifacts)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
  }

  static func artifacts(fromJSON text: String) -> [Artifact]? {
    try? JSONDecoder().decode([Artifact].self, from: Data(text.utf8))
  }

  func manifest() throws -> Manifest? {
    guard let bytes = try toolbox.files.read(manifestFile, 1 << 20),
      let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(bytes)),
      manifest.commit == situation.refs.fix
    else { return nil }
    return manifest
  }

  /// Refuses artifacts that went missing or changed after they were built.
  func check(_ artifacts: [Artifact]) throws {
    for artifact in artifacts {
      let found = try toolbox.files.digest(folder.appending(artifact.name))
      guard let found, found.digest == artifact.digest else {
        let how = found == nil ? "is missing" : "has changed"
        throw Problem(
          "artifact.changed",
          "The artifact \(artifact.name) \(how) since it was built.",
          why: "Expected \(artifact.digestInWords) in \(folder.string).",
          next: ["rm -r \(shellQuoted(folder.string))", "hotfix next     builds it again"]
        )
      }
    }
  }

  // MARK: acting

  func effects(_ stage: Stage) async throws -> [Effect] {
    if stage != .feeds, let watch = WorkflowWatch(situation) { return try await watch.effects() }
    switch stage {
    case .build: return [local("builds \(tag)") { try await perform(.build) }]
    case .sign: return [local("signs the artifacts") { try await perform(.sign) }]
    case .notarize: return [local("notarizes the artifacts") { try await perform(.notarize) }]
    case .publish: return try await publishEffects()
    case .feeds: return try await FeedPublisher(situation).effects()
    }
  }

  /// Carries out a stage that only this machine sees.
  func perform(_ stage: Stage) async throws {
    switch stage {
    case .build: try await build()
    case .sign: try await sign()
    case .notarize: try await notarize()
    case .publish, .feeds: preconditionFailure("What others see goes through an effect.")
    }
  }

  func local(_ says: String, _ body: @escaping @Sendable () async throws -> Void) -> Effect {
    Effect(tag, says: says, body: .local(body))
  }

  private func build() async throws {
    guard let commit = situation.refs.fix else { return }
    try toolbox.files.remove(folder)
    try toolbox.files.makeFolder(folder)
    let built = try await Trials(situation).inClone(of: commit, tagged: tag) { path in
      let number = try await BuildNumbers(situation).number(of: situation.version, in: path)
      let values = [
        "version": situation.version.text, "build": number, "tag": tag, "commit": commit,
      ]
      let line = settings.build.shell(values)
      let log = try startLog()
      let answer = try await situation.command(
        line,
        in: path,
        seconds: settings.shipSeconds,
        log: log
      )
      guard answer.succeeded else {
        throw Problem(
          "build.failed",
          "The build of \(tag) failed.",
          why: ProjectCommand.why(line, answer),
          next: [
            "less \(shellQuoted(log.string))     all of its output",
            "Mend the build, then:  hotfix next     nothing has been published",
          ]
        )
      }
      return try await collect(from: path, values: values)
    }
    try await seal(built, commit: commit, stage: .build)
  }

  /// Begins the build's log, which stays when the build fails.
  private func startLog() throws -> FilePath {
    let log = FilePath("\(folder.string).log")
    try toolbox.files.write(log, [])
    toolbox.say(.note("building \(situation.version); log: \(log.string)"))
    return log
  }

  /// Copies the artifacts out of the checkout; names and platforms come from the settings.
  private func collect(
    from path: FilePath,
    values: [String: String]
  ) async throws -> [(name: String, platform: Platform)] {
    let wanted = settings.artifacts.map { ($0.path.filled(values), $0.platform) }
    let missing = wanted.filter { !toolbox.files.exists(path.pushing(FilePath($0.0))) }.map(\.0)
    guard missing.isEmpty else {
      throw notMade(missing, values, made: try await situation.git.untracked(in: path))
    }
    return try wanted.map { relative, platform in
      let file = path.pushing(FilePath(relative))
      let name = file.lastComponent?.string ?? relative
      try toolbox.files.copy(file, folder.appending(name))
      return (name, platform)
    }
  }

  private func sign() async throws {
    guard let manifest = try manifest() else { return }
    try check(manifest.artifacts)
    for artifact in manifest.artifacts where artifact.delta == nil {
      try await change(artifact, settings.signCommand, settings.signCheck, stage: .sign)
    }
    try await reseal(manifest, stage: .sign)
  }

  private func notarize() async throws {
    guard let manifest = try manifest() else { return }
    try check(manifest.artifacts)
    for artifact in manifest.artifacts
    where artifact.delta == nil && artifact.platform.isNotarized {
      try await change(
        artifact,
        settings.notarizeCommand,
        settings.notarizeCheck,
        stage: .notarize
      )
    }
    try await reseal(manifest, stage: .notarize)
  }

  /// Runs a command that changes an artifact in place, and the check that has to pass after it.
  private func change(
    _ artifact: Artifact,
    _ command: Template?,
    _ check: Template?,
    stage: Stage
  ) async throws {
    let values = [
      "artifact": folder.appending(artifact.name).string, "version": situation.version.text,
    ]
    let runner = ProjectCommand(toolbox: toolbox, meter: situation.meter)
    for (template, code) in [(command, "failed"), (check, "check")] {
      guard let template else { continue }
      try await runner.mustSucceed(
        template.shell(values),
        in: situation.git.directory,
        seconds: settings.shipSeconds,
        code: "\(stage.rawValue).\(code)",
        what: code == "check"
          ? "The check after step \(stage.rawValue) does not pass on \(artifact.name)."
          : "Step \(stage.rawValue) failed on \(artifact.name).",
        next: ["Mend it, then:  hotfix next     nothing has been published"]
      )
    }
  }

  private func reseal(_ manifest: Manifest, stage: Stage) async throws {
    let names = manifest.artifacts.filter { $0.delta == nil }.map { ($0.name, $0.platform) }
    try await seal(names, commit: manifest.commit, stage: stage, before: manifest.stages)
  }

  /// Takes digests and, from signing on, update signatures, and checks what was just signed.
  ///
  /// A build that nothing is done to afterwards is final at once.
  private func seal(
    _ names: [(name: String, platform: Platform)],
    commit: String,
    stage: Stage,
    before: [String] = []
  ) async throws {
    var artifacts: [Artifact] = []
    for (name, platform) in names {
      let file = folder.appending(name)
      guard let (size, digest) = try toolbox.files.digest(file) else { continue }
      var artifact = Artifact(name: name, size: size, digest: digest, platform: platform)
      let bundle = try await Bundles(toolbox: toolbox).info(ofArchive: file)
      artifact.bundleVersion = bundle?.version
      artifact.minimumSystem = bundle?.minimumSystem
      try requireProven(bundle, name)
      if stage != .build || stage == lastStage {
        artifact.edSignature = try edSignature(file, size: size, bundle)
        try addWhatFeedsSay(file, to: &artifact)
      }
      artifacts.append(artifact)
    }
    if stage == lastStage {
      artifacts += try await DeltaMaker(situation, folder: folder).deltas(to: artifacts, commit) {
        try edSignature($0, size: $1, nil)
      }
    }
    let manifest = Manifest(
      commit: commit,
      stages: before + [stage.rawValue],
      artifacts: artifacts
    )
    try toolbox.files.write(manifestFile, [UInt8](try JSONEncoder().encode(manifest)))
  }

  /// The build number in the bundle has to be the one whose order was proven.
  private func requireProven(_ bundle: BundleInfo?, _ name: String) throws {
    let recorded = situation.progress.observed["version-order"]?.data.facts["build"]
    guard let proven = provenBuild ?? recorded,
      let built = bundle?.version, built != proven
    else { return }
    throw Problem(
      "build.number",
      "\(name) carries another build number than was proven.",
      why: "CFBundleVersion is \(built); the order was proven for \(proven).",
      next: ["Let the build use {build}, then:  hotfix next     nothing has been published"]
    )
  }

  /// Digests and signatures that only some feeds ask for.
  private func addWhatFeedsSay(_ file: FilePath, to artifact: inout Artifact) throws {
    let kinds = Set(settings.feeds.map(\.kind))
    guard !kinds.isDisjoint(with: [.electron, .tauri, .velopack, .squirrelWindows]),
      let content = try toolbox.files.content(file)
    else { return }
    let digests = try FileDigests(content)
    if !kinds.isDisjoint(with: [.velopack, .squirrelWindows]) { artifact.sha1 = digests.sha1 }
    if kinds.contains(.electron) { artifact.sha512 = digests.sha512.base64 }
    guard kinds.contains(.tauri), let key = try situation.minisignKey() else { return }
    artifact.minisign =
      try key.sign(
        content,
        trustedComment: "timestamp:\(toolbox.now().seconds)\tfile:\(artifact.name)"
          + "\tversion:\(situation.version)"
      ).base64File
  }

  private func edSignature(
    _ file: FilePath,
    size: Int,
    _ bundle: BundleInfo?
  ) throws -> String? {
    guard let source = settings.updateKey else { return nil }
    let key = try UpdateKey(toolbox.secret(source))
    if let carried = bundle?.publicKey, carried != key.publicKey {
      throw Problem(
        "sign.wrong-key",
        "The update key is not the one that the app carries.",
        why: "The app carries \(carried); the key at hand belongs to \(key.publicKey).",
        next: ["Put the right key in place, then:  hotfix next     nothing has been published"]
      )
    }
    guard let content = try toolbox.files.content(file) else { return nil }
    let signature = try key.sign(content)
    guard try edSignatureHolds(signature, over: content, publicKey: key.publicKey) else {
      throw Problem(
        "sign.check",
        "A signature that was just made does not hold.",
        next: ["hotfix signature keygen     makes a key that works"]
      )
    }
    return signature
  }
}
