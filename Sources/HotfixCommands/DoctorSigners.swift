internal import Record
internal import Runbook

extension Doctor {
  /// Whether enough people can approve a fix that one of them wrote.
  func signers() async throws -> Checkup {
    let people = try await workspace.people()
    let namespaces = [Chain.namespace, Quorum.namespace]
    let unable = people.all.compactMap { person in
      people.hindrance(person, namespaces, at: toolbox.now()).map {
        "\(person) cannot approve: \($0)"
      }
    }
    let able = people.all.count - unable.count
    guard able > settings.approvals else {
      return Checkup(
        "signers",
        .bad,
        ([
          "\(Self.counted(able, "person", "people")) may sign; with "
            + "\(Self.counted(settings.approvals, "approval", "approvals")) and nobody approving "
            + "their own work, \(settings.approvals + 1) are needed"
        ] + unable)
        .joined(separator: "; "),
        next: ["Add people to \(settings.reviewersPath) on \(settings.main)."]
          + (able == 1
            ? ["Set policy: { approvals: 0 } in hotfix.yml when you are alone."] : [])
      )
    }
    guard unable.isEmpty else {
      return Checkup(
        "signers",
        .warning,
        unable.joined(separator: "; "),
        next: ["Change their lines of \(settings.reviewersPath) on \(settings.main)."]
      )
    }
    let alone = settings.approvals == 0 ? "; no approval is needed" : ""
    return Checkup("signers", .good, people.all.joined(separator: ", ") + alone)
  }

  private static func counted(_ count: Int, _ one: String, _ many: String) -> String {
    "\(count) \(count == 1 ? one : many)"
  }
}
