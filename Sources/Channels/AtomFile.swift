internal import ReleaseModel
internal import Runbook
internal import Signatures

/// An Atom feed of announcements on the release host (RFC 4287).
///
/// Every entry's id is the delivery's key, so adding an entry again changes nothing.
struct AtomFile: Sendable {
  let toolbox: Toolbox

  func add(_ delivery: Delivery, to path: String) async throws -> DeliveryOutcome {
    let old = try await toolbox.host.readFile(path)
    let id = OutsideText("urn:hotfix:\(delivery.key)").html
    let text = old.map { String(decoding: $0, as: UTF8.self) } ?? empty(delivery, path)
    if text.contains(id) { return .taken("\(toolbox.host.url(path)) has it") }
    guard let end = text.ranges(of: "</feed>").last else {
      throw Problem(
        "atom.unreadable",
        "\(path) on the host is not an Atom feed.",
        next: ["Mend or move it, then:  hotfix next"]
      )
    }
    let first = text.firstRange(of: "<entry>")?.lowerBound ?? end.lowerBound
    let new = text[..<first] + entry(delivery, id) + text[first...]
    try await toolbox.host.writeFile(path, old.map { ContentDigest.of($0) }, Array(new.utf8))
    return .taken(toolbox.host.url(path))
  }

  private func empty(_ delivery: Delivery, _ path: String) -> String {
    """
    <?xml version="1.0" encoding="utf-8"?>
    <feed xmlns="http://www.w3.org/2005/Atom">
    <id>\(OutsideText(toolbox.host.url(path)).html)</id>
    <title>\(OutsideText(delivery.values["app"] ?? "Releases").html)</title>
    <updated>\(delivery.at.iso)</updated>
    <author><name>\(OutsideText(delivery.values["app"] ?? "Releases").html)</name></author>
    </feed>

    """
  }

  private func entry(_ delivery: Delivery, _ id: String) -> String {
    """
    <entry>
    <id>\(id)</id>
    <title>\(OutsideText(delivery.subject).html)</title>
    <updated>\(delivery.at.iso)</updated>
    \(link(delivery.values["url"] ?? ""))
    <content type="text">\(OutsideText(delivery.body).html)</content>
    </entry>

    """
  }

  /// Readers open what a link names, so it has to be a page.
  private func link(_ url: String) -> String {
    guard ["https://", "http://"].contains(where: url.lowercased().hasPrefix) else { return "" }
    return "<link href=\"\(OutsideText(url).html)\"/>"
  }
}
