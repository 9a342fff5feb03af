import Documents
import ReleaseModel
import Testing

/// Files that carry the version, in the forms of their tools.
@Suite struct VersionFileTests {
  /// A path, a text with `@` where the version stands, and what 1.0.1-hotfix1 is there.
  static let forms: [(path: String, text: String, spelled: String)] = [
    (
      "package.json",
      "{\n  \"name\": \"a\",\n  \"version\": \"@\",\n  \"x\": {\"version\": \"9.9.9\"}\n}\n", ""
    ),
    ("apps/a/package.json", "{\"dependencies\":{\"version\":\"2.0.0\"},\"version\":\"@\"}", ""),
    (
      "src-tauri/tauri.conf.json",
      "{\r\n\t\"package\": { \"productName\": \"A\", \"version\": \"@\" }\r\n}\r\n", ""
    ),
    (
      "src-tauri/tauri.conf.json",
      "{ \"version\": \"@\", \"plugins\": { \"x\": { \"version\": \"3.3.3\" } } }", ""
    ),
    (
      "tauri.conf.json5",
      "// version: \"7.7.7\"\n{\n  productName: 'A', /* \"version\": \"8.8.8\" */\n  version: '@', // now\n}\n",
      ""
    ),
    (
      "Cargo.toml",
      "[package]\nname = \"a\"\nversion = \"@\" # the app\n\n[dependencies]\nversion = \"9.0.0\"\nb = { version = \"2.0.0\" }\n",
      ""
    ),
    ("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n[workspace.package]\nversion=\"@\"\n", ""),
    ("Cargo.toml", "[ package ]\r\nversion   =   '@'\r\n", ""),
    (
      "pyproject.toml",
      "[project]\nname = \"a\"\nversion = \"@\"\n[tool.ruff]\nversion = \"0.1.0\"\n", "1.0.1"
    ),
    ("pyproject.toml", "[tool.poetry]\nversion = \"@\"\n", "1.0.1"),
    ("setup.cfg", "[metadata]\nname = a\nversion = @\n[options]\nversion = 2.0\n", "1.0.1"),
    (
      "A.xcodeproj/project.pbxproj",
      "\t\t\t\tMARKETING_VERSION = @;\n\t\t\t\tSWIFT_VERSION = 5.0;\n\t\t\t\tMARKETING_VERSION = @;\n",
      "1.0.1"
    ),
    (
      "Config/App.xcconfig",
      "// MARKETING_VERSION = 3.0.0\nMARKETING_VERSION = @\nCURRENT_PROJECT_VERSION = 12\n", "1.0.1"
    ),
    (
      "App/Info.plist",
      "<dict>\n\t<key>CFBundleShortVersionString</key>\n\t<string>@</string>\n\t<key>CFBundleVersion</key>\n\t<string>12.0</string>\n</dict>\n",
      "1.0.1"
    ),
    ("version.env", "MARKETING_VERSION=@\nBUILD_NUMBER=12\n", ""),
    ("version.env", "export VERSION=\"@\"\n", ""),
    (
      "CMakeLists.txt",
      "cmake_minimum_required(VERSION 3.20)\nproject(a\n  VERSION @\n  LANGUAGES C)\n", "1.0.1"
    ),
    ("CMakeLists.txt", "cmake_policy(VERSION 3.1)\nPROJECT (a VERSION @)\n", "1.0.1"),
    (
      "A.csproj",
      "<Project>\n  <PropertyGroup>\n    <Version>@</Version>\n  </PropertyGroup>\n</Project>\n", ""
    ),
    (
      "Directory.Build.props", "\u{FEFF}<Project><VersionPrefix>@</VersionPrefix></Project>",
      "1.0.1"
    ),
    ("pubspec.yaml", "name: a\nversion: @\nenvironment:\n  sdk: '>=3.0.0'\n", ""),
    ("gradle.properties", "# version=9.9.9\nversion=@\n", ""),
    ("app/build.gradle", "android {\n  versionCode 12\n  versionName \"@\"\n}\n", ""),
    ("app/build.gradle.kts", "versionName = \"@\"\n", ""),
    ("mix.exs", "  def project do\n    [\n      app: :a,\n      version: \"@\",\n", ""),
    ("VERSION", "@\n", ""), ("VERSION", "v@\n", "v1.0.1-hotfix1"), ("version.txt", "@", ""),
    (
      "src/version.h: #define VERSION \"{version}\"",
      "#define VERSION \"@\"\n#define OTHER \"9.0\"\n", ""
    ),
    ("a.py: __version__ = '{version}'", "x = 1\r\n__version__ = '@'\r\n", ""),
    ("Makefile: VERSION := {version}", "VERSION := @\nMIN_VERSION := 2.0\n", ""),
  ]

