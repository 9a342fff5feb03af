/// The hotfix release runbook, made executable.
///
/// Read it from top to bottom: that is the order.
package enum Procedure {
  package static let steps: [Step] = [
    // 1. Assess: is it critical, can it not wait, who agrees, who knows, by when?
    .criticality,
    .necessity,
    .approval,
    .teamNotified,
    .advisoryDraft,
    .timeline,

    // 2. Develop: branch from the release, fix, keep it small, test it, prove it.
    .branch,
    .fix,
    .version,
    .minimal,
    .testsWritten,
    .documented,
    .proof,
    .suite,
    .regression,

    // 3. Review: by people who did not write it, of exactly this tree.
    .request,
    .codeReview,
    .testReview,
    .docsReview,
    .securityReview,
    .comments,
    .final,

    // 4. Release: everything that can be checked first, then the irreversible.
    .candidate,
    .versionOrder,
    .merge,
    .tag,
    .push,
    .build,
    .sign,
    .notarize,
    .publish,
    .feeds,

    // 5. Verify: from outside, as a stranger and as a user's updater.
    .releaseLive,
    .artifacts,
    .notes,
    .feedsLive,
    .install,
    .fixWorks,
    .update,

    // 6. Communicate: announce, tell the affected, write it down.
    .announcement,
    .users,
    .advisory,
    .releaseNotes,
    .changelog,
    .issues,
    .processDoc,

    // Close: lose nothing, tick every box, keep the report.
    .mergedBack,
    .checklist,
    .report,
  ]

  package static func phase(of step: String) -> Phase? {
    steps.first { $0.name == step }?.phase
  }

  package static func step(_ name: String) -> Step? { steps.first { $0.name == name } }
}
