import Documents
import ProjectSurvey
import ReleaseModel
import Runbook
import Testing

/// What `init` makes of a project's files, in the forms that real projects have them.
@Suite struct ProjectSurveyTests {
  static func survey(
    _ files: [String: String],
    tags: [String] = ["v1.0.0"],
    remote: String? = "https://github.com/acme/lantern.git",
    _ change: (inout SurveyInput) -> Void = { _ in }
  ) -> Survey {
    var input = SurveyInput(
      folder: "checkout",
      files: files.keys.sorted(),
      tags: tags,
      remote: remote,
      read: { files[$0] }
    )
    change(&input)
    return Survey(input)
  }

  private func settings(_ survey: Survey) throws -> Settings { try Settings.read(survey.settings) }

  @Test(
    arguments: [
      (["Cargo.toml": "[package]\nname = \"lamp\"\nversion = \"1.2.0\"\n"], "lamp", "cargo test"),
      (
        [
          "Cargo.toml": "[workspace]\nmembers = [\"crates/*\"]\n", "crates/lib/src/lib.rs": "",
          "crates/lantern/Cargo.toml": "[package]\nname = \"lantern-cli\"\n",
          "crates/lantern/src/main.rs": "",
        ],
        "lantern-cli", "cargo test"
      ),
      (
        [
          "Package.swift": """
          let package = Package(name: "lantern-package", products: [
            .executable(name: "Lantern", targets: ["Lantern"])
          ])
          """, "Tests/A.swift": "",
        ],
        "Lantern", "swift test"
      ),
      (
        [
          "package.json":
            #"{"name": "@acme/lamp", "productName": "Lamp", "scripts": {"test": "ava"}}"#,
          "pnpm-lock.yaml": "",
        ],
        "Lamp", "pnpm install --frozen-lockfile && pnpm test"
      ),
      (
        [
          "src-tauri/tauri.conf.json5": "{ // names\n productName: 'Lamp', version: '1.0.0', }",
          "src-tauri/Cargo.toml": "[package]\nname = \"app\"\n",
        ],
        "Lamp", "cargo test --manifest-path src-tauri/Cargo.toml"
      ),
      (["go.mod": "module example.org/acme/lamp/v3\n", "main.go": ""], "lamp", "go test ./..."),
      (
        ["pyproject.toml": "[project]\nname = \"lamp\"\nversion = \"2.0.1\"\n", "tests/a.py": ""],
        "lamp", "python3 -m pytest"
      ),
      (
        [
          "CMakeLists.txt":
            "cmake_minimum_required(VERSION 3.20)\nproject(Lamp VERSION 1.4 LANGUAGES C)\nenable_testing()\n"
        ],
        "Lamp", "ctest --test-dir build"
      ),
      (
        [
          "src/Lamp/Lamp.csproj":
            "<Project><OutputType>WinExe</OutputType><Version>1.2.3</Version></Project>",
          "test/T.csproj": "<PackageReference Include=\"Microsoft.NET.Test.Sdk\"/>", "Lamp.sln": "",
        ],
        "Lamp", "write-this-command"
      ),
      (
        [
          "Lamp.xcodeproj/project.pbxproj": """
          productType = "com.apple.product-type.bundle.unit-test";
          PRODUCT_NAME = "$(TARGET_NAME)";
          MARKETING_VERSION = 1.4;
          """
        ],
        "Lamp", "xcodebuild -project Lamp.xcodeproj -scheme Lamp test"
      ),
      (
        [
          "setup.cfg": "[metadata]\nname = lamp\nversion = attr: lamp.__version__\n",
          "tests/a.py": "",
        ],
        "lamp", "python3 -m pytest"
      ),
      (
        [
          "pyproject.toml": "[tool.codespell]\nskip = []\n",
          "CMakeLists.txt": "project(Lamp VERSION 1.4)\nenable_testing()\n",
        ],
        "Lamp", "ctest --test-dir build"
      ),
      (["Makefile": "CC := cc\nall: lamp\ncheck: all\n\t./t\n"], "lantern", "make check"),
      (["README": ""], "lantern", "write-this-command"),
    ] as [([String: String], String, String)]
  )
  func readsNameAndTests(_ files: [String: String], _ name: String, _ suite: String) throws {
    let survey = Self.survey(files)
    let settings = try settings(survey)
    #expect(settings.app == name, "\(survey.settings)")
    #expect(settings.suite.contains(suite), "\(survey.settings)")
    #expect(settings.changelog == nil && settings.documents == nil)
  }

