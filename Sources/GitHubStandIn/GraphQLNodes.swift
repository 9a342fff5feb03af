/// The graph's roots, repositories and releases.
extension GitHubStandIn {
  func query(_ call: Call) -> GraphNode {
    var node = GraphNode("Query")
    node.fields["viewer"] = { [self] _ in .node(await viewer(call)) }
    node.fields["user"] = { [self] in .node(await actor($0["login"].text ?? "", call)) }
    node.fields["rateLimit"] = { _ in
      .node(
        GraphNode(
          "RateLimit",
          [
            "cost": 1, "limit": 5000, "nodeCount": 0, "remaining": 4999, "used": 1,
            "resetAt": .string(now()),
          ]
        )
      )
    }
    node.fields["__type"] = { .node(Self.introspected($0["name"].text ?? "")) }
    node.fields["repository"] = { [self] arguments in
      let name = "\(arguments["owner"].text ?? "")/\(arguments["name"].text ?? "")"
      guard let id = await visible(name, call) else {
        throw GraphError(
          type: "NOT_FOUND",
          message: "Could not resolve to a Repository with the name '\(name)'."
        )
      }
      return .node(await repositoryNode(id, call))
    }
    node.fields["node"] = { [self] arguments in
      let id = arguments["id"].text ?? ""
      guard let found = try await self.node(id, call) else {
        throw GraphError(
          type: "NOT_FOUND",
          message: "Could not resolve to a node with the global id of '\(id)'"
        )
      }
      return .node(found)
    }
    return node
  }

  /// The fields of a type that clients look for before they use them.
  private nonisolated static func introspected(_ name: String) -> GraphNode? {
    let known = [
      "PullRequest": [
        "id", "number", "isInMergeQueue", "isMergeQueueEnabled", "mergeQueueEntry",
        "reviewThreads", "mergeStateStatus",
      ],
      "Repository": ["id", "discussions", "pullRequests", "releases", "mergeQueue"],
      "Release": ["id", "immutable", "isLatest", "isDraft"],
    ]
    guard let names = known[name] else { return nil }
    var node = GraphNode("__Type", ["name": .string(name)])
    node.fields["fields"] = { _ in
      .list(names.map { GraphNode("__Field", ["name": .string($0)]) })
    }
    return node
  }

  private func visible(_ fullName: String, _ call: Call) -> Int? {
    guard let id = state.names[fullName.lowercased()], let found = state.repositories[id],
      role(of: call.viewer, in: found) > .none
    else { return nil }
    return id
  }

  private func node(_ id: String, _ call: Call) async throws -> GraphNode? {
    let words = id.split(separator: "_", maxSplits: 1).map(String.init)
    guard words.count == 2, let number = Int(words[1]) else { return nil }
    if words[0] == "R" {
      return visible(state.repositories[number]?.fullName ?? "", call)
        .flatMap { repositoryNode($0, call) }
    }
    for found in state.repositories.values where role(of: call.viewer, in: found) > .none {
      if words[0] == "PR", let pull = found.pulls.first(where: { $0.value.id == number }) {
        _ = try await refreshed(pull.key, in: found.id)
        return pullNode(pull.key, found.id, call)
      }
      if words[0] == "D", let discussion = found.discussions[number] {
        return self.discussion(discussion, found, call)
      }
    }
    return nil
  }

  /// An App's token is a user by this question, with the whole of its name.
  private func viewer(_ call: Call) -> GraphNode { account(call.login, call.login, "User", call) }

  /// A bot has no end to its name here, and has one in REST.
  func actor(_ login: String, _ call: Call) -> GraphNode {
    let kind = person(login, call)["type"].text ?? "User"
    return account(login, login.replacing("[bot]", with: ""), kind, call)
  }

  private func account(_ login: String, _ name: String, _ kind: String, _ call: Call) -> GraphNode {
    let document = person(login, call)
    return GraphNode(
      kind,
      [
        "id": document["node_id"], "login": .string(name), "name": .string(name),
        "databaseId": document["id"], "url": document["html_url"],
        "avatarUrl": document["avatar_url"], "resourcePath": .string("/\(login)"), "email": "",
      ],
      interfaces: ["Actor", "RepositoryOwner"]
    )
  }

  func repositoryNode(_ id: Int, _ call: Call) -> GraphNode? {
    guard let found = state.repositories[id] else { return nil }
    let web = "\(call.addresses.web)/\(found.fullName)"
    let role = role(of: call.viewer, in: found)
    var node = GraphNode(
      "Repository",
      [
        "id": "R_\(id)", "databaseId": .int(id), "name": .string(found.name),
        "nameWithOwner": .string(found.fullName), "url": .string(web), "description": nil,
        "isPrivate": .bool(found.isPrivate), "isArchived": .bool(found.isArchived),
        "isFork": false, "hasIssuesEnabled": true, "hasDiscussionsEnabled": true,
        "hasWikiEnabled": true, "createdAt": .string(found.created),
        "pushedAt": .string(found.pushed), "updatedAt": .string(found.pushed),
        "mergeCommitAllowed": .bool(found.mergeMethods.contains("merge")),
        "squashMergeAllowed": .bool(found.mergeMethods.contains("squash")),
        "rebaseMergeAllowed": .bool(found.mergeMethods.contains("rebase")),
        "deleteBranchOnMerge": .bool(found.deletesBranchOnMerge),
        "viewerPermission": .string("\(role)".uppercased()),
        "viewerCanAdminister": .bool(role >= .admin),
        "visibility": found.isPrivate ? "PRIVATE" : "PUBLIC", "parent": nil,
        "viewerDefaultMergeMethod": "MERGE",
      ]
    )
    let owner = actor(found.owner, call)
    node.fields["owner"] = { _ in .node(owner) }
    let main = defaultBranch(found)
    node.fields["defaultBranchRef"] = { [self] _ in
      .node(try await refNode("refs/heads/\(main)", found, call))
    }
    node.fields["ref"] = { [self] in
      .node(try await refNode($0["qualifiedName"].text ?? "", found, call))
    }
    addReleases(to: &node, found, call)
    addDiscussions(to: &node, found, call)
    addPulls(to: &node, found, call)
    return node
  }

