package import ReleaseModel

/// All that a report of one run shows: plain values, so that the Markdown, the HTML and the JSON
/// say the same.
package struct RunReport: Sendable, Hashable, Encodable {
  package struct Box: Sendable, Hashable, Encodable {
    package let step: String
    package let title: String
    package let phase: String
    /// "done", "by hand", "waived", "not needed", "open".
    package let state: String
    package let evidence: [String]
    package let who: String
    package let at: String

    package init(
      step: String,
      title: String,
      phase: String,
      state: String,
      evidence: [String],
      who: String,
      at: String
    ) {
      self.step = step
      self.title = title
      self.phase = phase
      self.state = state
      self.evidence = evidence
      self.who = who
      self.at = at
    }
  }

  package struct Entry: Sendable, Hashable, Encodable {
    package let at: Moment
    package let who: String
    package let phase: String
    package let text: String
    package let isLoud: Bool

    package init(at: Moment, who: String, phase: String, text: String, isLoud: Bool) {
      self.at = at
      self.who = who
      self.phase = phase
      self.text = text
      self.isLoud = isLoud
    }
  }

  package struct Figure: Sendable, Hashable, Encodable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package var schema = "hotfix.report/1"
  package var run: String
  package var app: String
  package var title: String
  package var tag: String
  package var base: String
  package var state: String
  package var decisions: [String]
  package var figures: [Figure]
  package var boxes: [Box]
  package var timeline: [Entry]
  package var artifacts: [Artifact]
  package var followUps: [String]

  package init(
    run: String,
    app: String,
    title: String,
    tag: String,
    base: String,
    state: String,
    decisions: [String],
    figures: [Figure],
    boxes: [Box],
    timeline: [Entry],
    artifacts: [Artifact],
    followUps: [String]
  ) {
    self.run = run
    self.app = app
    self.title = title
    self.tag = tag
    self.base = base
    self.state = state
    self.decisions = decisions
    self.figures = figures
    self.boxes = boxes
    self.timeline = timeline
    self.artifacts = artifacts
    self.followUps = followUps
  }

  package var markdown: String {
    func m(_ text: String) -> String { OutsideText(text).markdown }
    var lines = [
      "# \(m(app)) \(m(tag)): \(m(title))", "",
      "Hotfix \(m(run)) over \(m(base)). State: \(m(state)).", "",
      "## Figures", "", "| figure | value |", "|---|---|",
    ]
    lines += figures.map { "| \(m($0.name)) | \(m($0.value)) |" }
    lines += ["", "## Decisions", ""] + decisions.map { "- \(m($0))" }
    lines += ["", "## Checklist", "", m(conclusion.sentence), ""]
    lines += ["| | step | evidence | by | at |", "|---|---|---|---|---|"]
    lines += boxes.map { box in
      let words = ["done", "open"].contains(box.state) ? "" : " \(box.state)"
      return "| \(box.mark)\(words) | \(m(box.title)) | "
        + "\(m(box.evidence.joined(separator: "; "))) | "
        + "\(m(box.who)) | \(m(box.at)) |"
    }
    if !artifacts.isEmpty {
      lines += ["", "## Artifacts", "", "| file | bytes | SHA-256 |", "|---|---:|---|"]
      lines += artifacts.map {
        "| \(m($0.name)) | \($0.size) | \($0.digest.map { "`\($0.hex)`" } ?? "not known") |"
      }
    }
    lines += ["", "## Timeline", "", "| time (UTC) | who | what |", "|---|---|---|"]
    lines += timeline.map {
      "| \($0.at.iso) | \(m($0.who)) | \($0.isLoud ? "**" : "")"
        + "\(m($0.text))\($0.isLoud ? "**" : "") |"
    }
    lines += ["", "## Follow-ups", ""]
    lines += followUps.isEmpty ? ["None."] : followUps.map { "- [ ] \(m($0))" }
    return lines.joined(separator: "\n") + "\n"
  }
}
