internal import Foundation
internal import ReleaseModel
internal import Runbook

/// The few questions that REST has no answer for.
package enum GitHubDocuments {
  static let threads = """
    query Threads($owner: String!, $name: String!, $number: Int!, $after: String) {
      repository(owner: $owner, name: $name) {
        pullRequest(number: $number) {
          reviewThreads(first: 100, after: $after) {
            nodes {
              isResolved
              comments(first: 1) { nodes { url author { login } } }
            }
            pageInfo { hasNextPage endCursor }
          }
        }
      }
    }
    """

  static let reviewers = """
    query Reviewers($owner: String!, $name: String!, $number: Int!) {
      repository(owner: $owner, name: $name) {
        pullRequest(number: $number) {
          isInMergeQueue
          reviews(last: 100) {
            nodes { authorCanPushToRepository author { login } }
          }
        }
      }
    }
    """

  static let categories = """
    query Categories($owner: String!, $name: String!) {
      repository(owner: $owner, name: $name) {
        id
        discussionCategories(first: 100) { nodes { id name slug } }
      }
    }
    """

  static let discussions = """
    query Discussions($owner: String!, $name: String!, $category: ID!) {
      repository(owner: $owner, name: $name) {
        discussions(
          first: 50, categoryId: $category, orderBy: { field: CREATED_AT, direction: DESC }
        ) {
          nodes { url body author { __typename login } }
        }
      }
    }
    """

  static let viewer = "query Viewer { viewer { login } }"

  static let discuss = """
    mutation Discuss($repository: ID!, $category: ID!, $title: String!, $body: String!) {
      createDiscussion(
        input: { repositoryId: $repository, categoryId: $category, title: $title, body: $body }
      ) {
        discussion { url }
      }
    }
    """

  package static let all = [threads, reviewers, categories, discussions, discuss]
}

/// An answer about one repository.
struct GitHubRepository<Value: Decodable & Sendable>: Decodable, Sendable {
  let repository: Value?
}

/// A list in an answer, and whether there is more of it.
struct GitHubNodes<Value: Decodable & Sendable>: Decodable, Sendable {
  struct Info: Decodable, Sendable {
    let hasNextPage: Bool
    let endCursor: String?
  }

  let nodes: [Value]
  let pageInfo: Info?
}

/// The variables of a question.
enum GitHubVariable: Encodable, Sendable {
  case text(String)
  case number(Int)

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    }
  }
}

extension GitHubClient {
  private struct Question: Encodable {
    let query: String
    let variables: [String: GitHubVariable]
  }

  private struct Reply<Value: Decodable & Sendable>: Decodable {
    struct Complaint: Decodable {
      let message: String
      let type: String?
    }

    let data: Lenient<Value>?
    let errors: [Complaint]?
  }

  /// Asks GraphQL about this repository; errors come with status 200.
  func ask<Value: Decodable & Sendable>(
    _ document: String,
    _ variables: [String: GitHubVariable],
    as type: Value.Type = Value.self
  ) async throws -> Value {
    let encoder = JSONEncoder()
    let body = [UInt8](try encoder.encode(Question(query: document, variables: variables)))
    let isRead = !document.hasPrefix("mutation")
    let answer = try await send("POST", address.graphQL, body: body, isRead: isRead)
    let reply: Reply<Value> = try decoded(answer, "graphql")
    if let value = reply.data?.value, reply.errors?.isEmpty ?? true { return value }
    if reply.errors?.contains(where: { $0.type?.hasPrefix("RATE_LIMIT") == true }) == true {
      throw GitHubLimit(name: "primary limit", seconds: 3600).problem
    }
    throw Problem(
      "github.graphql",
      "GitHub could not answer a question.",
      why: reply.errors?.map(\.message).joined(separator: "\n") ?? "The answer was empty.",
      next: ["hotfix doctor     tells what the token may see", "hotfix next"]
    )
  }

  /// The variables that every question has.
  var place: [String: GitHubVariable] {
    ["owner": .text(address.owner), "name": .text(address.name)]
  }
}
