import Record
import ReleaseModel
import Runbook
import Testing

@Suite struct ReleaseLineTests {
  @Test(arguments: [
    ("1.1.0", "1.1"), ("1.1.2-hotfix3", "1.1"), ("1", "1.0"), ("10.2.3.4", "10.2"), ("2.0", "2.0"),
  ])
  func namesTheLine(_ version: String, _ line: String) {
    #expect(ReleaseLine(VersionName(version))?.description == line)
  }

  @Test func knowsNoLineWithoutNumbers() {
    #expect(ReleaseLine(VersionName("nightly")) == nil)
  }

  @Test func ordersLinesByNumbers() throws {
    let lines = try ["1.10.0", "2.0.0", "1.9.9"].map { try #require(ReleaseLine(VersionName($0))) }
    #expect(lines.sorted().map(\.description) == ["1.9", "1.10", "2.0"])
  }

  private static func release(_ version: String) -> BaseRelease {
    BaseRelease(tag: "v\(version)", commit: "c", version: VersionName(version))
  }

  @Test func choosesWhatCameOutOnTheLineSinceHighestFirst() {
    let releases = [
      "1.0.9", "1.1.0", "1.1.1", "1.1.10", "1.1.2", "1.1.3-rc1", "1.1.4", "1.2.0", "2.0.0",
    ].map(Self.release)
    let chosen = LaterReleases.choose(releases, after: Self.release("1.1.1"), except: "v1.1.4")
    #expect(chosen.map(\.tag) == ["v1.1.10", "v1.1.2"])
  }

  @Test func aRegularReleaseComesAfterTheHotfixesBeforeIt() {
    let releases = ["1.0.1-hotfix2", "1.0.1", "1.0.1-hotfix1"].map(Self.release)
    let chosen = LaterReleases.choose(releases, after: Self.release("1.0.0"), except: "v")
    #expect(chosen.map(\.tag) == ["v1.0.1", "v1.0.1-hotfix2", "v1.0.1-hotfix1"])
    let after = LaterReleases.choose(releases, after: Self.release("1.0.1-hotfix1"), except: "v")
    #expect(after.map(\.tag) == ["v1.0.1", "v1.0.1-hotfix2"])
  }

  @Test func offersEveryHigherLineAndTheAffectedLowerOnes() throws {
    let releases = ["0.8.0", "0.9.0", "0.9.1", "1.0.1", "1.1.0", "2.0.0-rc1", "2.0.0", "2.0.1"]
      .map(Self.release)
    let line = { (version: String) in try #require(ReleaseLine(VersionName(version))) }
    let chosen = OtherLines.choose(
      releases,
      besides: try line("1.0.2"),
      affected: [try line("0.9.0"), try line("1.0.0")]
    )
    #expect(chosen.map(\.tag) == ["v0.9.1", "v1.1.0", "v2.0.1"])
  }

  @Test(arguments: [
    ("Words are lost", "words  are\tLOST ", true), ("Words are lost", "Words were lost", false),
  ])
  func tellsTheSameFaultByItsTitle(_ a: String, _ b: String, _ isSame: Bool) {
    #expect(KnownRun.isSame(a, b) == isSame)
  }
}
