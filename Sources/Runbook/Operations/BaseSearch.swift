internal import Feeds
internal import ReleaseModel

/// Looks for the base: what the release host and the feeds say of the releases.
package struct BaseSearch: Sendable {
  private let settings: Settings
  private let toolbox: Toolbox

  package init(settings: Settings, toolbox: Toolbox) {
    self.settings = settings
    self.toolbox = toolbox
  }

  /// Returns the tag of the newest release that all users have, and says what was passed over.
  ///
  /// Throws `base.missing`, and what the host throws when it cannot be read.
  package func newest(tags: [String]) async throws -> String {
    let releases = try await toolbox.host.releases()
    for note in releases.compactMap(\.note).prefix(10) { toolbox.say(.note(note)) }
    return try chosen(tags: tags, releases: releases, entries: try await entries())
  }

  /// Returns the same from the tags alone, where the release host cannot be asked.
  package func newest(byTagsAlone tags: [String]) throws -> String {
    try chosen(tags: tags, releases: [], entries: [], needsRelease: false)
  }

  private func chosen(
    tags: [String],
    releases: [HostedRelease],
    entries: [(version: String, channel: String?)],
    needsRelease: Bool? = nil
  ) throws -> String {
    let choice = BaseChoice(
      tags: tags,
      releases: releases,
      channels: BaseChoice.channels(entries),
      needsRelease: needsRelease ?? (settings.github != nil),
      version: { settings.version(ofTag: $0) }
    )
    guard let tag = choice.tag else { throw Self.missing(choice, tags, settings) }
    for passed in choice.passedOver.prefix(5) {
      toolbox.say(.note("passed over as the base: \(passed.words)"))
    }
    return tag
  }

  /// What the feeds on the host list, each with its channel.
  ///
  /// A feed that is broken tells nothing here: what would change it refuses it later, with the line.
  private func entries() async throws -> [(version: String, channel: String?)] {
    var all: [(version: String, channel: String?)] = []
    for feed in settings.feeds {
      guard let file = try await toolbox.host.readFile(feed.path) else { continue }
      do {
        all += try feed.kind.type.init(file).entries.map { ($0.shortVersion, $0.channel) }
      } catch let problem as Problem {
        toolbox.say(.note("\(feed.path) tells nothing of channels: \(problem.what) \(problem.why)"))
      }
    }
    return all
  }

  private static func missing(
    _ choice: BaseChoice,
    _ tags: [String],
    _ settings: Settings
  ) -> Problem {
    guard !choice.passedOver.isEmpty else {
      return Problem(
        "base.missing",
        "There is no release to fix.",
        why: tags.isEmpty
          ? "The remote has no tags."
          : "No tag on the remote is named \(settings.tag.text): "
            + tags.suffix(10).joined(separator: ", ") + ".",
        next: ["git push \(settings.remote) TAG", "hotfix open … --base TAG"]
      )
    }
    let more = choice.passedOver.count - 10
    return Problem(
      "base.missing",
      "There is no release that all users have.",
      why: choice.passedOver.prefix(10).map { "\($0.words)." }.joined(separator: "\n")
        + (more > 0 ? "\nand \(more) older ones" : ""),
      next: ["hotfix open … --base TAG     names the release to fix"]
    )
  }
}
