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
    notNeeded: Documenting.notNeeded,
    observe: { situation in
      guard let path = situation.settings.changelog, let main = situation.refs.main else {
        return .lacking("there is no \(situation.opened.main) on the remote")
      }
      let bytes = try await situation.git.file(path, at: main)
      if let reason = Documenting.isLeftAlone(bytes, situation) { return .holds([reason]) }
      guard let section = bytes.flatMap({ Changelog($0).section(situation.version) }),
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
