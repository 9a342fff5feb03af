import Forges
import Foundation
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Signatures
import Synchronization
import Testing

/// What a folder on a plain host says of releases, whoever made them.
@Suite struct DirectoryListingTests {
  private let scratch = ScratchFolder()
  private var site: FilePath { scratch.path.appending("site") }

  private func host(_ root: FilePath? = nil, files: Files = LiveFiles.files) throws -> ReleaseHost {
    let settings = try Settings.read(
      """
      app: Wick
      host: { directory: ../site, url: "http://127.0.0.1:1" }
      test: { suite: "true", proof: "true" }
      ship: { build: "true", artifacts: [ { path: "dist/wick-{version}.zip", platform: linux } ] }

      """
    )
    return DirectoryHost(
      root: root ?? site,
      base: "http://127.0.0.1:1",
      files: files,
      http: LiveHTTP.http,
      foreign: settings.foreignReleases
    ).host
  }

  private func write(_ path: String, _ text: String) throws {
    try LiveFiles.files.write(site.pushing(FilePath(path)), Array(text.utf8))
  }

  private func publish(_ version: String, on host: ReleaseHost) async throws {
    let out = scratch.path.appending("out")
    try LiveFiles.files.write(out.appending("wick-\(version).zip"), [1])
    let artifact = Artifact(
      name: "wick-\(version).zip",
      size: 1,
      digest: ContentDigest.of([1]),
      platform: .linux
    )
    let release = HostedRelease(
      app: "Wick",
      tag: "v\(version)",
      version: VersionName(version),
      commit: "c",
      published: Moment(seconds: 9),
      artifacts: [artifact]
    )
    try await host.publish(Publication(release: release, notes: "n", folder: out))
  }

  @Test func listsAnotherToolsFoldersByTheirFiles() async throws {
    let host = try host()
    try await publish("1.1.0", on: host)
    try write("releases/v1.0.0/wick-1.0.0.zip", "old")
    try write("releases/v1.0.0/wick-1.0.0.zip.sig", "signature")
    try write("releases/v1.0.0/.htaccess", "hidden")
    try write("releases/nightly/wick.zip", "no version")
    try LiveFiles.files.makeFolder(site.appending("releases").appending("v0.9.0"))
    try FileManager.default.createSymbolicLink(
      atPath: site.appending("releases").appending("v0.8.0").string,
      withDestinationPath: "v1.0.0"
    )
    try FileManager.default.createSymbolicLink(
      atPath: site.pushing("releases/v1.0.0/link.zip").string,
      withDestinationPath: "wick-1.0.0.zip"
    )
    let releases = try await host.releases()
    #expect(releases.map(\.tag) == ["v1.0.0", "v1.1.0"], "oldest first")
    let old = try #require(releases.first)
    #expect(old.isForeign && old.published.seconds > 1_600_000_000)
    #expect(
      old.artifacts == [Artifact(name: "wick-1.0.0.zip", size: 3, digest: nil, platform: .linux)]
    )
    let asked = try #require(try await host.release("v1.0.0"))
    #expect(asked.artifacts.first?.digest == ContentDigest.of(Array("old".utf8)))
    #expect(try await host.release("v0.9.0") == nil, "an empty folder is no release")
    #expect(releases.last?.isForeign == false)
  }

  @Test func anOldReleaseThatIsBrokenStopsOnlyItself() async throws {
    let host = try host()
    try await publish("1.1.0", on: host)
    try write("releases/v1.0.0/release.json", "{ broken")
    try write("releases/v1.0.0/wick-1.0.0.zip", "old")
    let releases = try await host.releases()
    #expect(releases.map(\.tag) == ["v1.0.0", "v1.1.0"])
    #expect(releases.first?.note?.contains("release.json of v1.0.0") == true)
    #expect(releases.first?.artifacts.map(\.name) == ["wick-1.0.0.zip"])
    let problem = await #expect(throws: Problem.self) { _ = try await host.release("v1.0.0") }
    #expect(problem?.code == "host.unreadable", "who asks for it hears of it")
  }

  @Test func aFolderThatDoesNotExistYetIsEmpty() async throws {
    let host = try host(scratch.path.pushing("not/yet"))
    #expect(try await host.releases().isEmpty)
    #expect(try await host.release("v1.0.0") == nil)
    #expect(try await host.readFile("appcast.xml") == nil)
    #expect(try await !host.fetch("v1.0.0", "a.zip", scratch.path.appending("a")))
  }

  /// A file in the folder's place, a file on the way to it, and a link to a disk that is not there.
  @Test(arguments: ["file", "file/site", "link"])
  func aFolderThatCannotBeReadIsNotEmpty(_ root: String) async throws {
    try LiveFiles.files.write(scratch.path.appending("file"), [1])
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path.appending("link").string,
      withDestinationPath: "/nowhere/mounted"
    )
    let host = try host(scratch.path.pushing(FilePath(root)))
    for read: @Sendable () async throws -> Void in [
      { _ = try await host.releases() }, { _ = try await host.release("v1.0.0") },
      { _ = try await host.readFile("appcast.xml") }, { _ = try await host.notes("v1.0.0") },
      { _ = try await host.fetch("v1.0.0", "a.zip", scratch.path.appending("a")) },
    ] {
      let problem = await #expect(throws: Problem.self) { try await read() }
      #expect(problem?.code == "host.unreadable", "\(problem?.text ?? "")")
      #expect(problem?.why.contains("irectory") == true, "its words: \(problem?.why ?? "")")
    }
  }

  @Test(.enabled(if: getuid() != 0, "nothing is forbidden to root"))
  func aForbiddenFolderIsNotEmpty() async throws {
    let host = try host()
    try write("releases/v1.0.0/wick-1.0.0.zip", "old")
    chmod(site.appending("releases").string, 0)
    defer { chmod(site.appending("releases").string, 0o755) }
    let problem = await #expect(throws: Problem.self) { _ = try await host.releases() }
    #expect(problem?.code == "host.unreadable" && problem?.why.contains("ermission") == true)
    chmod(site.string, 0)
    defer { chmod(site.string, 0o755) }
    let feed = await #expect(throws: Problem.self) { _ = try await host.readFile("appcast.xml") }
    #expect(feed?.code == "host.unreadable")
  }

  @Test func looksIntoTheNewestOfTenThousandFoldersOnly() async throws {
    let looked = Mutex(0)
    var files = LiveFiles.files
    let date = Moment(seconds: 1)
    let folders = (0..<10_000).map {
      Files.Entry(name: "v1.\($0).0", kind: .folder, size: 0, modified: date)
    }
    files.entries = { path in
      switch path.lastComponent?.string {
      case "site": return []
      case "releases": return folders
      default:
        looked.withLock { $0 += 1 }
        return [Files.Entry(name: "wick.zip", kind: .file, size: 1, modified: date)]
      }
    }
    let releases = try await host(files: files).releases()
    #expect(releases.count == 200 && looked.withLock { $0 } == 200)
    #expect(releases.first?.tag == "v1.9800.0" && releases.last?.tag == "v1.9999.0")
  }
}
