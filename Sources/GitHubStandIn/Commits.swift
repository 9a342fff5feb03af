internal import Foundation

/// A commit as git has it.
struct CommitObject: Sendable {
  let sha: String
  let tree: String
  let parents: [String]
  let author: BareRepository.Author
  let committer: BareRepository.Author
  let message: String
}

extension BareRepository {
  private static let format =
    "--format=%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x01"

  /// Lists commits that `git log` with these arguments shows.
  func commits(_ arguments: [String]) async throws -> [CommitObject] {
    let text = try await text(["-c", "log.showSignature=false", "log", Self.format] + arguments)
    return text.split(separator: "\u{1}").compactMap { entry in
      let words = entry.trimmingCharacters(in: .newlines)
        .split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
      guard words.count == 10 else { return nil }
      return CommitObject(
        sha: words[0],
        tree: words[1],
        parents: words[2].split(separator: " ").map(String.init),
        author: Author(name: words[3], email: words[4], date: inUTC(words[5])),
        committer: Author(name: words[6], email: words[7], date: inUTC(words[8])),
        message: words[9].trimmingCharacters(in: .newlines)
      )
    }
  }

  func commitObject(_ sha: String) async throws -> CommitObject? {
    guard let sha = try await resolve(sha) else { return nil }
    return try await commits(["--no-walk", sha, "--"]).first
  }

  private func inUTC(_ text: String) -> String {
    (try? Date(text, strategy: .iso8601)).map(stamp) ?? text
  }
}

