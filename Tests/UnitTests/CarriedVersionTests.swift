import HotfixTesting
import ReleaseModel
import Runbook
import Testing

/// Files made by other programs, with what others read in them (Tests/Fixtures/candidate/README.md).
@Suite struct CarriedVersionTests {
  private static func fixture(_ name: String) throws -> [UInt8] {
    try Fixtures.bytes("candidate/\(name)")
  }

  private static func reader(_ bytes: [UInt8]) -> (Range<Int>) throws -> [UInt8]? {
    { Array(bytes[$0.clamped(to: 0..<bytes.count)]) }
  }

  private static func packageJSON(_ archive: [UInt8]) throws -> String? {
    try AsarArchive.packageJSON(read: reader(archive)).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func bytes32(_ number: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }

  /// An archive with this header, by the published form.
  private static func asar(_ json: String, _ files: String = "") -> [UInt8] {
    let json = Array(json.utf8)
    let padded = (json.count + 3) / 4 * 4
    return [4, padded + 8, padded + 4, json.count].flatMap(bytes32)
      + json + [UInt8](repeating: 0, count: padded - json.count) + Array(files.utf8)
  }

  // MARK: Archives

  @Test func asarOfElectronsPackerGivesItsTopLevelPackage() throws {
    let text = try #require(try Self.packageJSON(try Self.fixture("app.asar")))
    #expect(
      text == """
        {
          "name": "lantern",
          "productName": "Läntern",
          "version": "1.0.1-hotfix1",
          "main": "main.js"
        }

        """
    )
  }

  @Test func asarWithItsPackageUnpackedGivesNone() throws {
    #expect(try Self.packageJSON(try Self.fixture("unpacked.asar")) == nil)
  }

