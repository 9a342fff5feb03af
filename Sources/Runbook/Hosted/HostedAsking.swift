internal import Documents
internal import Git
internal import Record
internal import ReleaseModel

extension HostedPull {
  /// Opens the pull request; one that is there is taken as it is.
  func asking() async throws -> Effect {
    let opened = situation.opened
    let request = try await text()
    let text = PullRequestText(
      branch: opened.branch,
      base: opened.main,
      title: request.heading,
      body: request.markdown,
      labels: ["hotfix", "expedited"],
      reviewers: situation.settings.asked
    )
    let (pulls, fix) = (forge.pulls, situation.refs.fix)
    return Effect(
      "pull request",
      says: "asks for review of \(opened.branch) on \(forge.name)",
      body: .outward {
        if let there = try await pulls.find(text.branch, text.base), there.state == .merged,
          there.head == fix
        {
          return .done(there.url)
        }
        return .done(try await pulls.open(text).url)
      }
    )
  }

  private func text() async throws -> ReviewRequest {
    let opened = situation.opened
    let assessment = situation.progress.assessment
    var commits: [GitCommit] = []
    if let fix = situation.refs.fix {
      commits = try await situation.git.commits(["\(opened.base.commit)..\(fix)"], limit: 50)
    }
    let tests = ["suite", "proof", "regression"].flatMap { step in
      situation.progress.observed[step]?.data.evidence ?? []
    }
    return ReviewRequest(
      run: situation.run,
      title: opened.title,
      version: situation.version,
      base: opened.base.tag,
      kind: assessment?.kind ?? "bug",
      reasons: assessment?.reasons ?? [],
      cannotWait: assessment?.cannotWait ?? "",
      affected: assessment?.affected ?? [opened.base.version.text],
      workaround: assessment?.workaround ?? "none",
      commits: commits.reversed().map { "\($0.name.prefix(12)) \($0.subject)" },
      tests: tests,
      deadline: situation.progress.deadlines["review"]?.iso ?? ""
    )
  }
}
