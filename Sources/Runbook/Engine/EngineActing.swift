// The engine's acting side: effects between their intent and their outcome.

internal import Git
internal import Record
internal import ReleaseModel

extension Engine {
  /// Performs a step and observes it again.
  ///
  /// Returns a stop when it does not hold then.
  func act(_ step: Step, _ situation: Situation) async throws -> Stop? {
    let start = toolbox.milliseconds()
    do {
      try await toolbox.boundary("perform \(step.name)")
      let effects = try await step.perform(situation)
      for (index, effect) in effects.enumerated() {
        toolbox.say(.acting(step: step.name, says: effect.says))
        let isLast = index == effects.count - 1
        guard try await run(effect, of: step, situation, since: isLast ? start : nil) else {
          found = [:]
          return nil
        }
      }
      // An effect may change refs and other findings; everything is looked at anew.
      found = [:]
      if step.phase < .verify { refs = nil }
      let now = try await self.situation()
      let finding = try await step.observe(now)
      found[step.name] = finding
      switch finding {
      case .holds(let evidence, let facts):
        await record(step, now, evidence, facts, since: start)
        return nil
      case .lacking(let reason):
        throw Problem(
          "step.no-effect",
          "Step \(step.name) acted, and still does not hold.",
          why: reason,
          next: ["hotfix help \(step.name)", "hotfix next"]
        )
      case .waiting, .refused: return nil
      }
    } catch let failure as Git.Failure {
      return try await failed(step, failure.problem)
    } catch let problem as Problem {
      return try await failed(step, problem)
    }
  }

  private func failed(_ step: Step, _ problem: Problem) async throws -> Stop {
    refs = nil
    try await fail(step.name, problem, try await situation())
    try await flush()
    return .refused(step: step.name, problem)
  }

  func fail(_ name: String, _ problem: Problem, _ situation: Situation) async throws {
    let subject = situation.subject(of: step(name).phase)
    let failure = StepFailed(step: name, subject: subject, problem: problem)
    toolbox.say(.failed(step: name, problem: problem))
    // The same refusal again adds nothing to the record.
    if progress.failures[name] != failure { add(.failed(failure)) }
  }

  /// Runs one effect; `start` is when its step began, and given with its last effect.
  ///
  /// Returns false when nothing is left to look at, and the decision is made again: the push lost a
  /// race, or it proved the step.
  private func run(
    _ effect: Effect,
    of step: Step,
    _ situation: Situation,
    since start: Int?
  ) async throws -> Bool {
    let subject = situation.subject(of: step.phase)
    func concluded(_ result: EffectConcluded.Result, _ detail: String) -> Fact {
      .concluded(
        EffectConcluded(
          step: step.name,
          subject: subject,
          target: effect.target,
          result: result,
          detail: detail
        )
      )
    }
    let intent = intent(effect, of: step, subject)
    switch effect.body {
    case .local(let body):
      try await body()
      return true
    case .push(let updates, let facts):
      try await toolbox.boundary("before intent \(step.name)")
      let proved = try await proof(step, updates, since: start)
      let landed = try await push(
        updates,
        proving: [intent, concluded(.done, effect.says)] + facts
          + (proved.map { [.observed($0)] } ?? [])
      )
      if landed, let proved { tell(proved) }
      try await toolbox.boundary("after outcome \(step.name)")
      return landed && proved == nil
    case .outward(let body):
      try await toolbox.boundary("before intent \(step.name)")
      add(intent)
      guard try await push([]) else { return false }
      try await toolbox.boundary("after intent \(step.name)")
      let result: Effect.EffectResult
      do {
        result = try await body()
      } catch {
        // The edge says that nothing happened, unless it had no answer at all.
        let code = (error as? Problem)?.code ?? "error"
        add(concluded(code == "github.unreachable" ? .unknown : .failed, code))
        throw error
      }
      try await toolbox.boundary("after effect \(step.name)")
      switch result {
      case .done(let detail): add(concluded(.done, detail))
      case .unknown(let detail): add(concluded(.unknown, detail))
      }
      return true
    }
  }

  private func intent(_ effect: Effect, of step: Step, _ subject: String) -> Fact {
    .intended(
      EffectIntended(
        step: step.name,
        subject: subject,
        effect: (step.effect ?? .local).rawValue,
        target: effect.target,
        materials: effect.materials
      )
    )
  }

  /// What will be observed once a push has landed, or nil when the push alone does not prove it.
  ///
  /// The remote takes these refs and the record at once, or nothing: so the observation that follows
  /// from the refs travels with them, and needs no push of its own.
  private func proof(
    _ step: Step,
    _ updates: [RefUpdate],
    since start: Int?
  ) async throws -> StepObserved? {
    guard let start else { return nil }
    let after = try await situation(after: updates)
    guard case .holds(let evidence, let facts)? = try? await step.observe(after) else { return nil }
    return await observed(step, after, evidence, facts, since: start)
  }
}
