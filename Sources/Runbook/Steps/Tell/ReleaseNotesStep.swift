internal import Record
internal import ReleaseModel

extension Step {
  static let releaseNotes = Step(
    "release-notes",
    .tell,
    runbook: "6.3",
    title: "The release notes say it",
    why: "The notes stay on the release when the announcement has scrolled away.",
    looksAt: "the notes on the host: they have to hold the release's section of the changelog, the "
      + "run's title or the fix's subject line",
    mend: ["Edit the release's notes on the host, then:  hotfix next"],
    after: [],
    observe: { situation in
      let host = situation.toolbox.host
      let page = host.page(situation.opened.tag)
      let text = try await host.notes(situation.opened.tag) ?? ""
      if let lacking = try await ReleaseNotes(situation).lacking(in: text) {
        return .waiting(
          .person("the release's author", "mends the notes of \(page): \(lacking)", "hotfix next")
        )
      }
      return .holds([page])
    }
  )
}
