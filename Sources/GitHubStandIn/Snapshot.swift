/// Everything that the stand-in remembers; what is on the disk is its folder.
package struct Snapshot: Sendable {
  let state: State
}

extension GitHubStandIn {
  package func snapshot() -> Snapshot { Snapshot(state: live) }

  /// Goes back to a snapshot; the caller puts the folder back too.
  package func restore(_ snapshot: Snapshot) {
    live = snapshot.state
    beforeLastWrite = snapshot.state
    wake()
  }
}
