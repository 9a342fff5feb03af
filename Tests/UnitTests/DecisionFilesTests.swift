import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// The files of `DECISIONS` have one form, and the index lists them.
@Suite struct DecisionFilesTests {
  struct File: Sendable {
    let name: String
    let lines: [String]

    var number: Int? { Int(name.prefix(3)) }
    var status: String? {
      lines.dropFirst(2).first.flatMap {
        $0.hasPrefix("Status: ") ? String($0.dropFirst("Status: ".count)) : nil
      }
    }
    /// The number of the decision that replaces this one.
    var successor: Int? {
      guard let status, let open = status.firstIndex(of: "["),
        let close = status.firstIndex(of: "]")
      else { return nil }
      return Int(status[status.index(after: open)..<close])
    }
    /// The status without its link, as the index has it.
    var plainStatus: String? {
      successor.map { "superseded by \($0)" } ?? status
    }
  }

  static func lines(_ name: String) throws -> [String] {
    let path = Fixtures.root.appending("DECISIONS").appending(name).string
    return try String(contentsOfFile: path, encoding: .utf8).lines(omittingEmpty: false)
      .map(String.init)
  }

  static func files() throws -> [File] {
    let folder = Fixtures.root.appending("DECISIONS").string
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { $0 != "README.md" }
      .map { File(name: $0, lines: try lines($0)) }
  }

  @Test func numbersHaveNoGap() throws {
    let numbers = try Self.files().compactMap(\.number)
    #expect(numbers.count >= 94)
    #expect(numbers == Array(1...numbers.count))
  }

  @Test func everyFileHasItsPartsOnOnePage() throws {
    let files = try Self.files()
    for file in files {
      let number = try #require(file.number, "\(file.name) has no number")
      #expect(file.lines.first?.hasPrefix("# \(number). ") == true, "\(file.name)")
      #expect(file.lines.count <= 60, "\(file.name) is longer than a page")
      let parts = file.lines.filter { $0.hasPrefix("## ") }
      #expect(parts.starts(with: ["## Context", "## Decision"]), "\(file.name)")
      #expect(Set(parts.dropFirst(2)).isSubset(of: ["## Rejected"]), "\(file.name)")
      if let successor = file.successor {
        let next = try #require(files.first { $0.number == successor }, "\(file.name)")
        #expect(file.status == "superseded by [\(successor)](\(next.name))", "\(file.name)")
        #expect(successor > number, "\(file.name)")
      } else {
        #expect(["accepted", "rejected"].contains(file.status), "\(file.name)")
      }
    }
  }

  @Test func indexListsEveryFile() throws {
    let rows = try Self.lines("README.md").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| | ") }
    let expected = try Self.files().map { file in
      let title = file.lines.first?.split(separator: " ").dropFirst(2).joined(separator: " ") ?? ""
      let number = file.number.map { String($0) } ?? "?"
      return "| \(number) | [\(title)](\(file.name)) | \(file.plainStatus ?? "?") |"
    }
    #expect(rows == expected)
  }

  /// Code that cites a superseded decision would send its reader to a rule that no longer holds.
  @Test func citedDecisionsAreInForce() throws {
    let files = try Self.files()
    var citations = 0
    for source in HouseRulesTests.sources {
      for (index, line) in source.lines.enumerated() {
        for match in line.matches(of: /DECISIONS (\d+)/) {
          citations += 1
          let file = files.first { $0.number == Int(match.output.1) }
          #expect(
            file?.status == "accepted",
            "\(source.path):\(index + 1) cites decision \(match.output.1)"
          )
        }
      }
    }
    #expect(citations > 0)
  }

  /// A reference to a document that is not in the repository helps no reader.
  @Test func referencesLeadToDocumentsOfTheRepository() throws {
    let text = try String(
      contentsOfFile: Fixtures.root.appending("ARCHITECTURE.md").string,
      encoding: .utf8
    )
    let list = text.split(separator: "## Invariants").last ?? ""
    let invariants = Set(list.lines().compactMap { Int($0.prefix { $0 != "." }) })
    #expect(invariants.isSuperset(of: 1...9))
    for source in HouseRulesTests.sources {
      for (index, line) in source.lines.enumerated() where line.contains("//") {
        let place = "\(source.path):\(index + 1)"
        #expect(!line.contains("report §") && !line.contains("(research"), "\(place)")
        for match in line.matches(of: /[Ii]nvariant (\d+)/) {
          let number = try #require(Int(match.output.1))
          #expect(invariants.contains(number), "\(place) cites invariant \(number)")
        }
      }
    }
  }
}
