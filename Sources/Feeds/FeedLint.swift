internal import ReleaseModel

/// What would go wrong for a feed's users, for any format.
package enum FeedLint {
  /// Returns the findings; a file that its updaters cannot read at all is one error.
  package static func findings(_ file: [UInt8], _ kind: FeedKind) -> [FeedFinding] {
    do {
      return try kind.type.init(file).findings
    } catch let problem as Problem {
      return [
        FeedFinding(
          problem.code,
          .error,
          problem.feedPlace,
          clients: kind.clients,
          "\(problem.what) \(problem.why)",
          mend: problem.next.joined(separator: " ")
        )
      ]
    } catch {
      return []
    }
  }

  /// Mends what can be mended without a decision; returns nil when nothing was.
  ///
  /// Upper-case digests for Velopack's C# client, white space around Sparkle's links, a byte-order
  /// mark, criticality carried forward.
  package static func mended(_ content: [UInt8], _ kind: FeedKind) throws -> [UInt8]? {
    var bytes = content
    if kind != .squirrelWindows, bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      bytes = Array(bytes.dropFirst(3))
    }
    switch kind {
    case .velopack:
      var edit = ByteEdit(bytes)
      for item in try VelopackFeed(bytes).list?.items ?? [] {
        for key in ["SHA1", "SHA256"] {
          guard let value = item.anyCase(key), let text = value.text else { continue }
          edit.replace(value.range, by: jsonQuoted(text.uppercased()))
        }
      }
      bytes = try edit.result()
    case .appcast: bytes = try mendedAppcast(bytes)
    default: break
    }
    return bytes == content ? nil : bytes
  }

  private static func mendedAppcast(_ content: [UInt8]) throws -> [UInt8] {
    var edit = ByteEdit(content)
    let feed = try SparkleFeed(content)
    for item in feed.channel.children("item") {
      guard let notes = item.first("sparkle:releaseNotesLink"), let inside = notes.contentRange,
        notes.text != trimmed(notes.text), notes.children.isEmpty
      else { continue }
      edit.replace(inside, by: xmlEscaped(trimmed(notes.text)))
    }
    var bytes = try edit.result()
    for lost in feed.lostCriticality {
      bytes = try SparkleFeed(bytes)
        .changing(.critical(below: lost.critical.version), of: lost.item.version)
    }
    return bytes
  }
}
