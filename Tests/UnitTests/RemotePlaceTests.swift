import Git
import Testing

/// Where git's URLs lead, by git-fetch(1), "Git URLs".
@Suite struct RemotePlaceTests {
  @Test(arguments: [
    "/srv/git/wick.git", "../wick.git", "./host:path", "file:///srv/git/wick.git", "wick",
    "C/with:colon",
  ])
  func aPathIsAFolder(_ url: String) {
    #expect(RemotePlace(url) == .folder)
  }

  @Test(arguments: [
    ("https://github.com/owner/name.git", "https", "github.com"),
    ("https://user:secret@github.com/owner/name", "https", "github.com"),
    ("https://GitHub.com/owner/name/", "https", "github.com"),
    ("git@github.com:owner/name.git", "ssh", "github.com"),
    ("github.com:owner/name", "ssh", "github.com"),
    ("git@github.com:/owner/name.git", "ssh", "github.com"),
    ("ssh://git@ssh.github.com:443/owner/name.git", "ssh", "ssh.github.com:443"),
    ("http://127.0.0.1:8080/owner/name.git", "http", "127.0.0.1:8080"),
    ("git://example.org/owner/name.git", "git", "example.org"),
  ])
  func aServerIsNamedWithoutCredentials(_ url: String, _ scheme: String, _ host: String) {
    let place = RemotePlace(url)
    #expect(place == .server(scheme: scheme, host: host, path: "owner/name"))
    #expect(place.name == "\(host)/owner/name")
  }

  @Test func aHelperReachesWhatItLikes() {
    #expect(RemotePlace("ext::ssh host %S") == .helper("ext"))
    #expect(RemotePlace("codecommit::eu-west-1://wick") == .helper("codecommit"))
  }
}
