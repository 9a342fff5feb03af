internal import Git
internal import ReleaseModel
/// Files of a branch, read and written over the API; every write is compare-and-swap.
extension GitHubStandIn {
  static let contentRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/contents/{path+}", .contents) {
      try await $0.getContents($1)
    },
    Route("GET", "/repos/{owner}/{repo}/contents", .contents) { try await $0.getContents($1) },
    Route("PUT", "/repos/{owner}/{repo}/contents/{path+}", .contents) {
      try await $0.putContents($1)
    },
    Route("DELETE", "/repos/{owner}/{repo}/contents/{path+}", .contents) {
      try await $0.deleteContents($1)
    },
  ]

  func getContents(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let git = bare(found)
    let path = call.word("path")
    let ref = call.query["ref"] ?? defaultBranch(found)
    guard let commit = try await git.commit(ref) else {
      throw Refusal(404, "No commit found for the ref \(ref)")
    }
    if let bytes = try await git.file(path, at: commit), !path.isEmpty {
      let sha = try await git.text(["rev-parse", "\(commit):\(path)"])
      if call.headers["accept"]?.contains("raw") == true {
        return Reply(200, body: .bytes(bytes, type: "application/vnd.github.raw+json"))
      }
      // GitHub leaves the content of larger files out, and says so with the encoding.
      let isSmall = bytes.count <= 1 << 20
      let document = entry(path, sha, "file", bytes.count, ref, found, call)
      return Reply(
        200,
        document.adding([
          "content": .string(isSmall ? inBase64(bytes) : ""),
          "encoding": isSmall ? "base64" : "none",
        ])
      )
    }
    guard try await git.object(path, at: commit, "tree") != nil else {
      throw Refusal.notFound
    }
    let lines = try await git.text(["ls-tree", "-z", "--long", "\(commit):\(path)"])
    let entries = lines.split(separator: "\0").compactMap { line -> JSON? in
      let halves = line.split(separator: "\t", maxSplits: 1).map(String.init)
      let words = halves[0].split(separator: " ").map(String.init)
      guard halves.count == 2, words.count == 4 else { return nil }
      let whole = path.isEmpty ? halves[1] : "\(path)/\(halves[1])"
      let isModule = words[1] == "commit"
      let type =
        isModule ? (call.isNew ? "submodule" : "file") : words[1] == "tree" ? "dir" : "file"
      return entry(whole, words[2], type, Int(words[3]) ?? 0, ref, found, call)
    }
    return Reply(200, .array(entries))
  }

  private func entry(
    _ path: String,
    _ sha: String,
    _ type: String,
    _ size: Int,
    _ ref: String,
    _ found: Repository,
    _ call: Call
  ) -> JSON {
    let api = "\(call.addresses.api)/repos/\(found.fullName)"
    let web = "\(call.addresses.web)/\(found.fullName)"
    let place = escapedPath(path)
    let own = "\(api)/contents/\(place)?ref=\(escaped(ref))"
    let kind = type == "dir" ? "tree" : "blob"
    let git = "\(api)/git/\(kind)s/\(sha)"
    let page = "\(web)/\(kind)/\(escapedPath(ref))/\(place)"
    return [
      "name": .string(path.split(separator: "/").last.map(String.init) ?? ""),
      "path": .string(path), "sha": .string(sha), "size": .int(size), "url": .string(own),
      "html_url": .string(page), "git_url": .string(git),
      "download_url":
        type == "dir"
        ? nil : "\(call.addresses.raw)/\(found.fullName)/\(escapedPath(ref))/\(place)",
      "type": .string(type),
      "_links": ["self": .string(own), "git": .string(git), "html": .string(page)],
    ]
  }

  func putContents(_ call: Call) async throws -> Reply {
    guard let message = call.json["message"].text, let content = call.json["content"].text else {
      let missing = call.json["message"].text == nil ? "message" : "content"
      throw Refusal(422, "Invalid request.\n\n\"\(missing)\" wasn't supplied.")
    }
    guard let bytes = fromBase64(content) else {
      throw Refusal(422, "content is not valid Base64")
    }
    let git = bare(try repository(call.repository))
    let blob = try await git.text(["hash-object", "-w", "--stdin"], input: bytes)
    let (written, isNew) = try await write(blob, message, call)
    let found = try repository(call.repository)
    let branch = call.json["branch"].text ?? defaultBranch(found)
    return Reply(
      isNew ? 201 : 200,
      [
        "content": entry(call.word("path"), blob, "file", bytes.count, branch, found, call),
        "commit": gitCommit(written, found, call),
      ]
    )
  }

  func deleteContents(_ call: Call) async throws -> Reply {
    guard let message = call.json["message"].text ?? call.query["message"] else {
      throw Refusal(422, "Invalid request.\n\n\"message\" wasn't supplied.")
    }
    let (written, _) = try await write(nil, message, call)
    let found = try repository(call.repository)
    return Reply(200, ["content": nil, "commit": gitCommit(written, found, call)])
  }

  /// Makes one commit that puts the blob at the path, or takes the path away.
  private func write(
    _ blob: String?,
    _ message: String,
    _ call: Call
  ) async throws -> (commit: CommitObject, isNew: Bool) {
    let found = try repository(call.repository)
    let git = bare(found)
    let path = call.word("path")
    let body = call.json
    let branch = body["branch"].text ?? call.query["branch"] ?? defaultBranch(found)
    guard let parent = try await git.branch(branch) else {
      // An empty repository's first file makes its first branch; any other must be there.
      guard try await git.refs("refs/heads").isEmpty else {
        throw Refusal(404, "Branch \(branch) not found")
      }
      let commit = try await commitFile(path, blob, message, parent: nil, branch, call)
      return (commit, true)
    }
    let present = try await git.object(path, at: parent, "blob")
    let given = body["sha"].text ?? call.query["sha"]
    if let present, let given, given != present {
      throw Refusal(409, "\(path) does not match \(given)")
    }
    if present != nil, given == nil {
      throw Refusal(422, "Invalid request.\n\n\"sha\" wasn't supplied.")
    }
    if present == nil, given != nil, blob == nil { throw Refusal.notFound }
    if present == nil, let given { throw Refusal(409, "\(path) does not match \(given)") }
    let commit = try await commitFile(path, blob, message, parent: parent, branch, call)
    return (commit, present == nil)
  }

  private func commitFile(
    _ path: String,
    _ blob: String?,
    _ message: String,
    parent: String?,
    _ branch: String,
    _ call: Call
  ) async throws -> CommitObject {
    let found = try repository(call.repository)
    let git = bare(found)
    let index = ["GIT_INDEX_FILE": temporaryFile("index").string]
    if let parent { try await git.text(["read-tree", parent], environment: index) }
    let entry =
      blob.map { "100644 \($0)\t\(path)" } ?? "0 \(String(repeating: "0", count: 40))\t\(path)"
    let added = try await git.run(
      ["update-index", "--add", "-z", "--index-info"],
      input: Array("\(entry)\0".utf8),
      environment: index
    )
    guard added.succeeded else { throw Refusal(422, "path contains a malformed path component") }
    let tree = try await git.text(["write-tree"], environment: index)
    let author =
      person(call.json["author"]) ?? person(call.json["committer"]) ?? noReply(call.login)
    let commit = try await git.commitTree(
      tree,
      parents: parent.map { [$0] } ?? [],
      message: message + "\n",
      author: author,
      committer: person(call.json["committer"])
        ?? BareRepository.Author(name: "GitHub", email: "noreply@github.com")
    )
    let ref = "refs/heads/\(branch)"
    if parent != nil { try await refuseContents(ref, parent, commit, call) }
    guard try await git.move(ref, to: commit, from: parent) else {
      throw Refusal(409, "\(branch) is at another commit but expected \(parent ?? "none")")
    }
    let zero = String(repeating: "0", count: 40)
    let push = Push(ref: ref, old: parent ?? zero, new: commit, login: call.login)
    try await branchMoved(push, in: call.repository)
    if call.viewer?.isInstallation != true { try await startWorkflows(for: push, in: found.id) }
    guard let object = try await git.commitObject(commit) else { throw Refusal.notFound }
    return object
  }

  /// The web editor is held by the same rules as a push, with a status of its own.
  private func refuseContents(
    _ ref: String,
    _ old: String?,
    _ new: String,
    _ call: Call
  ) async throws {
    do {
      try await refuseByRules(ref, old: old, new: new, call)
    } catch let refusal as Refusal {
      throw Refusal(409, refusal.message)
    }
  }

  private func person(_ json: JSON) -> BareRepository.Author? {
    guard let name = json["name"].text, let email = json["email"].text else { return nil }
    return BareRepository.Author(name: name, email: email, date: json["date"].text)
  }
}
