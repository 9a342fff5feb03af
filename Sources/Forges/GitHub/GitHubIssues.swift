internal import Foundation
internal import ReleaseModel
internal import Runbook

/// Issues: a comment with a hidden marker, a label, a milestone, and closing.
struct GitHubIssues: Sendable {
  let client: GitHubClient

  private struct Issue: Decodable, Sendable {
    struct Label: Decodable, Sendable {
      let name: String?
    }

    struct Milestone: Decodable, Sendable {
      let number: Int
      let title: String
    }

    let state: String
    let labels: [Lenient<Label>]
    let milestone: Milestone?
    let pullRequest: Lenient<Ignored>?
  }

  /// Nil for what is no issue: nothing, a pull request, something deleted.
  private func issue(_ number: Int) async throws -> Issue? {
    do {
      let issue: Issue? = try await client.get("/issues/\(number)")
      return issue?.pullRequest == nil ? issue : nil
    } catch let refusal as GitHubRefusal where refusal.status == 410 {
      return nil
    }
  }

  private struct Comment: Decodable, Sendable {
    let body: String?
    let user: GitHubPulls.User?
  }

  private func hasComment(_ number: Int, _ mark: HiddenMark) async throws -> Bool {
    let comments: [Comment] = try await client.list("/issues/\(number)/comments")
    for comment in comments {
      if try await client.isOurs(comment.body, by: comment.user?.login, mark) { return true }
    }
    return false
  }

  func isSettled(_ number: Int, _ mark: HiddenMark) async throws -> Bool? {
    guard let issue = try await issue(number) else { return nil }
    guard issue.state == "closed" else { return false }
    return try await hasComment(number, mark)
  }

  private struct Closing: Encodable {
    var state: String?
    var stateReason: String?
    var milestone: Int?
  }

  func settle(_ update: IssueUpdate) async throws {
    let path = "/issues/\(update.number)"
    guard let issue = try await issue(update.number) else { return }
    let body = ["body": "\(update.comment)\n\n\(GitHubClient.hidden(update.mark))"]
    _ = try await client.once {
      try await hasComment(update.number, update.mark) ? true : nil
    } _: {
      let _: Comment = try await client.write("POST", "\(path)/comments", body)
      return true
    }
    if !issue.labels.contains(where: { $0.value?.name == update.label }) {
      let _: [Ignored] = try await client.write(
        "POST",
        "\(path)/labels",
        ["labels": [update.label]]
      )
    }
    var closing = Closing()
    if issue.state != "closed" { (closing.state, closing.stateReason) = ("closed", "completed") }
    if issue.milestone == nil {
      let milestones: [Issue.Milestone] = try await client.list("/milestones?state=all")
      closing.milestone = milestones.first { $0.title == update.milestone }?.number
    }
    guard closing.state != nil || closing.milestone != nil else { return }
    let _: Issue = try await client.write("PATCH", path, closing)
  }
}
