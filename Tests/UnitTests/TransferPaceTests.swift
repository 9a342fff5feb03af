import Runbook
import Testing

@Suite struct TransferPaceTests {
  private func pace(_ bytesMax: Int = 1 << 20) -> TransferPace {
    TransferPace(
      lowest: LowestRate(bytes: 30_000, seconds: 30),
      waitSeconds: 10,
      bytesMax: bytesMax,
      now: .zero
    )
  }

  @Test func waitingEndsAfterItsTime() {
    var pace = pace()
    #expect(pace.fault(at: .seconds(9)) == nil)
    #expect(pace.fault(at: .seconds(10)) == "no answer came in 10 s")
  }

  @Test func whatMovesAtTheLowestRateGoesOn() {
    var pace = pace(64 << 20)
    for second in 1...300 {
      pace.moved(1000, at: .seconds(second))
      #expect(pace.fault(at: .seconds(second)) == nil)
    }
  }

  @Test func whatMovesMoreSlowlyEndsAfterOneWindow() {
    var pace = pace(64 << 20)
    pace.moved(29_000, at: .seconds(1))
    #expect(pace.fault(at: .seconds(30)) == nil)
    #expect(pace.fault(at: .seconds(31)) == "fewer than 30000 bytes moved in 30 s")
  }

  /// A great burst at first does not pay for the rest.
  @Test func eachWindowCountsForItself() {
    var pace = pace(64 << 20)
    pace.moved(1 << 20, at: .seconds(1))
    #expect(pace.fault(at: .seconds(31)) == nil)
    #expect(pace.fault(at: .seconds(61)) == "fewer than 30000 bytes moved in 30 s")
  }

  @Test func waitingAgainIsNotCountedAsMovingSlowly() {
    var pace = pace()
    pace.moved(100, at: .seconds(1))
    pace.waits(at: .seconds(2))
    #expect(pace.fault(at: .seconds(11)) == nil)
    #expect(pace.fault(at: .seconds(12)) == "no answer came in 10 s")
  }

  /// 10 s to wait, and 1 MiB at 64 KiB/s.
  @Test func theWholeHasADeadline() {
    var pace = pace()
    for second in 1...25 { pace.moved(30_000, at: .seconds(second)) }
    #expect(pace.fault(at: .seconds(25)) == nil)
    #expect(pace.fault(at: .seconds(26)) == "the exchange took too long")
  }
}

@Suite struct HTTPAddressTests {
  @Test(arguments: [
    "http://127.0.0.1/", "https://example.org:65535/a?b#c", "http://[::1]:8080/x", "http://[::1]/",
    "HTTPS://EXAMPLE.ORG", "http://a_b.example/", "https://xn--mnchen-3ya.example/%20",
  ])
  func takesWhatCanBeAsked(_ url: String) {
    #expect(HTTPAddress.fault(url) == nil)
  }

  @Test(arguments: [
    ("http://h:65536/", "the port 65536 is not a number from 1 to 65535"),
    ("http://h:0/", "the port 0 is not a number from 1 to 65535"),
    ("http://h:99999?x", "the port 99999 is not a number from 1 to 65535"),
    ("http://[::1]:70000/", "the port 70000 is not a number from 1 to 65535"),
    ("http://", "the URL names no host"), ("http:///x", "the URL names no host"),
    ("ftp://h/", "the URL does not begin with http:// or https://"),
    ("http+unix://%2Fx/", "the URL does not begin with http:// or https://"),
    ("//h/", "the URL does not begin with http:// or https://"),
    ("http://u@h/", "the URL holds a user name or a password"),
    ("http://u:p@h/", "the URL holds a user name or a password"),
    ("http://a b/", "the URL holds a space or a control character"),
    ("http://h/\u{0}", "the URL holds a space or a control character"),
    ("http://h/\r\nX: y", "the URL holds a space or a control character"),
    ("http://a%00b/", "the URL's host is no DNS name and no IP address"),
    ("http://[fe80::1%25lo]/", "the URL's host is no DNS name and no IP address"),
    ("http://h/" + String(repeating: "a", count: 100_000), "the URL has more than 16384 bytes"),
  ])
  func saysWhyNot(_ url: String, _ why: String) {
    #expect(HTTPAddress.fault(url) == why)
  }
}
