internal import Record
internal import Git
internal import ReleaseModel

extension Step {
  static let push = Step(
    "push",
    .release,
    runbook: "4.1, 4.2",
    title: "Main, tag and record are on the remote",
    why: "One atomic push: nobody ever sees a tag without its merge or its record.",
    looksAt: "main and the tag on the remote",
    mend: ["hotfix next     looks again, merges again if main has moved, and pushes again"],
    effect: .compareAndSwap,
    observe: { situation in
      let opened = situation.opened
      guard let fix = situation.refs.fix, let tag = situation.refs.remoteTag else {
        return .lacking("\(opened.tag) is not on the remote")
      }
      guard case .holds = try await Tagging(situation).finding() else {
        return .lacking("\(opened.tag) on the remote is not ours")
      }
      guard let main = situation.refs.main,
        try await Containment.evidence(of: fix, in: main, situation) != nil
      else { return .lacking("\(opened.main) on the remote does not contain the fix") }
      return .holds(
        ["\(opened.tag) is \(tag.object.prefix(12))", "\(opened.main) is \(main.prefix(12))"],
        facts: ["object": tag.object, "commit": tag.commit, "main": main]
      )
    },
    commands: { situation in
      [
        "git push --atomic \(situation.git.remote) \(situation.opened.main) "
          + "\(situation.opened.tag)"
      ]
    },
    perform: { situation in
      let opened = situation.opened
      var updates: [RefUpdate] = []
      if situation.refs.remoteTag == nil {
        updates.append(
          RefUpdate("refs/tags/\(opened.tag)", old: nil, new: situation.refs.localTag?.object)
        )
        if let line = ReleaseLine(opened.version) {
          updates.append(
            try await situation.git.lineUpdate(line, to: situation.refs.localTag?.object)
          )
        }
      }
      if let fix = situation.refs.fix, let main = situation.refs.main,
        try await Containment.evidence(of: fix, in: main, situation) == nil
      {
        updates.append(
          RefUpdate("refs/heads/\(opened.main)", old: main, new: situation.refs.preparedMain)
        )
      }
      return [
        Effect(
          opened.tag,
          says: "pushes "
            + updates.filter { !$0.ref.hasPrefix("refs/hotfix") }.map(\.shortName)
            .joined(separator: ", ") + " and the record at once",
          body: .push(updates)
        )
      ]
    }
  )
}
