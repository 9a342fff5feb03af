import Documents
import ReleaseModel
import Testing

@Suite struct ChangelogTests {
  static let version = VersionName("1.2.4")

  static func entry(
    _ version: VersionName = version,
    _ text: String = "Kept."
  ) throws -> ChangelogEntry {
    ChangelogEntry(
      version: version,
      at: try #require(Moment(iso: "2026-11-22T21:09:06Z")),
      author: "Ana <ana@example.org>",
      kind: .fixed,
      text: text
    )
  }

  @Test(arguments: ChangelogSample.markdown + ChangelogSample.others)
  func writesTheSectionInTheFormOfTheFile(_ sample: ChangelogSample) throws {
    var changelog = Changelog(sample.above + sample.below)
    #expect(changelog.add(try Self.entry()))
    #expect(changelog.text == sample.above + sample.section + sample.below)
  }

  /// The bytes in front of and after the new section are those of the old file.
  @Test(arguments: ChangelogSample.markdown + ChangelogSample.others)
  func touchesNoOtherByte(_ sample: ChangelogSample) throws {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    // A line of another encoding, lines of Windows, a mark, no line feed at the end.
    let latin = Array("\n\nF".utf8) + [0xFC] + "r alle\n".utf8
    let above = Array(sample.above.utf8)
    let below = Array(sample.below.utf8) + latin
    let windows = { (bytes: [UInt8]) in bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] } }
    for change in [{ $0 }, windows, { mark + $0 }, { mark + windows($0) }, { $0.dropLast() }] {
      let old = Array(change(above + below))
      var changelog = Changelog(old)
      #expect(changelog.add(try Self.entry()))
      let new = changelog.bytes
      let start = zip(new, old).prefix { $0 == $1 }.count
      let end = zip(new.reversed(), old.reversed()).prefix { $0 == $1 }.count
      #expect(start + end >= old.count && new.count > old.count, "\(changelog.text)")
      #expect(changelog.section(Self.version)?.contains("Kept.") == true)
      #expect(
        !old.contains(0x0D) || new.count { $0 == 0x0D } == new.count { $0 == 0x0A },
        "lines end as they did"
      )
    }
  }

  @Test(arguments: ChangelogSample.markdown + ChangelogSample.others)
  func takesSectionsOfTwoRunsTogether(_ sample: ChangelogSample) throws {
    let base = Changelog(sample.above + sample.below)
    var (ours, theirs) = (base, base)
    let (other, name) = (VersionName("1.2.40"), VersionName("1.2.41-hotfix1"))
    #expect(ours.add(try Self.entry()))
    #expect(theirs.add(try Self.entry(other, "Something else.")))
    let both = try #require(theirs.adding(Self.version, as: name, from: ours, over: base))
    #expect(both.section(name) == ours.section(Self.version))
    #expect(both.section(other) == theirs.section(other))
    // One after the other gives the same sections at the same places.
    var alone = theirs
    alone.add(try Self.entry(name))
    let words = { (text: String) in text.split(whereSeparator: \.isNewline).count }
    #expect(words(both.text) == words(alone.text))
    #expect(both.text.hasPrefix(sample.above) && both.text.hasSuffix(sample.below))
  }

  @Test(arguments: ChangelogSample.unknown.map(\.name))
  func leavesAFormAloneThatItDoesNotKnow(_ name: String) throws {
    let text = try #require(ChangelogSample.unknown.first { $0.name == name }).text
    var changelog = Changelog(text)
    #expect(!changelog.add(try Self.entry()))
    #expect(changelog.text == text)
    #expect(changelog.section(Self.version) == nil)
  }

  @Test(arguments: ["CHANGELOG.md", "NEWS.rst", "CHANGES"])
  func beginsAChangelogInTheFormOfItsName(_ path: String) throws {
    var changelog = Changelog(Changelog.template(path))
    #expect(changelog.add(try Self.entry()))
    #expect(changelog.text.hasPrefix(Changelog.template(path)))
    #expect(changelog.section(Self.version)?.hasSuffix("- Kept.") == true)
    #expect(changelog.text.contains("## ") == path.hasSuffix(".md"))
    #expect(changelog.add(try Self.entry(VersionName("1.2.5"))))
  }

  @Test func escapesThePlainTextOfASectionInMarkdown() {
    let section = "  * <b>@all</b> [x](y)\n\n  ** Bug fixes"
    #expect(
      Changelog.markdown(section, of: "debian/changelog")
        == "  * \(OutsideText("<b>@all</b> [x](y)").markdown)\n\n  ** Bug fixes"
    )
    #expect(Changelog.markdown(section, of: "CHANGELOG.md") == section)
  }

  @Test func writesSecurityAndRollbacksUnderTheFilesOwnNames() throws {
    let text = "## 1.0\n\n### 🔒 Security fixes\n\n- A.\n\n### ✨ New\n\n- B.\n"
    func heading(_ kind: ChangelogEntry.Kind) throws -> String? {
      var changelog = Changelog(text)
      let at = Moment(seconds: 0)
      changelog.add(.init(version: Self.version, at: at, author: "", kind: kind, text: "Kept."))
      return changelog.section(Self.version)?.split(separator: "\n").first.map(String.init)
    }
    #expect(try heading(.security) == "### 🔒 Security fixes")
    #expect(try heading(.changed)?.hasSuffix("Changed") == true)
  }
}
