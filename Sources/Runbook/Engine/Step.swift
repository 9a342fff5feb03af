package import Git
package import Record
internal import ReleaseModel

/// One step of the procedure, as a value.
///
/// The engine knows nothing of any particular step.
package struct Step: Sendable {
  package let name: String
  package let phase: Phase
  /// The line of the runbook that it carries out, for example "1.3".
  package let runbook: String
  package let title: String
  /// One sentence that the operator sees.
  package let why: String
  package let looksAt: String
  /// What to do when it fails.
  package let mend: [String]
  /// Steps of the same phase that come first; nil means all of them.
  package let after: [String]?
  package let effect: EffectClass?
  /// Returns why the step is not needed in this run, or nil.
  package let notNeeded: @Sendable (Situation) -> String?
  package let observe: @Sendable (Situation) async throws -> Finding
  /// Whether evidence recorded elsewhere is enough here; artifacts, for one, have to be at hand.
  package let stillHolds: @Sendable (Situation) async throws -> Bool
  /// The exact commands that a person can run instead.
  package let commands: @Sendable (Situation) -> [String]
  package let perform: @Sendable (Situation) async throws -> [Effect]

  package init(
    _ name: String,
    _ phase: Phase,
    runbook: String,
    title: String,
    why: String,
    looksAt: String,
    mend: [String],
    after: [String]? = nil,
    effect: EffectClass? = nil,
    notNeeded: @escaping @Sendable (Situation) -> String? = { _ in nil },
    observe: @escaping @Sendable (Situation) async throws -> Finding,
    stillHolds: @escaping @Sendable (Situation) async throws -> Bool = { _ in true },
    commands: @escaping @Sendable (Situation) -> [String] = { _ in [] },
    perform: @escaping @Sendable (Situation) async throws -> [Effect] = { _ in [] }
  ) {
    self.name = name
    self.phase = phase
    self.runbook = runbook
    self.title = title
    self.why = why
    self.looksAt = looksAt
    self.mend = mend
    self.after = after
    self.effect = effect
    self.notNeeded = notNeeded
    self.observe = observe
    self.stillHolds = stillHolds
    self.commands = commands
    self.perform = perform
  }
}

/// One thing that a step does.
package struct Effect: Sendable {
  package enum Body: Sendable {
    /// Only this machine sees it: no intent is recorded, and it is simply done again.
    case local(@Sendable () async throws -> Void)
    /// Refs on the record's own remote: they travel in one atomic push with the event, and with
    /// the facts that hold only together with them.
    case push([RefUpdate], with: [Fact] = [])
    /// Anything else outside: recorded before and after.
    case outward(@Sendable () async throws -> EffectResult)
  }

  package enum EffectResult: Sendable, Hashable {
    case done(String)
    /// It may have happened; a person has to look.
    case unknown(String)
  }

  package let target: String
  package let says: String
  package let materials: [String: String]
  package let body: Body

  package init(
    _ target: String,
    says: String,
    materials: [String: String] = [:],
    body: Body
  ) {
    self.target = target
    self.says = says
    self.materials = materials
    self.body = body
  }
}

extension Effect {
  /// Performs the effect where there is no record: a tag that is shipped by itself, or a rehearsal.
  ///
  /// Refs are left alone.
  package func performUnrecorded() async throws {
    switch body {
    case .local(let body): try await body()
    case .outward(let body): _ = try await body()
    case .push: break
    }
  }
}
