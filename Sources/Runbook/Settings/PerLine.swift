package import ReleaseModel

/// A setting that may differ between release lines.
///
/// In `hotfix.yml` it is one value, or a mapping from a version prefix to a value:
/// `build: { "1": "…", "2": "…" }`. The longest prefix that a version is on counts.
package struct PerLine<Value: Sendable & Hashable>: Sendable, Hashable {
  private let usual: Value?
  private let lines: [String: Value]

  package init(_ usual: Value?, lines: [String: Value] = [:]) {
    self.usual = usual
    self.lines = lines
  }

  /// Reads one value, or a mapping of them.
  init(_ value: SettingsValue?, _ read: (SettingsValue) -> Value?) {
    if case .map(let map)? = value {
      self.init(nil, lines: map.compactMapValues(read))
    } else {
      self.init(value.flatMap(read))
    }
  }

  /// The value for a version, or nil where none is set.
  package func on(_ version: VersionName) -> Value? {
    let own = lines.filter { version.isOn(line: $0.key) }
    return own.max { $0.key.count < $1.key.count }?.value ?? usual
  }

  /// Every value that is set.
  package var all: [Value] { (usual.map { [$0] } ?? []) + lines.values }
}
