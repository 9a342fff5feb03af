// How fast a big appcast is parsed, linted and asked, beside the platform's own XML parser, which
// only parses it. Prints medians of several runs in milliseconds.

import Feeds
import Foundation
import ReleaseModel

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// About one kilobyte an item, as real appcasts have.
func appcast(items: Int) -> [UInt8] {
  var text = """
    <?xml version="1.0" encoding="utf-8"?>
    <rss version="2.0" xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle">
      <channel>
        <title>Lantern</title>

    """
  let signature = String(repeating: "A", count: 86) + "=="
  for number in stride(from: items, to: 0, by: -1) {
    text += """
          <item>
            <title>Lantern 1.0.\(number)</title>
            <pubDate>Sun, 22 Nov 2026 21:09:06 +0000</pubDate>
            <sparkle:version>\(number)</sparkle:version>
            <sparkle:shortVersionString>1.0.\(number)</sparkle:shortVersionString>
            <sparkle:minimumSystemVersion>10.13</sparkle:minimumSystemVersion>
            <sparkle:releaseNotesLink>https://example.org/notes/1.0.\(number).html</sparkle:releaseNotesLink>
            <description><![CDATA[<ul><li>Notes are kept &amp; sorted.</li><li>\(String(repeating: "Faster. ", count: 40))</li></ul>]]></description>
            <enclosure url="https://example.org/Lantern-1.0.\(number).zip" length="\(1_000_000 + number)" type="application/octet-stream" sparkle:edSignature="\(signature)"/>
          </item>

      """
  }
  return Array((text + "  </channel>\n</rss>\n").utf8)
}

func median(_ runs: Int, _ body: () -> Void) -> Double {
  let clock = ContinuousClock()
  let times = (0..<runs).map { _ in clock.measure(body) }.sorted()
  let middle = times[runs / 2].components
  return Double(middle.seconds) * 1000 + Double(middle.attoseconds) / 1e15
}

/// Counts elements: the least that a listener does.
final class Listener: NSObject, XMLParserDelegate {
  var elements = 0

  func parser(
    _ parser: XMLParser,
    didStartElement elementName: String,
    namespaceURI: String?,
    qualifiedName: String?,
    attributes: [String: String] = [:]
  ) { elements += 1 }
}

for count in [1_000, 10_000] {
  let feed = appcast(items: count)
  let user = FeedUser(version: "1", now: Moment(seconds: 1_795_000_000))
  let runs = count > 1_000 ? 5 : 15
  let ours = median(runs) {
    guard let parsed = try? SparkleFeed(feed) else { fatal("the feed cannot be read") }
    precondition(parsed.findings.isEmpty)
    precondition(SparkleClient(user).offer(parsed).offered?.version == "\(count)")
  }
  let parsing = median(runs) { precondition((try? SparkleFeed(feed))?.items.count == count) }
  let data = Data(feed)
  var isRead = true
  let peer = median(runs) {
    let parser = XMLParser(data: data)
    let listener = Listener()
    parser.delegate = listener
    isRead = parser.parse()
  }
  print(
    "\(count) items, \(feed.count / 1000) kB: parse, lint and offer \(milliseconds(ours)) ms "
      + "(parse alone \(milliseconds(parsing)) ms); XMLParser, parse alone "
      // libxml2 gives up on a document of 10 MB.
      + (isRead ? "\(milliseconds(peer)) ms; ratio \(milliseconds(ours / peer))" : "refuses it")
  )
}

func fatal(_ text: String) -> Never {
  print(text)
  exit(1)
}

func milliseconds(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
