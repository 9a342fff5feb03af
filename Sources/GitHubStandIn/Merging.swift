internal import Foundation
internal import ReleaseModel

/// The merge button, which really makes the commits.
extension GitHubStandIn {
  func mergePull(_ call: Call) async throws -> Reply {
    let number = try call.number("number")
    let body = call.json
    let commit = try await merge(
      number,
      in: call.repository,
      method: body["merge_method"].text ?? "merge",
      title: body["commit_title"].text,
      message: body["commit_message"].text,
      expecting: body["sha"].text,
      by: call
    )
    return Reply(
      200,
      ["sha": .string(commit), "merged": true, "message": "Pull Request successfully merged"]
    )
  }

  /// Merges and returns the commit that the base branch is at.
  func merge(
    _ number: Int,
    in id: Int,
    method: String,
    title: String?,
    message: String?,
    expecting sha: String?,
    isQueued: Bool = false,
    by call: Call
  ) async throws -> String {
    let pull = try await refreshed(number, in: id)
    let found = try repository(id)
    guard let issue = found.issues[number] else { throw Refusal.notFound }
    try refuseToMerge(pull, number, issue, method, expecting: sha, isQueued: isQueued, found)
    let button = MergeButton(
      pull: pull,
      number: number,
      issue: issue,
      found: found,
      title: title,
      message: message,
      author: noReply(call.login)
    )
    guard let commit = try await button.commit(method, self) else {
      throw Refusal(405, "Pull Request is not mergeable")
    }
    let ref = "refs/heads/\(pull.base)"
    guard try await bare(found).move(ref, to: commit, from: pull.baseSHA) else {
      throw Refusal(405, "Base branch was modified. Review and try the merge again.")
    }
    try await finishMerge(number, in: id, commit, pull, call)
    return commit
  }

  /// Says what keeps the button from being pressed, with the status that GitHub has for it.
  private func refuseToMerge(
    _ pull: PullRequest,
    _ number: Int,
    _ issue: Issue,
    _ method: String,
    expecting sha: String?,
    isQueued: Bool,
    _ found: Repository
  ) throws {
    guard issue.state == "open", !pull.isMerged else {
      throw Refusal(405, "Pull Request is not mergeable")
    }
    if let sha, sha != pull.headSHA {
      throw Refusal(409, "Head branch was modified. Review and try the merge again.")
    }
    if pull.isDraft { throw Refusal(405, "Pull Request is still a draft") }
    guard ["merge", "squash", "rebase"].contains(method) else {
      throw Refusal.invalid("PullRequest", "merge_method", "invalid")
    }
    let ruled = rule("pull_request", pull.base, found).allSatisfy { rule in
      !rule.has("allowed_merge_methods")
        || rule["allowed_merge_methods"].items.contains(.string(method))
    }
    guard found.mergeMethods.contains(method), ruled || isQueued else {
      let names = ["merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"]
      throw Refusal(405, "\(names[method] ?? method) are not allowed on this repository.")
    }
    let reasons = try unmet(pull, number, found)
    if !reasons.isEmpty {
      let isClassic = protection(pull.base, found) != nil
      let words = reasons.joined(separator: "\n\n")
      throw Refusal(
        405,
        isClassic
          ? reasons.joined(separator: " ") : "Repository rule violations found\n\n\(words)\n\n"
      )
    }
    if !isQueued, queue(of: pull.base, found) != nil {
      throw Refusal(405, "Changes must be made through the merge queue")
    }
  }

  /// Merges what is in the queue, or takes it out because its checks failed there.
  package func finishMergeQueue(
    _ repository: String,
    _ number: Int,
    succeeds: Bool = true
  ) async throws {
    let id = try self.number(of: repository)
    let found = try self.repository(id)
    guard let pull = found.pulls[number], pull.isInMergeQueue else { throw Refusal.notFound }
    guard succeeds else {
      try change(id) { $0.pulls[number]?.isInMergeQueue = false }
      return
    }
    let method = queue(of: pull.base, found)?["merge_method"].text ?? "MERGE"
    _ = try await merge(
      number,
      in: id,
      method: method.lowercased(),
      title: nil,
      message: nil,
      expecting: nil,
      isQueued: true,
      by: .internal(id, by: "github-merge-queue[bot]", port: port)
    )
  }

