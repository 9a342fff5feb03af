/// How far a run's checklist is: which steps are open, and which were waived instead of done.
package struct RunConclusion: Sendable, Hashable {
  package let open: [String]
  package let waived: [String]

  package init(open: [String], waived: [String]) {
    self.open = open
    self.waived = waived
  }

  /// One sentence, without its full stop.
  package var text: String {
    guard open.isEmpty else {
      let rest = waived.isEmpty ? "" : "; waived: \(waived.joined(separator: ", "))"
      return "missing: \(open.joined(separator: ", "))\(rest)"
    }
    return waived.isEmpty
      ? "every step holds" : "every step holds but for \(waived.joined(separator: ", ")) (waived)"
  }

  /// The sentence as it stands alone.
  package var sentence: String { "\(text.prefix(1).uppercased())\(text.dropFirst())." }
}

extension RunReport {
  package var conclusion: RunConclusion {
    func steps(_ state: String) -> [String] { boxes.filter { $0.state == state }.map(\.step) }
    return RunConclusion(open: steps("open"), waived: steps("waived"))
  }
}

extension RunReport.Box {
  /// The mark in the checklist: a waived step is no tick.
  var mark: String {
    switch state {
    case "open", "waived": "☐"
    case "not needed": "–"
    default: "☑"
    }
  }
}
