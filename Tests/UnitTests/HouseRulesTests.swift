import Foundation
import HotfixTesting
import ReleaseModel
import Runbook
import Testing

/// Style is a test.
@Suite struct HouseRulesTests {
  struct Source: Sendable {
    let path: String
    let lines: [String]
    var module: String { String(path.split(separator: "/")[1]) }
    var name: String { String(path.split(separator: "/").last ?? "") }
  }

  static let sources: [Source] = {
    let root = Fixtures.root.appending("Sources").string
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
    return names.filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
      guard let text = try? String(contentsOfFile: root + "/" + name, encoding: .utf8) else {
        return nil
      }
      return Source(
        path: "Sources/" + name,
        lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      )
    }
  }()

  @Test func filesAndFunctionsAreShort() {
    #expect(Self.sources.count > 100)
    for source in Self.sources {
      #expect(source.lines.count <= 401, "\(source.path) has \(source.lines.count) lines")
      for (start, line) in source.lines.enumerated() where isFunction(line) {
        let indent = line.prefix { $0 == " " }.count
        let end = source.lines[(start + 1)...].firstIndex {
          $0.hasPrefix(String(repeating: " ", count: indent) + "}")
        }
        let length = (end ?? start) - start + 1
        #expect(length <= 60, "\(source.path):\(start + 1) has \(length) lines")
      }
    }
  }

  private func isFunction(_ line: String) -> Bool {
    let words = line.split(separator: " ")
    return words.contains("func") && !line.contains("///")
      || words.first?.hasPrefix("init(") == true
  }

  /// What each module may import of ours: the arrows of ARCHITECTURE.md.
  static let arrows: [String: Set<String>] = [
    "ReleaseModel": [], "Signatures": ["ReleaseModel", "CSodium"], "Feeds": ["ReleaseModel"],
    "Documents": ["ReleaseModel"], "Record": ["ReleaseModel", "Signatures"],
    "Git": ["ReleaseModel", "Signatures", "Record"],
    "Runbook": ["ReleaseModel", "Signatures", "Record", "Feeds", "Documents", "Git"],
    "Machine": ["ReleaseModel", "Signatures", "Git", "Runbook"],
    "Archives": ["ReleaseModel", "CArchive"], "BinaryDelta": ["ReleaseModel", "CCompression"],
    "Deltas": ["ReleaseModel", "BinaryDelta", "Signatures"],
    "Forges": ["ReleaseModel", "Signatures", "Git", "Runbook"],
    "GitHubStandIn": ["ReleaseModel", "Signatures", "Git", "Machine"],
    "ProjectSurvey": ["ReleaseModel", "Feeds", "Documents"],
    "Channels": ["ReleaseModel", "Signatures", "Feeds", "Git", "Runbook"],
  ]

  @Test func importsFollowTheArrows() {
    let ours = Set(Self.arrows.keys).union([
      "HotfixCommands", "HotfixTesting", "CArchive", "CCompression", "CSodium",
    ])
    for source in Self.sources {
      guard let allowed = Self.arrows[source.module] else { continue }
      for line in source.lines {
        let words = line.split(separator: " ").map(String.init)
        guard let at = words.firstIndex(of: "import"), at < 3, at + 1 < words.count else {
          continue
        }
        let module = words[at + 1]
        if ours.contains(module), module != source.module {
          #expect(allowed.contains(module), "\(source.path) imports \(module)")
        }
      }
    }
  }

  @Test func nothingForbiddenStandsInTheSources() {
    let forbidden = [
      "try!", "fatalError(", "@unchecked Sendable", "nonisolated(unsafe)", "TODO", "FIXME",
    ]
    for source in Self.sources {
      for (number, line) in source.lines.enumerated() {
        for word in forbidden where line.contains(word) {
          // Its sorted suffixes are shared by threads behind a pointer.
          if source.module == "BinaryDelta", word == "@unchecked Sendable" { continue }
          Issue.record("\(source.path):\(number + 1) has \(word)")
        }
      }
    }
  }

  /// A file of Windows ends its lines with "\r\n", which Swift takes for one character that is not
  /// "\n": `lines()` and `textOfLine` see both.
  @Test func linesAreReadInOnePlace() {
    let calls = [
      #"split(separator: "\n""#, #"hasSuffix("\n")"#, #"contains("\n")"#, #"firstIndex(of: "\n")"#,
      #"components(separatedBy: "\n")"#, #"hasPrefix("\n")"#, #"firstRange(of: "\n")"#,
      #"split(whereSeparator: \.isNewline).map"#,
    ]
    // Text from outside is gone through by scalars.
    for source in Self.sources where source.name != "OutsideText.swift" {
      for (number, line) in source.lines.enumerated() where !line.contains("///") {
        for call in calls where line.contains(call) {
          Issue.record("\(source.path):\(number + 1) has \(call)")
        }
      }
    }
  }

  /// Invariant 8: pure modules ask no clock, draw no random number, read no environment.
  @Test func pureModulesDoNotReachTheWorld() {
    let pure: Set = [
      "ReleaseModel", "Record", "Feeds", "Documents", "Signatures", "Git", "Runbook",
      "ProjectSurvey",
    ]
    let calls = ["Date()", "UUID()", "ProcessInfo", "FileManager", ".random(in", "print("]
    for source in Self.sources where pure.contains(source.module) {
      for (number, line) in source.lines.enumerated() where !line.contains("//") {
        for call in calls where line.contains(call) {
          Issue.record("\(source.path):\(number + 1) calls \(call)")
        }
      }
    }
  }

  @Test func everyErrorCodeIsDocumented() throws {
    let docs = try String(
      contentsOfFile: Fixtures.root.appending("docs").appending("errors.md").string,
      encoding: .utf8
    )
    for source in Self.sources where source.module != "HotfixTesting" {
      let text = source.lines.joined(separator: "\n")
      for match in text.matches(of: /Problem\(\s*"([a-z][a-z.-]*)"/) where match.1 != "test.fault" {
        #expect(docs.contains("`\(match.1)`"), "\(source.path): \(match.1)")
      }
    }
  }

  @Test func everyStepHasAFileAndALineInTheProcedure() {
    let inProcedure = Procedure.steps.count
    let defined = Self.sources.filter { $0.path.contains("/Steps/") }
      .flatMap(\.lines).count { $0.contains("static let") && $0.contains("= Step(") }
    #expect(defined == inProcedure)
  }
}
