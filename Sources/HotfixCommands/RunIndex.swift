internal import Git
internal import Foundation
internal import Machine
internal import Record
internal import ReleaseModel
internal import Runbook

/// What is known of each run at a tip: so that ended runs need not be read again to find the open
/// one.
///
/// Local, disposable, and never asked whether something may be released.
struct RunIndex: Sendable {
  struct Entry: Codable, Sendable {
    let run, tip, tag, version, title, state: String
    let branch, base: String
    /// Every tag's name that the run has had; what it is called by stays known.
    let names: [String]
    let released: Bool
    /// The tag whose release it takes back, where it is a rollback.
    let takesBack: String?
    let opened: Moment
    let component: String?

    /// Whether the run is one of the component that was chosen; nil: none was.
    func isOf(_ chosen: String?) -> Bool { chosen == nil || chosen == component }

    var known: KnownRun {
      KnownRun(
        run: run,
        tag: tag,
        title: title,
        branch: branch,
        base: VersionName(base),
        names: names,
        isOpen: state == "open"
      )
    }
  }

  let workspace: Workspace

  /// The tags of releases that another run takes back.
  static func takenBack(_ entries: [Entry]) -> Set<String> {
    Set(entries.filter { $0.state != "abandoned" }.compactMap(\.takesBack))
  }

  /// Reads and verifies the runs that are not known to have ended, as this clone has them.
  ///
  /// What is wrong with one is told when it is read for good.
  static func readAhead(_ store: RecordStore, _ scratch: FilePath) async {
    guard let refs = try? await store.refs() else { return }
    let tips = store.tips(refs)
    let ended = ended(at: tips, scratch)
    for run in tips.keys where ended[run] == nil {
      _ = try? await store.read(run, refs: refs, keeps: false)
    }
  }

  /// The runs that are known to have ended, and have not moved since.
  private static func ended(at tips: [String: String?], _ scratch: FilePath) -> [String: Entry] {
    guard let bytes = try? LiveFiles.files.read(file(scratch), 4 << 20),
      let entries = try? JSONDecoder().decode([Entry].self, from: Data(bytes))
    else { return [:] }
    let ended = entries.filter { $0.state != "open" && tips[$0.run] == $0.tip }
    return Dictionary(ended.map { ($0.run, $0) }) { $1 }
  }

  private static func file(_ scratch: FilePath) -> FilePath { scratch.appending("runs.json") }

  /// The runs that hold, and what is wrong with the others, by their ids.
  struct Survey: Sendable {
    var entries: [Entry] = []
    var leftOut: [String: Problem] = [:]

    /// The problem of a command whose run may be one that does not hold.
    func problem(_ name: String?) -> Problem {
      let runs = leftOut.sorted { $0.key < $1.key }
      return Problem(
        "run.left-out",
        name.map { "No run whose record holds is known as \($0)." }
          ?? "Nobody can say which run is meant: not every record holds.",
        why: runs.map { "\($0.key): \($0.value.what) [\($0.value.code)]" }.joined(separator: "\n"),
        next: runs.prefix(5).map { "hotfix record verify \($0.key)     says why and what mends it" }
          + ["hotfix log     lists the runs that hold; name the one that you mean"]
      )
    }
  }

  /// Returns an entry for every run that holds; one that does not is named and left out.
  func entries() async throws -> [Entry] { try await survey().entries }

  func survey() async throws -> Survey {
    let refs = try await workspace.store.refs()
    let tips = workspace.store.tips(refs)
    let ended = Self.ended(at: tips, workspace.toolbox.scratch)
    var survey = Survey()
    var isNew = false
    for run in tips.keys.sorted() {
      if let entry = ended[run] {
        survey.entries.append(entry)
        continue
      }
      do {
        guard let entry = try await read(run, refs) else { continue }
        isNew = isNew || entry.state != "open"
        survey.entries.append(entry)
      } catch let problem as Problem {
        survey.leftOut[run] = leftOut(run, problem)
      } catch let failure as Git.Failure {
        survey.leftOut[run] = leftOut(run, failure.problem)
      }
    }
    if isNew, let data = try? JSONEncoder().encode(survey.entries) {
      try workspace.toolbox.files.write(Self.file(workspace.toolbox.scratch), [UInt8](data))
    }
    return survey
  }

  private func read(_ run: String, _ refs: [String: String]) async throws -> Entry? {
    let chain = try await workspace.read(run, refs: refs)
    let progress = Progress(run: run, events: chain.events)
    guard let opened = progress.opened, let at = progress.openedAt, let tip = chain.tip else {
      return nil
    }
    let state =
      switch progress.ending {
      case .closed: "closed"
      case .abandoned: "abandoned"
      case nil: "open"
      }
    return Entry(
      run: run,
      tip: tip,
      tag: opened.tag,
      version: opened.version.text,
      title: opened.title,
      state: state,
      branch: opened.branch,
      base: opened.base.version.text,
      names: progress.names,
      released: progress.observed["publish"] != nil,
      takesBack: opened.rollback?.bad.tag,
      opened: at,
      component: opened.component
    )
  }

  private func leftOut(_ run: String, _ problem: Problem) -> Problem {
    workspace.console.narrate(
      workspace.console.red(
        "warning: the record \(run) is left out: \(problem.what) [\(problem.code)]"
      )
    )
    return problem
  }
}
