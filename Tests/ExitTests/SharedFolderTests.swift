import Forges
import Foundation
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Signatures
import Testing

/// A host's folder that two people and a web server share.
///
/// A umask belongs to a whole process, so each test is one.
@Suite struct SharedFolderTests {
  /// A release host with a release, a feed and a file beside it, published into a folder.
  private struct Site {
    let scratch = ScratchFolder()
    var root: FilePath { scratch.path.appending("site") }
    var host: ReleaseHost {
      DirectoryHost(
        root: root,
        base: "http://127.0.0.1:1",
        files: LiveFiles.shared,
        http: LiveHTTP.http,
        foreign: ForeignReleases(version: { _ in nil }, release: { _, _, _ in nil })
      ).host
    }

    init(mode: mode_t) throws {
      try LiveFiles.files.makeFolder(root)
      chmod(root.string, mode)
    }

    func publish(_ tag: String = "v1") async throws {
      let out = scratch.path.appending("out")
      try LiveFiles.files.write(out.appending("tool"), [1])
      chmod(out.appending("tool").string, 0o700)
      let artifact = Artifact(
        name: "tool",
        size: 1,
        digest: ContentDigest.of([1]),
        platform: .any
      )
      let release = HostedRelease(
        app: "A",
        tag: tag,
        version: VersionName("1"),
        commit: "c",
        published: Moment(seconds: 0),
        artifacts: [artifact]
      )
      try await host.publish(Publication(release: release, notes: "n", folder: out))
    }

    func mode(_ path: String) throws -> String {
      var found = stat()
      guard lstat(root.pushing(FilePath(path)).string, &found) == 0 else { return "none" }
      return String(found.st_mode & 0o7777, radix: 8)
    }
  }

