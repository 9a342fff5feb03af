package import Documents
package import Record
internal import ReleaseModel

/// Makes a run's report out of its record.
package enum Reporting {
  /// Returns the report; `writing` is the step whose document this is, which holds once it is there.
  ///
  /// `withdrawn` is why the host says that the release was taken back: the record of an ended run
  /// does not know.
  package static func report(
    _ situation: Situation,
    writing: String? = nil,
    withdrawn: String? = nil
  ) -> RunReport {
    let withdrawn = withdrawn ?? situation.progress.withdrawn.last?.reason
    return RunReport(
      run: situation.run,
      app: situation.opened.app,
      title: situation.opened.title,
      tag: situation.opened.tag,
      base: situation.opened.base.tag,
      state: withdrawn.map { "WITHDRAWN: \($0)" } ?? state(situation),
      decisions: decisions(situation),
      figures: figures(situation, isWithdrawn: withdrawn != nil),
      boxes: Procedure.steps.map { box($0, situation, writing: writing) },
      timeline: timeline(situation.progress),
      artifacts: situation.recordedArtifacts,
      followUps: followUps(situation)
    )
  }

  package static func state(_ situation: Situation) -> String {
    if let back = situation.progress.withdrawn.last { return "WITHDRAWN: \(back.reason)" }
    return switch situation.progress.ending {
    case .closed: "closed"
    case .abandoned(let reason): "abandoned: \(reason)"
    case nil: "open"
    }
  }

  /// Returns which steps are open, and which were waived instead of done.
  package static func conclusion(_ situation: Situation) -> RunConclusion {
    report(situation).conclusion
  }

  private static func box(
    _ step: Step,
    _ situation: Situation,
    writing: String?
  ) -> RunReport.Box {
    let status = StepStatus.recorded(step, situation)
    func box(_ state: String, _ evidence: [String], _ who: String, _ at: String) -> RunReport.Box {
      RunReport.Box(
        step: step.name,
        title: step.title,
        phase: step.phase.rawValue,
        state: state,
        evidence: evidence,
        who: who,
        at: at
      )
    }
    switch status {
    case .done(let seen): return box("done", seen.data.evidence, seen.actor, seen.at.iso)
    case .byHand(let seen): return box("by hand", seen.data.evidence, seen.actor, seen.at.iso)
    case .waived(let waiver):
      return box("waived", [waiver.data.reason], waiver.actor, waiver.at.iso)
    case .notNeeded(let reason): return box("not needed", [reason], "", "")
    case .open where step.name == writing: return box("done", ["this document"], "", "")
    case .open: return box("open", [], "", "")
    }
  }

  private static func decisions(_ situation: Situation) -> [String] {
    var decisions: [String] = []
    if let assessment = situation.progress.assessment {
      decisions.append(
        "Hotfix: \(assessment.verdict) (\(assessment.reasons.joined(separator: "; "))), "
          + "by \(assessment.table)."
      )
      decisions.append("It could not wait: \(assessment.cannotWait).")
    }
    if let rollback = situation.opened.rollback {
      decisions.append("The code of \(rollback.good.tag) replaces \(rollback.bad.tag).")
    }
    if let sentence = situation.unseenSentence { decisions.append(sentence) }
    for waiver in situation.progress.waivers {
      decisions.append("\(waiver.text).")
    }
    for given in situation.progress.statements {
      decisions.append("\(given.actor): \(given.data.decision.rawValue) \(given.data.step).")
    }
    return decisions
  }

  /// What users load who have an earlier release, and the traffic that it saves where the host counts.
  private static func savings(_ situation: Situation) -> [RunReport.Figure] {
    let artifacts = situation.recordedArtifacts
    let counted = situation.progress.observed["checklist"]?.data.facts["downloads"]
    let users = counted.flatMap { Int($0) } ?? 0
    return artifacts.compactMap { artifact in
      guard let delta = artifact.delta,
        let full = artifacts.first(where: { $0.name == delta.fullName })
      else { return nil }
      let percent = max(artifact.size * 100 / max(full.size, 1), 1)
      let isBase = delta.from == situation.opened.base.version && users > 0
      let saved = (full.size - artifact.size).multipliedReportingOverflow(by: users).partialValue
      let traffic = isBase ? "; \(saved / 1_000_000) MB less for \(users) downloads" : ""
      return .init(
        name: "download from \(delta.from)",
        value: "\(artifact.size) of \(full.size) bytes (\(percent) %)\(traffic)"
      )
    }
  }

  /// DORA's failed deployment recovery time and the parts of it that the record knows.
  private static func figures(_ situation: Situation, isWithdrawn: Bool) -> [RunReport.Figure] {
    let progress = situation.progress
    let opened = progress.openedAt
    func since(_ step: String) -> String? {
      guard let opened, let at = progress.observed[step]?.at else { return nil }
      return spoken(seconds: at - opened)
    }
    let tool = progress.observed.values.reduce(0) { $0 + $1.data.toolMilliseconds }
    let commands = progress.observed.values.reduce(0) { $0 + $1.data.commandMilliseconds }
    var figures: [RunReport.Figure] = []
    // What was withdrawn restored nothing.
    if !isWithdrawn, let value = since("update") ?? since("artifacts") {
      figures.append(.init(name: "time to restore (open → verified update)", value: value))
    }
    let unseen = situation.unseenSteps
    if !unseen.contains("approval"), let value = since("approval") {
      figures.append(.init(name: "open → approved", value: value))
    }
    if !unseen.contains("code-review"), let value = since("final") {
      figures.append(.init(name: "open → reviewed", value: value))
    }
    if let value = since("publish") {
      figures.append(.init(name: "open → published", value: value))
    }
    figures += savings(situation)
    figures.append(.init(name: "severity", value: "\(situation.severity)"))
    figures.append(.init(name: "deployment rework", value: "1 (a hotfix is unplanned by nature)"))
    figures.append(.init(name: "the tool's own time", value: "\(tool) ms"))
    figures.append(.init(name: "the project's commands", value: "\(commands) ms"))
    figures.append(.init(name: "waivers", value: "\(progress.waivers.count)"))
    return figures
  }

  package static func timeline(_ progress: Progress) -> [RunReport.Entry] {
    var phase = "assess"
    return progress.events.map { event in
      if let step = event.fact.step, let its = Procedure.phase(of: step) { phase = its.rawValue }
      return RunReport.Entry(
        at: event.at,
        who: event.actor,
        phase: phase,
        text: event.fact.headline,
        isLoud: event.fact.isLoud
      )
    }
  }

  private static func followUps(_ situation: Situation) -> [String] {
    let waived = Set(situation.progress.waivers.map(\.data.step)).sorted()
      .map { "Make up for the waived \($0)." }
    let unknown = situation.progress.effects.filter { $0.conclusion?.result == .unknown }
      .map { "Find out whether \($0.data.target) took the message of \($0.data.step)." }
    let failed = situation.progress.failures.keys.sorted().map { "Settle the failure of \($0)." }
    let lines = situation.progress.observed["merged-back"]?.data.facts[OtherLines.fact] ?? ""
    return waived + unknown + failed + lines.lines().map(String.init)
      + (situation.isRollback ? ["Find out why the bad release passed its checks."] : [])
  }
}

extension Fact {
  /// The step that the event is about, if any.
  package var step: String? {
    switch self {
    case .observed(let data): data.step
    case .failed(let data): data.step
    case .intended(let data): data.step
    case .concluded(let data): data.step
    case .stated(let data): data.step
    case .waived(let data): data.step
    default: nil
    }
  }

  /// Whether a reader must not overlook it.
  package var isLoud: Bool {
    switch self {
    case .waived, .failed, .withdrawn, .abandoned, .policyChanged: true
    case .concluded(let data): data.result != .done
    case .stated(let data): data.decision == .decline
    default: false
    }
  }
}
