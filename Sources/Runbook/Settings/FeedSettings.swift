package import Feeds
package import ReleaseModel

extension Settings {
  /// An update feed, and who reads it.
  package struct Feed: Sendable, Hashable {
    /// The key that names it in `hotfix.yml`.
    package enum Reader: String, Sendable, Hashable, CaseIterable {
      case sparkle, winsparkle, netsparkle, electron, tauri, velopack
      case squirrelWindows = "squirrel-windows"
      case squirrelMac = "squirrel-mac"
      case appstream

      package var kind: FeedKind {
        switch self {
        case .sparkle, .winsparkle, .netsparkle: .appcast
        case .electron: .electron
        case .tauri: .tauri
        case .velopack: .velopack
        case .squirrelWindows: .squirrelWindows
        case .squirrelMac: .squirrelMac
        case .appstream: .appstream
        }
      }

      /// The names of its updaters in `Updater.all`.
      package var clients: [String] {
        switch self {
        case .sparkle, .winsparkle, .netsparkle: [rawValue]
        default: kind.clients
        }
      }
    }

    package let reader: Reader
    package let path: String
    package let artifact: Template?
    package let isSigned: Bool
    package let minimumSystem: PerLine<String>
    /// The version prefix of the release line that it belongs to; nil: the newest line.
    package let line: String?
    /// How many earlier releases get a binary delta.
    package let deltas: Int
    /// Other updaters that read the same file.
    private let also: [Reader]

    init?(_ value: SettingsValue) {
      let named = Reader.allCases.first { value[$0.rawValue] != nil }
      guard let reader = named, let path = value[reader.rawValue]?.text else { return nil }
      self.reader = reader
      self.path = path
      artifact = value["artifact"]?.text.map { Template($0) }
      isSigned = value["signed"]?.flag ?? false
      minimumSystem = PerLine(value["minimum-system"], \.text)
      line = value["line"]?.text
      deltas = value["deltas"]?.number ?? 0
      also = (value["also"]?.texts ?? []).compactMap(Reader.init)
    }

    package var kind: FeedKind { reader.kind }

    /// Every updater whose users read the feed.
    package var updaters: [Updater] {
      var seen: Set<String> = []
      return ([reader] + also).flatMap(\.clients).filter { seen.insert($0).inserted }
        .compactMap { Updater.named($0) }
    }

    /// The system that the feed's artifact has to run on; nil: any.
    package var platform: Platform? {
      switch reader {
      case .sparkle, .squirrelMac: .macos
      case .winsparkle, .netsparkle, .squirrelWindows: .windows
      case .electron: ElectronFeed.platform(ofName: fileName).release
      case .tauri, .velopack, .appstream: nil
      }
    }

    package var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The version of a release as this feed's updaters compare it.
    package func version(of artifact: ReleaseModel.Artifact, named name: VersionName) -> String {
      kind == .appcast ? artifact.bundleVersion ?? name.text : name.text
    }

    /// Whether its updaters look for the file beside the feed, whatever its address.
    package var wantsFileBeside: Bool { [.velopack, .squirrelWindows].contains(reader) }
  }
}