  @Test func theFolderSaysWhoMayReadAndWriteWhateverTheUmask() async {
    await #expect(processExitsWith: .success) {
      for mask: mode_t in [0o077, 0o022, 0o002, 0o000] {
        umask(mask)
        for (mode, folder, file, program) in [
          (0o2775, "2775", "664", "775"), (0o755, "755", "644", "755"),
          (0o2750, "2750", "640", "750"), (0o700, "700", "600", "700"),
          // Nothing becomes writable for everybody.
          (0o1777, "775", "664", "775"),
        ] as [(mode_t, String, String, String)] {
          let site = try Site(mode: mode)
          let host = site.host
          try await site.publish()
          try await host.writeFile("feeds/deep/appcast.xml", nil, [1])
          try await host.place(
            "v1",
            Artifact(name: "tool", size: 1, digest: ContentDigest.of([1]), platform: .any),
            "feeds/tool"
          )
          try await host.markWithdrawn("v1", "broken")
          for path in [".staging", "releases", "releases/v1", "feeds", "feeds/deep"] {
            #expect(try site.mode(path) == folder, "\(path) under \(mask)")
          }
          for path in [
            ".lock", "releases/v1/notes.md", "releases/v1/SHA256SUMS", "releases/v1/release.json",
            "releases/v1/WITHDRAWN.md", "feeds/deep/appcast.xml",
          ] {
            #expect(try site.mode(path) == file, "\(path) under \(mask)")
          }
          #expect(try site.mode("releases/v1/tool") == program)
          #expect(try site.mode("feeds/tool") == program)
        }
      }
    }
  }

  @Test func aFeedKeepsItsModeAndItsGroup() async {
    await #expect(processExitsWith: .success) {
      umask(0o077)
      let site = try Site(mode: 0o755)
      let feed = site.root.appending("appcast.xml")
      try LiveFiles.files.write(feed, [1])
      for mode: mode_t in [0o644, 0o640, 0o664, 0o755] {
        chmod(feed.string, mode)
        if getuid() == 0 { chown(feed.string, 0, 4242) }
        let old = try LiveFiles.files.digest(feed)?.digest
        try await site.host.writeFile("appcast.xml", old, [UInt8(mode & 255)])
        #expect(try site.mode("appcast.xml") == String(mode, radix: 8))
        var found = stat()
        #expect(stat(feed.string, &found) == 0 && (getuid() != 0 || found.st_gid == 4242))
      }
    }
  }

  /// Two users of the group 4242, who are no others.
  @Test(.enabled(if: getuid() == 0, "only root can be two people"))
  func twoPeopleOfAGroupPublishTheSame() async {
    await #expect(processExitsWith: .success) {
      let site = try Site(mode: 0o2775)
      chmod(site.scratch.path.string, 0o777)
      let root = site.root
      chown(root.string, 1, 4242)
      func become(_ user: uid_t) {
        guard seteuid(0) == 0, setegid(user) == 0, setgroups(1, [4242]) == 0, seteuid(user) == 0
        else { preconditionFailure("This process is not root's.") }
      }
      umask(0o077)
      become(4243)
      try await site.publish()
      try await site.host.writeFile("appcast.xml", nil, [1])
      become(4244)
      try await site.host.markWithdrawn("v1", "broken")
      let old = ContentDigest.of([1])
      try await site.host.writeFile("appcast.xml", old, [2])
      #expect(try await site.host.readFile("appcast.xml") == [2])
      #expect(try site.mode("appcast.xml") == "664")
      // A lock that the other may read is good enough; one that is theirs alone is told.
      become(0)
      for (mode, code) in [(0o600, "file.owner"), (0o644, nil)] as [(mode_t, String?)] {
        chown(root.appending(".lock").string, 4243, 4243)
        chmod(root.appending(".lock").string, mode)
        become(4244)
        do {
          try await site.host.writeFile("appcast.xml", ContentDigest.of([2]), [3])
          #expect(code == nil)
        } catch let problem as Problem {
          #expect(problem.code == code && problem.next[0].hasPrefix("chmod g+rw "))
          #expect(problem.text.contains("4243"))
        }
        become(0)
      }
      // A group that somebody is not in: the feed is not taken away from it.
      chown(root.appending("appcast.xml").string, 4243, 4245)
      chmod(root.appending("appcast.xml").string, 0o640)
      chmod(root.string, 0o2775)
      become(4243)
      let problem = await #expect(throws: Problem.self) {
        try await site.host.writeFile("appcast.xml", ContentDigest.of([3]), [4])
      }
      #expect(problem?.code == "file.group")
      become(0)
      #expect(try LiveFiles.files.list(root).contains { $0.hasSuffix(".new") } == false)
    }
  }

  @Test func linksThatLeadOutAreRefused() async throws {
    let site = try Site(mode: 0o755)
    try await site.publish()
    let outside = site.scratch.path.appending("outside")
    try LiveFiles.files.write(outside.appending("release.json"), Array("{}".utf8))
    func link(_ path: String, _ target: String) {
      let at = site.root.pushing(FilePath(path))
      _ = try? LiveFiles.files.makeFolder(at.removingLastComponent())
      #expect(symlink(target, at.string) == 0)
    }
    link("releases/v2", outside.string)
    link("releases/v3", "../../outside")
    link("releases/v4", "/nowhere")
    link("feeds", outside.string)
    link("appcast.xml", "../outside/appcast.xml")
    link("releases/v1/other", "/etc/passwd")
    link(".staging/none", outside.string)
    let host = site.host
    let artifact = Artifact(
      name: "tool",
      size: 1,
      digest: ContentDigest.of([1]),
      platform: .any
    )
    let file = site.scratch.path.appending("fetched")
    let attempts: [@Sendable () async throws -> Void] = [
      { _ = try await host.release("v2") }, { _ = try await host.release("v3") },
      { _ = try await host.release("v4") }, { try await host.markWithdrawn("v2", "x") },
      { _ = try await host.notes("v2") }, { _ = try await host.readFile("feeds/appcast.xml") },
      { try await host.writeFile("feeds/appcast.xml", nil, [1]) },
      { try await host.writeFile("feeds/new/appcast.xml", nil, [1]) },
      { try await host.writeFile("appcast.xml", nil, [1]) },
      { try await host.place("v1", artifact, "feeds/tool") },
      { _ = try await host.fetch("v1", "other", file) },
      { _ = try await host.fetch("v2", "release.json", file) }, { try await site.publish("v4") },
    ]
    for attempt in attempts {
      let problem = await #expect(throws: Problem.self) { try await attempt() }
      #expect(problem?.code == "host.link", "\(problem?.text ?? "")")
    }
    #expect(try LiveFiles.files.list(outside) == ["release.json"] && !LiveFiles.files.exists(file))
    // The list tells of them, and of nothing that lies elsewhere.
    let listed = try await host.releases().filter { $0.tag != "v1" }
    #expect(listed.allSatisfy { $0.artifacts.isEmpty })
  }

  @Test func linksInsideAndOfTheFolderItselfAreFollowed() async throws {
    let site = try Site(mode: 0o755)
    let link = site.scratch.path.appending("link")
    #expect(symlink("site", link.string) == 0)
    try LiveFiles.files.write(site.root.pushing("feeds/appcast.xml"), [1])
    #expect(symlink("feeds/appcast.xml", site.root.appending("appcast.xml").string) == 0)
    let host = DirectoryHost(
      root: link,
      base: "http://127.0.0.1:1",
      files: LiveFiles.shared,
      http: LiveHTTP.http,
      foreign: ForeignReleases(version: { _ in nil }, release: { _, _, _ in nil })
    ).host
    try await host.writeFile("appcast.xml", ContentDigest.of([1]), [2])
    #expect(try await host.readFile("feeds/appcast.xml") == [2])
    #expect(
      try LiveFiles.files.entries(site.root)?.first { $0.name == "appcast.xml" }?.kind == .link
    )
  }
}
