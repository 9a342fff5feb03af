// The candidate's job in a workflow's text: whether there is one, and what begins it.

internal import ReleaseModel
internal import Yams

/// A workflow that builds candidates.
package struct CandidateJob: Sendable, Hashable {
  private static let command = "hotfix ship --candidate"
  private static let bytesMax = 1 << 20

  /// Whether pushes of branches begin it.
  package let beginsByPush: Bool
  /// Whether it can be started by hand, for a commit.
  package let beginsByDispatch: Bool

  /// Returns nil when the text is no workflow, or builds no candidates.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.bytesMax, text.contains(Self.command),
      let root = try? compose(yaml: String(text.withoutByteOrderMark))?.mapping, let on = root["on"]
    else { return nil }
    let names = on.string.map { [$0] } ?? on.sequence?.compactMap(\.string) ?? []
    let filters = on.mapping?["push"]?.mapping
    let ofTagsAlone =
      ["tags", "tags-ignore"].contains { filters?[$0] != nil }
      && ["branches", "branches-ignore"].allSatisfy { filters?[$0] == nil }
    beginsByPush =
      names.contains("push") || (on.mapping?.keys.contains("push") == true && !ofTagsAlone)
    let inputs = on.mapping?["workflow_dispatch"]?.mapping?["inputs"]?.mapping
    beginsByDispatch = ["tag", "correlation"].allSatisfy { inputs?[$0] != nil }
  }
}
