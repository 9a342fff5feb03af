internal import Git
/// Refs, tags, commits, blobs and trees of the git database.
extension GitHubStandIn {
  static let gitRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/git/ref/{ref+}", .contents) { try await $0.getRef($1) },
    Route("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref+}", .contents) {
      try await $0.listMatchingRefs($1)
    },
    Route("POST", "/repos/{owner}/{repo}/git/refs", .contents) { try await $0.createRef($1) },
    Route("PATCH", "/repos/{owner}/{repo}/git/refs/{ref+}", .contents) {
      try await $0.updateRef($1)
    },
    Route("DELETE", "/repos/{owner}/{repo}/git/refs/{ref+}", .contents) {
      try await $0.deleteRef($1)
    },
    Route("POST", "/repos/{owner}/{repo}/git/tags", .contents) { try await $0.createTag($1) },
    Route("GET", "/repos/{owner}/{repo}/git/tags/{sha}", .contents) { try await $0.getTag($1) },
    Route("GET", "/repos/{owner}/{repo}/git/commits/{sha}", .contents) {
      try await $0.getGitCommit($1)
    },
    Route("GET", "/repos/{owner}/{repo}/git/blobs/{sha}", .contents) { try await $0.getBlob($1) },
    Route("GET", "/repos/{owner}/{repo}/git/trees/{sha+}", .contents) { try await $0.getTree($1) },
  ]

  private func ref(_ name: String, _ object: String, _ type: String, _ call: Call) throws -> JSON {
    let found = try repository(call.repository)
    let api = "\(call.addresses.api)/repos/\(found.fullName)/git"
    return [
      "ref": .string(name), "node_id": "REF_\(name)", "url": "\(api)/\(escapedPath(name))",
      "object": [
        "sha": .string(object), "type": .string(type), "url": "\(api)/\(type)s/\(object)",
      ],
    ]
  }

  func getRef(_ call: Call) async throws -> Reply {
    let name = "refs/" + call.word("ref")
    let refs = try await bare(repository(call.repository)).refs(name)
    guard let exact = refs.first(where: { $0.name == name }) else { throw Refusal.notFound }
    return Reply(200, try ref(name, exact.object, exact.type, call))
  }

  func listMatchingRefs(_ call: Call) async throws -> Reply {
    let prefix = "refs/" + call.word("ref")
    let all = try await bare(repository(call.repository)).refs("refs")
    let matching = all.filter { $0.name.hasPrefix(prefix) }
    return Reply(200, .array(try matching.map { try ref($0.name, $0.object, $0.type, call) }))
  }

  func createRef(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    guard let name = call.json["ref"].text, let sha = call.json["sha"].text else {
      throw Refusal(422, "Invalid request.\n\n\"ref\", \"sha\" weren't supplied.")
    }
    let git = bare(found)
    guard name.hasPrefix("refs/"), try await git.run(["check-ref-format", name]).succeeded else {
      throw Refusal(422, "Reference name is invalid")
    }
    guard sha.count == 40, let object = try await git.resolve(sha, to: "object") else {
      throw Refusal(422, "Object does not exist")
    }
    try await refuseByRules(name, old: nil, new: object, call)
    if name.hasPrefix("refs/pull/") { throw Refusal(422, "Reference cannot be created") }
    guard try await git.move(name, to: object, from: nil) else {
      throw Refusal(422, "Reference already exists")
    }
    let type = try await git.text(["cat-file", "-t", object])
    try await moved(name, from: nil, to: object, call)
    let document = try ref(name, object, type, call)
    return Reply(201, document, headers: [("Location", document["url"].text ?? "")])
  }

  func updateRef(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let name = "refs/" + call.word("ref")
    let git = bare(found)
    guard let sha = call.json["sha"].text, sha.count == 40,
      let object = try await git.resolve(sha, to: "object")
    else { throw Refusal(422, "Object does not exist") }
    guard let old = try await git.resolve(name, to: "object") else {
      throw Refusal(422, "Reference does not exist")
    }
    if call.json["force"].truth != true {
      guard try await git.isAncestor(old, of: object) else {
        throw Refusal(422, "Update is not a fast forward")
      }
    }
    try await refuseByRules(name, old: old, new: object, call)
    guard try await git.move(name, to: object, from: old) else {
      throw Refusal(409, "Reference has changed")
    }
    try await moved(name, from: old, to: object, call)
    return Reply(200, try ref(name, object, try await git.text(["cat-file", "-t", object]), call))
  }

  func deleteRef(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let name = "refs/" + call.word("ref")
    let git = bare(found)
    guard let old = try await git.resolve(name, to: "object") else {
      throw Refusal(422, "Reference does not exist")
    }
    try await refuseByRules(name, old: old, new: nil, call)
    try await git.text(["update-ref", "-d", name, old])
    return Reply(204)
  }

  private func moved(_ name: String, from old: String?, to new: String, _ call: Call) async throws {
    let zero = String(repeating: "0", count: 40)
    let push = Push(ref: name, old: old ?? zero, new: new, login: call.login)
    if name.hasPrefix("refs/heads/") { try await branchMoved(push, in: call.repository) }
    if call.viewer?.isInstallation != true {
      try await startWorkflows(for: push, in: call.repository)
    }
  }

  func createTag(_ call: Call) async throws -> Reply {
    let git = bare(try repository(call.repository))
    let body = call.json
    guard let tag = body["tag"].text, let message = body["message"].text,
      let object = body["object"].text, let type = body["type"].text
    else { throw Refusal(422, "Invalid request.\n\n\"tag\", \"message\" weren't supplied.") }
    guard object.count == 40, try await git.resolve(object, to: type) != nil else {
      throw Refusal.invalid("Tag", "object", "invalid")
    }
    let tagger = BareRepository.Author(
      name: body["tagger"]["name"].text ?? call.login,
      email: body["tagger"]["email"].text ?? noReply(call.login).email,
      date: body["tagger"]["date"].text
    )
    let seconds = try await git.text(
      ["var", "GIT_COMMITTER_IDENT"],
      environment: BareRepository.names("COMMITTER", tagger)
    )
    let text = "object \(object)\ntype \(type)\ntag \(tag)\ntagger \(seconds)\n\n\(message)\n"
    let sha = try await git.text(["mktag"], input: Array(text.utf8))
    let document = try await tagDocument(sha, call)
    return Reply(201, document, headers: [("Location", document["url"].text ?? "")])
  }

  func getTag(_ call: Call) async throws -> Reply {
    guard let sha = try await bare(repository(call.repository)).resolve(call.word("sha"), to: "tag")
    else { throw Refusal.notFound }
    return Reply(200, try await tagDocument(sha, call))
  }

  private func tagDocument(_ sha: String, _ call: Call) async throws -> JSON {
    let found = try repository(call.repository)
    let git = bare(found)
    let format =
      "--format=%(object)%00%(type)%00%(tag)%00%(taggername)%00%(taggeremail:trim)%00"
      + "%(taggerdate:iso-strict)%00%(contents)"
    // for-each-ref reads refs alone, so the tag gets one for as long as it is read.
    let name = "refs/standin/\(sha)"
    try await git.text(["update-ref", name, sha])
    let text = try await git.text(["for-each-ref", format, name])
    try await git.text(["update-ref", "-d", name])
    let words = text.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    guard words.count == 7 else { throw Refusal.notFound }
    let api = "\(call.addresses.api)/repos/\(found.fullName)/git"
    return [
      "node_id": "TA_\(sha)", "tag": .string(words[2]), "sha": .string(sha),
      "url": "\(api)/tags/\(sha)", "message": .string(words[6]),
      "tagger": [
        "name": .string(words[3]), "email": .string(words[4]), "date": .string(words[5]),
      ],
      "object": [
        "sha": .string(words[0]), "type": .string(words[1]),
        "url": "\(api)/\(words[1])s/\(words[0])",
      ],
      "verification": Self.unsigned,
    ]
  }

  func getGitCommit(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    guard let object = try await bare(found).commitObject(call.word("sha")) else {
      throw Refusal.notFound
    }
    return Reply(200, gitCommit(object, found, call))
  }

  func gitCommit(_ object: CommitObject, _ found: Repository, _ call: Call) -> JSON {
    let whole = commit(object, found, call)
    return [
      "sha": .string(object.sha), "node_id": "C_\(object.sha)", "url": whole["commit"]["url"],
      "html_url": whole["html_url"], "author": signature(object.author),
      "committer": signature(object.committer), "message": .string(object.message),
      "tree": whole["commit"]["tree"], "parents": whole["parents"],
      "verification": Self.unsigned,
    ]
  }

  func getBlob(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let git = bare(found)
    guard let sha = try await git.resolve(call.word("sha"), to: "blob") else {
      throw Refusal.notFound
    }
    let bytes = try await git.run(["cat-file", "blob", sha]).output
    return Reply(
      200,
      [
        "sha": .string(sha), "node_id": "B_\(sha)", "size": .int(bytes.count),
        "url": "\(call.addresses.api)/repos/\(found.fullName)/git/blobs/\(sha)",
        "content": .string(inBase64(bytes)), "encoding": "base64",
      ]
    )
  }

  func getTree(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let git = bare(found)
    let name = call.word("sha")
    let commit = try await git.commit(name)
    guard let sha = try await git.resolve(commit ?? name, to: "tree") else {
      throw Refusal.notFound
    }
    let api = "\(call.addresses.api)/repos/\(found.fullName)/git"
    let options = call.query["recursive"] == nil ? [] : ["-r", "-t"]
    let lines = try await git.text(["ls-tree", "-z", "--long"] + options + [sha])
    let entries = lines.split(separator: "\0").compactMap { line -> JSON? in
      let halves = line.split(separator: "\t", maxSplits: 1).map(String.init)
      let words = halves[0].split(separator: " ").map(String.init)
      guard halves.count == 2, words.count == 4 else { return nil }
      var entry: JSON = [
        "path": .string(halves[1]), "mode": .string(words[0]), "type": .string(words[1]),
        "sha": .string(words[2]), "url": "\(api)/\(words[1])s/\(words[2])",
      ]
      if let size = Int(words[3]) { entry["size"] = .int(size) }
      return entry
    }
    return Reply(
      200,
      [
        "sha": .string(sha), "url": "\(api)/trees/\(sha)", "truncated": false,
        "tree": .array(entries),
      ]
    )
  }
}
