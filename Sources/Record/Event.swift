package import ReleaseModel

/// One thing that happened in a run: who says so, when, and its place in the chain.
///
/// An event is one signed commit at `refs/hotfix/<id>`; its payload is one line of JSON with sorted
/// keys in the commit message. `prev` is the SHA-256 of the previous payload line, a second chain
/// that does not lean on git's object names.
package struct Event: Sendable, Hashable {
  /// The newest event version that this program writes and reads.
  package static let version = 1
  /// The longest payload line, in bytes.
  package static let payloadBytesMax = 64 * 1024
  /// The longest chain, in events.
  package static let chainLengthMax = 2000
  /// The longest chain to which anything is added but what settles and ends the run, in events.
  package static let ordinaryLengthMax = 1950
  /// By how much the clocks of two people's machines may differ, in seconds.
  package static let clockSkewSecondsMax = 600

  package let run: String
  package let sequence: Int
  package let previous: ContentDigest?
  /// Made before the first attempt to append, so that a repeated attempt is recognised.
  package let key: String
  package let actor: String
  /// The moment at which it was observed, intended or concluded, by the actor's clock.
  package let at: Moment
  /// The digest of the policy in force.
  package let policy: ContentDigest
  package let fact: Fact

  package init(
    run: String,
    sequence: Int,
    previous: ContentDigest?,
    key: String,
    actor: String,
    at: Moment,
    policy: ContentDigest,
    fact: Fact
  ) {
    self.run = run
    self.sequence = sequence
    self.previous = previous
    self.key = key
    self.actor = actor
    self.at = at
    self.policy = policy
    self.fact = fact
  }

  /// The line for people, which `git log --oneline` shows.
  package var headline: String { "hotfix: \(fact.headline) by=\(actor)" }
}

extension Event: Codable {
  private enum Name: String, CodingKey {
    case v, hf, seq, prev, key, actor, at, policy, type, data
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    let version = try container.decode(Int.self, forKey: .v)
    let type = try container.decode(String.self, forKey: .type)
    guard version <= Event.version, let kind = Fact.Kind(rawValue: type) else {
      throw RecordFault.newer(version: version, type: type)
    }
    run = try container.decode(String.self, forKey: .hf)
    sequence = try container.decode(Int.self, forKey: .seq)
    previous = try container.decodeIfPresent(ContentDigest.self, forKey: .prev)
    key = try container.decode(String.self, forKey: .key)
    actor = try container.decode(String.self, forKey: .actor)
    at = try container.decode(Moment.self, forKey: .at)
    policy = try container.decode(ContentDigest.self, forKey: .policy)
    fact = try Fact(kind: kind, from: try container.superDecoder(forKey: .data))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    try container.encode(Event.version, forKey: .v)
    try container.encode(fact.kind.rawValue, forKey: .type)
    try container.encode(run, forKey: .hf)
    try container.encode(sequence, forKey: .seq)
    try container.encodeIfPresent(previous, forKey: .prev)
    try container.encode(key, forKey: .key)
    try container.encode(actor, forKey: .actor)
    try container.encode(at, forKey: .at)
    try container.encode(policy, forKey: .policy)
    try fact.encode(to: container.superEncoder(forKey: .data))
  }
}
