internal import Foundation
internal import ReleaseModel
internal import Runbook

/// A mail as RFC 5322 wants it, the same bytes at every attempt.
enum MailText {
  static func bytes(_ delivery: Delivery, to: String, from: String) -> [UInt8] {
    let domain = from.split(separator: "@").last.map(String.init) ?? "localhost"
    var lines = [
      "From: \(header(from))", "To: \(header(to))", "Subject: \(encoded(delivery.subject))",
      "Date: \(delivery.at.rfc822)", "Message-ID: <\(delivery.key)@\(header(domain))>",
      "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64", "",
    ]
    var rest = Data(delivery.body.utf8).base64EncodedString()[...]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(76)))
      rest = rest.dropFirst(76)
    }
    return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
  }

  /// A header's value without line breaks, so that no text can add a header.
  private static func header(_ text: String) -> String { OutsideText(text).line }

  private static func encoded(_ subject: String) -> String {
    let flat = header(subject)
    // A line has at most 998 bytes; and `=?` would be read as an encoded word.
    let isPlain = flat.utf8.allSatisfy { $0 < 0x80 } && flat.utf8.count < 900
    if isPlain, !flat.contains("=?") { return flat }
    // RFC 2047: at most 75 characters in one encoded word.
    var words: [String] = []
    var chunk = ""
    var bytes = 0
    for scalar in flat.unicodeScalars {
      let width = String(scalar).utf8.count
      if bytes + width > 42 {
        words.append(chunk)
        (chunk, bytes) = ("", 0)
      }
      chunk.unicodeScalars.append(scalar)
      bytes += width
    }
    words.append(chunk)
    return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }
      .joined(separator: "\r\n ")
  }
}