  private func finishMerge(
    _ number: Int,
    in id: Int,
    _ commit: String,
    _ pull: PullRequest,
    _ call: Call
  ) async throws {
    try markMerged(number, in: id, commit: commit, by: call.login)
    let push = Push(
      ref: "refs/heads/\(pull.base)",
      old: pull.baseSHA,
      new: commit,
      login: call.login
    )
    try await branchMoved(push, in: id)
    let found = try repository(id)
    if found.deletesBranchOnMerge {
      try await bare(found).text(["update-ref", "-d", "refs/heads/\(pull.head)"])
    }
    if call.viewer?.isInstallation != true { try await startWorkflows(for: push, in: id) }
  }

  // MARK: - Merging later

  /// Merges, or puts into the queue where the base branch has one.
  ///
  /// The answer says that it is pending, as GitHub's; the outcome is found under the request's name.
  func mergePullAsync(_ call: Call) async throws -> Reply {
    let number = try call.number("number")
    let pull = try await refreshed(number, in: call.repository)
    let found = try repository(call.repository)
    if pull.isMerged {
      let details: JSON = [
        "message": "Pull Request is already merged", "sha": JSON(pull.mergeCommit),
      ]
      return Reply(200, ["status": "merged", "details": details])
    }
    let queued =
      queue(of: pull.base, found) != nil && call.json["merge_action"].text != "direct_merge"
    let uuid = UUID().uuidString.lowercased()
    let outcome: JSON
    if queued {
      if pull.isInMergeQueue {
        let details: JSON = ["message": "Pull Request is already in the merge queue"]
        return Reply(409, ["status": "enqueued", "details": details])
      }
      try change(call.repository) { $0.pulls[number]?.isInMergeQueue = true }
      outcome = ["status": "enqueued", "details": ["message": "Added to the merge queue"]]
    } else {
      do {
        guard case .json(let body) = try await mergePull(call).body else { throw Refusal.notFound }
        outcome = ["status": "merged", "details": body.only(["message", "sha"])]
      } catch let refusal as Refusal where refusal.status == 405 {
        let details: JSON = ["message": .string(refusal.message)]
        return Reply(400, ["status": "failed", "details": details])
      }
    }
    try change(call.repository) { $0.pulls[number]?.asyncMerges[uuid] = outcome }
    let details: JSON = [
      "message": "Merge request accepted", "uuid": .string(uuid),
      "merge_method": .string(call.json["merge_method"].text ?? "default"),
      "merge_action": .string(call.json["merge_action"].text ?? "default"),
      "expected_head_sha": .string(call.json["sha"].text ?? pull.headSHA),
    ]
    return Reply(202, ["status": "pending", "details": details])
  }

  func getAsyncMerge(_ call: Call) throws -> Reply {
    let pull = try repository(call.repository).pulls[try call.number("number")]
    guard let outcome = pull?.asyncMerges[call.word("uuid")] else { throw Refusal.notFound }
    return Reply(200, outcome)
  }

  /// Merges one branch, or commit, into another without a pull request.
  func mergeBranch(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let git = bare(found)
    let body = call.json
    guard let base = body["base"].text, let name = body["head"].text else {
      throw Refusal(422, "Invalid request.\n\n\"base\", \"head\" weren't supplied.")
    }
    guard let old = try await git.branch(base) else { throw Refusal(404, "Base does not exist") }
    guard let head = try await git.commit(name) else { throw Refusal(404, "Head does not exist") }
    if try await git.isAncestor(head, of: old) { return Reply(204) }
    guard let tree = try await git.mergedTree(old, head) else {
      throw Refusal(409, "Merge conflict")
    }
    let commit = try await git.commitTree(
      tree,
      parents: [old, head],
      message: (body["commit_message"].text ?? "Merge \(name) into \(base)") + "\n",
      author: noReply(call.login),
      committer: BareRepository.Author(name: "GitHub", email: "noreply@github.com")
    )
    let ref = "refs/heads/\(base)"
    try await refuseByRules(ref, old: old, new: commit, call)
    guard try await git.move(ref, to: commit, from: old) else {
      throw Refusal(409, "Base branch was modified. Review and try the merge again.")
    }
    let push = Push(ref: ref, old: old, new: commit, login: call.login)
    try await branchMoved(push, in: found.id)
    if call.viewer?.isInstallation != true { try await startWorkflows(for: push, in: found.id) }
    guard let object = try await git.commitObject(commit) else { throw Refusal.notFound }
    return Reply(201, self.commit(object, found, call))
  }

