// The release, rehearsed whole before anybody sees it.
//
// 1. Artifacts, deltas and feeds are put on a private copy of the release host, over what is served
//    today, and served on loopback.
// 2. There they are looked at, installed, and updated to from every version in use, with the code
//    that looks at the public release later.
// 3. What was rehearsed is named by its digests: other bytes are rehearsed again.

internal import Git
internal import Record
internal import ReleaseModel

/// Rehearses the release of artifacts that are built.
struct Rehearsal: Sendable {
  private let situation: Situation
  /// Where the artifacts lie, with their manifest.
  private let folder: FilePath

  init(_ situation: Situation, folder: FilePath) {
    self.situation = situation
    self.folder = folder
  }

  /// What a rehearsal saw.
  struct Outcome: Sendable {
    let evidence: [String]
    /// The feeds' newest items before the release, for `VersionsInUse`.
    let items: String
  }

  /// Throws what the release would fail with.
  func run() async throws -> Outcome {
    let toolbox = situation.toolbox
    let scratch = toolbox.scratch.appending("rehearsal-\(toolbox.makeKey())")
    let site = scratch.appending("site")
    try toolbox.files.makeFolder(site)
    defer { try? toolbox.files.remove(scratch) }
    let serving = try await toolbox.http.serve(site, 0)
    do {
      let copy = situation.rehearsed(
        in: scratch,
        RehearsalHost(
          real: toolbox.host,
          tag: situation.opened.tag,
          feeds: situation.settings.feeds.map(\.path),
          folder: site,
          base: "http://127.0.0.1:\(serving.port)",
          files: toolbox.files
        ).host
      )
      let outcome = try await rehearse(copy)
      await serving.stop()
      return outcome
    } catch {
      await serving.stop()
      throw error
    }
  }

  private func rehearse(_ copy: Situation) async throws -> Outcome {
    let before = try await ServedFeed.all(copy)
    let yard = Shipyard(copy, folder: folder)
    try await perform([try yard.publishing(isRehearsal: true)])
    if !copy.settings.feeds.isEmpty { try await perform(try await FeedPublisher(copy).effects()) }
    let outsider = Outsider(copy, isRehearsal: true)
    var evidence: [String] = []
    var looks = ["install"]
    if copy.settings.fixCheck != nil { looks.append("fix-works") }
    if !copy.settings.feeds.isEmpty { looks += ["feeds-live", "update"] }
    for look in looks {
      if look == "fix-works", try await !outsider.runsSomething() {
        evidence.append("the fix's check was not tried: no artifact runs on this machine")
        continue
      }
      do {
        try await perform(outsider.effects(look))
      } catch let problem as Problem
        where ["install.nothing", "update.untried"].contains(problem.code)
        && copy.progress.opened == nil
      {
        // A tag that is shipped by itself has nobody who could vouch for what cannot be tried here.
        situation.toolbox.say(.note("warning: \(problem.what) \(problem.why)"))
        continue
      }
      guard case .holds(let seen, _) = outsider.finding(look) else { continue }
      // Where the copy was served says nothing to anybody.
      if look != "feeds-live" { evidence += seen }
      if look == "install" { evidence += try await CandidateCheck(copy, outsider).versions() }
    }
    return Outcome(evidence: evidence, items: VersionsInUse.record(before))
  }

  private func perform(_ effects: [Effect]) async throws {
    for effect in effects { try await effect.performUnrecorded() }
  }
}

extension Situation {
  /// The same run on a private copy of the release host, with a scratch folder of its own.
  func rehearsed(in scratch: FilePath, _ host: ReleaseHost) -> Situation {
    var toolbox = toolbox
    let say = toolbox.say
    toolbox.host = host
    toolbox.scratch = scratch
    toolbox.boundary = { _ in }
    // What it says of itself would be taken for the release's own.
    toolbox.say = { narration in
      switch narration {
      case .output, .progress, .running, .commandEnded: say(narration)
      case .acting, .holds, .failed, .note: break
      }
    }
    return Situation(
      progress: progress,
      opened: opened,
      settings: settings,
      toolbox: toolbox,
      git: git,
      refs: refs,
      signer: signer,
      recordDigests: recordDigests,
      meter: meter,
      memo: memo,
      served: Served(),
      shipsHere: true
    )
  }
}
