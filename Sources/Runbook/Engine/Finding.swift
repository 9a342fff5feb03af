package import ReleaseModel

/// What a step saw when it looked.
package enum Finding: Sendable, Hashable {
  /// It holds, and this is the evidence.
  case holds([String], facts: [String: String] = [:])
  /// It does not hold yet, and the tool can act; why not.
  case lacking(String)
  /// It needs a person, a clock or an outside system.
  case waiting(Wait)
  /// It cannot hold as things are.
  case refused(Problem)
}

/// What a step waits for.
package struct Wait: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Hashable, Codable {
    case person, clock, outside
  }

  package let kind: Kind
  /// Who or what, for example "a reviewer other than ana@example.org".
  package let whom: String
  package let what: String
  /// Commands to paste.
  package let commands: [String]

  package init(_ kind: Kind, whom: String, what: String, commands: [String]) {
    self.kind = kind
    self.whom = whom
    self.what = what
    self.commands = commands
  }

  package static func person(_ whom: String, _ what: String, _ commands: String...) -> Wait {
    Wait(.person, whom: whom, what: what, commands: commands)
  }
}

/// The way an effect that was cut short is continued (ARCHITECTURE, "Effects and crashes").
package enum EffectClass: String, Sendable, Hashable, Codable {
  /// Only this machine sees it; it is simply done again.
  case local
  /// Compare-and-swap: safe under any interleaving.
  case compareAndSwap = "compare-and-swap"
  /// The host refuses a second one of the same name.
  case unique
  /// It carries a marker that is looked for before it is created.
  case marker
  /// It cannot be looked at; it is never repeated by itself.
  case blind
}