  @Test(arguments: [
    (["v2.0.0-beta.1", "v1.9.0", "v1.8.0"], "v{version}"), (["1.4", "1.3"], "{version}"),
    (["release-2.1.0", "release-2.0.0"], "release-{version}"), ([], "v{version}"),
    (["v3.0.0", "2.9.0", "2.8.0"], "v{version}"),
    (["nightly", "weekly-17", "app/v1.2.3"], "app/v{version}"),
    (["x86-patch", "lz4-1.2.0"], "lz4-{version}"),
  ])
  func takesTheFormOfTheNewestReleases(_ tags: [String], _ form: String) throws {
    #expect(try settings(Self.survey([:], tags: tags)).tag.text == form)
  }

  @Test(arguments: [
    (
      "https://github.com/acme/lantern/releases/latest/download/appcast.xml", "appcast.xml",
      "release", nil
    ),
    (
      "https://raw.githubusercontent.com/acme/lantern/main/docs/appcast.xml", "docs/appcast.xml",
      "repository", "main"
    ),
    (
      "https://raw.githubusercontent.com/acme/lantern/refs/heads/feed/a.xml", "a.xml", "repository",
      "feed"
    ),
    ("https://acme.github.io/lantern/appcast.xml", "appcast.xml", "pages", nil),
    ("https://lantern.example/dl/appcast.xml?x=1", "dl/appcast.xml", "pages", nil),
  ])
  func findsWhereAFeedLives(_ url: String, _ path: String, _ home: String, _ branch: String?) throws
  {
    let plist = "<dict><key>SUFeedURL</key>\n\t<string>\(url)</string></dict>"
    let survey = Self.survey(["App/Info.plist": plist, "Lamp.xcodeproj/project.pbxproj": ""])
    let settings = try settings(survey)
    #expect(settings.feeds.map(\.path) == [path], "\(survey.settings)")
    #expect(settings.github?.feeds.rawValue == home)
    if let branch { #expect(settings.github?.branch == branch) }
    #expect(survey.feedAddresses == [url])
  }

  @Test func saysWhereAFeedIsInAnotherRepository() throws {
    let url = "https://github.com/acme/updates/releases/latest/download/appcast.xml"
    let plist = "<key>SUFeedURL</key><string>\(url)</string>"
    let survey = Self.survey(["Info.plist": plist])
    #expect(survey.settings.contains("# guess: apps ask acme/updates, which is another repository"))
    #expect(survey.notes.contains { $0.contains("in another repository, acme/updates") })
  }

  @Test func readsTheFeedOfAnXcconfig() throws {
    let survey = Self.survey([
      "Lamp.xcodeproj/project.pbxproj": "INFOPLIST_FILE = Info.plist;",
      "Info.plist": "<key>SUFeedURL</key><string>$(SPARKLE_FEED_URL)</string>",
      "Config/Base.xcconfig": """
      SPARKLE_FEED_URL = https:/$()/lamp.example/appcast.xml // where apps ask
      MARKETING_VERSION = 1.4
      CURRENT_PROJECT_VERSION = 41
      """,
    ])
    #expect(survey.feedAddresses == ["https://lamp.example/appcast.xml"], "\(survey.settings)")
    #expect(survey.settings.contains("CURRENT_PROJECT_VERSION"))
    #expect(survey.settings.contains("Config/Base.xcconfig"))
  }

  @Test func readsElectronsChannelsAndTheirScheme() throws {
    let survey = Self.survey([
      "package.json": """
      {"name": "lamp", "scripts": {"dist": "electron-builder --publish always", "dist:mac": "electron-builder --mac"},
       "build": {"mac": {}, "win": {}, "productName": "Lamp"},
       "dependencies": {"electron-updater": "6"}, "devDependencies": {"electron": "30"}}
      """
    ])
    let settings = try settings(survey)
    #expect(settings.feeds.map(\.path) == ["latest-mac.yml", "latest.yml"], "\(survey.settings)")
    #expect(survey.settings.contains("scheme: patch"))
    #expect(
      settings.build.text == "npm install && npm run dist:mac",
      "a script that publishes is none to build with"
    )
  }

