/// The versions of Sparkle's delta container that are written and read.
package enum DeltaVersion: UInt16, Sendable, CaseIterable {
  /// Sparkle 2.1 and later; the trees are checked by SHA-1.
  case three = 3
  /// Sparkle 2.7 and later; the trees are checked by CRC-32.
  case four = 4

  /// The minor version that Sparkle 2.9.2 writes.
  var minor: UInt16 { self == .three ? 3 : 2 }

  package var name: String { "sparkle\(rawValue)" }
}

/// One command of a delta: what becomes of one path.
package struct DeltaItem: Sendable, Hashable {
  package enum Action: Sendable, Hashable {
    case delete
    /// `mode` is a full `st_mode`; what stands there and is of another type goes first.
    case extract(mode: UInt16, length: Int, replacing: Bool)
    case changeMode(UInt16)
    case patch(length: Int, mode: UInt16?)
    /// The old tree's file at `source`, patched when there is a length.
    case clone(source: String, length: Int?, mode: UInt16?)
  }

  /// From the root, with a slash in front.
  package var path: String
  package var action: Action

  package init(path: String, action: Action) {
    self.path = path
    self.action = action
  }

  /// How many bytes of data it has behind the commands.
  package var dataLength: Int {
    switch action {
    case .delete, .changeMode: 0
    case .extract(_, let length, _), .patch(let length, _): length
    case .clone(_, let length, _): length ?? 0
    }
  }

  package var isPatch: Bool {
    switch action {
    case .patch: true
    case .clone(_, let length, _): length != nil
    case .delete, .changeMode, .extract: false
    }
  }
}

/// What stands at a path: the upper bits of a mode.
package enum EntryType: UInt16, Sendable, Hashable {
  case folder = 0o040000
  case file = 0o100000
  case link = 0o120000

  /// Nil for what a bundle cannot have: devices, sockets and pipes.
  package init?(mode: UInt16) {
    self.init(rawValue: mode & 0o170000)
  }
}

/// The bits of a command, by Sparkle's `SPUDeltaArchiveProtocol.h`.
struct DeltaCommand: OptionSet {
  let rawValue: UInt8
  static let delete = DeltaCommand(rawValue: 1)
  static let extract = DeltaCommand(rawValue: 2)
  static let changeMode = DeltaCommand(rawValue: 4)
  static let patch = DeltaCommand(rawValue: 8)
  static let clone = DeltaCommand(rawValue: 16)
}
