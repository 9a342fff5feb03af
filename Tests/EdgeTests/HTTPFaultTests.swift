import Foundation
import HotfixTesting
import ReleaseModel
import Runbook
import Testing

@testable import Forges

/// Whatever a server answers, the program says what was wrong and goes on.
@Suite struct HTTPFaultTests {
  private static let head = "HTTP/1.1 200 OK\r\n"

  private func outcome(
    _ server: RawServer,
    lowestRate: LowestRate = .standard,
    seconds: Int = 30,
    bytesMax: Int = 1 << 20
  ) async -> (answer: HTTP.Answer?, error: (any Error)?) {
    var request = HTTP.Request(
      "GET",
      "http://127.0.0.1:\(server.port)/appcast.xml",
      bytesMax: bytesMax,
      seconds: seconds
    )
    request.lowestRate = lowestRate
    do {
      return (try await LiveHTTP.http.send(request), nil)
    } catch {
      return (nil, error)
    }
  }

  static let answers: [(name: String, bytes: String)] = [
    ("nothing", ""), ("another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    ("NUL in a header", head + "X: a\0b\r\nContent-Length: 0\r\n\r\n"),
    ("a header of 1 MB", head + "X: \(String(repeating: "y", count: 1 << 20))\r\n\r\n"),
    (
      "10,000 headers",
      head + (0..<10_000).map { "X-\($0): y\r\n" }.joined() + "Content-Length: 0\r\n\r\n"
    ),
    ("a negative length", head + "Content-Length: -5\r\n\r\n<rss/>"),
    ("a length past Int", head + "Content-Length: 99999999999999999999999\r\n\r\n<rss/>"),
    ("a great length", head + "Content-Length: 9223372036854775807\r\n\r\n<rss/>"),
    ("two lengths", head + "Content-Length: 6\r\nContent-Length: 5\r\n\r\n<rss/>"),
    ("chunks that are none", head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n<rss/>\r\n"),
    ("a chunk past Int", head + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n"),
    ("half a body", head + "Content-Length: 60\r\n\r\n<rss/>"),
    ("a body over the limit", head + "\r\n" + String(repeating: "a", count: 2 << 20)),
  ]

  @Test(arguments: answers)
  func anAnswerThatIsNoneIsAFailure(_ given: (name: String, bytes: String)) async throws {
    let server = try RawServer { connection in
      connection.read()
      connection.write(given.bytes.utf8)
    }
    let outcome = await outcome(server)
    #expect(outcome.error is HTTP.Failure, "\(given.name): \(outcome)")
  }

  @Test(arguments: [
    "http://127.0.0.1:99999/", "http://127.0.0.1:0/", "http://127.0.0.1:99999999999999999999/",
    "http+unix://%2Frun%2Fdocker.sock/v1/info", "file:///etc/passwd", "http://u:p@127.0.0.1/",
    "http://a%00b/", "http://[fe80::1%25lo]/", "http:///x",
  ])
  func aRedirectToWhatCannotBeAskedIsRefused(_ target: String) async throws {
    let server = try RawServer { connection in
      connection.read()
      connection.write("HTTP/1.1 302 Found\r\nLocation: \(target)\r\n\r\n".utf8)
    }
    let problem = await outcome(server).error as? Problem
    #expect(problem?.code == "http.redirect", "\(target)")
  }

  /// A header can hold any number, and a date of any year.
  @Test(arguments: [
    [("Retry-After", "9223372036854775807")], [("Retry-After", "-9223372036854775808")],
    [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9223372036854775807")],
    [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "-9223372036854775808")],
    [
      ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1"),
      ("Date", "Mon, 01 Jan 999999999 00:00:00 GMT"),
    ],
  ])
  func aLimitOfAnyNumberIsAWait(_ headers: [(name: String, value: String)]) {
    let limit = GitHubLimit(HTTP.Answer(status: 403, body: [], headers: headers))
    #expect((limit?.seconds ?? -1) >= 0)
  }

  /// The server goes on for ever; nothing here waits but the limit.
  @Test func aBodyThatDripsEndsByTheLowestRate() async throws {
    let server = try RawServer { connection in
      connection.read()
      connection.write((Self.head + "Content-Length: 100000\r\n\r\n").utf8)
      while connection.waits(), connection.write([0x61]) {}
    }
    let outcome = await outcome(
      server,
      lowestRate: LowestRate(bytes: 1000, seconds: 1),
      bytesMax: 1 << 30
    )
    #expect(outcome.error as? HTTP.Failure == .unknown("fewer than 1000 bytes moved in 1 s"))
  }

  @Test func headersThatDripEndByTheWaitingTime() async throws {
    let server = try RawServer { connection in
      connection.read()
      connection.write(Self.head.utf8)
      while connection.waits(), connection.write("X: y\r\n".utf8) {}
    }
    #expect(await outcome(server, seconds: 1).error is HTTP.Failure)
  }

  @Test func anUploadThatNobodyReadsEndsByTheLowestRate() async throws {
    let scratch = ScratchFolder("hotfix-upload")
    let file = scratch.path.appending("big")
    try [UInt8](repeating: 1, count: 32 << 20).withUnsafeBytes {
      let made = try FileDescriptor.open(
        file,
        .writeOnly,
        options: .create,
        permissions: .ownerReadWrite
      )
      let bytes = $0
      _ = try made.closeAfter { try made.writeAll(bytes) }
    }
    let server = try RawServer { connection in
      connection.read()
      while connection.isThere() {}
    }
    var request = HTTP.Request("POST", "http://127.0.0.1:\(server.port)/", seconds: 30)
    request.lowestRate = LowestRate(bytes: 1000, seconds: 1)
    await #expect(throws: HTTP.Failure.unknown("fewer than 1000 bytes moved in 1 s")) {
      try await LiveHTTP.http.upload(request, file) { _ in }
    }
  }
}