  @Test(arguments: [("all", "patch"), ("msi", "patch"), ("nsis", "suffix")])
  func neverGivesAnMSIASuffix(_ targets: String, _ scheme: String) throws {
    let survey = Self.survey([
      "src-tauri/tauri.conf.json": """
      {"productName": "Lamp", "bundle": {"targets": "\(targets)"}, "plugins": {"updater": {"pubkey": "RWQabc",
       "endpoints": ["https://mirror.example/latest.json", "https://github.com/acme/lantern/releases/latest/download/latest.json"]}}}
      """
    ])
    #expect(survey.settings.contains("scheme: \(scheme) "), "\(survey.settings)")
    #expect(try settings(survey).feeds.map(\.path) == ["latest.json"])
    #expect(survey.settings.contains("public: RWQabc"))
  }

  @Test func readsWinSparkleAndVelopack() throws {
    let win = Self.survey([
      "CMakeLists.txt": "project(Lamp)",
      "src/Updater.cpp": "win_sparkle_set_appcast_url(\"https://lamp.example/win.xml\");",
    ])
    #expect(try settings(win).feeds.map(\.path) == ["win.xml"], "\(win.settings)")
    let velopack = Self.survey([
      "Lamp.csproj": "<OutputType>WinExe</OutputType><PackageReference Include=\"Velopack\" />",
      ".github/workflows/release.yml":
        "  run: vpk pack --channel win-x64\n  run: gh release create\n",
    ])
    #expect(try settings(velopack).feeds.map(\.path) == ["releases.win-x64.json"])
    #expect(velopack.notes.contains { $0.contains(".github/workflows/release.yml") })
  }

