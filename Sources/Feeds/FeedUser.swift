package import ReleaseModel

/// One user of an updater: what is installed, on what, and how the app asks.
package struct FeedUser: Sendable, Hashable {
  /// The installed version as the updater compares it: `CFBundleVersion` for Sparkle, else the name.
  package var version: String
  /// The system's version: "major.minor.patch"; for electron-updater what `os.release()` says.
  package var system: String
  package var platform: FeedPlatform?
  /// Channels that the app follows; where an updater knows only one, the first counts.
  package var channels: [String] = []
  /// Sparkle's phased-rollout group, 0 to 6, of a background check; nil when the user asked.
  package var group: Int?
  /// The id by which electron-updater and Squirrel.Windows stage; nil: not known.
  package var stagingID: String?
  /// Whether the app takes pre-releases; nil: as the updater decides by the installed version.
  package var allowsPrerelease: Bool?
  package var allowsDowngrade = false
  /// Versions whose full package lies on the user's disk (Velopack applies deltas to those).
  package var localPackages: [String] = []
  /// The version that the user skipped in Sparkle's window, if any (background checks only).
  package var skipped: String?
  package var now: Moment

  package init(version: String, system: String = "15.0.0", now: Moment) {
    self.version = version
    self.system = system
    self.now = now
  }
}

/// An operating system and a processor, in each updater's spelling.
package struct FeedPlatform: Sendable, Hashable {
  package enum System: String, Sendable, Hashable, CaseIterable {
    case macos, windows, linux
  }

  package enum Processor: String, Sendable, Hashable, CaseIterable {
    case x64, arm64, x86, arm
  }

  package var system: System
  package var processor: Processor

  package init(_ system: System, _ processor: Processor = .x64) {
    self.system = system
    self.processor = processor
  }

  /// Reads the spellings of all updaters: `macos`, `windows-arm64`, `win32`, `darwin-aarch64`.
  package init?(_ text: String) {
    let parts = text.lowercased().split(separator: "-", maxSplits: 1).map(String.init)
    switch parts.first {
    case "macos", "darwin", "mac", "osx": system = .macos
    case "windows", "win32", "win": system = .windows
    case "linux": system = .linux
    default: return nil
    }
    switch parts.count == 2 ? parts[1] : "x64" {
    case "x64", "x86_64", "amd64": processor = .x64
    case "arm64", "aarch64": processor = .arm64
    case "x86", "ia32", "i686": processor = .x86
    case "arm", "armv7", "armv7l": processor = .arm
    default: return nil
    }
  }

  package var text: String { "\(system.rawValue)-\(processor.rawValue)" }

  package var release: Platform {
    switch system {
    case .macos: .macos
    case .windows: .windows
    case .linux: .linux
    }
  }
}
