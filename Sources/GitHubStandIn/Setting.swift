internal import Foundation
package import ReleaseModel

/// What tests arrange: people, repositories, and what a person would do in the web pages.
extension GitHubStandIn {
  /// Adds a person, or another classic token of one.
  package func addUser(
    _ login: String,
    token: String,
    scopes: [String] = ["repo", "workflow"]
  ) {
    let user = user(named: login)
    live.tokens[token] = Token(secret: token, login: user.login, scopes: scopes)
  }

  /// Adds a fine-grained token: permissions by name, each "read" or "write".
  package func addFineGrainedToken(
    _ login: String,
    token: String,
    permissions: [String: String],
    repository: String? = nil
  ) {
    let user = user(named: login)
    live.tokens[token] = Token(
      secret: token,
      login: user.login,
      scopes: nil,
      permissions: permissions,
      onlyRepository: repository.flatMap { live.names[$0.lowercased()] }
    )
  }

  /// Adds the token of an App that is installed in a repository; its account is `name[bot]`.
  package func addAppToken(
    _ name: String,
    token: String,
    permissions: [String: String],
    repository: String
  ) throws {
    live.tokens[token] = Token(
      secret: token,
      login: "\(name)[bot]",
      scopes: nil,
      permissions: permissions,
      onlyRepository: try number(of: repository),
      isInstallation: true
    )
  }

  /// Makes a repository with its bare repository on the disk, and returns where that is.
  ///
  /// The owner is made when nobody has that name; `owner`, a person, gets every right in it.
  package func addRepository(
    _ fullName: String,
    owner: String? = nil,
    isPrivate: Bool = false,
    defaultBranch: String = "main",
    collaborators: [String: RepositoryRole] = [:]
  ) async throws -> FilePath {
    let words = fullName.split(separator: "/").map(String.init)
    guard words.count == 2, live.names[fullName.lowercased()] == nil else {
      throw Refusal(422, "Repository creation failed.")
    }
    if live.users[words[0].lowercased()] == nil { addOwner(words[0]) }
    let id = live.nextNumber()
    let path = folder.appending("git").appending("\(id).git")
    var repository = Repository(
      id: id,
      owner: user(named: words[0]).login,
      name: words[1],
      isPrivate: isPrivate,
      path: path,
      created: now()
    )
    for (login, role) in collaborators { repository.roles[login.lowercased()] = role }
    if let owner { repository.roles[owner.lowercased()] = .admin }
    repository.labels = Self.defaultLabels(&live)
    repository.categories = Self.defaultCategories(&live)
    live.names[fullName.lowercased()] = id
    live.repositories[id] = repository
    try await bare(repository).create(defaultBranch: defaultBranch)
    return path
  }

  /// Gives somebody a role in a repository.
  package func setRole(_ repository: String, _ login: String, _ role: RepositoryRole) throws {
    try change(number(of: repository)) { $0.roles[user(named: login).login.lowercased()] = role }
  }

  package func setPrivate(_ repository: String, _ isPrivate: Bool) throws {
    try change(number(of: repository)) { $0.isPrivate = isPrivate }
  }

  package func setImmutableReleases(_ repository: String, _ isOn: Bool) throws {
    try change(number(of: repository)) { $0.hasImmutableReleases = isOn }
  }

  /// Removes a branch when its pull request is merged.
  package func setDeletesBranches(_ repository: String, _ isOn: Bool = true) throws {
    try change(number(of: repository)) { $0.deletesBranchOnMerge = isOn }
  }

  package func archive(_ repository: String, _ isArchived: Bool = true) throws {
    try change(number(of: repository)) { $0.isArchived = isArchived }
  }

  /// Says which of merge, squash and rebase the merge button offers.
  package func setMergeMethods(_ repository: String, _ methods: Set<String>) throws {
    try change(number(of: repository)) { $0.mergeMethods = methods }
  }

  /// Renames, or hands over when the new name has an owner; the old name answers with a redirect.
  package func rename(_ repository: String, to name: String) throws {
    let id = try number(of: repository)
    let words = name.split(separator: "/").map(String.init)
    let fullName = try change(id) { found in
      if words.count == 2 { found.owner = words[0] }
      found.name = words.last ?? name
      return found.fullName
    }
    live.names[fullName.lowercased()] = id
  }

  func number(of fullName: String) throws -> Int {
    guard let id = live.names[fullName.lowercased()] else {
      throw Refusal(404, "No repository is called \(fullName).")
    }
    return id
  }

  /// Returns the person of that name, made now when there is none.
  func user(named login: String) -> User {
    if let user = live.users[login.lowercased()] { return user }
    let user = User(id: live.nextNumber(), login: login, created: now())
    live.users[login.lowercased()] = user
    return user
  }

  private func addOwner(_ login: String) {
    live.users[login.lowercased()] = User(
      id: live.nextNumber(),
      login: login,
      isOrganization: true,
      created: now()
    )
  }

  private static func defaultLabels(_ state: inout State) -> [Int: Label] {
    var labels: [Int: Label] = [:]
    for (name, color, text) in [
      ("bug", "d73a4a", "Something isn't working"),
      ("documentation", "0075ca", "Improvements or additions to documentation"),
      ("enhancement", "a2eeef", "New feature or request"),
    ] {
      let id = state.nextNumber()
      labels[id] = Label(id: id, name: name, color: color, description: text)
    }
    return labels
  }

  private static func defaultCategories(_ state: inout State) -> [DiscussionCategory] {
    [("Announcements", ":mega:"), ("General", ":speech_balloon:"), ("Q&A", ":pray:")].map {
      DiscussionCategory(id: state.nextNumber(), name: $0.0, emoji: $0.1, created: now())
    }
  }
}
