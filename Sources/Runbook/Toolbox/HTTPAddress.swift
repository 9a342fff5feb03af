internal import Foundation

/// A URL as a server, a feed or a setting gives it, before anything is asked there.
///
/// The network library stops the program at some URLs that it cannot use, and takes other schemes
/// for sockets of this machine, so nothing reaches it that was not looked at here.
package enum HTTPAddress {
  package static let bytesMax = 16 << 10

  /// Returns why the URL cannot be asked, or nil.
  ///
  /// The reason repeats nothing but the port: a webhook's URL is a secret.
  package static func fault(_ text: String) -> String? {
    guard text.utf8.count <= bytesMax else { return "the URL has more than \(bytesMax) bytes" }
    guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else {
      return "the URL holds a space or a control character"
    }
    guard let url = URL(string: text) else { return "the URL is malformed" }
    guard let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme) else {
      return "the URL does not begin with http:// or https://"
    }
    // A password would be dropped on the way and the refusal be a riddle.
    guard url.user == nil, url.password == nil else {
      return "the URL holds a user name or a password"
    }
    guard let host = url.host, !host.isEmpty else { return "the URL names no host" }
    guard host.utf8.count <= 255, host.utf8.allSatisfy(isHost) else {
      return "the URL's host is no DNS name and no IP address"
    }
    return portFault(text)
  }

  /// Foundation drops a port that it cannot read, and the default one would be asked instead.
  private static func portFault(_ text: String) -> String? {
    guard let start = text.range(of: "://")?.upperBound else { return "the URL is malformed" }
    let authority = text[start...].prefix { !"/?#\\".contains($0) }
    guard let colon = authority.lastIndex(of: ":"),
      authority.lastIndex(of: "]").map({ $0 < colon }) ?? true
    else { return nil }
    let port = authority[authority.index(after: colon)...]
    return isPort(port) ? nil : "the port \(port.prefix(20)) is not a number from 1 to 65535"
  }

  /// Returns whether the text is a TCP port that can be connected to.
  package static func isPort(_ text: some StringProtocol) -> Bool {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt16(text).map { $0 > 0 } ?? false
  }

  /// Letters, digits, and what else DNS names, IPv4 and IPv6 addresses hold; no zone (`%`).
  private static func isHost(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "-._:[]".utf8.contains(byte)
    }
  }
}