  private func refNode(_ name: String, _ found: Repository, _ call: Call) async throws -> GraphNode?
  {
    let git = bare(found)
    for full in [name, "refs/tags/\(name)", "refs/heads/\(name)"] where full.hasPrefix("refs/") {
      guard let object = try await git.resolve(full, to: "object") else { continue }
      let words = full.split(separator: "/").map(String.init)
      var node = GraphNode(
        "Ref",
        [
          "id": "REF_\(full)", "name": .string(words.dropFirst(2).joined(separator: "/")),
          "prefix": "refs/\(words[1])/",
        ]
      )
      let target = GraphNode("Commit", ["oid": .string(object), "id": "C_\(object)"])
      node.fields["target"] = { _ in .node(target) }
      return node
    }
    return nil
  }

  private func addReleases(to node: inout GraphNode, _ found: Repository, _ call: Call) {
    let visible = ((try? visibleReleases(call.about(found.id))) ?? [])
    let latest = latestRelease(found)?.id
    let nodes = visible.map { releaseNode($0, found, isLatest: $0.id == latest, call) }
    node.fields["releases"] = { arguments in
      let isAscending = arguments["orderBy"]["direction"].text == "ASC"
      return try Self.connection("releases", isAscending ? nodes.reversed() : nodes, arguments)
    }
    node.fields["latestRelease"] = { _ in
      let index = visible.firstIndex { $0.id == latest }
      return .node(index.map { nodes[$0] })
    }
    node.fields["release"] = { arguments in
      let tag = arguments["tagName"].text
      let index = visible.firstIndex { $0.tag == tag }
      return .node(index.map { nodes[$0] })
    }
  }

  private func releaseNode(
    _ release: Release,
    _ found: Repository,
    isLatest: Bool,
    _ call: Call
  ) -> GraphNode {
    let document = self.release(release, found, call)
    var node = GraphNode(
      "Release",
      [
        "id": document["node_id"], "databaseId": .int(release.id), "name": JSON(release.name),
        "tagName": .string(release.tag), "description": JSON(release.body),
        "isDraft": .bool(release.isDraft), "isPrerelease": .bool(release.isPrerelease),
        "isLatest": .bool(isLatest), "immutable": .bool(release.isImmutable),
        "createdAt": .string(release.created), "publishedAt": JSON(release.published),
        "updatedAt": .string(release.updated), "url": document["html_url"],
      ]
    )
    let author = actor(release.author, call)
    node.fields["author"] = { _ in .node(author) }
    let assets = release.assets.values.sorted { $0.id < $1.id }.map { asset in
      GraphNode(
        "ReleaseAsset",
        [
          "id": "RA_\(asset.id)", "name": .string(asset.name), "size": .int(asset.size),
          "contentType": .string(asset.type), "digest": JSON(asset.digest),
          "downloadCount": .int(asset.downloads), "createdAt": .string(asset.created),
          "updatedAt": .string(asset.updated),
          "downloadUrl": self.asset(asset, release, found, call)["browser_download_url"],
        ]
      )
    }
    node.fields["releaseAssets"] = { try Self.connection("releaseAssets", assets, $0) }
    return node
  }

  private func addDiscussions(to node: inout GraphNode, _ found: Repository, _ call: Call) {
    let categories = found.categories.map { category($0, found, call) }
    node.fields["discussionCategories"] = {
      try Self.connection("discussionCategories", categories, $0)
    }
    node.fields["discussionCategory"] = { arguments in
      let index = found.categories.firstIndex { $0.slug == arguments["slug"].text }
      return .node(index.map { categories[$0] })
    }
    node.fields["discussions"] = { [self] arguments in
      var all = found.discussions.values.sorted { ($0.updated, $0.id) > ($1.updated, $1.id) }
      if let category = arguments["categoryId"].text {
        all = all.filter { "DIC_\($0.category)" == category }
      }
      if arguments["orderBy"]["field"].text == "CREATED_AT" { all.sort { $0.id > $1.id } }
      if arguments["orderBy"]["direction"].text == "ASC" { all.reverse() }
      var nodes: [GraphNode] = []
      for one in all { nodes.append(await discussion(one, found, call)) }
      return try Self.connection("discussions", nodes, arguments)
    }
    node.fields["discussion"] = { [self] arguments in
      let one = found.discussions.values.first { $0.number == arguments["number"].number }
      guard let one else {
        throw GraphError(
          type: "NOT_FOUND",
          message: "Could not resolve to a Discussion with the number of "
            + "\(arguments["number"].number ?? 0)."
        )
      }
      return .node(await discussion(one, found, call))
    }
  }
}

extension Call {
  /// The same call, about a repository that GraphQL found.
  func about(_ repository: Int) -> Call {
    var call = self
    call.repository = repository
    return call
  }
}
