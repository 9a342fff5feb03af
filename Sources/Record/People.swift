// Who a person is.
//
// 1. A line of the list of signers is one person: its names are theirs, and so is its key.
// 2. Two lines with the same key, or with the same name in another spelling, are one person. So is an
//    OpenPGP key under such a name.
// 3. A person is called by the first name of their first line.

package import ReleaseModel
package import Signatures

/// The people of a policy, and the keys and names that are theirs.
package struct People: Sendable, Hashable {
  /// What is to be said of a key that signed something.
  package enum Verdict: Sendable, Hashable {
    case person(String)
    case stranger
    /// A person's key, which does not count here, and why.
    case refused(person: String, why: String)
  }

  private let entries: [AllowedSigners.Entry]
  private let openPGP: [String: String]
  private var revoked: RevokedKeys
  /// Each person's names, the first one first; the people in the list's order.
  private let names: [[String]]
  private let ownerOfName: [String: Int]
  private let ownerOfKey: [SSHPublicKey: Int]

  /// Throws `signers.…` for a list that cannot be used.
  package init(_ policy: Policy) throws {
    self.init(
      try AllowedSigners(policy.signers),
      openPGP: policy.openPGP,
      revoked: try policy.revoked.map { try RevokedKeys($0) } ?? .none
    )
  }

  package init(
    _ signers: AllowedSigners,
    openPGP: [String: String],
    revoked: RevokedKeys = .none
  ) {
    var groups = Groups()
    for entry in signers.entries {
      groups.add(entry.names, marks: [entry.key.text] + entry.names.map { Self.folded($0) })
    }
    for (name, fingerprint) in openPGP.sorted(by: { $0.key < $1.key }) {
      groups.add([name], marks: [Self.folded(fingerprint: fingerprint), Self.folded(name)])
    }
    entries = signers.entries
    self.openPGP = openPGP
    self.revoked = revoked
    let found = groups.all
    names = found.names
    ownerOfName = found.owners
    var keys: [SSHPublicKey: Int] = [:]
    for entry in signers.entries { keys[entry.key] = found.owners[entry.key.text] }
    ownerOfKey = keys
  }

  /// The same people, of whose keys these do not count either.
  package func without(_ more: RevokedKeys) -> People {
    var people = self
    people.revoked = revoked.union(more)
    return people
  }

  /// Each person's first name.
  package var all: [String] { names.map { $0[0] } }

  /// Returns the person who goes by this name or mailbox.
  package func person(named name: String) -> String? {
    ownerOfName[Self.folded(name)].map { names[$0][0] }
  }

  /// Returns what the person is called whom a record names as `actor`; `actor` where nobody is listed so.
  package func name(of actor: String) -> String { person(named: actor) ?? actor }

  /// Returns the names of the person who goes by `name`.
  package func names(of name: String) -> [String] {
    ownerOfName[Self.folded(name)].map { names[$0] } ?? []
  }

  /// Returns whose key this is, whatever it may be used for.
  package func owner(of key: SSHPublicKey) -> String? { ownerOfKey[key].map { names[$0][0] } }

  /// Returns whose OpenPGP key has one of these fingerprints.
  package func owner(ofFingerprints fingerprints: [String]) -> String? {
    let wanted = Set(fingerprints.map { Self.folded(fingerprint: $0) })
    return openPGP.sorted { $0.key < $1.key }
      .first { wanted.contains(Self.folded(fingerprint: $0.value)) }
      .flatMap { person(named: $0.key) }
  }

  /// Whether the person has a key that is not revoked.
  package func mayAct(_ person: String) -> Bool {
    entries.contains { owner(of: $0.key) == person && !revoked.contains($0.key) }
      || openPGP.keys.contains { self.person(named: $0) == person }
  }

  /// Returns why none of the person's keys counts in all of these namespaces, or nil.
  package func hindrance(
    _ person: String,
    _ namespaces: [String],
    at moment: Moment
  ) -> String? {
    if openPGP.keys.contains(where: { self.person(named: $0) == person }) { return nil }
    var why: String?
    for entry in entries where owner(of: entry.key) == person {
      let refusals = namespaces.compactMap { namespace -> String? in
        guard case .refused(_, let why) = signer(entry.key, namespace: namespace, at: moment) else {
          return nil
        }
        return why
      }
      guard let first = refusals.first else { return nil }
      why = first
    }
    return why
  }

  /// Returns who signed with `key` in `namespace` at `moment`.
  package func signer(_ key: SSHPublicKey, namespace: String, at moment: Moment) -> Verdict {
    guard let person = owner(of: key) else { return .stranger }
    if revoked.contains(key) {
      return .refused(person: person, why: "the key \(key.fingerprint) is revoked")
    }
    var why = ""
    for entry in entries where entry.key == key {
      guard let refusal = entry.options.refusal(namespace: namespace, at: moment) else {
        return .person(person)
      }
      why = "\(refusal) (line \(entry.line) of the list of signers)"
    }
    return .refused(person: person, why: why)
  }

  /// A name in the spelling in which mailboxes are compared.
  ///
  /// RFC 5321 §2.4 leaves the case of the part before the @ to the receiving host; none is known that
  /// gives two people mailboxes which differ in case alone.
  private static func folded(_ name: String) -> String {
    var mailbox = name[...]
    if mailbox.last == ">", let open = mailbox.lastIndex(of: "<") {
      mailbox = mailbox[mailbox.index(after: open)...].dropLast()
    }
    let words = mailbox.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return "name:" + (words.hasSuffix(".") ? String(words.dropLast()) : words).lowercased()
  }

  private static func folded(fingerprint: String) -> String {
    "fingerprint:" + fingerprint.uppercased().filter { !$0.isWhitespace }
  }
}

/// Gathers lines that share a mark into one person.
private struct Groups {
  private var names: [[String]] = []
  private var parent: [Int] = []
  private var groupOfMark: [String: Int] = [:]

  mutating func add(_ more: [String], marks: [String]) {
    let group = names.count
    names.append(more)
    parent.append(group)
    for mark in marks {
      if let other = groupOfMark[mark] { join(other, group) }
      groupOfMark[mark] = group
    }
  }

  /// The earlier line gives the person their name.
  private mutating func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(a), root(b))
    if a != b { parent[max(a, b)] = min(a, b) }
  }

  private func root(_ group: Int) -> Int {
    var group = group
    while parent[group] != group { group = parent[group] }
    return group
  }

  /// Every person's names, and the person whom each mark belongs to.
  var all: (names: [[String]], owners: [String: Int]) {
    var place: [Int: Int] = [:]
    var people: [[String]] = []
    var seen: [Set<String>] = []
    for group in names.indices {
      let root = root(group)
      let known = place[root] ?? people.count
      if known == people.count {
        place[root] = known
        people.append([])
        seen.append([])
      }
      people[known] += names[group].filter { seen[known].insert($0).inserted }
    }
    return (people, groupOfMark.compactMapValues { place[root($0)] })
  }
}
