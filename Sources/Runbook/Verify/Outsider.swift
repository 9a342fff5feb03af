internal import Record
internal import Documents
internal import Feeds
internal import Foundation
internal import Git
internal import ReleaseModel
internal import Signatures

/// Looks at a release as a stranger does: over HTTP, with nothing but the URL and a public key.
struct Outsider: Sendable {
  let situation: Situation
  /// Looks at a rehearsal on a private copy: nothing is public yet.
  let isRehearsal: Bool

  init(_ situation: Situation, isRehearsal: Bool = false) {
    self.situation = situation
    self.isRehearsal = isRehearsal
  }

  var toolbox: Toolbox { situation.toolbox }
  private var tag: String { situation.opened.tag }
  /// Where downloads and trial installs of this run go.
  var folder: FilePath { toolbox.scratch.appending("outside-\(situation.run)-\(tag)") }

  static let artifactBytesMax = 4 << 30

  func finding(_ step: String) -> Finding {
    let found = Receipts(situation).finding(step, otherwise: "not tried yet")
    // A trial install is no use when its folder is gone.
    if step == "install", !toolbox.files.exists(folder) { return .lacking("not tried yet") }
    return found
  }

  func effects(_ step: String) -> [Effect] {
    [
      Effect(
        step,
        says: "looks from outside",
        body: .local {
          try toolbox.files.makeFolder(folder)
          try await situation.served.reach(toolbox.host)
          do {
            try await look(step)
          } catch {
            await situation.served.forget()
            throw error
          }
        }
      )
    ]
  }

  private func look(_ step: String) async throws {
    switch step {
    case "release": try await release()
    case "artifacts": try await artifacts()
    case "notes": try await notes()
    case "feeds-live": try await feeds()
    case "install": try await install()
    case "fix-works": try await fixWorks()
    default: try await UpdateTrial(self).run()
    }
  }

  func write(_ step: String, _ evidence: [String]) throws {
    try Receipts(situation).write(step, evidence)
  }

  func url(_ name: String) -> String {
    toolbox.host.url(toolbox.host.artifactPath(tag, name))
  }

  // MARK: what is served

  private func answer(_ url: String, anew: Bool = false) async throws -> HTTP.Answer {
    try await situation.served.answer(url, by: toolbox.http, anew: anew)
  }

  func get(_ url: String, anew: Bool = false) async throws -> [UInt8] {
    let answer: HTTP.Answer
    do {
      answer = try await self.answer(url, anew: anew)
    } catch let failure as HTTP.Failure {
      throw Self.unreachable(url, failure)
    }
    guard answer.status == 200 else { throw Self.notServed(url, answer.status) }
    return answer.body
  }

  /// Returns what is served, or nil where the server says that nothing is there (404, 410).
  ///
  /// Throws `served.unreachable` and `served.status`: no answer, or another one, tells nothing.
  private func find(_ url: String) async throws -> [UInt8]? {
    let answer: HTTP.Answer
    do {
      answer = try await self.answer(url)
    } catch let failure as HTTP.Failure {
      throw Self.unreachable(url, failure)
    }
    switch answer.status {
    case 200: return answer.body
    case 404, 410: return nil
    default: throw Self.notServed(url, answer.status)
    }
  }

  private static func notServed(_ url: String, _ status: Int) -> Problem {
    Problem(
      "served.status",
      "\(url) is not served.",
      why: "The server answered \(status).",
      next: ["Check that the web server serves the release host's folder.", "hotfix next"]
    )
  }

  static func unreachable(_ url: String, _ failure: HTTP.Failure) -> Problem {
    Problem(
      "served.unreachable",
      "\(url) cannot be reached.",
      why: failure.why,
      next: [
        "Check the network, and that the release host serves it.", "Then repeat the command.",
      ]
    )
  }

  /// The release as served; for one that this tool did not make, what the settings expect.
  func servedRelease() async throws -> HostedRelease? {
    guard let bytes = try await find(url("release.json")) else { return nil }
    do {
      return try HostedRelease.read(bytes, tag: tag, at: url("release.json"))
    } catch let problem as Problem {
      throw Problem(
        "served.unreadable",
        "The served release.json of \(tag) cannot be read.",
        why: problem.why,
        next: ["hotfix withdraw --reason \"release.json is broken\""]
      )
    }
  }

  private func release() async throws {
    guard let release = try await servedRelease() else {
      let names = expectedNames()
      for name in names { _ = try await get(url(name)) }
      try write("release", ["served: \(names.joined(separator: ", "))"])
      return
    }
    if let reason = release.withdrawn {
      throw Problem(
        "release.withdrawn",
        "\(tag) was taken back.",
        why: reason,
        next: ["hotfix rollback"]
      )
    }
    guard release.tag == tag, release.version == situation.version else {
      throw Problem(
        "served.other",
        "Another release is served in the place of \(tag).",
        why: "It says \(release.tag), \(release.version).",
        next: ["hotfix verify \(tag)"]
      )
    }
    guard release.commit == situation.refs.fix else { throw otherCommit(release) }
    try write("release", ["\(url("")) lists \(release.artifacts.count) artifacts"])
  }

  func expectedNames() -> [String] {
    situation.settings.artifacts.compactMap { artifact in
      artifact.path.filled(["version": situation.version.text]).split(separator: "/").last
        .map(String.init)
    }
  }

