import Foundation
import ReleaseModel
import Testing

@Suite struct ModelTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000"),
    (1_795_382_946, "2026-11-22T21:29:06Z", "Sun, 22 Nov 2026 21:29:06 +0000"),
    (951_782_400, "2000-02-29T00:00:00Z", "Tue, 29 Feb 2000 00:00:00 +0000"),
    (4_102_444_799, "2099-12-31T23:59:59Z", "Thu, 31 Dec 2099 23:59:59 +0000"),
  ])
  func writesAndReadsMoments(_ seconds: Int, _ iso: String, _ rfc822: String) {
    let moment = Moment(seconds: seconds)
    #expect(moment.iso == iso)
    #expect(moment.rfc822 == rfc822)
    #expect(Moment(iso: iso) == moment)
    #expect(Moment(rfc822: rfc822) == moment)
  }

  @Test func readsZonesAndRefusesNonsense() {
    #expect(Moment(rfc822: "Sun, 22 Nov 2026 22:29:06 +0100")?.seconds == 1_795_382_946)
    for text in ["", "yesterday", "2026-11-22", "Sun 22 Nov 2026 21:29:06 +0000"] {
      #expect(Moment(rfc822: text) == nil, "\(text)")
    }
    #expect(Moment(iso: "2026-13-01T00:00:00Z") == nil)
  }

  @Test func noValueCanAddACommand() {
    let line = Template("make test-one TEST={test}").shell(["test": "a; rm -rf ~ 'x'"])
    #expect(line == "make test-one TEST='a; rm -rf ~ '\\''x'\\'''")
    #expect(Template("awk '{print}' {a}").filled(["a": "1"]) == "awk '{print}' 1")
  }

  @Test(arguments: [
    ("1.0.0", VersionScheme.suffix, ["1.0.0"], "1.0.1-hotfix1"),
    ("1.0.0", .suffix, ["1.0.0", "1.0.1-hotfix1"], "1.0.1-hotfix2"),
    ("1.0.1-hotfix1", .suffix, [], "1.0.1-hotfix2"), ("2.3", .suffix, [], "2.3.1-hotfix1"),
    ("1.0.0", .patch, ["1.0.1"], "1.0.2"), ("1.0.1", .patch, [], "1.0.2"),
  ])
  func namesTheNextVersion(
    _ base: String,
    _ scheme: VersionScheme,
    _ taken: [String],
    _ expected: String
  ) {
    #expect(VersionName(base).next(scheme, taken: Set(taken))?.text == expected)
  }

  @Test func knowsTheNextRegularRelease() {
    #expect(VersionName("1.0.1-hotfix1").nextRegular?.text == "1.0.1")
    #expect(VersionName("1.0.1").nextRegular?.text == "1.0.2")
    #expect(VersionName("banana").nextRegular == nil)
  }

  @Test func ordersNamesForPeople() {
    let names = ["0.9.0", "1.0.0", "1.0.1-hotfix1", "1.0.1-hotfix2", "1.0.1", "1.0.10", "1.1.0"]
    let sorted = names.reversed().map { VersionName($0) }.sorted { isOlder($0, than: $1) }
    #expect(sorted.map(\.text) == names)
  }

  @Test func secretsCannotBePrinted() {
    let secret = Secret("hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), dumped, "\([secret])"] {
      #expect(!text.contains("hunter2"))
    }
  }

  @Test func findsTheNearestName() {
    #expect(nearestName(to: "sceme", in: ["scheme", "tag"]) == "scheme")
    #expect(nearestName(to: "banana", in: ["scheme", "tag"]) == nil)
  }
}