/// Commits, branches and comparisons over the API.
extension GitHubStandIn {
  static let commitRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/commits", .contents) { try await $0.listCommits($1) },
    Route("GET", "/repos/{owner}/{repo}/commits/{ref+}/pulls", .pulls) {
      try await $0.listPullsOfCommit($1)
    },
    Route("GET", "/repos/{owner}/{repo}/commits/{ref+}", .contents) {
      try await $0.getCommit($1)
    },
    Route("GET", "/repos/{owner}/{repo}/branches", .contents) { try await $0.listBranches($1) },
    Route("GET", "/repos/{owner}/{repo}/tags", .contents) { try await $0.listTags($1) },
    Route("GET", "/repos/{owner}/{repo}/compare/{basehead+}", .contents) {
      try await $0.compare($1)
    },
  ]

  func listCommits(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let git = bare(found)
    guard let start = try await git.commit(call.query["sha"] ?? defaultBranch(found)) else {
      if call.query["sha"] == nil { throw Refusal(409, "Git Repository is empty.") }
      throw Refusal.notFound
    }
    var arguments = [start, "--"]
    if let path = call.query["path"] { arguments.append(path) }
    let page = call.page(try await git.commits(arguments))
    return Reply(200, .array(page.items.map { commit($0, found, call) }), headers: page.headers)
  }

  func getCommit(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let name = call.word("ref")
    guard let sha = try await bare(found).commit(name),
      let object = try await bare(found).commitObject(sha)
    else { throw Refusal(422, "No commit found for SHA: \(name)") }
    let files = try await changedFiles(
      object.parents.first ?? Self.emptyTree,
      object.sha,
      found,
      call
    )
    let additions = files.reduce(0) { $0 + ($1["additions"].number ?? 0) }
    let deletions = files.reduce(0) { $0 + ($1["deletions"].number ?? 0) }
    let stats: JSON = [
      "additions": .int(additions), "deletions": .int(deletions),
      "total": .int(additions + deletions),
    ]
    return Reply(200, commit(object, found, call).adding(["stats": stats, "files": .array(files)]))
  }

  static let emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

  func commit(_ object: CommitObject, _ found: Repository, _ call: Call) -> JSON {
    let api = "\(call.addresses.api)/repos/\(found.fullName)"
    let web = "\(call.addresses.web)/\(found.fullName)"
    return [
      "url": "\(api)/commits/\(object.sha)", "sha": .string(object.sha),
      "node_id": "C_\(object.sha)", "html_url": "\(web)/commit/\(object.sha)",
      "comments_url": "\(api)/commits/\(object.sha)/comments",
      "commit": [
        "url": "\(api)/git/commits/\(object.sha)", "author": signature(object.author),
        "committer": signature(object.committer), "message": .string(object.message),
        "comment_count": 0,
        "tree": ["sha": .string(object.tree), "url": "\(api)/git/trees/\(object.tree)"],
        "verification": Self.unsigned,
      ],
      "author": account(object.author, call), "committer": account(object.committer, call),
      "parents": .array(
        object.parents.map {
          [
            "sha": .string($0), "url": "\(api)/commits/\($0)",
            "html_url": "\(web)/commit/\($0)",
          ]
        }
      ),
    ]
  }

  static let unsigned: JSON = [
    "verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil,
  ]

  func signature(_ author: BareRepository.Author) -> JSON {
    [
      "name": .string(author.name), "email": .string(author.email),
      "date": .string(author.date ?? now()),
    ]
  }

  /// The account that an author's address belongs to, when it is one of ours.
  private func account(_ author: BareRepository.Author, _ call: Call) -> JSON {
    guard author.email.hasSuffix("@users.noreply.github.com") else { return .null }
    let name = author.email.prefix { $0 != "@" }.split(separator: "+").last.map(String.init)
    guard let user = state.users[name?.lowercased() ?? ""] else { return .null }
    return person(user.login, call)
  }

  func noReply(_ login: String, date: String? = nil) -> BareRepository.Author {
    let user = user(named: login)
    return BareRepository.Author(
      name: user.login,
      email: "\(user.id)+\(user.login)@users.noreply.github.com",
      date: date
    )
  }

  func listBranches(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let api = "\(call.addresses.api)/repos/\(found.fullName)"
    let page = call.page(try await bare(found).refs("refs/heads"))
    let branches = page.items.map { ref -> JSON in
      let name = String(ref.name.dropFirst(11))
      return [
        "name": .string(name),
        "commit": ["sha": .string(ref.object), "url": "\(api)/commits/\(ref.object)"],
        "protected": .bool(isProtected(name, found)),
      ]
    }
    return Reply(200, .array(branches), headers: page.headers)
  }

  func listTags(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let git = bare(found)
    let api = "\(call.addresses.api)/repos/\(found.fullName)"
    let page = call.page(try await git.refs("refs/tags"))
    var tags: [JSON] = []
    for ref in page.items {
      let name = String(ref.name.dropFirst(10))
      guard let sha = try await git.resolve(ref.name) else { continue }
      tags.append([
        "name": .string(name), "node_id": "REF_\(name)",
        "commit": ["sha": .string(sha), "url": "\(api)/commits/\(sha)"],
        "zipball_url": "\(api)/zipball/refs/tags/\(name)",
        "tarball_url": "\(api)/tarball/refs/tags/\(name)",
      ])
    }
    return Reply(200, .array(tags), headers: page.headers)
  }

  func compare(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let git = bare(found)
    let words = call.word("basehead").split(separator: "...").map(String.init)
    guard words.count == 2, let base = try await git.commit(words[0]),
      let head = try await git.commit(words[1]),
      let baseObject = try await git.commitObject(base)
    else { throw Refusal.notFound }
    let middle = try await git.text(["merge-base", base, head])
    guard let middleObject = try await git.commitObject(middle) else { throw Refusal.notFound }
    let ahead = try await git.commits(["--reverse", "\(base)..\(head)", "--"])
    let behind = Int(try await git.text(["rev-list", "--count", "\(head)..\(base)"])) ?? 0
    let status =
      switch (ahead.count, behind) {
      case (0, 0): "identical"
      case (_, 0): "ahead"
      case (0, _): "behind"
      default: "diverged"
      }
    let api = "\(call.addresses.api)/repos/\(found.fullName)/compare/\(call.word("basehead"))"
    let web = "\(call.addresses.web)/\(found.fullName)/compare/\(call.word("basehead"))"
    let page = call.page(ahead)
    return Reply(
      200,
      [
        "url": .string(api), "html_url": .string(web), "permalink_url": .string(web),
        "diff_url": "\(web).diff", "patch_url": "\(web).patch",
        "base_commit": commit(baseObject, found, call),
        "merge_base_commit": commit(middleObject, found, call), "status": .string(status),
        "ahead_by": .int(ahead.count), "behind_by": .int(behind),
        "total_commits": .int(ahead.count),
        "commits": .array(page.items.map { commit($0, found, call) }),
        "files": .array(try await changedFiles(middle, head, found, call)),
      ],
      headers: page.headers
    )
  }
}
