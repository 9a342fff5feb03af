package import Record
internal import ReleaseModel

/// Notes, waivers and what people vouch for.
package enum Noting {
  package static func step(_ name: String) throws -> Step {
    if let step = Procedure.step(name) { return step }
    let near = nearestName(to: name, in: Procedure.steps.map(\.name))
    throw Problem(
      "step.unknown",
      "There is no step \(name).",
      why: near.map { "Did you mean \($0)?" }
        ?? "Steps: \(Procedure.steps.map(\.name).joined(separator: ", ")).",
      next: ["hotfix status     lists the steps"]
    )
  }

  /// Waives a step; returns what the waiver still lacks, in words.
  package static func waive(
    _ name: String,
    reason: String,
    engine: Engine
  ) async throws -> String? {
    let step = try step(name)
    let subject = try await engine.situation().subject(of: step.phase)
    try await engine.append { _ in
      [.waived(StepWaived(step: name, reason: reason, subject: subject))]
    }
    return StepStatus.lackOfWaivers(step, try await engine.situation())
  }

  package static func note(_ text: String, engine: Engine) async throws {
    try await engine.append { _ in [.noted(Noted(text: text))] }
  }

  /// A person says that a step, or one of its effects, was done by hand.
  package static func done(
    _ name: String,
    target: String?,
    text: String,
    engine: Engine
  ) async throws {
    let step = try step(name)
    guard !Stating.approvable.contains(name) else {
      throw Problem(
        "note.approval",
        "Nobody can vouch for somebody else's approval.",
        next: ["hotfix approve \(name)     by the one who approves"]
      )
    }
    let situation = try await engine.situation()
    let subject = situation.subject(of: step.phase)
    try await engine.append { progress in
      if let target {
        let effect = (name, target, subject)
        if try isSaid(.done, of: effect, progress, seen: situation.progress) { return [] }
      }
      return [.noted(Noted(text: text, done: name, subject: subject, target: target))]
    }
  }

  /// A person says that an effect whose outcome is unknown did not happen, so it may be repeated.
  package static func again(
    _ name: String,
    target: String,
    text: String,
    engine: Engine
  ) async throws {
    let step = try step(name)
    let situation = try await engine.situation()
    let subject = situation.subject(of: step.phase)
    try await engine.append { progress in
      let effect = (name, target, subject)
      if try isSaid(.failed, of: effect, progress, seen: situation.progress) { return [] }
      return [
        .noted(Noted(text: text)),
        .concluded(
          EffectConcluded(
            step: name,
            subject: subject,
            target: target,
            result: .failed,
            detail: text
          )
        ),
      ]
    }
  }

  /// Returns whether the record says already what a person says of an effect.
  ///
  /// Throws `note.overtaken` when the effect is not what it was in `seen`, which they went by.
  package static func isSaid(
    _ result: EffectConcluded.Result,
    of named: (step: String, target: String, subject: String),
    _ progress: Progress,
    seen: Progress
  ) throws -> Bool {
    let (step, target, subject) = named
    guard let effect = progress.effect(step, target: target, subject: subject) else {
      let known = progress.effects.filter { $0.data.step == step }.map(\.data.target)
      throw Problem(
        "note.target",
        "Step \(step) has not tried anything called \"\(target)\".",
        why: known.isEmpty
          ? "It has not tried anything yet." : "It tried \(known.joined(separator: ", ")).",
        next: ["hotfix status"]
      )
    }
    if effect.conclusion?.result == result { return true }
    guard effect == seen.effect(step, target: target, subject: subject) else {
      throw Problem(
        "note.overtaken",
        "Somebody else said meanwhile what became of \"\(target)\".",
        why: "Step \(step): \(effect.conclusion?.detail ?? "it was tried again").",
        next: ["hotfix status     shows what the record says now"]
      )
    }
    return false
  }

  package static func late(_ phase: String, reason: String, engine: Engine) async throws {
    guard Phase(rawValue: phase) != nil else {
      throw Problem(
        "phase.unknown",
        "There is no phase \(phase).",
        why: "Phases: \(Phase.allCases.map(\.rawValue).joined(separator: ", ")).",
        next: ["hotfix note --late develop \"why\""]
      )
    }
    try await engine.append { _ in [.amended(Amended(late: [phase: reason]))] }
  }
}
