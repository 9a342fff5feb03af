/// Labels and milestones.
extension GitHubStandIn {
  static let labelRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/labels", .issues) { try await $0.listLabels($1) },
    Route("POST", "/repos/{owner}/{repo}/labels", .issues) { try await $0.createLabel($1) },
    Route("GET", "/repos/{owner}/{repo}/labels/{name}", .issues) { try await $0.getLabel($1) },
    Route("GET", "/repos/{owner}/{repo}/issues/{number}/labels", .issues) {
      try await $0.issueLabels($1, status: 200)
    },
    Route("POST", "/repos/{owner}/{repo}/issues/{number}/labels", .issues) {
      try await $0.addIssueLabels($1)
    },
    Route("DELETE", "/repos/{owner}/{repo}/issues/{number}/labels/{name}", .issues) {
      try await $0.removeIssueLabel($1)
    },
    Route("GET", "/repos/{owner}/{repo}/milestones", .issues) { try await $0.listMilestones($1) },
    Route("POST", "/repos/{owner}/{repo}/milestones", .issues) {
      try await $0.createMilestone($1)
    },
    Route("GET", "/repos/{owner}/{repo}/milestones/{number}", .issues) {
      try await $0.getMilestone($1)
    },
    Route("PATCH", "/repos/{owner}/{repo}/milestones/{number}", .issues) {
      try await $0.updateMilestone($1)
    },
  ]

  func label(_ name: String, _ found: Repository, _ call: Call) -> JSON? {
    let label = found.labels.values.first { $0.name.lowercased() == name.lowercased() }
    guard let label else { return nil }
    let api = "\(call.addresses.api)/repos/\(found.fullName)"
    return [
      "id": .int(label.id), "node_id": "LA_\(label.id)",
      "url": "\(api)/labels/\(escaped(label.name))",
      "name": .string(label.name), "description": JSON(label.description),
      "color": .string(label.color),
      "default": .bool(["bug", "documentation", "enhancement"].contains(label.name)),
    ]
  }

  /// The form of the labels' own routes, which tells of archived ones.
  private func wholeLabel(_ name: String, _ found: Repository, _ call: Call) -> JSON? {
    label(name, found, call)?.adding(["archived_at": nil, "archived_by": nil])
  }

  func getLabel(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    guard let label = wholeLabel(call.word("name"), found, call) else { throw Refusal.notFound }
    return Reply(200, label)
  }

  func addLabel(_ name: String, in id: Int) throws {
    let found = try repository(id)
    if found.labels.values.contains(where: { $0.name.lowercased() == name.lowercased() }) { return }
    let label = Label(id: live.nextNumber(), name: name, color: "ededed", description: nil)
    try change(id) { $0.labels[label.id] = label }
  }

  func listLabels(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    let page = call.page(found.labels.values.sorted { $0.id < $1.id })
    let labels = page.items.compactMap { wholeLabel($0.name, found, call) }
    return Reply(200, .array(labels), headers: page.headers)
  }

  func createLabel(_ call: Call) throws -> Reply {
    let body = call.json
    let found = try repository(call.repository)
    guard let name = body["name"].text, !name.isEmpty else {
      throw Refusal.invalid("Label", "name", "missing_field")
    }
    if label(name, found, call) != nil {
      throw Refusal.invalid("Label", "name", "already_exists")
    }
    let color = body["color"].text ?? "ededed"
    guard color.count == 6, color.allSatisfy(\.isHexDigit) else {
      throw Refusal.invalid("Label", "color", "invalid")
    }
    let made = Label(
      id: live.nextNumber(),
      name: name,
      color: color,
      description: body["description"].text
    )
    try change(call.repository) { $0.labels[made.id] = made }
    let document = wholeLabel(name, try repository(call.repository), call) ?? nil
    return Reply(201, document, headers: [("Location", document["url"].text ?? "")])
  }

  func issueLabels(_ call: Call, status: Int) throws -> Reply {
    let found = try repository(call.repository)
    guard let issue = found.issues[try call.number("number")] else { throw Refusal.notFound }
    return Reply(status, .array(issue.labels.compactMap { wholeLabel($0, found, call) }))
  }

  func addIssueLabels(_ call: Call) throws -> Reply {
    let number = try call.number("number")
    guard try repository(call.repository).issues[number] != nil else { throw Refusal.notFound }
    let given = call.json.items.isEmpty ? call.json["labels"].items : call.json.items
    for name in given.compactMap({ $0.text ?? $0["name"].text }) {
      try addLabel(name, in: call.repository)
      try change(call.repository) { found in
        if found.issues[number]?.labels.contains(name) == false {
          found.issues[number]?.labels.append(name)
        }
      }
    }
    return try issueLabels(call, status: 200)
  }

  func removeIssueLabel(_ call: Call) throws -> Reply {
    let number = try call.number("number")
    let name = call.word("name")
    guard try repository(call.repository).issues[number]?.labels.contains(name) == true else {
      throw Refusal(404, "Label does not exist")
    }
    try change(call.repository) { $0.issues[number]?.labels.removeAll { $0 == name } }
    return try issueLabels(call, status: 200)
  }

  // MARK: - Milestones

  /// Makes a milestone, and returns its number.
  @discardableResult
  package func addMilestone(
    _ repository: String,
    title: String,
    by login: String = "somebody"
  ) throws -> Int {
    try addMilestone(
      number(of: repository),
      title,
      nil,
      due: nil,
      by: user(named: login).login
    )
  }

  private func addMilestone(
    _ id: Int,
    _ title: String,
    _ text: String?,
    due: String?,
    by login: String
  ) throws -> Int {
    let own = live.nextNumber()
    return try change(id) { found in
      let number = (found.milestones.keys.max() ?? 0) + 1
      found.milestones[number] = Milestone(
        id: own,
        number: number,
        title: title,
        description: text,
        due: due,
        creator: login,
        created: now(),
        updated: now()
      )
      return number
    }
  }

  func milestone(_ number: Int?, _ found: Repository, _ call: Call) -> JSON {
    guard let number, let milestone = found.milestones[number] else { return .null }
    let issues = found.issues.values.filter { $0.milestone == number }
    let api = "\(call.addresses.api)/repos/\(found.fullName)/milestones/\(number)"
    return [
      "url": .string(api),
      "html_url": "\(call.addresses.web)/\(found.fullName)/milestone/\(number)",
      "labels_url": "\(api)/labels", "id": .int(milestone.id), "node_id": "MI_\(milestone.id)",
      "number": .int(number), "state": .string(milestone.state),
      "title": .string(milestone.title), "description": JSON(milestone.description),
      "creator": person(milestone.creator, call),
      "open_issues": .int(issues.count { $0.state == "open" }),
      "closed_issues": .int(issues.count { $0.state == "closed" }),
      "created_at": .string(milestone.created), "updated_at": .string(milestone.updated),
      "closed_at": milestone.state == "closed" ? .string(milestone.updated) : nil,
      "due_on": JSON(milestone.due),
    ]
  }

  func listMilestones(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    let state = call.query["state"] ?? "open"
    let chosen = found.milestones.values.filter { state == "all" || $0.state == state }
    let page = call.page(chosen.sorted { $0.number < $1.number })
    let documents = page.items.map { milestone($0.number, found, call) }
    return Reply(200, .array(documents), headers: page.headers)
  }

  func createMilestone(_ call: Call) throws -> Reply {
    let body = call.json
    guard let title = body["title"].text else {
      throw Refusal.invalid("Milestone", "title", "missing_field")
    }
    let found = try repository(call.repository)
    if found.milestones.values.contains(where: { $0.title == title }) {
      throw Refusal.invalid("Milestone", "title", "already_exists")
    }
    let number = try addMilestone(
      call.repository,
      title,
      body["description"].text,
      due: body["due_on"].text,
      by: call.login
    )
    let document = milestone(number, try repository(call.repository), call)
    return Reply(201, document, headers: [("Location", document["url"].text ?? "")])
  }

  func getMilestone(_ call: Call) throws -> Reply {
    let document = milestone(try call.number("number"), try repository(call.repository), call)
    if document.isNull { throw Refusal.notFound }
    return Reply(200, document)
  }

  func updateMilestone(_ call: Call) throws -> Reply {
    let number = try call.number("number")
    let body = call.json
    try change(call.repository) { found in
      guard var milestone = found.milestones[number] else { throw Refusal.notFound }
      if let title = body["title"].text { milestone.title = title }
      if let state = body["state"].text { milestone.state = state }
      if body.has("description") { milestone.description = body["description"].text }
      milestone.updated = now()
      found.milestones[number] = milestone
    }
    return try getMilestone(call)
  }
}
