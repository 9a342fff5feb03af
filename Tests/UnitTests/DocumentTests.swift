import Documents
import ReleaseModel
import Testing

@Suite struct DocumentTests {
  static let changelog = """
    # Changelog

    ## [Unreleased]

    - Something new.

    ## [1.0.0] - 2026-11-01

    ### Added

    - Everything.

    [Unreleased]: https://example.org/compare
    """

  @Test func addsTheReleasesSectionAndTouchesNothingElse() {
    var changelog = Changelog(Self.changelog)
    let version = VersionName("1.0.1-hotfix1")
    changelog.add(fixed(version, "2026-11-22", "Notes are kept."))
    let section = "## [1.0.1-hotfix1] - 2026-11-22\n\n### Fixed\n\n- Notes are kept.\n\n"
    #expect(changelog.text.replacing(section, with: "") == Self.changelog)
    #expect(changelog.section(version) == "### Fixed\n\n- Notes are kept.")
    let once = changelog.text
    changelog.add(fixed(version, "2026-11-23", "Again."))
    #expect(changelog.text == once, "a section that is there stays as it is")
  }

  @Test func carriesASectionOverToAnotherReleasesChangelog() throws {
    let base = Changelog(Self.changelog)
    var (ours, theirs) = (base, base)
    let (mine, other) = (VersionName("1.0.2"), VersionName("1.0.1"))
    ours.add(fixed(mine, "2026-11-22", "B."))
    theirs.add(fixed(other, "2026-11-23", "A."))
    let both = try #require(theirs.adding(mine, as: VersionName("1.0.3"), from: ours, over: base))
    let section = "## [1.0.3] - 2026-11-22\n\n### Fixed\n\n- B.\n\n"
    #expect(both.text.replacing(section, with: "") == theirs.text)
    #expect(
      both.text.firstRange(of: "1.0.3")?.lowerBound ?? both.text.endIndex
        < both.text.firstRange(of: "[1.0.1]")?.lowerBound ?? both.text.startIndex
    )
    // What somebody else wrote there is not thrown away.
    let more = Changelog(ours.text.replacing("Something new", with: "Something else"))
    #expect(theirs.adding(mine, as: mine, from: more, over: base) == nil)
    #expect(theirs.adding(other, as: other, from: ours, over: base) == nil)
    // A changelog that the hotfix began.
    var first = Changelog(Changelog.template("CHANGELOG.md"))
    first.add(fixed(mine, "2026-11-22", "B."))
    let alone = theirs.adding(
      mine,
      as: mine,
      from: first,
      over: Changelog(Changelog.template("CHANGELOG.md"))
    )
    #expect(alone?.section(mine) == "### Fixed\n\n- B.")
  }

  @Test(arguments: [
    changelog, changelog + "\n", "# Changelog", "", Changelog.template("CHANGELOG.md"),
  ])
  func writesAChangelogOfWindowsBackAsItWas(_ text: String) throws {
    let (version, other) = (VersionName("1.0.1"), VersionName("1.0.2"))
    func edited(_ text: String) -> Changelog {
      var changelog = Changelog(text)
      changelog.add(fixed(version, "2026-11-22", "Notes are kept."))
      changelog.rename(version, to: other)
      return changelog
    }
    let windows = text.replacing("\n", with: "\r\n")
    #expect(Changelog(windows).text == windows)
    // A text of one line does not say how lines end.
    let plain = edited(text).text
    #expect(
      edited(windows).text == (text.contains("\n") ? plain.replacing("\n", with: "\r\n") : plain)
    )
    #expect(edited(windows).section(other) == "### Fixed\n\n- Notes are kept.")
  }

  @Test(arguments: ["[Keep]: https://e.org\nA text.\n", "A text.\n\n[Keep]: https://e.org"])
  func leavesATextWithoutReleasesAsItIs(_ old: String) {
    var changelog = Changelog(old)
    changelog.add(fixed(VersionName("1.0.1"), "2026-11-22", "Kept."))
    #expect(changelog.text == old)
  }

  @Test func keepsAByteOrderMarkAndLinesOfAnyEncoding() {
    let old: [UInt8] =
      [0xEF, 0xBB, 0xBF] + "## 1.0.0\r\n\r\n- F".utf8 + [0xFC]
      + "r alle, ab jetzt\n- mixed\r\n".utf8
    var changelog = Changelog(old)
    #expect(changelog.section(VersionName("1.0.0")) == "- F\u{FFFD}r alle, ab jetzt\n- mixed")
    changelog.add(fixed(VersionName("1.0.1"), "2026-11-22", "Kept."))
    let section = "## 1.0.1\r\n\r\n- Kept.\r\n\r\n"
    #expect(changelog.bytes == Array(old[..<3]) + section.utf8 + old[3...])
  }

  @Test func carriesASectionOverToAChangelogWithOtherLineEnds() throws {
    let base = Changelog(Self.changelog)
    let (mine, other) = (VersionName("1.0.2"), VersionName("1.0.1"))
    var ours = base
    ours.add(fixed(mine, "2026-11-22", "B."))
    var theirs = Changelog(Self.changelog.replacing("\n", with: "\r\n"))
    theirs.add(fixed(other, "2026-11-23", "A."))
    let both = try #require(theirs.adding(mine, as: VersionName("1.0.3"), from: ours, over: base))
    #expect(both.text.utf8.count { $0 == 0x0D } == both.text.utf8.count { $0 == 0x0A })
    #expect(both.section(VersionName("1.0.3")) == "### Fixed\n\n- B.")
  }

  @Test func readsSectionsInTheFormsThatPeopleWrite() {
    for heading in ["## [1.0.0] - 2026-11-01", "## 1.0.0", "## v1.0.0 (yesterday)", "## [v1.0.0]"] {
      #expect(Changelog("\(heading)\n- x\n").section(VersionName("1.0.0")) == "- x", "\(heading)")
    }
    #expect(Changelog(Self.changelog).section(VersionName("1.0")) == nil)
  }

  @Test(arguments: Announcement.Audience.allCases)
  func everyTextNamesIssueFixUpgradeAndExpectations(_ audience: Announcement.Audience) {
    let announcement = Announcement(
      app: "Lantern",
      version: VersionName("1.0.1"),
      baseVersion: VersionName("1.0.0"),
      title: "Notes are lost",
      fix: "Every note is kept",
      affected: ["1.0.0"],
      workaround: "export first",
      isCritical: true,
      isSecurity: false,
      url: "https://e.org/r",
      support: "help@example.org",
      deadline: "2026-11-23T00:00:00Z"
    )
    let (subject, body) = announcement.text(for: audience)
    #expect(subject.contains("1.0.1"))
    #expect(body.contains("Notes are lost") && body.contains("export first"))
    #expect(!body.contains("{"), "every place is filled")
    if audience != .team {
      #expect(body.contains("Every note is kept") && body.contains("https://e.org/r"))
      #expect(body.contains("What to expect"))
      #expect(body.contains("critical") && body.contains("help@example.org"))
    }
    let own = announcement.text(for: audience, template: "{app} {version}: {title}")
    #expect(own.body == "Lantern 1.0.1: Notes are lost")
    var back = announcement
    back.workaround = "none"
    back.takesBack = VersionName("1.0.0")
    let rollback = back.text(for: audience).body
    #expect(rollback.contains("There is no workaround.") && !rollback.contains("none"))
    #expect(audience == .team || rollback.contains("takes the changes of 1.0.0 back"))
  }

  static let report = RunReport(
    run: "hf-1",
    app: "<App>",
    title: "A | B",
    tag: "v1",
    base: "v0",
    state: "open",
    decisions: ["d"],
    figures: [.init(name: "time", value: "3 s")],
    boxes: [
      .init(
        step: "fix",
        title: "Fixed",
        phase: "develop",
        state: "waived",
        evidence: ["<e>"],
        who: "ana",
        at: "now"
      )
    ],
    timeline: [
      .init(at: Moment(seconds: 0), who: "ana", phase: "develop", text: "<b>", isLoud: true)
    ],
    artifacts: [],
    followUps: ["look again"]
  )

  @Test func theReportIsSelfContainedAndEscaped() {
    let html = Self.report.html
    #expect(html.contains("&lt;App&gt;") && !html.contains("<App>") && !html.contains("<b>"))
    #expect(html.contains("<svg") && html.contains("waived") && html.contains("look again"))
    for outside in ["<script", "src=", "href=", "@import", "url("] {
      #expect(!html.contains(outside), "\(outside)")
    }
  }

  @Test(arguments: [
    // As released; as a person wrapped and shortened them; by the fix's commit alone.
    ("# Wick 1.0.1\n\n### Fixed\n\n- Notes are lost.\n- And words.", true),
    ("1.0.1\r\n\r\nIn this release notes\r\nare lost   no more", true),
    ("Wick 1.0.1: keep the LAST word", true), ("# Wick 1.0.1\n\n### Fixed\n\n- A typo.", false),
    ("1.0.1\n1.0.1", false), ("### Fixed\n\n- Notes are lost.\n- And words.", false), ("", false),
  ])
  func releaseNotesHaveToNameThisFix(_ notes: String, _ isRight: Bool) {
    let fix = FixNotes(
      version: VersionName("1.0.1"),
      title: "Notes are lost",
      subject: "Keep the last word",
      section: "### Fixed\n\n- Notes are lost.\n- And words."
    )
    #expect((fix.lacking(in: notes) == nil) == isRight, "\(fix.lacking(in: notes) ?? "")")
  }

  @Test func aSectionThatSaysItInOtherWordsIsEnoughAndAnEmptyOneIsNone() {
    func lacking(_ section: String?) -> String? {
      FixNotes(version: VersionName("2"), title: "T t", subject: "S s", section: section)
        .lacking(in: "2\n\n- Other\n  words.")
    }
    #expect(lacking("- Other words.") == nil)
    for section in [nil, "", "\n", "- Other words, and more."] {
      #expect(lacking(section)?.contains("\"T t\", nor \"S s\"") == true, "\(section ?? "nil")")
    }
  }

  @Test(arguments: [
    ([], [], "Every step holds."), ([], ["a"], "Every step holds but for a (waived)."),
    ([], ["a", "b"], "Every step holds but for a, b (waived)."), (["c"], [], "Missing: c."),
    (["c", "d"], ["a"], "Missing: c, d; waived: a."),
  ])
  func theConclusionNamesWhatIsMissing(_ open: [String], _ waived: [String], _ said: String) {
    #expect(RunConclusion(open: open, waived: waived).sentence == said)
  }

  @Test func aWaivedBoxIsNoTick() {
    #expect(Self.report.html.contains("<td>☐</td><td>Fixed <em>waived</em>"))
    #expect(!Self.report.html.contains("☑") && !Self.report.markdown.contains("☑"))
  }

  @Test func theMarkdownKeepsItsTables() {
    let lines = Self.report.markdown.split(separator: "\n")
    #expect(lines.first == "# &lt;App> v1: A \\| B")
    #expect(lines.contains { $0.contains("☐ waived") }, "a waived step is not ticked")
    #expect(lines.contains("Every step holds but for fix (waived)."))
    #expect(lines.contains { $0.hasPrefix("| 1970-01-01T00:00:00Z | ana | **&lt;b>** |") })
  }
}

private func fixed(_ version: VersionName, _ day: String, _ text: String) -> ChangelogEntry {
  ChangelogEntry(
    version: version,
    at: Moment(iso: day + "T12:00:00Z") ?? Moment(seconds: 0),
    author: "Ana <ana@example.org>",
    kind: .fixed,
    text: text
  )
}
