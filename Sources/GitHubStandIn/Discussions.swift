struct DiscussionCategory: Sendable {
  let id: Int
  let name: String
  let emoji: String
  let created: String
  var slug: String { name.lowercased().replacing("&", with: "-") }
}

struct Discussion: Sendable {
  let id: Int
  let number: Int
  let category: Int
  var title: String
  var body: String
  let author: String
  let created: String
  var updated: String
}

/// Discussions, which only GraphQL knows.
extension GitHubStandIn {
  package func addDiscussionCategory(_ repository: String, _ name: String) throws {
    let category = DiscussionCategory(
      id: live.nextNumber(),
      name: name,
      emoji: ":speech_balloon:",
      created: now()
    )
    try change(number(of: repository)) { $0.categories.append(category) }
  }

  /// The title and body of every discussion in a category, oldest first.
  package func discussions(_ repository: String, in category: String) throws -> [(String, String)] {
    let found = try self.repository(number(of: repository))
    let id = found.categories.first { $0.name == category }?.id
    return found.discussions.values.filter { $0.category == id }.sorted { $0.number < $1.number }
      .map { ($0.title, $0.body) }
  }

  func addDiscussion(
    _ title: String,
    _ body: String,
    category: Int,
    in id: Int,
    by login: String
  ) throws -> Discussion {
    let own = live.nextNumber()
    return try change(id) { found in
      let discussion = Discussion(
        id: own,
        number: found.nextIssueNumber(),
        category: category,
        title: title,
        body: body,
        author: login,
        created: now(),
        updated: now()
      )
      found.discussions[own] = discussion
      return discussion
    }
  }

  /// Opens the discussion that a release asks for, and returns its number.
  func announce(_ release: Release, in category: String, _ call: Call) throws -> Int {
    let found = try repository(call.repository)
    let chosen = found.categories.first { $0.name.lowercased() == category.lowercased() }
    guard let chosen else { throw Refusal.notFound }
    let discussion = try addDiscussion(
      release.name ?? release.tag,
      release.body ?? "",
      category: chosen.id,
      in: call.repository,
      by: call.login
    )
    return discussion.number
  }

  func category(_ category: DiscussionCategory, _ found: Repository, _ call: Call) -> GraphNode {
    GraphNode(
      "DiscussionCategory",
      [
        "id": "DIC_\(category.id)", "name": .string(category.name),
        "slug": .string(category.slug), "emoji": .string(category.emoji),
        "emojiHTML": .string(category.emoji), "description": "",
        "isAnswerable": .bool(category.name == "Q&A"), "createdAt": .string(category.created),
        "updatedAt": .string(category.created),
      ]
    )
  }

  func discussion(_ discussion: Discussion, _ found: Repository, _ call: Call) -> GraphNode {
    let path = "/\(found.fullName)/discussions/\(discussion.number)"
    var node = GraphNode(
      "Discussion",
      [
        "id": "D_\(discussion.id)", "databaseId": .int(discussion.id),
        "number": .int(discussion.number), "title": .string(discussion.title),
        "body": .string(discussion.body), "bodyText": .string(discussion.body),
        "bodyHTML": .string(discussion.body), "url": "\(call.addresses.web)\(path)",
        "resourcePath": .string(path), "createdAt": .string(discussion.created),
        "publishedAt": .string(discussion.created), "updatedAt": .string(discussion.updated),
        "closed": false, "locked": false, "upvoteCount": 1, "isAnswered": nil,
        "authorAssociation": association(discussion.author, found),
        "viewerDidAuthor": .bool(discussion.author == call.login),
        "viewerCanUpdate": .bool(found.role(of: call.login) >= .triage),
      ],
      interfaces: ["Comment"]
    )
    let author = actor(discussion.author, call)
    node.fields["author"] = { _ in .node(author) }
    let chosen = found.categories.first { $0.id == discussion.category }
    let category = chosen.map { self.category($0, found, call) }
    node.fields["category"] = { _ in .node(category) }
    node.fields["repository"] = { [self] _ in .node(await repositoryNode(found.id, call)) }
    node.fields["comments"] = { try Self.connection("comments", [], $0) }
    return node
  }

  func createDiscussion(_ input: JSON, _ call: Call) throws -> GraphNode {
    let repository = input["repositoryId"].text.flatMap { Int($0.dropFirst(2)) } ?? 0
    guard let found = state.repositories[repository],
      role(of: call.viewer, in: found) >= .read
    else {
      throw GraphError(
        type: "NOT_FOUND",
        message:
          "Could not resolve to a node with the global id of '\(input["repositoryId"].text ?? "")'"
      )
    }
    let chosen = found.categories.first { "DIC_\($0.id)" == input["categoryId"].text }
    guard let chosen else {
      throw GraphError(
        type: "NOT_FOUND",
        message:
          "Could not resolve to a node with the global id of '\(input["categoryId"].text ?? "")'"
      )
    }
    guard let title = input["title"].text, !title.isEmpty, let body = input["body"].text else {
      throw GraphError(type: "UNPROCESSABLE", message: "Title can't be blank")
    }
    // Only those who maintain a repository announce in it.
    if chosen.name == "Announcements", role(of: call.viewer, in: found) < .write {
      throw GraphError(
        type: "FORBIDDEN",
        message: "\(call.login) cannot create a discussion in this category."
      )
    }
    let made = try addDiscussion(title, body, category: chosen.id, in: found.id, by: call.login)
    return discussion(made, try self.repository(found.id), call)
  }

  func updateDiscussion(_ input: JSON, _ call: Call) throws -> GraphNode {
    let id = input["discussionId"].text.flatMap { Int($0.dropFirst(2)) } ?? 0
    let found = state.repositories.values.first { $0.discussions[id] != nil }
    guard let found, var discussion = found.discussions[id],
      role(of: call.viewer, in: found) > .none
    else {
      throw GraphError(
        type: "NOT_FOUND",
        message:
          "Could not resolve to a node with the global id of '\(input["discussionId"].text ?? "")'"
      )
    }
    if let title = input["title"].text { discussion.title = title }
    if let body = input["body"].text { discussion.body = body }
    discussion.updated = now()
    let ready = discussion
    try change(found.id) { $0.discussions[id] = ready }
    return self.discussion(discussion, try repository(found.id), call)
  }
}
