struct Advisory: Sendable {
  let ghsa: String
  var cve: String?
  var summary: String
  var description: String
  var severity: String?
  var vector: String?
  var vulnerabilities: [JSON]
  var cwes: [String]
  var credits: [JSON]
  var state = "draft"
  let author: String
  var publisher: String?
  let created: String
  var updated: String
  var published: String?
  var closed: String?
  var asksForCVE = false
}

/// Security advisories of a repository.
extension GitHubStandIn {
  static let advisoryRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/security-advisories", .advisories) {
      try await $0.listAdvisories($1)
    },
    Route("POST", "/repos/{owner}/{repo}/security-advisories", .advisories, role: .admin) {
      try await $0.createAdvisory($1)
    },
    Route("POST", "/repos/{owner}/{repo}/security-advisories/reports", .metadata, role: .read) {
      try await $0.createAdvisory($1, state: "triage")
    },
    Route("GET", "/repos/{owner}/{repo}/security-advisories/{ghsa}", .advisories) {
      try await $0.getAdvisory($1)
    },
    Route("PATCH", "/repos/{owner}/{repo}/security-advisories/{ghsa}", .advisories, role: .admin) {
      try await $0.updateAdvisory($1)
    },
    Route("POST", "/repos/{owner}/{repo}/security-advisories/{ghsa}/cve", .advisories, role: .admin)
    {
      try await $0.requestCVE($1)
    },
  ]

  /// Gives an advisory its CVE number, as GitHub's people do some days after it was asked for.
  package func assignCVE(_ repository: String, _ ghsa: String, _ cve: String) throws {
    try change(number(of: repository)) { $0.advisories[ghsa]?.cve = cve }
  }

  private func mayRead(_ advisory: Advisory, _ call: Call) throws -> Bool {
    let found = try repository(call.repository)
    return advisory.state == "published" || advisory.author == call.login
      || role(of: call.viewer, in: found) >= .admin
  }

  func listAdvisories(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    var all = try found.advisories.values.filter { try mayRead($0, call) }
    if let state = call.query["state"] { all = all.filter { $0.state == state } }
    all.sort { ($0.created, $0.ghsa) > ($1.created, $1.ghsa) }
    let size = min(max(Int(call.query["per_page"] ?? "") ?? 30, 1), 100)
    // These are paged by cursor: the last one seen.
    if let after = call.query["after"], let at = all.firstIndex(where: { $0.ghsa == after }) {
      all = Array(all.dropFirst(at + 1))
    }
    var headers: [(String, String)] = []
    if all.count > size, let last = all.prefix(size).last {
      let path = "\(call.addresses.api)/repositories/\(found.id)/security-advisories"
      headers.append(("Link", "<\(path)?per_page=\(size)&after=\(last.ghsa)>; rel=\"next\""))
    }
    let documents = all.prefix(size).map { advisory($0, found, call) }
    return Reply(200, .array(documents), headers: headers)
  }

  private func advisory(_ call: Call) throws -> Advisory {
    let found = try repository(call.repository)
    guard let advisory = found.advisories[call.word("ghsa")], try mayRead(advisory, call) else {
      throw Refusal.notFound
    }
    return advisory
  }

  func getAdvisory(_ call: Call) throws -> Reply {
    Reply(200, advisory(try advisory(call), try repository(call.repository), call))
  }

  /// A draft of the team's, or what anybody who can read the repository reports in private.
  func createAdvisory(_ call: Call, state: String = "draft") throws -> Reply {
    let body = call.json
    guard let summary = body["summary"].text, let text = body["description"].text,
      body.has("vulnerabilities")
    else {
      throw Refusal(
        422,
        "Invalid request.\n\n\"summary\", \"description\", \"vulnerabilities\" weren't supplied."
      )
    }
    if !body["severity"].isNull, !body["cvss_vector_string"].isNull {
      throw Refusal(422, "Only one of severity and cvss_vector_string may be given.")
    }
    let letters = Array("23456789cfghjmpqrvwx")
    let word = { String((0..<4).map { _ in letters[Int.random(in: 0..<letters.count)] }) }
    var made = Advisory(
      ghsa: "GHSA-\(word())-\(word())-\(word())",
      cve: body["cve_id"].text,
      summary: summary,
      description: text,
      vulnerabilities: [],
      cwes: [],
      credits: [],
      author: call.login,
      created: now(),
      updated: now()
    )
    made.state = state
    apply(body, to: &made)
    let ready = made
    try change(call.repository) { $0.advisories[ready.ghsa] = ready }
    let document = advisory(made, try repository(call.repository), call)
    return Reply(201, document, headers: [("Location", document["url"].text ?? "")])
  }

  private func apply(_ body: JSON, to advisory: inout Advisory) {
    if let summary = body["summary"].text { advisory.summary = summary }
    if let text = body["description"].text { advisory.description = text }
    if body.has("cve_id") { advisory.cve = body["cve_id"].text }
    if body.has("severity") { advisory.severity = body["severity"].text }
    if body.has("cvss_vector_string") { advisory.vector = body["cvss_vector_string"].text }
    if body.has("cwe_ids") { advisory.cwes = body["cwe_ids"].items.compactMap(\.text) }
    if body.has("credits") { advisory.credits = body["credits"].items }
    if body.has("vulnerabilities") {
      advisory.vulnerabilities = body["vulnerabilities"].items.map { one in
        [
          "package": ["ecosystem": one["package"]["ecosystem"], "name": one["package"]["name"]],
          "vulnerable_version_range": one["vulnerable_version_range"],
          "patched_versions": one["patched_versions"],
          "vulnerable_functions": one.has("vulnerable_functions")
            ? one["vulnerable_functions"] : [],
        ]
      }
    }
  }

  func updateAdvisory(_ call: Call) throws -> Reply {
    var advisory = try advisory(call)
    let body = call.json
    apply(body, to: &advisory)
    if let state = body["state"].text {
      guard ["published", "closed", "draft"].contains(state) else {
        throw Refusal.invalid("RepositoryAdvisory", "state", "invalid")
      }
      if state == "published", advisory.state != "published" {
        advisory.published = now()
        advisory.publisher = call.login
      }
      advisory.closed = state == "closed" ? now() : nil
      advisory.state = state
    }
    advisory.updated = now()
    let ready = advisory
    try change(call.repository) { $0.advisories[ready.ghsa] = ready }
    return Reply(200, self.advisory(advisory, try repository(call.repository), call))
  }

  func requestCVE(_ call: Call) throws -> Reply {
    let advisory = try advisory(call)
    let found = try repository(call.repository)
    if found.isPrivate { throw Refusal(403, "CVEs are for public repositories only.") }
    if advisory.cve != nil || advisory.asksForCVE {
      throw Refusal(422, "A CVE has already been requested for this advisory.")
    }
    try change(call.repository) { $0.advisories[advisory.ghsa]?.asksForCVE = true }
    return Reply(202, [:])
  }

  private func advisory(_ advisory: Advisory, _ found: Repository, _ call: Call) -> JSON {
    let path = "\(found.fullName)/security"
    var identifiers: [JSON] = [["value": .string(advisory.ghsa), "type": "GHSA"]]
    if let cve = advisory.cve { identifiers.append(["value": .string(cve), "type": "CVE"]) }
    let cvss: JSON = ["vector_string": JSON(advisory.vector), "score": nil]
    let document: JSON = [
      "ghsa_id": .string(advisory.ghsa), "cve_id": JSON(advisory.cve),
      "url": "\(call.addresses.api)/repos/\(found.fullName)/security-advisories/\(advisory.ghsa)",
      "html_url": "\(call.addresses.web)/\(path)/advisories/\(advisory.ghsa)",
      "summary": .string(advisory.summary), "description": .string(advisory.description),
      "severity": JSON(advisory.severity), "author": person(advisory.author, call),
      "publisher": person(advisory.publisher, call), "identifiers": .array(identifiers),
      "state": .string(advisory.state), "created_at": .string(advisory.created),
      "updated_at": .string(advisory.updated), "published_at": JSON(advisory.published),
      "closed_at": JSON(advisory.closed), "withdrawn_at": nil,
      "submission": advisory.state == "triage" ? ["accepted": false] : nil,
      "vulnerabilities": .array(advisory.vulnerabilities),
      "cvss_severities": ["cvss_v3": cvss, "cvss_v4": ["vector_string": nil, "score": nil]],
      "cwes": .array(advisory.cwes.map { ["cwe_id": .string($0), "name": .string($0)] }),
      "cwe_ids": .array(advisory.cwes.map { .string($0) }), "credits": .array(advisory.credits),
      "credits_detailed": .array(
        advisory.credits.map { credit in
          [
            "user": person(credit["login"].text, call), "type": credit["type"],
            "state": "accepted",
          ]
        }
      ),
      "collaborating_users": [], "collaborating_teams": [], "private_fork": nil,
    ]
    return call.isNew ? document : document.adding(["cvss": cvss])
  }
}
