internal import Git
internal import Foundation

/// Releases: made, found, changed, published and deleted.
extension GitHubStandIn {
  static let releaseRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/releases", .contents) { try await $0.listReleases($1) },
    Route("POST", "/repos/{owner}/{repo}/releases", .contents) { try await $0.createRelease($1) },
    Route("POST", "/repos/{owner}/{repo}/releases/generate-notes", .contents) {
      try await $0.generateNotes($1)
    },
    Route("GET", "/repos/{owner}/{repo}/releases/latest", .contents) {
      try await $0.getLatestRelease($1)
    },
    Route("GET", "/repos/{owner}/{repo}/releases/tags/{tag+}", .contents) {
      try await $0.getReleaseByTag($1)
    },
    Route("GET", "/repos/{owner}/{repo}/releases/{id}", .contents) { try await $0.getRelease($1) },
    Route("PATCH", "/repos/{owner}/{repo}/releases/{id}", .contents) {
      try await $0.updateRelease($1)
    },
    Route("DELETE", "/repos/{owner}/{repo}/releases/{id}", .contents) {
      try await $0.deleteRelease($1)
    },
    Route("GET", "/repos/{owner}/{repo}/immutable-releases", .administration, role: .admin) {
      let isOn = try await $0.repository($1.repository).hasImmutableReleases
      guard isOn else { throw Refusal.notFound }
      return Reply(200, ["enabled": true, "enforced_by_owner": false])
    },
    Route("PUT", "/repos/{owner}/{repo}/immutable-releases", .administration) { standIn, call in
      try await standIn.change(call.repository) { $0.hasImmutableReleases = true }
      return Reply(204)
    },
    Route("DELETE", "/repos/{owner}/{repo}/immutable-releases", .administration) {
      standIn,
      call in
      try await standIn.change(call.repository) { $0.hasImmutableReleases = false }
      return Reply(204)
    },
  ]

  /// Drafts are for those alone who may push.
  func visibleReleases(_ call: Call) throws -> [Release] {
    let found = try repository(call.repository)
    let seesDrafts = role(of: call.viewer, in: found) >= .write
    return found.releases.values.filter { !$0.isDraft || seesDrafts }
      .sorted { ($0.created, $0.id) > ($1.created, $1.id) }
  }

  func listReleases(_ call: Call) throws -> Reply {
    let page = call.page(try visibleReleases(call))
    let found = try repository(call.repository)
    return Reply(200, .array(page.items.map { release($0, found, call) }), headers: page.headers)
  }

  func getRelease(_ call: Call) throws -> Reply {
    let number = try call.number("id")
    guard let release = try visibleReleases(call).first(where: { $0.id == number }) else {
      throw Refusal.notFound
    }
    return Reply(200, self.release(release, try repository(call.repository), call))
  }

  /// A draft has no tag yet: it is not found by one.
  func getReleaseByTag(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    let tag = call.word("tag")
    guard let release = found.releases.values.first(where: { $0.tag == tag && !$0.isDraft }) else {
      throw Refusal.notFound
    }
    return Reply(200, self.release(release, found, call))
  }

  func getLatestRelease(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    guard let release = latestRelease(found) else { throw Refusal.notFound }
    return Reply(200, self.release(release, found, call))
  }

  /// Who was last made the latest wins; among those that nobody made so, the newest commit's.
  func latestRelease(_ found: Repository) -> Release? {
    let running = found.releases.values.filter { !$0.isDraft && !$0.isPrerelease }
    let chosen = running.filter { $0.makesLatest == "true" }
    if let last = chosen.max(by: { $0.latestOrder < $1.latestOrder }) { return last }
    return running.filter { $0.makesLatest != "false" }
      .max { ($0.created, $0.id) < ($1.created, $1.id) }
  }

  func createRelease(_ call: Call) async throws -> Reply {
    let body = call.json
    let found = try repository(call.repository)
    guard let tag = body["tag_name"].text, !tag.isEmpty else {
      throw Refusal.invalid("Release", "tag_name", "missing_field")
    }
    try checkFields(body)
    guard try await bare(found).run(["check-ref-format", "refs/tags/\(tag)"]).succeeded else {
      throw Refusal.invalid("Release", "tag_name", "custom", "tag_name is not well-formed")
    }
    let isDraft = body["draft"].truth ?? false
    let target = body["target_commitish"].text ?? defaultBranch(found)
    var created = Release(
      id: live.nextNumber(),
      tag: tag,
      target: target.isEmpty ? defaultBranch(found) : target,
      name: body["name"].text,
      body: body["body"].text,
      isDraft: true,
      isPrerelease: body["prerelease"].truth ?? false,
      created: now(),
      published: nil,
      updated: now(),
      author: call.login
    )
    // What a draft says about the latest is not kept: publishing it has to say so again.
    if !isDraft {
      try checkLatest(body, isDraft: false, isPrerelease: created.isPrerelease)
      created.makesLatest = body["make_latest"].text ?? "true"
    }
    if body["generate_release_notes"].truth == true {
      let notes = try await notes(tag: tag, target: created.target, previous: nil, call)
      if (created.name ?? "").isEmpty { created.name = notes.name }
      created.body = [created.body, notes.body].compactMap { $0 }.joined(separator: "\n")
    }
    created.isDraft = isDraft
    if body.has("target_commitish") { try await requireTarget(created, found) }
    created.isDraft = true
    let commit = try await commitOf(created, found)
    try await requireWorkflowScope(commit, found, call)
    if let category = body["discussion_category_name"].text {
      guard found.categories.contains(where: { $0.name == category }) else {
        throw Refusal.notFound
      }
      if !isDraft { created.discussion = try announce(created, in: category, call) }
    }
    if isDraft {
      let ready = created
      try change(found.id) { $0.releases[ready.id] = ready }
    } else {
      try await publish(&created, call)
    }
    let document = release(created, try repository(found.id), call)
    return Reply(201, document, headers: [("Location", document["url"].text ?? "")])
  }

  /// Refuses to make a draft or a prerelease the latest; a draft that is new is not asked.
  private func checkLatest(_ body: JSON, isDraft: Bool, isPrerelease: Bool) throws {
    guard body["make_latest"].text == "true", isDraft || isPrerelease else { return }
    throw Refusal.invalid([
      [
        "resource": "Release", "code": "custom",
        "message": "Latest release cannot be draft or prerelease.",
      ]
    ])
  }

  private func checkFields(_ body: JSON) throws {
    if body.has("make_latest"), !["true", "false", "legacy"].contains(body["make_latest"].text) {
      throw Refusal.invalid(
        "Release",
        "make_latest",
        "custom",
        "make_latest is not one of: true, false, legacy"
      )
    }
    for field in ["draft", "prerelease"] where body.has(field) && body[field].truth == nil {
      throw Refusal(
        422,
        "Invalid request.\n\nFor 'properties/\(field)', \(String(decoding: body[field].bytes, as: UTF8.self))"
          + " is not a boolean."
      )
    }
    if (body["body"].text ?? "").count > 125_000 {
      throw Refusal.invalid(
        "Release",
        "body",
        "custom",
        "body is too long (maximum is 125000 characters)"
      )
    }
  }

  func updateRelease(_ call: Call) async throws -> Reply {
    let body = call.json
    let number = try call.number("id")
    guard var release = try repository(call.repository).releases[number] else {
      throw Refusal.notFound
    }
    try checkFields(body)
    if release.isImmutable, body.has("tag_name") || body.has("target_commitish"),
      (body["tag_name"].text ?? release.tag) != release.tag
    {
      throw Refusal.invalid(
        "Release",
        "tag_name",
        "custom",
        "Cannot change the tag of an immutable release"
      )
    }
    if let tag = body["tag_name"].text { release.tag = tag }
    if let target = body["target_commitish"].text {
      release.target = target
      let found = try repository(call.repository)
      try await requireTarget(release, found)
      try await requireWorkflowScope(commitOf(release, found), found, call)
    }
    if body.has("name") { release.name = body["name"].text }
    if body.has("body") { release.body = body["body"].text }
    if let isPrerelease = body["prerelease"].truth { release.isPrerelease = isPrerelease }
    let isPublishing = body["draft"].truth == false && release.isDraft
    try checkLatest(
      body,
      isDraft: release.isDraft && !isPublishing,
      isPrerelease: release.isPrerelease
    )
    if let latest = body["make_latest"].text ?? (isPublishing ? "true" : nil) {
      release.makesLatest = latest
      if latest == "true" { release.latestOrder = live.nextNumber() }
    }
    release.updated = now()
    if isPublishing {
      if let category = body["discussion_category_name"].text {
        release.discussion = try announce(release, in: category, call)
      }
      try await publish(&release, call)
    } else {
      let ready = release
      try change(call.repository) { $0.releases[number] = ready }
    }
    return Reply(200, self.release(release, try repository(call.repository), call))
  }

  func deleteRelease(_ call: Call) throws -> Reply {
    let number = try call.number("id")
    guard try change(call.repository, { $0.releases.removeValue(forKey: number) }) != nil else {
      throw Refusal.notFound
    }
    return Reply(204)
  }
}
