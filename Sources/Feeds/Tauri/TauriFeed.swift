internal import ReleaseModel

/// `latest.json` of Tauri's updater plugin (v2): one version, an entry for each platform.
///
/// Format: plugins-workspace `updater.rs`, `RemoteRelease`. The client reads the whole document
/// before it looks at the version, so one bad entry breaks every platform.
package struct TauriFeed: Sendable {
  package struct Entry: Sendable, Hashable {
    /// `<os>-<arch>` or `<os>-<arch>-<bundle>`; empty in a dynamic server's answer.
    package let platform: String
    package let url: String
    /// Base64 of a whole minisign file.
    package let signature: String
    package let range: Range<Int>
  }

  package let bytes: [UInt8]
  /// As the file has it, with any leading `v`.
  package let version: String
  package let notes: String?
  package let pubDate: String?
  package let platformEntries: [Entry]
  let root: JSONText

  /// Throws `feed.malformed` where the client's own reader gives up.
  package init(_ file: [UInt8]) throws {
    bytes = file
    root = try JSONReader.document(file)
    func fail(_ reason: String, _ value: JSONText) -> Problem {
      JSONReader.malformed(reason, file, value.range.lowerBound)
    }
    guard root.members != nil else { throw fail("there is no object", root) }
    guard let version = (root["version"] ?? root["name"])?.text else {
      throw fail("version is missing or no text", root["version"] ?? root)
    }
    guard (try? TauriVersionOrder.parsed(version)) != nil else {
      throw fail("the version \(version) is not semver", root["version"] ?? root)
    }
    self.version = version
    notes = root["notes"]?.text
    pubDate = root["pub_date"].flatMap { $0.isNull ? nil : $0.text ?? "" }
    if let pubDate, !isRFC3339(pubDate), let value = root["pub_date"] {
      throw fail("pub_date \(pubDate) is no RFC 3339 date", value)
    }
    func entry(_ platform: String, _ value: JSONText) throws -> Entry {
      guard let url = value["url"]?.text, isAbsoluteURL(url) else {
        throw fail("\(platform.isEmpty ? "it" : platform) has no usable url", value)
      }
      guard let signature = value["signature"]?.text else {
        throw fail("\(platform.isEmpty ? "it" : platform) has no signature", value)
      }
      return Entry(platform: platform, url: url, signature: signature, range: value.range)
    }
    if let platforms = root["platforms"], !platforms.isNull {
      guard let members = platforms.members else { throw fail("platforms is no object", platforms) }
      // Of two equal keys the last one counts, as in the client's map.
      var seen: Set<String> = []
      platformEntries = try members.map { try entry($0.key, $0.value) }
        .reversed().filter { seen.insert($0.platform).inserted }.reversed()
    } else {
      platformEntries = [try entry("", root)]
    }
  }

  /// The name of a platform as Tauri's targets have it.
  package static func target(_ platform: FeedPlatform) -> String {
    let system = platform.system == .macos ? "darwin" : platform.system.rawValue
    let processors: [FeedPlatform.Processor: String] = [
      .x64: "x86_64", .arm64: "aarch64", .x86: "i686", .arm: "armv7",
    ]
    return "\(system)-\(processors[platform.processor] ?? "x86_64")"
  }
}

private let timeForm = Pattern(
  /[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})/
)
private let urlForm = Pattern(/[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\s\/]+.*/)

/// Whether a text is a date of RFC 3339, as far as its shape goes.
func isRFC3339(_ text: String) -> Bool { timeForm.matches(text) }

func isAbsoluteURL(_ text: String) -> Bool { urlForm.matches(text) }