  @Test func namesArtifactsAsTheNewestRelease() throws {
    let list = #"""
      [{"tag_name": "v2.0.0-rc.1", "prerelease": true, "assets": [{"name": "no-2.0.0-rc.1.zip"}]},
       {"tag_name": "v1.9.0", "assets": [{"name": "Lamp-1.9.0.dmg"}, {"name": "Lamp-1.9.0.dmg.sha256"},
        {"name": "latest.yml"}, {"name": "lamp-1.9.0-x86_64-unknown-linux-musl.tar.gz"}]}]
      """#
    let release = try #require(Survey.releases(inGitHubs: list).first)
    #expect(release.tag == "v1.9.0")
    let survey = Self.survey(["go.mod": "module lamp", "main.go": ""]) { $0.release = release }
    let artifacts = try settings(survey).artifacts
    #expect(
      artifacts.map(\.path.text) == [
        "dist/Lamp-{version}.dmg", "dist/lamp-{version}-x86_64-unknown-linux-musl.tar.gz",
      ]
    )
    #expect(artifacts.map(\.platform) == [.macos, .linux])
  }

  @Test func eachComponentIsAProjectOfItsOwn() throws {
    let files = [
      "web/photos/package.json": #"{"name": "photos-web", "version": "0.0.1"}"#,
      "mobile/apps/photos/pubspec.yaml": "name: photos\nversion: 1.2.3+40\nflutter:\n",
      "mobile/apps/photos/CHANGELOG.md": "## 1.2.3\n",
      "cli/go.mod": "module example.org/lamps/cli\n", "cli/main.go": "", "cli/a_test.go": "",
      "desktop/package.json": #"""
      {"name": "lamp", "productName": "Lamp", "version": "4.4.4", "scripts": {"test": "jest"},
       "devDependencies": {"electron": "30", "electron-builder": "24"},
       "dependencies": {"electron-updater": "6"}, "build": {"mac": {}, "win": {}}}
      """#,
      "desktop/package-lock.json": "{}", "docs/torch/index.md": "",
    ]
    let tags = [
      "photos-v1.2.3", "lamp-desktop-v4.4.4", "torch-v2.0.0", "cli-v0.1.0", "photos-v1.2.2",
    ]
    let survey = Self.survey(files, tags: tags) { $0.remote = "git@github.com:lamps/lamps.git" }
    #expect(
      survey.components.map(\.folder) == ["mobile/apps/photos", "desktop", "cli"],
      "the folder that says the version, and none without a manifest"
    )
    let all = try settings(survey).components
    let photos = try #require(all["photos"])
    #expect(photos.tag.text == "photos-v{version}" && photos.app == "photos")
    #expect(photos.suite == "cd mobile/apps/photos && flutter test")
    #expect(photos.versionFiles.map(\.path) == ["mobile/apps/photos/pubspec.yaml"])
    #expect(photos.changelog == "mobile/apps/photos/CHANGELOG.md")
    #expect(photos.paths == ["mobile/apps/photos"] && photos.feeds.isEmpty)
    let desktop = try #require(all["lamp-desktop"])
    #expect(desktop.app == "Lamp" && desktop.scheme == .patch)
    #expect(Set(desktop.feeds.map(\.path)) == ["latest.yml", "latest-mac.yml"])
    #expect(desktop.feeds.allSatisfy { $0.artifact != nil })
    #expect(desktop.artifacts.allSatisfy { $0.path.text.hasPrefix("desktop/dist/Lamp-") })
    #expect(all["cli"]?.suite == "cd cli && go test ./...")
  }

  /// GitHub has one latest release, so the feeds of two components cannot both be its assets.
  @Test func feedsOfASecondComponentGoElsewhere() throws {
    let package =
      #"""
      {"version": "1.0.0", "devDependencies": {"electron": "30"},
       "dependencies": {"electron-updater": "6"}, "build": {"win": {}}}
      """#
    let survey = Self.survey(
      ["a/package.json": package, "b/package.json": package],
      tags: ["a-v1.0.0", "b-v1.0.0"]
    ) { $0.remote = "git@github.com:lamps/lamps.git" }
    let all = try settings(survey).components
    #expect(all["a"]?.github?.feeds == .release && all["a"]?.feeds.map(\.path) == ["latest.yml"])
    #expect(all["b"]?.github?.feeds == .pages && all["b"]?.feeds.map(\.path) == ["b/latest.yml"])
  }

  @Test func namesTheFilesThatCarryTheVersion() throws {
    let files = [
      "src-tauri/tauri.conf.json": #"{"version": "1.0.0"}"#,
      "src-tauri/Cargo.toml": "[package]\nversion = \"1.0.0\"\n",
      "package.json": #"{"version": "1.1.0"}"#, "tools/a/package.json": #"{"version": "3.0.0"}"#,
    ]
    #expect(try settings(Self.survey(files, tags: [])).versionFiles.isEmpty, "nothing was released")
    let known = try settings(Self.survey(files, tags: ["v1.0.0"]))
    #expect(
      known.versionFiles.map(\.path)
        == ["package.json", "src-tauri/Cargo.toml", "src-tauri/tauri.conf.json"],
      "main has gone on to 1.1.0; a tool has a version of its own"
    )
  }

  @Test(
    arguments: [
      (["Makefile": "NAME = nnn\nVERSION = 5.3\n"], "5.3", "Makefile: VERSION = {version}"),
      (
        ["go.mod": "module example.org/fx\n", "version.go": "const version = \"39.2.0\"\n"],
        "39.2.0", #"version.go: const version = "{version}""#
      ),
      (
        ["setup.py": "setup(name='a')", "a/__init__.py": "__version__ = '3.2.4'\n"],
        "3.2.4", "a/__init__.py: __version__ = '{version}'"
      ),
      (
        ["Makefile": "all: x\n", "src/lantern.c": "#define VERSION      \"5.3\"\n"],
        "5.3", #"src/lantern.c: #define VERSION      "{version}""#
      ),
      (["Makefile": "MINIMAL_VERSION = 15.3\nVERSION = 5.30\n"], "5.3", nil),
      (["Makefile": "VERSION = 5.3 # not 5.3\n"], "5.3", nil),
    ] as [([String: String], String, String?)]
  )
  func findsTheVersionInTheSources(
    _ files: [String: String],
    _ tag: String,
    _ entry: String?
  ) throws {
    let survey = Self.survey(files, tags: [tag])
    #expect(try settings(survey).versionFiles.map(\.entry) == [entry].compactMap(\.self))
  }

  @Test func leavesOutFilesWithAVersionOfTheirOwn() throws {
    let plist = "<key>CFBundleShortVersionString</key><string>1.0</string>"
    let files = [
      "Lamp.xcodeproj/project.pbxproj": "MARKETING_VERSION = 1.0;\nMARKETING_VERSION = 0.99;\n",
      "Launcher/Info.plist": plist,
    ]
    let survey = Self.survey(files, tags: ["v0.99"])
    #expect(try settings(survey).versionFiles.isEmpty, "writing one version would change both")
    #expect(survey.found.contains { $0.contains("version: 0.99") })
  }

  @Test func leavesOutSamples() throws {
    let sample = #"{"name": "sample", "devDependencies": {"electron": "30"}}"#
    let survey = Self.survey(["samples/Electron/package.json": sample])
    #expect(try settings(survey).app == "lantern")
  }

  @Test func buildsGoWithTheProgramFirst() throws {
    let survey = Self.survey(["go.mod": "module example.org/fx\n", "main.go": ""])
    #expect(survey.settings.contains("build: \"go build -o dist/fx . && mkdir -p dist && tar"))
  }

  @Test func readsTheAddressThatAMirrorHas() throws {
    let github = "https://github.com/acme/lantern/releases/download/updater/update.json"
    let survey = Self.survey([
      "src-tauri/tauri.conf.json":
        #"{"version": "1.0.0", "plugins": {"updater": {"pubkey": "a", "endpoints": ["https://dl.example/\#(github)"]}}}"#
    ])
    #expect(!survey.settings.contains("https:/github.com"), "\(survey.settings)")
  }

  @Test func offersToWorkAlone() throws {
    let alone = Self.survey([:]) { $0.people = 1 }
    #expect(alone.settings.contains("approvals: 0    # guess: one person: nobody else has to look"))
    #expect(!Self.survey([:]) { $0.people = 2 }.settings.contains("approvals"))
  }

  @Test(arguments: [
    ("CHANGES.rst", "1.2.0 (2024-01-01)\n-----\n"), ("docs/changelog.md", "# v1.2.0\n"),
    ("NEWS", "v1.10.0\n"), ("CHANGELOG.md", "## [Unreleased]\n"),
  ])
  func namesTheChangelog(_ path: String, _ text: String) throws {
    #expect(try settings(Self.survey([path: text])).changelog == path)
  }

  @Test(arguments: [
    ("https://github.com/acme/lantern.git", "acme/lantern"),
    ("git@github.com:acme/lantern.git", "acme/lantern"),
    ("ssh://git@github.com/acme/lantern", "acme/lantern"),
    ("https://token@github.com/acme/lantern", "acme/lantern"),
    ("https://example.org/acme/lantern.git", nil), ("../lantern.git", nil),
    ("https://evil.example/github.com/acme/lantern", nil),
  ])
  func findsGitHubInTheRemote(_ remote: String, _ repository: String?) throws {
    let survey = Self.survey([:], remote: remote)
    #expect(try settings(survey).github?.repository == repository)
    #expect(!survey.settings.contains("token"))
  }

  /// A stranger's files are cut and spliced anywhere; what comes out is read by the settings.
  @Test func rubbishNeverCrashesAndNeverLeaksIntoOtherKeys() throws {
    var seed: UInt64 = 17
    func next(_ limit: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % limit
    }
    let seeds = [
      #"{"productName": "a\"b: # c\n", "scripts": {"test": "x"}, "build": {"mac": {}, "publish": [{"url": "https://a.example/"}]}"#,
      "<key>SUFeedURL</key><string>https://a.example/%s/appcast.xml</string><key>CFBundleVersion</key>",
      "[package]\nname = \"\u{202E}x\u{0}\"\nversion = \"1.0\"\n[workspace", "project(İ VERSION",
      "all: a\n\ttest\n: :=",
      "PRODUCT_NAME = \"${X\"; SUFeedURL = https:/$()/b.example/é", "\r\n\u{FEFF}/* never ends",
      "{[{[{[",
    ]
    let paths = [
      "package.json", "src-tauri/tauri.conf.json", "Info.plist", "Cargo.toml", "CMakeLists.txt",
      "Makefile",
      "A.xcodeproj/project.pbxproj", "version.env", "CHANGELOG.md", "x.csproj", "go.mod",
      "Package.swift",
      "pyproject.toml", "settings.gradle", "justfile", "electron-builder.yml", "src/Updater.cpp",
    ]
    for _ in 0..<400 {
      var files: [String: String] = [:]
      for path in paths where next(3) > 0 {
        let a = Array(seeds[next(seeds.count)].utf8)
        let b = Array(seeds[next(seeds.count)].utf8)
        files[path] = String(
          decoding: a.prefix(next(a.count + 1)) + b.dropFirst(next(b.count)),
          as: UTF8.self
        )
      }
      let tags = ["v1.0.0", "\u{301}1.2.3", "a\"1.0.0", "{1.0.0", "99999999999999999999.1"].filter {
        _ in next(2) > 0
      }
      let survey = Self.survey(files, tags: tags)
      _ = try? Settings.read(survey.settings)
      for line in survey.settings.lines() {
        #expect(line.first?.isLetter == true || line.first == " ", "\(survey.settings)")
      }
    }
  }
}
