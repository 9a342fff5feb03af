internal import Git
internal import Record
internal import ReleaseModel

/// What strangers read of a release, and which commit it says that it is of.
extension Outsider {
  func notes() async throws {
    let served = String(decoding: try await get(url("notes.md")), as: UTF8.self)
    // Without a run nobody knows what the release fixes.
    let lacking =
      situation.progress.opened == nil
      ? served.contains(situation.version.text) ? nil : "they do not name \(situation.version)"
      : try await ReleaseNotes(situation).lacking(in: served)
    if let lacking {
      throw Problem(
        "served.notes",
        "The served notes do not speak of \(situation.version) and its fix.",
        why: "\(url("notes.md")): \(lacking).",
        next: ["Edit the release's notes on the host, then:  hotfix next", "hotfix help notes"]
      )
    }
    try write("notes", ["\(url("notes.md")): \(served.utf8.count) bytes"])
  }

  /// The release.json of a tag that was moved since.
  func otherCommit(_ release: HostedRelease) -> Problem {
    let tag = situation.opened.tag
    return Problem(
      "tag.moved",
      "The tag \(tag) does not name the commit that the release was made from.",
      why: "The served release.json says \(release.commit.prefix(12)); the tag names "
        + "\((situation.refs.fix ?? "nothing").prefix(12)).",
      next: [
        "Ask the team who moved \(tag), or who changed the release.",
        "hotfix verify \(tag)     once they agree",
      ]
    )
  }
}
