/// Protection and rulesets over the API.
extension GitHubStandIn {
  static let ruleRoutes: [Route] = [
    Route(
      "GET",
      "/repos/{owner}/{repo}/branches/{branch+}/protection",
      .administration,
      role: .admin
    ) {
      try await $0.getProtection($1)
    },
    Route(
      "GET",
      "/repos/{owner}/{repo}/branches/{branch+}/protection/required_status_checks",
      .administration,
      role: .admin
    ) { try await $0.getRequiredChecks($1) },
    Route("GET", "/repos/{owner}/{repo}/branches/{branch+}", .contents) {
      try await $0.getBranch($1)
    },
    Route("GET", "/repos/{owner}/{repo}/rules/branches/{branch+}", .metadata) {
      try await $0.getBranchRules($1)
    },
    Route("GET", "/repos/{owner}/{repo}/rulesets", .metadata) { try await $0.listRulesets($1) },
    Route("POST", "/repos/{owner}/{repo}/rulesets", .administration) {
      try await $0.createRuleset($1)
    },
    Route("GET", "/repos/{owner}/{repo}/rulesets/{id}", .metadata) { try await $0.getRuleset($1) },
    Route("DELETE", "/repos/{owner}/{repo}/rulesets/{id}", .administration) {
      let number = try $1.number("id")
      let removed = try await $0.change($1.repository) {
        $0.rulesets.removeValue(forKey: number) != nil
      }
      guard removed else { throw Refusal.notFound }
      return Reply(204)
    },
  ]

  func getBranch(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let name = call.word("branch")
    let git = bare(found)
    guard let sha = try await git.branch(name), let object = try await git.commitObject(sha) else {
      throw Refusal(404, "Branch not found")
    }
    let api = "\(call.addresses.api)/repos/\(found.fullName)/branches/\(escapedPath(name))"
    let classic = protection(name, found)
    let checks = classic?.checks ?? []
    return Reply(
      200,
      [
        "name": .string(name), "commit": commit(object, found, call),
        "_links": [
          "self": .string(api), "html": "\(call.addresses.web)/\(found.fullName)/tree/\(name)",
        ],
        "protected": .bool(isProtected(name, found)),
        "protection": [
          "enabled": .bool(classic != nil),
          "required_status_checks": [
            "enforcement_level":
              checks.isEmpty ? "off" : classic?.enforcesAdmins == true ? "everyone" : "non_admins",
            "contexts": .array(checks.map { .string($0) }),
            "checks": .array(checks.map { ["context": .string($0), "app_id": nil] }),
          ],
        ],
        "protection_url": "\(api)/protection",
      ]
    )
  }

  private func policy(_ protection: Protection, _ url: String) -> JSON {
    [
      "url": "\(url)/required_status_checks", "strict": .bool(protection.isStrict),
      "contexts": .array(protection.checks.map { .string($0) }),
      "contexts_url": "\(url)/required_status_checks/contexts",
      "checks": .array(protection.checks.map { ["context": .string($0), "app_id": nil] }),
    ]
  }

  private func protection(_ call: Call) throws -> (Protection, String) {
    let found = try repository(call.repository)
    let branch = call.word("branch")
    guard let protection = protection(branch, found) else {
      throw Refusal(404, "Branch not protected")
    }
    let api = "\(call.addresses.api)/repos/\(found.fullName)"
    return (protection, "\(api)/branches/\(escapedPath(branch))/protection")
  }

  func getRequiredChecks(_ call: Call) throws -> Reply {
    let (protection, url) = try protection(call)
    if protection.checks.isEmpty { throw Refusal(404, "Required status checks not enabled") }
    return Reply(200, policy(protection, url))
  }

  func getProtection(_ call: Call) throws -> Reply {
    let (protection, url) = try protection(call)
    var document: JSON = [
      "url": .string(url),
      "enforce_admins": [
        "url": "\(url)/enforce_admins", "enabled": .bool(protection.enforcesAdmins),
      ],
      "required_signatures": ["url": "\(url)/required_signatures", "enabled": false],
      "required_linear_history": ["enabled": false],
      "allow_force_pushes": ["enabled": .bool(protection.allowsForcePushes)],
      "allow_deletions": ["enabled": false], "block_creations": ["enabled": false],
      "required_conversation_resolution": ["enabled": .bool(protection.resolvesConversations)],
      "lock_branch": ["enabled": false], "allow_fork_syncing": ["enabled": false],
    ]
    if !protection.checks.isEmpty { document["required_status_checks"] = policy(protection, url) }
    if let approvals = protection.approvals {
      document["required_pull_request_reviews"] = [
        "url": "\(url)/required_pull_request_reviews",
        "dismiss_stale_reviews": .bool(protection.dismissesStaleReviews),
        "require_code_owner_reviews": false, "require_last_push_approval": false,
        "required_approving_review_count": .int(approvals),
      ]
    }
    return Reply(200, document)
  }

  func getBranchRules(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    let page = call.page(rules("refs/heads/\(call.word("branch"))", found))
    let documents = page.items.map { entry in
      entry.rule.adding([
        "ruleset_source_type": "Repository", "ruleset_source": .string(found.fullName),
        "ruleset_id": .int(entry.set.id),
      ])
    }
    return Reply(200, .array(documents), headers: page.headers)
  }

  func listRulesets(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    let page = call.page(found.rulesets.values.sorted { $0.id < $1.id })
    let documents = page.items.map {
      ruleset($0, found, call).without("rules", "conditions", "bypass_actors")
    }
    return Reply(200, .array(documents), headers: page.headers)
  }

  func getRuleset(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    guard let ruleset = found.rulesets[try call.number("id")] else { throw Refusal.notFound }
    return Reply(200, self.ruleset(ruleset, found, call))
  }

  func createRuleset(_ call: Call) throws -> Reply {
    let body = call.json
    guard let name = body["name"].text, let enforcement = body["enforcement"].text else {
      throw Refusal(422, "Invalid request.\n\n\"name\", \"enforcement\" weren't supplied.")
    }
    let names = body["conditions"]["ref_name"]
    let ruleset = Ruleset(
      id: live.nextNumber(),
      name: name,
      target: body["target"].text ?? "branch",
      enforcement: enforcement,
      include: names["include"].items.compactMap(\.text),
      exclude: names["exclude"].items.compactMap(\.text),
      rules: body["rules"].items,
      created: now(),
      updated: now()
    )
    try change(call.repository) { $0.rulesets[ruleset.id] = ruleset }
    let document = self.ruleset(ruleset, try repository(call.repository), call)
    return Reply(201, document)
  }

  private func ruleset(_ ruleset: Ruleset, _ found: Repository, _ call: Call) -> JSON {
    let api = "\(call.addresses.api)/repos/\(found.fullName)/rulesets/\(ruleset.id)"
    let web = "\(call.addresses.web)/\(found.fullName)/rules/\(ruleset.id)"
    return [
      "id": .int(ruleset.id), "name": .string(ruleset.name), "target": .string(ruleset.target),
      "source_type": "Repository", "source": .string(found.fullName),
      "enforcement": .string(ruleset.enforcement), "bypass_actors": [],
      "current_user_can_bypass": "never", "node_id": "RRS_\(ruleset.id)",
      "_links": ["self": ["href": .string(api)], "html": ["href": .string(web)]],
      "conditions": [
        "ref_name": [
          "include": .array(ruleset.include.map { .string($0) }),
          "exclude": .array(ruleset.exclude.map { .string($0) }),
        ]
      ],
      "rules": .array(ruleset.rules), "created_at": .string(ruleset.created),
      "updated_at": .string(ruleset.updated),
    ]
  }
}
