// Who wrote what is reviewed.
//
// 1. Everybody counts whom a commit names: its author, its committer, and its co-authors.
// 2. Its signature tells who committed it, and who wrote it where both have one address. An address
//    tells it too. Where the two name different people, both count.
// 3. An address without a signature proves nothing: whoever brought such a commit into the run counts
//    too.
// 4. Whoever is not listed could be any listed person, so nobody can review their work.

internal import Git
package import Record
internal import ReleaseModel

package struct Authorship: Sendable, Hashable {
  /// A person as a commit names them.
  package struct Identity: Sendable, Hashable {
    let name: String
    let address: String

    /// Reads `Ana <ana@example.org>`, with or without a time behind it.
    init(_ text: some StringProtocol) {
      guard let close = text.lastIndex(of: ">"), let open = text[..<close].lastIndex(of: "<") else {
        name = text.trimmingBlanks
        address = ""
        return
      }
      name = text[..<open].trimmingBlanks
      address = text[text.index(after: open)..<close].trimmingBlanks
    }

    package var text: String { address.isEmpty ? name : "\(name) <\(address)>" }
  }

  /// What one commit says of its making.
  package struct Commit: Sendable, Hashable {
    let name: String
    let author, committer: Identity
    let coAuthors: [Identity]

    /// Nil for an object that names no author or committer, or several.
    package init?(_ commit: RecordCommit) {
      func header(_ key: String) -> Identity? {
        let lines = commit.headers.filter { $0.hasPrefix("\(key) ") }
        return lines.count == 1 ? Identity(lines[0].dropFirst(key.count + 1)) : nil
      }
      guard let author = header("author"), let committer = header("committer") else { return nil }
      name = commit.name
      self.author = author
      self.committer = committer
      let key = "co-authored-by:"
      coAuthors = commit.message.split(whereSeparator: \.isNewline).compactMap { line in
        let line = line.trimmingBlanks
        return line.lowercased().hasPrefix(key) ? Identity(line.dropFirst(key.count)) : nil
      }
    }
  }

  package private(set) var people: Set<String> = []
  /// Who is not listed, and the commits that name them.
  package private(set) var unlisted: [Identity: [String]] = [:]
  /// Commits whose signature is one person's and whose address is another's, in words.
  package private(set) var disputed: [String] = []

  package init() {}

  /// Counts people who brought an unsigned commit into the run.
  mutating func add(bringers: Set<String>) { people.formUnion(bringers) }

  /// Counts a commit; `signer` is whose signature it carries.
  package mutating func add(_ commit: Commit, signer: String?, _ people: People) {
    func named(_ identity: Identity) -> String? { people.person(named: identity.address) }
    if let signer {
      self.people.insert(signer)
      if let other = named(commit.committer), other != signer {
        disputed.append("\(commit.name.prefix(12)) is signed by \(signer) and says \(other)")
      }
    }
    let isOne = commit.author.address.lowercased() == commit.committer.address.lowercased()
    for identity in Set([commit.author, commit.committer] + commit.coAuthors) {
      let isSigned = identity == commit.committer || identity == commit.author && isOne
      if let person = named(identity) {
        self.people.insert(person)
      } else if !isSigned || signer == nil {
        unlisted[identity, default: []].append(commit.name)
      }
    }
  }

  /// Counts an object that is no commit as git writes them: nobody can tell who made it.
  mutating func add(unreadable name: String) {
    unlisted[Identity("nobody"), default: []].append(name)
  }
}

extension StringProtocol {
  fileprivate var trimmingBlanks: String {
    let body = drop(while: \.isWhitespace)
    return String(body.reversed().drop(while: \.isWhitespace).reversed())
  }
}

extension Authorship {
  private static let commitsMax = 10_000

  /// Everybody who wrote or committed a part of the fix; the tool's own drafts do not count.
  static func of(_ situation: Situation) async throws -> Authorship {
    guard let fix = situation.refs.fix, let policy = situation.progress.policy else {
      return .init()
    }
    let people = try People(policy)
    let bringers = bringers(situation.progress, people)
    let question = "authors of \(fix) \(policy.digest) \(bringers.sorted())"
    return try await situation.memo.answer(question) {
      try await read(fix, situation, people: people, bringers: bringers)
    }
  }

  /// Who said that the fix is there, or asked for its review.
  private static func bringers(_ progress: Progress, _ people: People) -> Set<String> {
    let actors = progress.events.compactMap { event -> String? in
      switch event.fact {
      case .observed(let data) where ["fix", "request"].contains(data.step): event.actor
      case .intended(let data) where data.step == "request": event.actor
      default: nil
      }
    }
    return Set(actors.map(people.name))
  }

  private static func read(
    _ fix: String,
    _ situation: Situation,
    people: People,
    bringers: Set<String>
  ) async throws -> Authorship {
    let git = situation.git
    let range = "\(situation.opened.base.commit)..\(fix)"
    let names = try await git.commitNames([range], limit: commitsMax + 1)
    guard names.count <= commitsMax else {
      throw Problem(
        "review.size",
        "The fix has more than \(commitsMax) commits, too many to tell who wrote it.",
        next: ["git log --oneline \(range)"]
      )
    }
    var authorship = Authorship()
    let verifier = SignatureVerifier(git: git, people: people)
    for name in names {
      guard let object = try await git.object(name),
        let raw = RecordCommit(name: name, object: object.content), let commit = Commit(raw)
      else {
        authorship.add(unreadable: name)
        continue
      }
      if try await isTheTools(name, situation) { continue }
      var signer: String?
      if let armor = raw.signature {
        signer = try await verifier.owner(
          of: raw.signedBytes,
          signature: armor,
          namespace: Chain.namespace
        )
      }
      authorship.add(commit, signer: signer, people)
      if signer == nil { authorship.add(bringers: bringers) }
    }
    return authorship
  }

  private static func isTheTools(_ name: String, _ situation: Situation) async throws -> Bool {
    guard let commit = try await situation.git.commits(["-1", name]).first else { return false }
    if try await situation.isDraft(commit) { return true }
    return try await TakingIn.isMechanical(commit, situation)
  }

  /// Why nobody can review the fix, or nil.
  func problem(_ situation: Situation, step: String) -> Problem? {
    let people = unlisted.sorted { ($0.value[0], $0.key.text) < ($1.value[0], $1.key.text) }
    guard let (first, _) = people.first else { return nil }
    let list = situation.settings.reviewersPath
    let main = situation.opened.main
    let address = first.address.isEmpty ? "ADDRESS" : first.address
    return Problem(
      "review.author",
      "Nobody can review the fix: \(people.map(\.key.text).joined(separator: ", ")) wrote a part of "
        + "it and is not listed in \(list).",
      why: people.map { identity, commits in
        "\(commits.map { String($0.prefix(12)) }.joined(separator: ", ")): neither the signature nor "
          + "the address \(identity.address) is a listed person's, so an approval could be "
          + "\(identity.name)'s own."
      }.joined(separator: "\n"),
      next: [
        "A further address of a listed person goes on their line of \(list) on \(main):  "
          + "ana@example.org,\(address) ssh-ed25519 AAAA…",
        "A person who is not listed gets a line:  echo "
          + "\(shellQuoted(address + " $(cat THEIR_KEY.pub)").replacing("'", with: "\"")) >> \(list)",
        "Then bring the run to that list:  hotfix approve policy     by people of the run's list",
        "A commit of your own:  git commit --amend --reset-author --no-edit -S",
        "hotfix waive \(step) --reason \"…\"     when nobody can be listed; it shouts",
      ]
    )
  }
}