  /// Merges the base into the head, as the button "Update branch" does.
  func updatePullBranch(_ call: Call) async throws -> Reply {
    let number = try call.number("number")
    let pull = try await refreshed(number, in: call.repository)
    let found = try repository(call.repository)
    let git = bare(found)
    if let expected = call.json["expected_head_sha"].text, expected != pull.headSHA {
      throw Refusal(422, "expected head sha didn’t match current head ref.")
    }
    guard let tree = try await git.mergedTree(pull.headSHA, pull.baseSHA) else {
      throw Refusal(422, "merge conflict between base and head")
    }
    let commit = try await git.commitTree(
      tree,
      parents: [pull.headSHA, pull.baseSHA],
      message: "Merge branch '\(pull.base)' into \(pull.head)\n",
      author: noReply(call.login)
    )
    let ref = "refs/heads/\(pull.head)"
    _ = try await git.move(ref, to: commit, from: pull.headSHA)
    let push = Push(ref: ref, old: pull.headSHA, new: commit, login: call.login)
    try await branchMoved(push, in: call.repository)
    let url = "\(call.addresses.web)/\(found.fullName)/pull/\(number)"
    return Reply(202, ["message": "Updating pull request branch.", "url": .string(url)])
  }
}

/// One press of the merge button.
private struct MergeButton {
  let pull: PullRequest
  let number: Int
  let issue: Issue
  let found: Repository
  let title: String?
  let message: String?
  let author: BareRepository.Author

  static let web = BareRepository.Author(name: "GitHub", email: "noreply@github.com")

  /// Makes the commits, or returns nil when they conflict.
  func commit(_ method: String, _ standIn: GitHubStandIn) async throws -> String? {
    let git = standIn.bare(found)
    if method == "rebase" {
      return try await git.rebased(
        pull.headSHA,
        onto: pull.baseSHA,
        committer: author,
        folder: await standIn.temporaryFile("rebase")
      )
    }
    guard let tree = try await git.mergedTree(pull.baseSHA, pull.headSHA) else { return nil }
    let isSquash = method == "squash"
    return try await git.commitTree(
      tree,
      parents: isSquash ? [pull.baseSHA] : [pull.baseSHA, pull.headSHA],
      message: isSquash ? try await squashMessage(git) : mergeMessage,
      author: author,
      committer: Self.web
    )
  }

  private var mergeMessage: String {
    let first = title ?? "Merge pull request #\(number) from \(found.owner)/\(pull.head)"
    return "\(first)\n\n\(message ?? issue.title)\n"
  }

  /// The only commit's words, or the title and the list of all, as GitHub's default has it.
  private func squashMessage(_ git: BareRepository) async throws -> String {
    let commits = try await git.commits(["--reverse", "\(pull.baseSHA)..\(pull.headSHA)", "--"])
    let heads = commits.map { $0.message.lines().first.map(String.init) ?? "" }
    if let only = commits.first, commits.count == 1 {
      let rest = only.message.lines(omittingEmpty: false).dropFirst().joined(separator: "\n")
      let first = title ?? "\(heads[0]) (#\(number))"
      return "\(first)\n\n\((message ?? rest).trimmingCharacters(in: .newlines))\n"
    }
    let list = heads.map { "* \($0)" }.joined(separator: "\n\n")
    return "\(title ?? "\(issue.title) (#\(number))")\n\n\(message ?? list)\n"
  }
}