  @Test func asarEndingInItsFileGivesNone() throws {
    let whole = try Self.fixture("app.asar")
    for length in 0..<whole.count { #expect(try Self.packageJSON(Array(whole[..<length])) == nil) }
  }

  @Test(arguments: [
    (#"{"files":{"package.json":{"size":2,"offset":"1"}}}"#, "bc"),
    (#" { "files" : { "package.json" : { "offset" : "0" , "size" : 1 } } } "#, "a"),
    (#"{"a":[{"files":{}}],"files":{"x\"{":{},"package.json":{"size":1,"offset":"2"}}}"#, "c"),
    (#"{"files":{"package.json":{},"package.json":{"size":1,"offset":"3"}}}"#, "d"),
    (#"{"files":{"package.json":{"size":0,"offset":"4"}}}"#, ""),
    (#"{"files":{"package.json":{"size":1,"offset":"4"}}}"#, nil),
    (#"{"files":{"package.json":{"size":1,"offset":0}}}"#, nil),
    (#"{"files":{"package.json":{"size":-1,"offset":"0"}}}"#, nil),
    (#"{"files":{"package.json":{"size":1048577,"offset":"0"}}}"#, nil),
    (#"{"files":{"package.json":{"size":1,"offset":"9223372036854775807"}}}"#, nil),
    (#"{"files":{"package.json":{"size":1,"offset":"-1"}}}"#, nil),
    (#"{"files":{"package.json":{"link":"lib/package.json"}}}"#, nil),
    (#"{"files":{"package.json":{"files":{}}}}"#, nil),
    (#"{"files":{"lib":{"files":{"package.json":{"size":1,"offset":"0"}}}}}"#, nil),
    (#"{"package.json":{"size":1,"offset":"0"}}"#, nil),
    (#"{"files":{"package.json":{"size":1,"offset":"0"}"#, nil),
    (#"{"files":["package.json",{"size":1,"offset":"0"}]}"#, nil),
    (#"["files",{"package.json":{"size":1,"offset":"0"}}]"#, nil),
    (#"{"files":{"package.json":"#, nil), (#"{"files":"\"#, nil), ("", nil),
  ]) func asarHeaderSaysWhereThePackageLies(_ json: String, _ expected: String?) throws {
    #expect(try Self.packageJSON(Self.asar(json, "abcd")) == expected)
  }

  @Test func asarHeaderIsBoundedInDepthAndSize() throws {
    let wanted = #""package.json":{"size":1,"offset":"0"}"#
    for (depth, expected) in [(500, "a"), (600, nil), (1_000_000, nil)] {
      let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      let json = #"{"files":{"x":\#(nested),\#(wanted)}}"#
      #expect(try Self.packageJSON(Self.asar(json, "a")) == expected, "depth \(depth)")
    }
    var wide = Self.asar(#"{"files":{\#(wanted)}}"#, "a")
    wide.replaceSubrange(4..<8, with: Self.bytes32((32 << 20) + 1))
    wide.replaceSubrange(12..<16, with: Self.bytes32(32 << 20))
    let reader = Self.reader(wide)
    var longest = 0
    let found = try AsarArchive.packageJSON { range in
      longest = max(longest, range.count)
      return try reader(range)
    }
    #expect(found == nil && longest == 16, "a header over the limit is not read")
  }

  @Test func asarOfHundredsOfMegabytesIsReadInThreeRanges() throws {
    let header = Self.asar(#"{"files":{"package.json":{"size":3,"offset":"734003200"}}}"#)
    var ranges: [Range<Int>] = []
    let found = try AsarArchive.packageJSON { range in
      ranges.append(range)
      if range.lowerBound == header.count + 734_003_200 { return Array("{ }".utf8) }
      return Array(header[range.clamped(to: 0..<header.count)])
    }
    #expect(found == Array("{ }".utf8))
    #expect(ranges.count == 3 && ranges.allSatisfy { $0.count < 100 })
  }

  // MARK: Programs

  @Test(
    arguments: [
      ("mingw64.exe", "1.0.1-hotfix1", "1.0.1.7", "1.0.1.0", "1.0.1.7"),
      ("lld64.exe", "1.0.1-hotfix1", "1.0.1.7", "1.0.1.0", "1.0.1.7"),
      ("mingw32-fixed.exe", nil, nil, "2.5.1.0", "2.5.0.3"),
    ] as [(String, String?, String?, String, String)]
  )
  func programSaysItsVersions(
    _ name: String,
    _ product: String?,
    _ file: String?,
    _ fixedProduct: String,
    _ fixedFile: String
  ) throws {
    let version = try PortableExecutable.version(read: Self.reader(try Self.fixture(name)))
    #expect(version?.productVersion == product && version?.fileVersion == file)
    #expect(version?.fixedProductVersion == fixedProduct && version?.fixedFileVersion == fixedFile)
  }

  @Test(arguments: ["mingw64.exe", "lld64.exe", "mingw32-fixed.exe"])
  func programCutAnywhereIsNoError(_ name: String) throws {
    let whole = try Self.fixture(name)
    for length in stride(from: 0, to: whole.count, by: 3) {
      _ = try PortableExecutable.version(read: Self.reader(Array(whole[..<length])))
    }
    #expect(try PortableExecutable.version(read: Self.reader(Array(whole[..<1024]))) == nil)
  }

  // MARK: Property lists

  @Test(arguments: [
    ("Info.xml.plist", "1.0.1"), ("Info.binary.plist", "1.0.1"), ("Info.utf16.plist", "1.0.1 ✓"),
  ]) func propertyListSaysItsTopLevelText(_ name: String, _ expected: String) throws {
    let bytes = try Self.fixture(name)
    #expect(InfoPlist.text("CFBundleShortVersionString", in: bytes) == expected)
    #expect(InfoPlist.text("CFBundleName", in: bytes) == "Läntern")
    #expect(InfoPlist.text("NSHumanReadableCopyright", in: bytes) == "© 2026 & all")
    #expect(InfoPlist.text("Key3", in: bytes) == nil, "a number is no text")
    #expect(InfoPlist.text("Names", in: bytes) == nil && InfoPlist.text("8.8.8", in: bytes) == nil)
    for length in 0..<bytes.count {
      _ = InfoPlist.text("CFBundleName", in: Array(bytes[..<length]))
    }
  }

  @Test func propertyListNestedDeeplyGivesNothing() {
    let deep = String(repeating: "<array>", count: 100_000)
    #expect(InfoPlist.text("a", in: Array("<plist><dict><key>a</key>\(deep)".utf8)) == nil)
  }

  /// Each attribute is compared with those before it, which would take minutes.
  @Test(.timeLimit(.minutes(1))) func propertyListWithManyAttributesIsRefusedAtOnce() {
    let many = (0..<100_000).map { " a\($0)=''" }.joined()
    #expect(InfoPlist.text("a", in: Array("<plist\(many)></plist>".utf8)) == nil)
  }

  // MARK: Hostile bytes

  /// Bytes are flipped, taken out and doubled; whatever comes out, no reader traps.
  @Test(arguments: [
    "app.asar", "mingw64.exe", "lld64.exe", "mingw32-fixed.exe", "Info.xml.plist",
    "Info.binary.plist", "Info.utf16.plist",
  ]) func damagedFileNeverTraps(_ name: String) throws {
    let whole = try Self.fixture(name)
    var generator = SeededGenerator(seed: 20_260_801)
    for _ in 0..<5000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
        // Half of the damage is done to what the readers look at first.
        let end = Bool.random(using: &generator) ? bytes.count : min(bytes.count, 512)
        let at = Int.random(in: 0..<end, using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: bytes.removeSubrange(at...)
        case 1: bytes.removeSubrange(at..<min(at + 7, bytes.count))
        case 2: bytes.insert(contentsOf: bytes[at..<min(at + 9, bytes.count)], at: at)
        case 3: bytes[at] = 0xFF
        case 4: bytes[at] = 0
        default: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        }
      }
      _ = try AsarArchive.packageJSON(read: Self.reader(bytes))
      _ = try PortableExecutable.version(read: Self.reader(bytes))
      _ = InfoPlist.text("CFBundleShortVersionString", in: bytes)
    }
  }
}
