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
    mend: ["Edit notes.md of the release on the host, then:  hotfix next"],
    after: [],
    observe: { situation in
      let path = situation.toolbox.host.artifactPath(situation.opened.tag, "notes.md")
      let bytes = try await situation.toolbox.host.readFile(path)
      let text = bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
      guard text.contains(situation.version.text), text.split(separator: "\n").count > 1 else {
        return .waiting(
          .person("the release's author", "writes the notes", "$EDITOR \(path)", "hotfix next")
        )
      }
      return .holds([situation.toolbox.host.url(path)])
    }
  )
}
