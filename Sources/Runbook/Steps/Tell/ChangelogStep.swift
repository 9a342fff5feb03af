internal import ReleaseModel
internal import Record
internal import Documents
internal import Git

extension Step {
  static let changelog = Step(
    "changelog",
    .tell,
    runbook: "6.3",
    title: "The changelog on main says it",
    why: "The next release's readers look there.",
    looksAt: "the release's section in the changelog on main",
    mend: ["git merge TAG     on main brings the section back"],
    after: [],
    observe: { situation in
      let path = situation.settings.changelog
      guard let main = situation.refs.main,
        let bytes = try await situation.git.file(path, at: main),
        let section = Changelog(bytes).section(situation.version),
        !section.isEmpty
      else {
        return .waiting(
          .person(
            "a maintainer",
            "adds the section [\(situation.version)] to \(path) on main",
            "git switch \(situation.opened.main)",
            "$EDITOR \(OutsideText(path).word)",
            "hotfix next"
          )
        )
      }
      return .holds(["\(path) on \(situation.opened.main): [\(situation.version)]"])
    }
  )
}
