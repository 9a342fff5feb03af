import Feeds
import HotfixTesting
import ReleaseModel
import Testing

/// GitHub's "latest" is one pointer for all lines (REST API, "Create a release"), and two generated
/// outputs.
@Suite struct GitHubReleasesTests {
  private func release(_ tag: String, _ date: Int = 0) -> GitHubRelease {
    GitHubRelease(tag: tag, assets: ["a.zip"], commitDate: Moment(seconds: date))
  }

  @Test func aHotfixOfAnOldLineDoesNotTakeLatest() {
    let list = GitHubReleases([release("v1.0.1"), release("v0.9.8")], latest: "v1.0.1")
    #expect(list.makeLatest(for: "v0.9.9") == .no)
    #expect(list.makeLatest(for: "v1.0.2") == .yes)
    let careful = list.publishing(release("v0.9.9"), makeLatest: list.makeLatest(for: "v0.9.9"))
    #expect(careful.latest?.tag == "v1.0.1")
    #expect(careful.visible.first?.tag == "v0.9.9")
    #expect(list.publishing(release("v0.9.9")).latest?.tag == "v0.9.9")
  }

  @Test func draftsAndPrereleasesAreNeverLatest() {
    var draft = release("v2.0.0", 9)
    draft.isDraft = true
    var preview = release("v1.1.0-beta.1", 8)
    preview.isPrerelease = true
    let list = GitHubReleases([draft, preview, release("v1.0.0", 1), release("v0.9.0", 2)])
    // Nobody chose: the commit's date decides, not the version.
    #expect(list.latest?.tag == "v0.9.0")
    #expect(list.visible.map(\.tag) == ["v1.1.0-beta.1", "v1.0.0", "v0.9.0"])
    #expect(list.missing(["a.zip", "latest.yml"], in: "v1.0.0") == ["latest.yml"])
  }

  @Test func theCaskIsInertRubyAndVersionsAreTexts() {
    let cask = HomebrewCask(
      token: "lantern",
      app: "Lantern",
      version: "1.0.1",
      url: "https://e.org/a.zip",
      sha256: String(repeating: "a", count: 64),
      description: "Keeps \"notes\" #{`rm`}",
      homepage: "https://e.org",
      autoUpdates: true
    )
    #expect(cask.text.contains("desc \"Keeps \\\"notes\\\" \\#{`rm`}\""))
    #expect(cask.text.contains("auto_updates true"))
    let manifests = WinGetManifests(
      identifier: "Example.Lantern",
      version: "1.10",
      app: "Lantern",
      publisher: "Example",
      license: "MIT",
      description: "Ana's notes",
      url: "https://e.org/a.exe",
      sha256: String(repeating: "a", count: 64),
      architecture: "x64",
      installerType: "nullsoft"
    ).files
    #expect(manifests.count == 3)
    #expect(manifests.allSatisfy { $0.text.contains("PackageVersion: '1.10'") })
    #expect(manifests[1].text.contains("ShortDescription: 'Ana''s notes'"))
    #expect(manifests[2].text.contains("InstallerSha256: AAAA"))
  }
}
