internal import Record
internal import ReleaseModel

extension Step {
  static let releaseNotes = Step(
    "release-notes",
    .tell,
    runbook: "6.3",
    title: "The release notes say it",
    why: "The notes stay on the release when the announcement has scrolled away.",
    looksAt: "the notes on the host: they have to hold the release's section of the changelog",
    mend: ["Edit the release's notes on the host, then:  hotfix next"],
    after: [],
    observe: { situation in
      let host = situation.toolbox.host
      let page = host.page(situation.opened.tag)
      let text = try await host.notes(situation.opened.tag) ?? ""
      guard text.contains(situation.version.text), text.split(separator: "\n").count > 1 else {
        return .waiting(
          .person("the release's author", "writes the notes of \(page)", "hotfix next")
        )
      }
      return .holds([page])
    }
  )
}
