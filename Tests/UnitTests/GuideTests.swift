import Foundation
import HotfixTesting
import ReleaseModel
import Runbook
import Testing

/// What the README and the guides show can be pasted.
@Suite struct GuideTests {
  private struct Page {
    let name: String
    let text: String

    /// The blocks of one language, without their fences.
    func blocks(_ language: String) -> [String] {
      text.components(separatedBy: "\n```\(language)\n").dropFirst()
        .map { $0.components(separatedBy: "\n```")[0] + "\n" }
    }
  }

  private static let pages: [Page] = {
    let folder = Fixtures.root.appending("docs").appending("guide").string
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let paths = names.sorted().map { "docs/guide/\($0)" } + ["README.md"]
    return paths.map { path in
      let file = Fixtures.root.string + "/" + path
      return Page(name: path, text: (try? String(contentsOfFile: file, encoding: .utf8)) ?? "")
    }
  }()

  @Test func theSettingsAreAccepted() throws {
    #expect(Self.pages.count > 8)
    for page in Self.pages {
      for block in page.blocks("yaml") where block.hasPrefix("app:") {
        #expect(throws: Never.self, "\(page.name)") { try Settings.read(block) }
      }
    }
  }

  /// `docs/commands.md` is held against the program by a test of its own.
  @Test func theCommandsAndTheirOptionsExist() throws {
    let reference = try String(
      contentsOfFile: Fixtures.root.string + "/docs/commands.md",
      encoding: .utf8
    )
    let sections = Dictionary(
      reference.components(separatedBy: "\n## hotfix ").dropFirst().map { section in
        let parts = section.split(separator: "\n", maxSplits: 1)
        return (String(parts[0]), String(parts.last ?? ""))
      }
    ) { $1 }
    var count = 0
    for page in Self.pages where page.name != "README.md" {
      for line in page.blocks("sh").joined().split(separator: "\n")
      where line.hasPrefix("hotfix ") {
        let words = line.replacing(/"[^"]*"/, with: "TEXT").prefix { $0 != "#" }.split(
          separator: " "
        )
        .dropFirst().map(String.init)
        let name = [2, 1].map { words.prefix($0).joined(separator: " ") }
          .first { sections[$0] != nil }
        let section = try #require(name.flatMap { sections[$0] }, "\(page.name): \(line)")
        for option in words where option.hasPrefix("-") {
          #expect(section.contains(option), "\(page.name): \(line)")
        }
        let usage = section.firstMatch(of: /USAGE: (.*)/)?.1 ?? ""
        for match in usage.replacing(/\[[^\]]*\]/, with: "").matches(of: /--[a-z-]+/) {
          #expect(words.contains(String(match.0)), "\(page.name): \(line) needs \(match.0)")
        }
        count += 1
      }
    }
    #expect(count > 40)
  }

  @Test func theLinksLeadToFiles() {
    for page in Self.pages {
      let folder = page.name.contains("/") ? "docs/guide/" : ""
      for link in page.text.matches(of: /\]\(([A-Za-z0-9_.\/-]+)\)/) {
        let path = Fixtures.root.string + "/" + folder + link.1
        #expect(FileManager.default.fileExists(atPath: path), "\(page.name): \(link.1)")
      }
    }
  }
}