  /// Downloads every artifact and compares its bytes with what was built and what is listed.
  private func artifacts() async throws {
    let served = try await servedRelease()
    let recorded = situation.recordedArtifacts
    if let served, !recorded.isEmpty, served.artifacts.map(\.name) != recorded.map(\.name) {
      throw Problem(
        "served.differs",
        "Other artifacts are served than were built.",
        why: "Built \(recorded.map(\.name).joined(separator: ", "))\nserved "
          + served.artifacts.map(\.name).joined(separator: ", "),
        next: ["hotfix withdraw --reason \"the release was changed on the host\""]
      )
    }
    let sums = try await checksums()
    var evidence: [String] = []
    for name in served?.artifacts.map(\.name) ?? expectedNames() {
      let file = try await download(url(name), name: name)
      let found = try toolbox.files.digest(file)
      let listed = served?.artifacts.first { $0.name == name }
      let built = recorded.first { $0.name == name }
      let expected = built?.digest ?? listed?.digest ?? sums[name]
      guard let expected, let found, found.digest == expected else {
        if expected == nil, let found {
          evidence.append("\(name): \(found.digest.short)…, and no digest to compare with")
          continue
        }
        throw tampered(name, expected: expected, found: found?.digest)
      }
      let how = built == nil ? "as listed" : "as built"
      evidence.append("\(name): \(found.size) bytes, \(found.digest.short)… \(how)")
      evidence += try await signature(
        of: file,
        name: name,
        built?.edSignature ?? listed?.edSignature,
        size: found.size
      )
    }
    try write("artifacts", evidence)
  }

  /// Downloads one artifact and refuses it unless it is what was built or is listed.
  func compareServed(_ name: String) async throws {
    let listed = try await servedRelease()?.artifacts.first { $0.name == name }?.digest
    let built = situation.recordedArtifacts.first { $0.name == name }?.digest
    let found = try toolbox.files.digest(try await download(url(name), name: name))
    if let expected = built ?? listed, found?.digest != expected {
      throw tampered(name, expected: expected, found: found?.digest)
    }
  }

  private func tampered(
    _ name: String,
    expected: ContentDigest?,
    found: ContentDigest?
  ) -> Problem {
    Problem(
      "served.differs",
      "The served \(name) is not what was built.",
      why: "Built \(expected?.hex ?? "?")\nserved \(found?.hex ?? "nothing")",
      next: [
        "hotfix withdraw --reason \"\(name) was changed on the host\"",
        "hotfix help artifacts",
      ]
    )
  }

  private func signature(
    of file: FilePath,
    name: String,
    _ signature: String?,
    size: Int
  ) async throws -> [String] {
    guard let signature else { return [] }
    guard let key = try await publicKey(file) else {
      return ["\(name): signed, and no public key is at hand to check it with"]
    }
    guard let content = try toolbox.files.content(file),
      try edSignatureHolds(signature, over: content, publicKey: key)
    else {
      throw Problem(
        "served.signature",
        "The signature of the served \(name) does not hold.",
        why: "Public key \(key).",
        next: ["hotfix withdraw --reason \"bad signature\""]
      )
    }
    return ["\(name): Ed25519 holds"]
  }

  /// The key that the app itself carries; else the one of the configured private key, or one that
  /// another artifact of the release carries: an outsider has no secrets.
  func publicKey(_ file: FilePath?) async throws -> String? {
    let bundles = Bundles(toolbox: toolbox)
    if let file, let key = try await bundles.info(ofArchive: file)?.publicKey { return key }
    guard let source = situation.settings.updateKey else { return nil }
    if let secret = try? toolbox.secret(source) {
      return try UpdateKey(secret).publicKey
    }
    for name in try toolbox.files.list(folder) where name.hasPrefix("download-") {
      if let key = try await bundles.info(ofArchive: folder.appending(name))?.publicKey {
        return key
      }
    }
    return nil
  }

  private func checksums() async throws -> [String: ContentDigest] {
    guard let served = try await find(url("SHA256SUMS")) else { return [:] }
    var sums: [String: ContentDigest] = [:]
    for line in String(decoding: served, as: UTF8.self).withoutByteOrderMark.lines() {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, let digest = ContentDigest(hex: String(parts[0])) else { continue }
      sums[parts[1].drop { $0 == " " || $0 == "*" }.description] = digest
    }
    return sums
  }

  func download(_ url: String, name: String) async throws -> FilePath {
    if let known = await situation.served.file(url) { return known }
    // The name comes from a server: only its last component counts, and never a dot file.
    let safe = FilePath(name).lastComponent?.string ?? "artifact"
    let file = folder.appending("download-\(safe)")
    let answer: HTTP.Downloaded
    do {
      answer = try await toolbox.http.download(
        HTTP.Request("GET", url),
        file,
        Self.artifactBytesMax
      ) { toolbox.say(.progress(what: "downloading \(safe)", done: $0, total: $1)) }
    } catch let failure as HTTP.Failure {
      throw Self.unreachable(url, failure)
    }
    guard answer.status == 200 else { throw Self.notServed(url, answer.status) }
    await situation.served.keep(file, of: url)
    return file
  }
}
