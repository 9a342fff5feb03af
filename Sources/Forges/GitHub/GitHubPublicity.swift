internal import Foundation
internal import ReleaseModel
internal import Runbook

/// Discussions and security advisories, each found again by a hidden marker.
struct GitHubPublicity: Sendable {
  let client: GitHubClient

  // MARK: discussions

  private struct Place: Decodable, Sendable {
    struct Category: Decodable, Sendable {
      let id, name, slug: String
    }

    let id: String
    let discussionCategories: GitHubNodes<Category>
  }

  private struct Discussions: Decodable, Sendable {
    struct Discussion: Decodable, Sendable {
      let url, body: String
      let author: GitHubActor?
    }

    let discussions: GitHubNodes<Discussion>
  }

  private struct Made: Decodable, Sendable {
    struct Payload: Decodable, Sendable {
      struct Discussion: Decodable, Sendable {
        let url: String
      }

      let discussion: Discussion?
    }

    let createDiscussion: Payload?
  }

  func discuss(_ category: String, _ title: String, _ body: String, _ mark: HiddenMark) async throws
    -> String
  {
    let place: GitHubRepository<Place> = try await client.ask(
      GitHubDocuments.categories,
      client.place
    )
    let categories = place.repository?.discussionCategories.nodes ?? []
    guard let repository = place.repository,
      let found = categories.first(where: { [$0.name, $0.slug].contains(category) })
    else {
      throw Problem(
        "github.category",
        "The repository has no discussion category \(category).",
        why: categories.isEmpty
          ? "Discussions are not turned on."
          : "It has \(categories.map(\.name).joined(separator: ", ")).",
        next: ["Mend tell.announcement in hotfix.yml, or add the category, then:  hotfix next"]
      )
    }
    @Sendable func look() async throws -> String? {
      var variables = await client.place
      variables["category"] = .text(found.id)
      let answer: GitHubRepository<Discussions> = try await client.ask(
        GitHubDocuments.discussions,
        variables
      )
      for found in answer.repository?.discussions.nodes ?? [] {
        if try await client.isOurs(found.body, by: found.author?.account, mark) { return found.url }
      }
      return nil
    }
    return try await client.once(look) {
      let made: Made = try await client.ask(
        GitHubDocuments.discuss,
        [
          "repository": .text(repository.id), "category": .text(found.id), "title": .text(title),
          "body": .text("\(body)\n\n\(GitHubClient.hidden(mark))"),
        ]
      )
      return made.createDiscussion?.discussion?.url ?? ""
    }
  }

  // MARK: advisories

  private struct Advisory: Decodable, Sendable {
    let ghsaId: String
    let htmlUrl: String
    let cveId: String?
    let description: String?
    let state: String
    let author: GitHubPulls.User?

    var hosted: HostedAdvisory {
      let state: HostedAdvisory.State =
        switch state {
        case "draft", "triage": .draft
        case "published": .published
        default: .other
        }
      return HostedAdvisory(id: ghsaId, url: htmlUrl, state: state, cve: cveId)
    }
  }

  /// Anybody may report a fault in private, and what they write is listed with our drafts.
  func advisory(_ mark: HiddenMark) async throws -> HostedAdvisory? {
    for found: Advisory in try await client.list("/security-advisories") {
      if try await client.isOurs(found.description, by: found.author?.login, mark) {
        return found.hosted
      }
    }
    return nil
  }

  private struct Draft: Encodable, Sendable {
    struct Vulnerability: Encodable, Sendable {
      struct Package: Encodable, Sendable {
        let ecosystem: String
        let name: String
      }

      let package: Package
      let vulnerableVersionRange: String
      let patchedVersions: String
    }

    let summary, description, severity: String
    let vulnerabilities: [Vulnerability]
  }

  func draft(_ text: AdvisoryText) async throws -> HostedAdvisory {
    let body = Draft(
      summary: text.summary,
      description: "\(text.description)\n\n\(GitHubClient.hidden(text.mark))",
      severity: text.severity,
      // A range has one lower and one upper bound, so every version is an entry of its own.
      vulnerabilities: text.affected.map { version in
        Draft.Vulnerability(
          package: .init(ecosystem: "other", name: text.package),
          vulnerableVersionRange: "= \(version)",
          patchedVersions: text.fixed
        )
      }
    )
    let made = try await client.once {
      try await advisory(text.mark)
    } _: {
      try await (client.write("POST", "/security-advisories", body) as Advisory).hosted
    }
    // GitHub's team looks at the request within days; the advisory does not wait for it.
    if made.cve == nil {
      try await client.attempt {
        _ = try await client.send("POST", "/security-advisories/\(made.id)/cve")
      }
    }
    return made
  }

  func publish(_ id: String) async throws {
    do {
      let _: Advisory = try await client.write(
        "PATCH",
        "/security-advisories/\(GitHubAddress.escaped(id))",
        ["state": "published"]
      )
    } catch HTTP.Failure.unknown(let why) {
      let now: Advisory? = try await client.get("/security-advisories/\(GitHubAddress.escaped(id))")
      guard now?.state == "published" else { throw HTTP.Failure.unknown(why) }
    }
  }

  func downloads() async throws -> [String: [String: Int]] {
    var counts: [String: [String: Int]] = [:]
    for release in try await GitHubReleases(client: client).all() where !release.draft {
      counts[release.tagName] = Dictionary(
        release.assets.map { ($0.name, $0.downloadCount ?? 0) }
      ) { $0 + $1 }
    }
    return counts
  }
}
