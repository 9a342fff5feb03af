internal import Git
internal import Record
internal import ReleaseModel

/// The merge of the pull request, where the host does it.
struct HostedMerge: Sendable {
  private let situation: Situation
  private let pull: HostedPull

  init?(_ situation: Situation) {
    guard let pull = HostedPull(situation) else { return nil }
    self.situation = situation
    self.pull = pull
  }

  private var method: String { situation.settings.github?.mergeMethod ?? "merge" }

  /// Nil when the host cannot merge it, and it has to be merged here.
  func finding() async throws -> Finding? {
    guard let found = try await pull.find() else { return nil }
    switch found.state {
    case .merged:
      return .waiting(
        Wait(
          .outside,
          whom: "git fetch",
          what: "brings the merge of \(found.url)",
          commands: ["hotfix next"]
        )
      )
    case .closed: return nil
    case .open: break
    }
    if found.isMergeable == false { return nil }
    return .lacking("\(found.url) is not merged")
  }

  func effects() async throws -> [Effect]? {
    guard let found = try await pull.find(), found.state == .open, found.isMergeable != false
    else { return nil }
    guard found.head == situation.refs.fix else {
      throw Problem(
        "merge.head-moved",
        "The pull request \(found.number) is not at the reviewed commit any more.",
        why: "It is at \(found.head.prefix(12)); reviewed was "
          + "\((situation.refs.fix ?? "nothing").prefix(12)).",
        next: ["hotfix next     tests and asks again for what is there now"]
      )
    }
    let title = "Merge hotfix \(situation.opened.tag) (#\(found.number))"
    return [
      Effect(
        "pull request \(found.number)",
        says: "merges \(found.url) by \(method)",
        materials: ["head": found.head, "method": method],
        body: .outward {
          switch try await pull.forge.pulls.merge(found, method, title) {
          case .merged(let commit):
            try await situation.git.fetch()
            return .done("merged as \(commit.isEmpty ? "before" : String(commit.prefix(12)))")
          case .queued: return .done("queued")
          case .notYet(let why): throw notYet(found, why)
          }
        }
      )
    ]
  }

  private func notYet(_ found: PullRequest, _ why: String) -> Problem {
    if why.contains("queue") {
      return Problem(
        "merge.queue",
        "\(situation.opened.main) is merged into by a queue.",
        why: why,
        next: ["gh pr merge \(found.number)     puts it into the queue", "hotfix next --watch"]
      )
    }
    if why.contains("not allowed on this repository") {
      return Problem(
        "merge.method",
        "The repository does not allow merging by \(method).",
        why: why,
        next: ["Set, in hotfix.yml:  host: { merge: squash }     or rebase, as is allowed"]
      )
    }
    return Problem(
      "merge.protected",
      "GitHub does not merge the pull request now.",
      why: why,
      next: [
        "gh pr checks \(found.number)     shows what is missing",
        "hotfix next     once it is there",
      ]
    )
  }
}
