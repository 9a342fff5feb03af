import HotfixTesting
import ReleaseModel
import Runbook
import Testing

@Suite struct CarriedVersionSearchTests {
  /// Files in memory: `/installed` and what else there is, with links by their real places.
  private static func files(
    _ contents: [String: [UInt8]],
    links: [String: String] = [:]
  ) -> Files {
    let real: @Sendable (FilePath) -> String = { path in
      var text = path.string
      for (link, target) in links where text == link || text.hasPrefix(link + "/") {
        text = target + text.dropFirst(link.count)
      }
      return text
    }
    let names: @Sendable (FilePath) -> [String] = { folder in
      let prefix = real(folder) + "/"
      let all = contents.keys.map { $0 } + links.keys
      let below = all.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) }
      return Set(below.compactMap { $0.split(separator: "/").first.map(String.init) }).sorted()
    }
    let unused: @Sendable (FilePath) throws -> Void = { path in
      Issue.record("The search only lists, resolves and reads ranges, and not so \(path).")
    }
    return Files(
      read: { path, _ in
        try unused(path)
        return nil
      },
      readRange: { path, range in
        contents[real(path)].map { Array($0[range.clamped(to: 0..<$0.count)]) }
      },
      content: { path in
        try unused(path)
        return nil
      },
      resolve: { path in
        contents[real(path)] == nil && names(path).isEmpty ? nil : FilePath(real(path))
      },
      write: { path, _ in try unused(path) },
      append: { path, _ in try unused(path) },
      makeFolder: unused,
      remove: unused,
      rename: { path, _ in try unused(path) },
      copy: { path, _ in try unused(path) },
      exists: { contents[real($0)] != nil },
      list: { names($0) },
      entries: { path in
        try unused(path)
        return nil
      },
      digest: { path in
        try unused(path)
        return nil
      },
      tree: { path in
        try unused(path)
        return []
      },
      lock: { path in
        try unused(path)
        return {}
      }
    )
  }

  private static func find(
    _ contents: [String: [UInt8]],
    links: [String: String] = [:]
  ) throws -> [CarriedVersion] {
    var all = contents
    for (path, bytes) in contents where !path.hasPrefix("/") {
      all[path] = nil
      all["/installed/" + path] = bytes
    }
    return try CarriedVersion.find(in: "/installed", files: files(all, links: links))
  }

  private static func fixture(_ name: String) throws -> [UInt8] {
    try Fixtures.bytes("candidate/\(name)")
  }

  private static func package(_ version: String) -> [UInt8] {
    Array(#"{"name":"lantern","version":"\#(version)"}"#.utf8)
  }

  @Test func bundleSaysItsVersionsAndWhatIsNestedInItDoesNot() throws {
    let plist = try Self.fixture("Info.xml.plist")
    let asar = try Self.fixture("app.asar")
    let app = "Lantern.app/Contents"
    let found = try Self.find([
      "\(app)/Info.plist": plist,
      "\(app)/Resources/app.asar": asar,
      "\(app)/Resources/app/package.json": Self.package("1.0.2"),
      "\(app)/Frameworks/Helper.app/Contents/Info.plist": plist,
      "\(app)/Frameworks/Electron.framework/Resources/Info.plist": plist,
      "\(app)/Resources/app/node_modules/x/package.json": Self.package("9.9.9"),
      "a/Second.app/Contents/Info.plist": try Self.fixture("Info.binary.plist"),
      "a/b/Third.app/Contents/Info.plist": plist,
    ])
    #expect(
      found == [
        CarriedVersion(path: "\(app)/Info.plist", source: .infoPlist, version: "1.0.1"),
        CarriedVersion(
          path: "\(app)/Resources/app.asar",
          source: .asar,
          version: "1.0.1-hotfix1"
        ),
        CarriedVersion(
          path: "\(app)/Resources/app/package.json",
          source: .packageJSON,
          version: "1.0.2"
        ),
        CarriedVersion(
          path: "a/Second.app/Contents/Info.plist",
          source: .infoPlist,
          version: "1.0.1"
        ),
      ]
    )
  }

  @Test func folderCanItselfBeTheBundleOrItsContents() throws {
    let plist = try Self.fixture("Info.xml.plist")
    #expect(try Self.find(["Contents/Info.plist": plist]).map(\.path) == ["Contents/Info.plist"])
    #expect(try Self.find(["Info.plist": plist]).map(\.path) == ["Info.plist"])
  }

  @Test func helpersAndToolsForWindowsDoNotCount() throws {
    let program = try Self.fixture("mingw64.exe")
    let found = try Self.find([
      "win/Lantern.exe": program, "win/resources/app.asar": try Self.fixture("app.asar"),
      "win/resources/elevate.exe": program, "win/Uninstall Lantern.exe": program,
      "win/tools/ffmpeg.exe": try Self.fixture("mingw32-fixed.exe"), "win/Update.EXE": program,
    ])
    #expect(found.map(\.path) == ["win/resources/app.asar", "win/Lantern.exe"])
    #expect(found.map(\.source) == [.asar, .executable])
    #expect(found.allSatisfy { $0.version == "1.0.1-hotfix1" })
  }

  @Test func programsDeeperDownCountWhenNoneAboveHasAVersion() throws {
    let found = try Self.find([
      "Lantern.exe": Array("MZ".utf8),
      "lib/net45/Lantern.exe": try Self.fixture("mingw32-fixed.exe"),
      "a/b/c/Lantern.exe": try Self.fixture("mingw64.exe"),
    ])
    #expect(found.map(\.path) == ["lib/net45/Lantern.exe"] && found.map(\.version) == ["2.5.1.0"])
  }

  @Test func linksOutOfTheFolderAreNotFollowedAndThoseInsideCountOnce() throws {
    let plist = try Self.fixture("Info.xml.plist")
    let found = try Self.find(
      [
        "/Applications/Other.app/Contents/Info.plist": plist,
        "/etc/package.json": Self.package("6.6.6"),
        "app-1/resources/app.asar": try Self.fixture("app.asar"),
      ],
      links: [
        "/installed/Applications": "/Applications", "/installed/current": "/installed/app-1",
        "/installed/resources/app/package.json": "/etc/package.json",
        "/installed/Out.app": "/Applications/Other.app", "/installed/loop": "/installed",
      ]
    )
    #expect(found.map(\.path) == ["app-1/resources/app.asar"])
  }

  @Test(arguments: [
    #"{"version":""}"#, #"{"version":1}"#, #"{"version":"1.0\u001b[2J"}"#, #"{"version":"1.0é"}"#,
    #"{"version":"\#(String(repeating: "1", count: 129))"}"#, "{", "[]", "",
  ]) func packageWithoutAVersionThatCanBeShownSaysNothing(_ text: String) throws {
    #expect(try Self.find(["resources/app/package.json": Array(text.utf8)]).isEmpty)
  }

  @Test func packageMayBeginWithAByteOrderMark() throws {
    let bytes = [0xEF, 0xBB, 0xBF] + Self.package(" 1.0.1 ")
    #expect(try Self.find(["resources/app/package.json": bytes]).map(\.version) == ["1.0.1"])
    let long = bytes + [UInt8](repeating: 0x20, count: 1 << 20)
    #expect(try Self.find(["resources/app/package.json": long]).isEmpty)
  }

  @Test func searchIsBoundedAndSkipsNamesThatCannotBeShown() throws {
    var many: [String: [UInt8]] = ["a\u{1B}[2J/resources/app/package.json": Self.package("1.0.0")]
    for number in 0..<150 {
      many["app\(number)/resources/app/package.json"] = Self.package("1.0.\(number)")
    }
    let found = try Self.find(many)
    #expect(found.count == CarriedVersion.versionsMax)
    #expect(found.allSatisfy { !$0.path.contains("\u{1B}") })
    #expect(try CarriedVersion.find(in: "/nowhere", files: Self.files([:])).isEmpty)
  }

  @Test(arguments: [
    ("1.0.1", "1.0.1", true, true), ("v1.0.1", "1.0.1", true, true),
    ("1.0.1", "v1.0.1", true, true), ("1.0.1+build.7", "1.0.1", true, true),
    ("1.0.1-hotfix1", "1.0.1-hotfix1", true, true),
    ("1.0.1-hotfix1+7", "1.0.1-hotfix1", true, true),
    ("1.0.1", "1.0.1-hotfix1", true, false), ("1.0.1.0", "1.0.1-hotfix1", true, false),
    ("1.0.1.0", "1.0.1", true, true), ("1.0", "1.0.0", true, true),
    ("1.0.1-hotfix1", "1.0.1-hotfix2", false, false), ("1.0.1-hotfix1", "1.0.1", false, false),
    ("1.0.0", "1.0.1", false, false), ("1.0.0", "1.0.1-hotfix1", false, false),
    ("1.0.1.1", "1.0.1", false, false), ("1.0.1-beta", "1.0.1-hotfix1", false, false),
    ("", "1.0.1", false, false), ("1..1", "1.0.1", false, false), (".", "0", false, false),
    ("99999999999999999999", "99999999999999999999", true, true),
    ("99999999999999999999.0", "99999999999999999999", false, false),
  ]) func meansAVersion(
    _ text: String,
    _ version: String,
    _ bundleMeansIt: Bool,
    _ packageMeansIt: Bool
  ) {
    for (source, expected) in [
      (CarriedVersion.Source.infoPlist, bundleMeansIt), (.executable, bundleMeansIt),
      (.packageJSON, packageMeansIt), (.asar, packageMeansIt),
    ] {
      let carried = CarriedVersion(path: "x", source: source, version: text)
      #expect(carried.means(VersionName(version)) == expected, "\(source)")
    }
  }

  @Test func programsVersionMayHaveCommas() {
    let commas = CarriedVersion(path: "x", source: .executable, version: "1, 0, 1, 0")
    #expect(commas.means(VersionName("1.0.1-hotfix1")) && !commas.means(VersionName("1.0.2")))
  }
}
