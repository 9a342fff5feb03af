package import ReleaseModel

/// What a record says of things outside it: which commit of main makes the policy, and which
/// commits the tags of releases name.
///
/// The chain shows who said it. Whether it is so, git shows.
package struct RecordClaims: Sendable, Hashable {
  package struct PolicyClaim: Sendable, Hashable {
    /// The place in the chain of the event that says so.
    package let sequence: Int
    package let policy: Policy
    /// The commit of main that makes the policy; nil in records from before it was named.
    package let settings: String?
    /// The branch that the run takes for main, where the event says so.
    package let main: String?
  }

  package struct ReleaseClaim: Sendable, Hashable {
    package let sequence: Int
    package let release: BaseRelease
  }

  /// A name that the run has had, and the version that it stands for.
  package struct NameClaim: Sendable, Hashable {
    package let sequence: Int
    package let tag: String
    package let version: VersionName
  }

  package private(set) var policies: [PolicyClaim] = []
  package private(set) var releases: [ReleaseClaim] = []
  package private(set) var names: [NameClaim] = []
  /// The component whose tags and versions the record speaks of.
  package private(set) var component: String?
  package private(set) var isOpen = true

  package init(_ events: some Sequence<Event>) {
    for event in events { add(event.fact, event.sequence) }
  }

  private mutating func add(_ fact: Fact, _ sequence: Int) {
    func release(_ release: BaseRelease) -> ReleaseClaim {
      ReleaseClaim(sequence: sequence, release: release)
    }
    switch fact {
    case .opened(let opened):
      component = opened.component
      policies.append(
        PolicyClaim(
          sequence: sequence,
          policy: opened.policy,
          settings: opened.settings,
          main: opened.main
        )
      )
      releases.append(release(opened.base))
      if let rollback = opened.rollback {
        releases += [rollback.bad, rollback.good].filter { $0 != opened.base }.map(release)
      }
      names.append(NameClaim(sequence: sequence, tag: opened.tag, version: opened.version))
    case .moved(let move):
      releases.append(release(move.base))
      names.append(NameClaim(sequence: sequence, tag: move.tag, version: move.version))
    case .policyChanged(let change):
      policies.append(
        PolicyClaim(
          sequence: sequence,
          policy: change.policy,
          settings: change.settings,
          main: nil
        )
      )
    case .closed, .abandoned: isOpen = false
    default: break
    }
  }
}

extension Fact {
  /// Whether the fact says something of main or of a tag that git can confirm.
  package var makesClaims: Bool {
    switch self {
    case .opened, .moved, .policyChanged: true
    default: false
    }
  }
}
