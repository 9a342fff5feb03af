/// What part of a repository a route touches: the names of fine-grained permissions.
enum Area: String, Sendable {
  case metadata, contents, issues, actions, checks, statuses, administration, attestations
  case deployments
  case pulls = "pull_requests"
  case advisories = "repository_advisories"
}

/// One operation of the REST API.
struct Route: Sendable {
  typealias Handler = @Sendable (GitHubStandIn, Call) async throws -> Reply

  let method: String
  let pattern: [String]
  let area: Area
  /// What a classic token's owner must be allowed in the repository.
  let role: RepositoryRole
  let handle: Handler

  /// `{name}` stands for one segment of the path, `{name+}` for one or more.
  init(
    _ method: String,
    _ pattern: String,
    _ area: Area,
    role: RepositoryRole? = nil,
    _ handle: @escaping Handler
  ) {
    self.method = method
    self.pattern = pattern.split(separator: "/").map(String.init)
    self.area = area
    self.role = role ?? (method == "GET" ? .read : area == .administration ? .admin : .write)
    self.handle = handle
  }

  /// Returns the path's parameters, or nil when the route is another one.
  func match(_ segments: [String]) -> [String: String]? {
    var parameters: [String: String] = [:]
    for (index, part) in pattern.enumerated() {
      guard index < segments.count else { return nil }
      guard part.hasPrefix("{") else {
        if part != segments[index] { return nil }
        continue
      }
      let name = part.dropFirst().dropLast()
      guard name.hasSuffix("+") else {
        parameters[String(name)] = segments[index]
        continue
      }
      let behind = pattern.count - index - 1
      let end = segments.count - behind
      guard end > index, Array(segments[end...]) == Array(pattern[(index + 1)...]) else {
        return nil
      }
      parameters[String(name.dropLast())] = segments[index..<end].joined(separator: "/")
      return parameters
    }
    return segments.count == pattern.count ? parameters : nil
  }
}

extension GitHubStandIn {
  /// All routes; of two that match, the earlier one answers.
  static let routes: [Route] =
    generalRoutes + releaseRoutes + assetRoutes + gitRoutes + checkRoutes + commitRoutes
    + pullRoutes + reviewRoutes + ruleRoutes + contentRoutes + issueRoutes + labelRoutes
    + workflowRoutes + runRoutes + advisoryRoutes + attestationRoutes

  func rest(_ arriving: Call) async throws -> Reply {
    let call = try numbered(arriving)
    if !call.isRead, !call.body.isEmpty, call.segments.last != "assets" {
      guard let body = JSON(parsing: call.body) else { throw Refusal(400, "Problems parsing JSON") }
      switch body {
      case .object, .array: break
      default: throw Refusal(400, "Body should be a JSON object")
      }
    }
    let method = call.method == "HEAD" ? "GET" : call.method
    for route in Self.routes where route.method == method {
      guard let parameters = route.match(call.segments) else { continue }
      var matched = call
      matched.parameters = parameters
      if let owner = parameters["owner"], let name = parameters["repo"] {
        if let moved = try enter(&matched, "\(owner)/\(name)", route) { return moved }
      }
      return try await route.handle(self, matched)
    }
    throw Refusal.notFound
  }

  /// Rewrites `/repositories/{id}/…`, the form of GitHub's own links, to the repository's name.
  private func numbered(_ call: Call) throws -> Call {
    guard call.segments.first == "repositories", call.segments.count > 1 else { return call }
    guard let id = Int(call.segments[1]), let found = state.repositories[id] else {
      throw Refusal.notFound
    }
    return Call(
      method: call.method,
      target: call.target,
      segments: ["repos", found.owner, found.name] + call.segments.dropFirst(2),
      query: call.query,
      headers: call.headers,
      body: call.body,
      bodyFile: call.bodyFile,
      addresses: call.addresses,
      version: call.version,
      viewer: call.viewer
    )
  }

  /// Finds the repository, and refuses whoever may not do this in it.
  ///
  /// Returns a redirect for a name of before a rename.
  private func enter(_ call: inout Call, _ fullName: String, _ route: Route) throws -> Reply? {
    guard let id = state.names[fullName.lowercased()], let found = state.repositories[id] else {
      throw Refusal.notFound
    }
    let allowed = role(of: call.viewer, in: found)
    if allowed == .none { throw Refusal.notFound }
    if found.fullName.lowercased() != fullName.lowercased() { return moved(call, found) }
    try require(route, call, found, allowed)
    call.repository = id
    return nil
  }

  /// The same for uploads, which have a host of their own and one operation.
  func enterForUpload(_ call: inout Call, _ route: Route) throws {
    if try enter(&call, "\(call.word("owner"))/\(call.word("repo"))", route) != nil {
      throw Refusal.notFound
    }
  }

  private func moved(_ call: Call, _ found: Repository) -> Reply {
    let rest = call.segments.dropFirst(3).map { "/" + escaped($0) }.joined()
    let query = call.target.firstIndex(of: "?").map { String(call.target[$0...]) } ?? ""
    let location = "\(call.addresses.api)/repositories/\(found.id)\(rest)\(query)"
    return Reply(
      call.isRead ? 301 : 307,
      [
        "message": "Moved Permanently", "url": .string(location),
        "documentation_url":
          "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
      ],
      headers: [("Location", location)]
    )
  }

  /// What a token lets its owner do in a repository.
  func role(of token: Token?, in repository: Repository) -> RepositoryRole {
    guard let token else { return repository.role(of: nil) }
    if let only = token.onlyRepository, only != repository.id { return repository.role(of: nil) }
    let role = token.isInstallation ? .write : repository.role(of: token.login)
    guard let scopes = token.scopes else { return role }
    if scopes.contains("repo") { return role }
    if repository.isPrivate { return .none }
    return scopes.contains("public_repo") ? role : min(role, .read)
  }

  private func require(
    _ route: Route,
    _ call: Call,
    _ found: Repository,
    _ allowed: RepositoryRole
  ) throws {
    let isWrite = route.method != "GET"
    if isWrite, call.viewer == nil { throw Refusal.requiresAuthentication }
    if let token = call.viewer, token.scopes == nil, route.area != .metadata {
      let given = token.permissions[route.area.rawValue]
      let reads = given != nil || !found.isPrivate
      guard isWrite ? given == "write" : reads else {
        let who = token.isInstallation ? "integration" : "personal access token"
        throw Refusal(403, "Resource not accessible by \(who)")
      }
    }
    guard allowed >= route.role else {
      if route.role == .admin { throw Refusal(403, "Must have admin rights to Repository.") }
      throw Refusal.notFound
    }
    if isWrite, found.isArchived { throw Refusal(403, "Repository was archived so is read-only.") }
  }
}
