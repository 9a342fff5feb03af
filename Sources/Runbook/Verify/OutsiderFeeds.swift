internal import Record
internal import Documents
internal import Feeds
internal import Foundation
internal import Git
internal import ReleaseModel
internal import Signatures

/// Looks at the feeds as they are served.
extension Outsider {
  func feeds() async throws {
    var evidence: [String] = []
    let plan = try await FeedPlan.make(situation)
    let release = try await toolbox.host.release(situation.opened.tag)
    for served in plan.feeds {
      let feed = served.feed
      let address = toolbox.host.url(feed.path)
      if let release, let why = try FeedPublisher(situation).leftAlone(served, plan, release) {
        evidence.append("\(address) is left alone: \(why)")
        continue
      }
      let file = try await fresh(feed, address)
      let parsed = try feed.kind.type.init(file)
      if let error = ownError(file, parsed, feed.kind) {
        throw Problem(
          "served.feed",
          "The served feed \(feed.path) has an error.",
          why: "Line \(error.place.line): \(error.message)",
          next: [error.mend]
        )
      }
      let entry = parsed.entries.first { $0.shortVersion == situation.version.text }
      guard let entry else {
        throw Problem(
          "served.feed",
          "The served feed \(feed.path) does not offer \(situation.version).",
          next: ["hotfix feed show \(address)", "hotfix next"]
        )
      }
      if feed.isSigned || parsed.signature != nil {
        try await feedSignature(parsed, feed)
      }
      let build = entry.version == entry.shortVersion ? "" : " (\(entry.version))"
      evidence.append("\(address) offers \(entry.shortVersion)\(build)")
    }
    try write("feeds-live", evidence)
  }

  /// An error of the whole feed or of this release's entry; what is wrong with earlier entries, which
  /// another tool may have made, holds nobody up.
  private func ownError(
    _ file: [UInt8],
    _ parsed: any FeedFormat,
    _ kind: FeedKind
  ) -> FeedFinding? {
    let errors = FeedLint.findings(file, kind).filter { $0.severity == .error }
    let entries = parsed.entries.sorted { $0.place.line < $1.place.line }
    return errors.first { error in
      let entry = entries.last { $0.place.line <= error.place.line }
      return entry.map { $0.shortVersion == situation.version.text } ?? true
    }
  }

  /// The feed as served; where a host serves later than it takes, waits for what it has.
  private func fresh(_ feed: Settings.Feed, _ address: String) async throws -> [UInt8] {
    var served = try await get(address, anew: true)
    let seconds = 15
    for _ in 0..<(toolbox.host.feedDelaySecondsMax / seconds) {
      guard let own = try await toolbox.host.readFile(feed.path), own != served else { break }
      toolbox.say(.note("\(address) is still the old one; it takes some minutes"))
      try await toolbox.pause(seconds)
      served = try await get(address, anew: true)
    }
    return served
  }

  private func feedSignature(
    _ parsed: any FeedFormat,
    _ feed: Settings.Feed
  ) async throws {
    guard let key = try await publicKey(nil) else { return }
    guard let signature = parsed.signature,
      edSignatureHolds(signature, over: parsed.content, publicKey: key)
    else {
      throw Problem(
        "served.feed-signature",
        "The served feed \(feed.path) is not signed by the update key.",
        next: ["hotfix feed lint \(toolbox.host.url(feed.path))"]
      )
    }
    let item = (parsed as? SparkleFeed)?.items.first {
      $0.shortVersion == situation.version.text
    }
    guard let notes = item?.notes, let mark = notes.edSignature else { return }
    guard edSignatureHolds(mark, over: try await get(notes.url), publicKey: key) else {
      throw Problem(
        "served.notes-signature",
        "The served release notes are not what the feed's signature is over.",
        why: notes.url,
        next: ["hotfix withdraw --reason \"the notes were changed\"", "hotfix help feeds-live"]
      )
    }
  }
}