  @Test(arguments: forms)
  func onlyTheVersionChanges(_ path: String, _ text: String, _ spelled: String) throws {
    let file = try #require(VersionFile(path))
    let old = text.replacing("@", with: "1.0.0")
    #expect(file.isKnown && file.versions(in: old) == [spelled.hasPrefix("v") ? "v1.0.0" : "1.0.0"])
    #expect(file.otherVersions(in: old, than: VersionName("1.0.0")).isEmpty)
    #expect(!file.otherVersions(in: old, than: VersionName("1.0.1-hotfix1")).isEmpty)
    let wanted = spelled.isEmpty ? "1.0.1-hotfix1" : spelled
    let new = try #require(file.rewritten(old, to: VersionName("1.0.1-hotfix1")))
    #expect(
      new.utf8.elementsEqual(text.replacing(spelled.hasPrefix("v") ? "v@" : "@", with: wanted).utf8)
    )
    #expect(file.otherVersions(in: new, than: VersionName("1.0.1-hotfix1")).isEmpty)
    let back = try #require(file.rewritten(new, to: VersionName("1.0.0")))
    #expect(back.utf8.elementsEqual(old.utf8))
  }

  @Test func formatsKeepTheirShape() throws {
    let assembly = VersionFile(path: "A.csproj")
    #expect(
      assembly.rewritten(
        "<AssemblyVersion>1.0.0.0</AssemblyVersion>",
        to: VersionName("1.0.1-hotfix2")
      )
        == "<AssemblyVersion>1.0.1.0</AssemblyVersion>"
    )
    let pub = VersionFile(path: "pubspec.yaml")
    #expect(pub.rewritten("version: 1.0.0+41\n", to: VersionName("1.0.1")) == "version: 1.0.1+41\n")
    // What is taken from elsewhere is no version.
    #expect(
      VersionFile(path: "tauri.conf.json").versions(in: "{\"version\":\"../package.json\"}").isEmpty
    )
    #expect(
      VersionFile(path: "Cargo.toml").versions(in: "[package]\nversion.workspace = true\n").isEmpty
    )
    #expect(
      VersionFile(path: "Info.plist").versions(
        in: "<key>CFBundleShortVersionString</key><string>$(MARKETING_VERSION)</string>"
      ).isEmpty
    )
  }

  @Test(arguments: [
    "", "{version}", "a.h: {version}", "a.h: VERSION", "{version}: x", ": {version}",
  ])
  func refusesWhatNamesNoPlace(_ entry: String) {
    #expect(VersionFile(entry) == nil)
  }

  @Test func anUnknownFileNeedsAText() throws {
    #expect(try !#require(VersionFile("src/version.h")).isKnown)
    #expect(try #require(VersionFile("src/version.h: V {version}")).isKnown)
  }

  @Test func lockFilesFollowInTheProjectsOwnEntries() throws {
    let npm = """
      {
        "name": "a", "version": "1.0.0", "lockfileVersion": 3,
        "packages": {
          "": { "name": "a", "version": "1.0.0", "dependencies": { "b": "1.0.0" } },
          "node_modules/b": { "version": "1.0.0" }
        }
      }
      """
    let locked = try #require(
      VersionFile.relocked(npm, "package-lock.json", from: "1.0.0", to: VersionName("1.0.1"))
    )
    #expect(locked.split(separator: "1.0.1").count == 3)
    #expect(locked.contains("\"node_modules/b\": { \"version\": \"1.0.0\" }"))
    let cargo = """
      [[package]]
      name = "a"
      version = "1.0.0"

      [[package]]
      name = "b"
      version = "1.0.0"
      source = "registry+https://github.com/rust-lang/crates.io-index"
      """
    #expect(
      VersionFile.relocked(cargo, "Cargo.lock", from: "1.0.0", to: VersionName("1.0.1"))
        == cargo.replacing(
          "name = \"a\"\nversion = \"1.0.0\"",
          with: "name = \"a\"\nversion = \"1.0.1\""
        )
    )
    let uv = """
      [[package]]
      name = "a"
      version = "1.0.0"
      source = { editable = "." }

      [[package]]
      name = "b"
      version = "1.0.0"
      source = { registry = "https://pypi.org/simple" }
      """
    #expect(
      VersionFile.relocked(uv, "uv.lock", from: "1.0.0", to: VersionName("1.0.1"))
        == uv.replacing(
          "name = \"a\"\nversion = \"1.0.0\"",
          with: "name = \"a\"\nversion = \"1.0.1\""
        )
    )
    #expect(
      VersionFile(path: "app/src/Cargo.toml").lockPaths == [
        "app/src/Cargo.lock", "app/Cargo.lock", "Cargo.lock",
      ]
    )
  }

  @Test func rubbishIsNoVersion() {
    var generator = SeededGenerator(seed: 17)
    let alphabet = Array("{}[]<>\"'/*=:\\\n\r v1.0-+projectVERSION(),".utf8)
    for _ in 0..<3000 {
      let count = Int.random(in: 0..<60, using: &generator)
      let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
      let text = String(decoding: bytes, as: UTF8.self)
      for form in Self.forms {
        let file = VersionFile(form.path)
        let new = file?.rewritten(text, to: VersionName("2.0.0"))
        #expect((new == nil) == (file?.versions(in: text).isEmpty ?? true))
      }
    }
  }
}
