internal import Foundation
internal import Git
internal import ReleaseModel

/// git's smart protocol over HTTP, through `git http-backend`; bodies go through files.
extension GitHubStandIn {
  func gitOverHTTP(_ call: Call) async throws -> Reply {
    guard call.segments.count > 2 else { throw Refusal.notFound }
    var name = call.segments[1]
    if name.hasSuffix(".git") { name.removeLast(4) }
    let service = call.segments.dropFirst(2).joined(separator: "/")
    let writes = service == "git-receive-pack" || call.query["service"] == "git-receive-pack"
    guard let id = state.names["\(call.segments[0])/\(name)".lowercased()],
      let found = state.repositories[id]
    else {
      // GitHub asks for a name before it says that there is nothing.
      throw call.viewer == nil ? Refusal.requiresAuthentication : Refusal.notFound
    }
    try admit(call, found, writes: writes)
    let backend = GitBackend(call: call, found: found, service: service, writes: writes)
    guard service == "git-receive-pack" else {
      return try await backend.run(in: self, environment: [:])
    }
    let rules = temporaryFile("rules")
    let received = temporaryFile("received")
    let allowed = role(of: call.viewer, in: found)
    try await pushRules(found, for: allowed).write(
      toFile: rules.string,
      atomically: true,
      encoding: .utf8
    )
    var environment = [
      "STANDIN_RULES": rules.string, "STANDIN_RECEIVED": received.string,
      "STANDIN_PAGE": "\(call.addresses.web)/\(found.fullName)",
    ]
    if let missing = missingForWorkflows(call.viewer) { environment.merge(missing) { $1 } }
    let reply = try await backend.run(in: self, environment: environment)
    let lines = (try? String(contentsOfFile: received.string, encoding: .utf8)) ?? ""
    for file in [rules, received] { unlink(file.string) }
    try await arrived(lines, in: id, by: call)
    return reply
  }

  /// What a token lacks to push workflows, in the words of the refusal.
  private func missingForWorkflows(_ token: Token?) -> [String: String]? {
    guard let token else { return nil }
    if let scopes = token.scopes {
      if scopes.contains("workflow") { return nil }
      return ["STANDIN_WHO": "Personal Access Token", "STANDIN_WORKFLOWS": "`workflow` scope"]
    }
    if token.permissions["workflows"] == "write" { return nil }
    let who = token.isInstallation ? "GitHub App" : "Personal Access Token"
    return ["STANDIN_WHO": who, "STANDIN_WORKFLOWS": "`workflows` permission"]
  }

  private func admit(_ call: Call, _ found: Repository, writes: Bool) throws {
    let allowed = role(of: call.viewer, in: found)
    guard writes || found.isPrivate else { return }
    guard let viewer = call.viewer else { throw Refusal.requiresAuthentication }
    if allowed == .none { throw Refusal.notFound }
    guard writes else { return }
    let contents = viewer.scopes != nil || viewer.permissions["contents"] == "write"
    guard allowed >= .write, contents else {
      throw Refusal(403, "Permission to \(found.fullName).git denied to \(viewer.login).")
    }
    if found.isArchived {
      throw Refusal(403, "This repository was archived so it is read-only.")
    }
  }

  /// What follows a push: pull requests move or are merged, and workflows start.
  private func arrived(_ lines: String, in id: Int, by call: Call) async throws {
    let zero = String(repeating: "0", count: 40)
    try change(id) { $0.pushed = now() }
    for line in lines.lines() {
      let words = line.split(separator: " ", maxSplits: 2).map(String.init)
      guard words.count == 3 else { continue }
      let push = Push(ref: words[2], old: words[0], new: words[1], login: call.login)
      if push.ref.hasPrefix("refs/heads/") {
        try await branchMoved(push, in: id)
      }
      // A workflow's own token starts no further workflows.
      if push.new != zero, call.viewer?.isInstallation != true {
        try await startWorkflows(for: push, in: id)
      }
    }
  }
}

/// One ref that a push moved.
struct Push: Sendable {
  let ref: String
  let old: String
  let new: String
  let login: String
}

/// One run of `git http-backend`, which speaks CGI.
private struct GitBackend {
  let call: Call
  let found: Repository
  let service: String
  let writes: Bool

  func run(in standIn: GitHubStandIn, environment: [String: String]) async throws -> Reply {
    let output = await standIn.temporaryFile("git")
    let input = call.bodyFile?.string ?? "/dev/null"
    var values = environment
    values["GIT_PROJECT_ROOT"] = standIn.folder.appending("git").string
    values["GIT_HTTP_EXPORT_ALL"] = "1"
    values["PATH_INFO"] = "/\(found.id).git/\(service)"
    values["REQUEST_METHOD"] = call.method
    values["QUERY_STRING"] = call.query["service"].map { "service=\($0)" } ?? ""
    values["CONTENT_TYPE"] = call.headers["content-type"] ?? ""
    values["CONTENT_LENGTH"] = call.bodyFile.map { "\(size($0))" } ?? "0"
    values["GIT_PROTOCOL"] = call.headers["git-protocol"] ?? ""
    values["HTTP_CONTENT_ENCODING"] = call.headers["content-encoding"] ?? ""
    // http-backend lets only known people push.
    if writes { values["REMOTE_USER"] = call.login }
    let answer = try await standIn.processes(
      ProcessCall(
        "sh",
        ["-c", "exec git http-backend <\"$1\" >\"$2\"", "sh", input, output.string],
        in: standIn.folder,
        environment: values.mapValues { Optional($0) },
        seconds: 300
      )
    )
    guard answer.succeeded || size(output) > 0 else {
      throw Refusal(500, "git http-backend: \(answer.errors)")
    }
    return try parse(output)
  }

  private func size(_ file: FilePath) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.string)
    return attributes?[.size] as? Int ?? 0
  }

  /// Reads the head that a CGI program prints before the body.
  private func parse(_ file: FilePath) throws -> Reply {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file.string))
    defer { try? handle.close() }
    let start = [UInt8](try handle.read(upToCount: 8192) ?? Data())
    guard let end = start.firstRange(of: [13, 10, 13, 10]) else {
      throw Refusal(500, "git http-backend printed no head.")
    }
    var reply = Reply(200)
    var type = "application/octet-stream"
    for line in String(decoding: start[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n") {
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      let value = parts[1].trimmingCharacters(in: .whitespaces)
      switch parts[0].lowercased() {
      case "status": reply.status = Int(value.prefix(3)) ?? 200
      case "content-type": type = value
      default: reply.headers.append((parts[0], value))
      }
    }
    reply.body = .file(
      Reply.Part(path: file, start: end.upperBound, isTemporary: true),
      type: type
    )
    return reply
  }
}
