/// What is not about one repository.
extension GitHubStandIn {
  static let generalRoutes: [Route] = [
    Route("GET", "/", .metadata) { await $0.getRoot($1) },
    Route("GET", "/user", .metadata) { try await $0.getUser($1) },
    Route("GET", "/meta", .metadata) { await $0.getMeta($1) },
    Route("GET", "/rate_limit", .metadata) { await $0.getRateLimit($1) },
    Route("GET", "/versions", .metadata) { _, _ in
      Reply(200, .array(APIVersion.allCases.map { .string($0.rawValue) }))
    },
    Route("GET", "/repos/{owner}/{repo}", .metadata) { try await $0.getRepository($1) },
    Route("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", .metadata) {
      try await $0.getPermission($1)
    },
  ]

  func getRoot(_ call: Call) -> Reply {
    Reply(
      200,
      [
        "current_user_url": "\(call.addresses.api)/user",
        "rate_limit_url": "\(call.addresses.api)/rate_limit",
        "repository_url": "\(call.addresses.api)/repos/{owner}/{repo}",
      ]
    )
  }

  func getMeta(_ call: Call) -> Reply {
    let isEnterprise = call.addresses != .public_
    let document: JSON = ["verifiable_password_authentication": false]
    // An enterprise server tells its version, and is told from github.com by it.
    return Reply(
      200,
      document,
      headers: isEnterprise ? [("X-GitHub-Enterprise-Version", "3.17.0")] : []
    )
  }

  /// Asking for the limits takes nothing from them.
  func getRateLimit(_ call: Call) -> Reply {
    let limit = call.viewer == nil ? 60 : 5000
    let token = call.viewer.flatMap { live.tokens[$0.secret] }
    func rate(_ used: Int) -> JSON {
      [
        "limit": .int(limit), "used": .int(used), "remaining": .int(max(limit - used, 0)),
        "reset": .int(max(token?.resets ?? 0, epoch())),
      ]
    }
    let core = rate(token?.used ?? 0)
    var document: JSON = [
      "resources": ["core": core, "graphql": rate(token?.usedGraphQL ?? 0), "search": rate(0)]
    ]
    if !call.isNew { document["rate"] = core }
    return Reply(200, document)
  }
}
