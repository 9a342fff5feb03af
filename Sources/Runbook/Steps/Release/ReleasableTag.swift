// Whether a tag may be released, by the record of its run.
//
// 1. The tag on the remote is the one that the run pushed, if it has pushed one.
// 2. The run came to step *tag* with the very tree that the tag names, which is the one that its
//    tests and reviews are about.
// 3. The people's approvals are counted again, by the record as it was when the run came there:
//    an event that says "reviewed" is not enough.
// 4. The tag is signed by a person of the run's list, and carries a digest of the run's record.

internal import Git
internal import Record
internal import ReleaseModel

/// A tag on the remote, held against the record of its run.
package struct ReleasableTag: Sendable {
  private let situation: Situation

  /// `situation.refs` has the remote's tag, and the fix is what it names.
  package init(_ situation: Situation) {
    self.situation = situation
  }

  private var name: String { situation.opened.tag }
  private var run: String { situation.run }

  /// Returns what the record says of the tag.
  ///
  /// Throws `tag.moved`, `tag.early`, `tag.tree`, `tag.unreviewed`, and what step *tag* throws.
  package func evidence() async throws -> [String] {
    try await ReleasedRefs(situation).requireTag()
    let before = try await before()
    guard StepStatus.recorded(.final, before).isSatisfied else { throw early("final") }
    for name in Stating.approvable { try await requireApproval(name, before) }
    switch try await Tagging(situation).finding() {
    case .holds(let evidence, _):
      return evidence + ["run \(run)"] + [before.unseenSentence].compactMap(\.self)
    case .lacking(let why): throw early(why)
    case .waiting(let wait): throw early(wait.what)
    case .refused(let problem): throw problem
    }
  }

  /// The situation in which the run came to its tag; its tag is not on the remote yet.
  private func before() async throws -> Situation {
    let events = situation.progress.events
    let subject = situation.subject(of: .release)
    guard let end = events.firstIndex(where: { $0.fact.satisfies("tag", subject) }) else {
      if let other = situation.progress.observed["tag"] { throw elsewhere(other) }
      throw early("tag")
    }
    let progress = Progress(run: run, events: events[...end])
    var refs = situation.refs
    refs.remoteTag = nil
    var toolbox = situation.toolbox
    // What was approved there is read from the record: a build's token may not ask.
    toolbox.forge = nil
    return try await Situation(
      progress: progress,
      opened: progress.opened ?? situation.opened,
      settings: situation.settings,
      toolbox: toolbox,
      git: situation.git,
      refs: refs,
      signer: situation.signer,
      recordDigests: situation.recordDigests,
      meter: situation.meter,
      memo: Memo(),
      served: situation.served
    ).knowingAuthors()
  }

  private func requireApproval(_ name: String, _ before: Situation) async throws {
    let step = try Noting.step(name)
    let status = StepStatus.recorded(step, before)
    switch status {
    case .notNeeded, .waived: return
    case .open: throw unreviewed(step, "The record does not say so.")
    case .done, .byHand: break
    }
    switch try await step.observe(before) {
    case .holds: return
    case .refused(let problem): throw problem
    case .lacking(let why): throw unreviewed(step, why)
    case .waiting(let wait):
      // On a forge the reviews are there, and the record has what was seen of them.
      if case .done = status, situation.toolbox.forge != nil, step.phase == .review,
        !wait.what.hasPrefix("has declined")
      {
        return
      }
      throw unreviewed(step, "\(wait.whom) \(wait.what)")
    }
  }

  private var ask: [String] {
    [
      "Ask the team who pushed the tag; nothing was built from it.",
      "git push \(situation.git.remote) :refs/tags/\(name)     takes it away",
    ]
  }

  private func early(_ step: String) -> Problem {
    Problem(
      "tag.early",
      "The tag \(name) is on the remote, and its run has not come to it.",
      why: "\(run) has not recorded step \(step) for the tree of "
        + "\((situation.refs.fix ?? "").prefix(12)).",
      next: (situation.progress.ending == nil
        ? ["hotfix status \(run)", "hotfix next     carries the run on"] : ["hotfix log \(run)"])
        + ask
    )
  }

  private func elsewhere(_ seen: Progress.Observation) -> Problem {
    Problem(
      "tag.tree",
      "The tag \(name) names another tree than the one that was tested and reviewed.",
      why: "\(run) came to its tag with \(seen.data.subject); the tag on the remote names "
        + "\(situation.subject(of: .release)).",
      next: ["hotfix log \(run)     tells what was reviewed"] + ask
    )
  }

  private func unreviewed(_ step: Step, _ why: String) -> Problem {
    Problem(
      "tag.unreviewed",
      "The tag \(name) was made without an approval that its run needs.",
      why: "Step \(step.name) does not hold for \(run) as it came to its tag: \(why)",
      next: ["hotfix log \(run)     tells who approved what"] + ask
    )
  }
}

extension Fact {
  fileprivate func satisfies(_ step: String, _ subject: String) -> Bool {
    switch self {
    case .observed(let seen): seen.step == step && seen.subject == subject
    case .noted(let note): note.done == step && note.target == nil && note.subject == subject
    case .waived(let waiver): waiver.step == step && waiver.subject == subject
    default: false
    }
  }
}
