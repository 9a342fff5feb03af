internal import Git
internal import ReleaseModel
/// Releases as JSON, and the notes that GitHub writes for one.
extension GitHubStandIn {
  func release(_ release: Release, _ found: Repository, _ call: Call) -> JSON {
    let api = "\(call.addresses.api)/repos/\(found.fullName)"
    let web = "\(call.addresses.web)/\(found.fullName)"
    // A draft's page has a name that nobody guesses.
    let page = release.isDraft ? "untagged-\(release.id)" : escaped(release.tag)
    let assets = release.assets.values.sorted { $0.id < $1.id }
    var document: JSON = [
      "url": "\(api)/releases/\(release.id)", "html_url": "\(web)/releases/tag/\(page)",
      "assets_url": "\(api)/releases/\(release.id)/assets",
      "upload_url":
        "\(call.addresses.uploads)/repos/\(found.fullName)/releases/\(release.id)/assets{?name,label}",
      "tarball_url": release.isDraft ? nil : "\(api)/tarball/\(escaped(release.tag))",
      "zipball_url": release.isDraft ? nil : "\(api)/zipball/\(escaped(release.tag))",
      "id": .int(release.id), "node_id": "RE_\(release.id)", "tag_name": .string(release.tag),
      "target_commitish": .string(release.target), "name": JSON(release.name),
      "body": JSON(release.body), "draft": .bool(release.isDraft),
      "prerelease": .bool(release.isPrerelease), "immutable": .bool(release.isImmutable),
      "created_at": .string(release.created), "published_at": JSON(release.published),
      "updated_at": .string(release.updated), "author": person(release.author, call),
      "assets": .array(assets.map { asset($0, release, found, call) }),
    ]
    if let number = release.discussion {
      document["discussion_url"] = "\(web)/discussions/\(number)"
    }
    return document
  }

  func asset(_ asset: Asset, _ release: Release, _ found: Repository, _ call: Call) -> JSON {
    let tag = release.isDraft ? "untagged-\(release.id)" : escaped(release.tag)
    let web = "\(call.addresses.web)/\(found.fullName)"
    return [
      "url": "\(call.addresses.api)/repos/\(found.fullName)/releases/assets/\(asset.id)",
      "browser_download_url": "\(web)/releases/download/\(tag)/\(escaped(asset.name))",
      "id": .int(asset.id), "node_id": "RA_\(asset.id)", "name": .string(asset.name),
      "label": .string(asset.label ?? ""), "state": .string(asset.state),
      "content_type": .string(asset.type), "size": .int(asset.size),
      "digest": JSON(asset.digest), "download_count": .int(asset.downloads),
      "created_at": .string(asset.created), "updated_at": .string(asset.updated),
      "uploader": person(asset.uploader, call),
    ]
  }

  func generateNotes(_ call: Call) async throws -> Reply {
    let body = call.json
    guard let tag = body["tag_name"].text else {
      throw Refusal(422, "Invalid request.\n\n\"tag_name\" wasn't supplied.")
    }
    let found = try repository(call.repository)
    let target = body["target_commitish"].text ?? defaultBranch(found)
    let notes = try await notes(
      tag: tag,
      target: target,
      previous: body["previous_tag_name"].text,
      call
    )
    return Reply(200, ["name": .string(notes.name), "body": .string(notes.body)])
  }

  func notes(
    tag: String,
    target: String,
    previous: String?,
    _ call: Call
  ) async throws -> (name: String, body: String) {
    let found = try repository(call.repository)
    let git = bare(found)
    let known = try await git.resolve("refs/tags/\(tag)")
    guard let end = if let known { known } else { try await git.commit(target) } else {
      throw Refusal.invalid("Release", "target_commitish", "invalid")
    }
    let described = try await git.run([
      "describe", "--tags", "--abbrev=0", "--exclude", tag, end,
    ])
    let last =
      previous
      ?? (described.succeeded ? described.text.lines().first.map(String.init) : nil)
    let merged = found.pulls.filter { $0.value.isMerged }.sorted { $0.key < $1.key }
    var lines: [String] = []
    for (number, pull) in merged {
      guard let commit = pull.mergeCommit, try await git.isAncestor(commit, of: end) else {
        continue
      }
      if let last, let before = try await git.commit(last),
        try await git.isAncestor(commit, of: before)
      {
        continue
      }
      let issue = found.issues[number]
      lines.append(
        "* \(issue?.title ?? "") by @\(issue?.author ?? "ghost") in "
          + "\(call.addresses.web)/\(found.fullName)/pull/\(number)"
      )
    }
    let web = "\(call.addresses.web)/\(found.fullName)"
    let log = last.map { "\(web)/compare/\($0)...\(tag)" } ?? "\(web)/commits/\(tag)"
    let changes = lines.isEmpty ? "" : "## What's Changed\n\(lines.joined(separator: "\n"))\n\n\n"
    return (tag, "\(changes)**Full Changelog**: \(log)")
  }
}
