internal import ArgumentParser
internal import Feeds
internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook

struct FeedLintCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Find what would go wrong for users",
    discussion: """
      Exit status 1 when there is an error. --fetch downloads what the feed names and compares
      length, digests, signature and version with the bytes as served.

      $ hotfix feed lint appcast.xml
      appcast.xml:12:5: error: 1.0.0: the download has no sparkle:edSignature. [unsigned-enclosure]
        for: sparkle
        mend: Sign it:  hotfix signature sign FILE --key env:KEY
      """
  )

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, github, sarif
  }

  @Argument(help: "A file or a URL.")
  var feed: String

  @Option(help: "text, github (annotations for Actions) or sarif.")
  var format = Format.text

  @Flag(help: "Mend what needs no decision, then report the rest.")
  var fix = false

  @Flag(help: "Download what the feed names, and compare.")
  var fetch = false

  @Option(name: .customLong("public-key"), help: "With --fetch: SUPublicEDKey of the app.")
  var publicKey: String?

  @OptionGroup var editing: FeedEditOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard publicKey == nil || fetch else {
      throw ValidationError("--public-key needs --fetch: it is compared with the bytes as served.")
    }
  }

  struct Row: Encodable {
    let rule, severity: String
    let line, column: Int
    let clients: [String]
    let message, mend: String

    init(_ finding: FeedFinding) {
      rule = finding.rule
      severity = finding.severity.rawValue
      line = finding.place.line
      column = finding.place.column
      clients = finding.clients
      message = finding.message
      mend = finding.mend
    }
  }

  private struct Result: Encodable {
    let schema = "hotfix.feed-lint/1"
    let findings: [Row]
  }

  func run() async throws {
    var source = try await FeedSource.read(feed, in: global.folder)
    if fix { source = try await mend(source) }
    var findings = FeedLint.findings(source.bytes, source.kind)
    if fetch, !findings.contains(where: { ["feed.malformed", "feed.item"].contains($0.rule) }) {
      findings += try await ServedCheck(source: source, publicKey: publicKey, global: global).run()
    }
    switch format {
    case .text:
      try global.console.show(Result(findings: findings.map(Row.init)), text(findings))
    case .github: global.console.out(LintReports.github(findings, file: feed))
    case .sarif: global.console.out(try LintReports.sarif(findings, file: feed))
    }
    if findings.contains(where: { $0.severity == .error }) { throw Waiting.refused }
  }

  private func text(_ findings: [FeedFinding]) -> TerminalText {
    guard !findings.isEmpty else { return "\(feed): nothing to complain of" }
    return findings.map { finding in
      "\(feed):\(finding.place.line):\(finding.place.column): \(finding.severity.rawValue): "
        + "\(finding.message) [\(finding.rule)]\n  for: \(finding.clients.joined(separator: ", "))\n"
        + "  mend: \(finding.mend)"
    }.joined()
  }

  private func mend(_ source: FeedSource) async throws -> FeedSource {
    let target = try FeedEditOptions.target(feed, global)
    let content = (try? source.parsed())?.content ?? source.bytes
    guard let mended = try? FeedLint.mended(content, source.kind) else { return source }
    if (try? source.parsed()) == nil {
      // A byte-order mark alone can keep a file from being read.
      try LiveFiles.files.write(target, mended)
      global.console.narrate("\(feed) was mended")
    } else {
      try await editing.edit(feed, global, says: "\(feed) was mended", version: "") { _ in mended }
    }
    return try await FeedSource.read(feed, in: global.folder)
  }
}

/// Findings in the forms that CI systems show.
enum LintReports {
  /// GitHub Actions' workflow commands.
  static func github(_ findings: [FeedFinding], file: String) -> String {
    findings.map { finding in
      let kind = finding.severity == .note ? "notice" : finding.severity.rawValue
      return "::\(kind) file=\(OutsideText(file).runnerProperty),line=\(finding.place.line),"
        + "col=\(finding.place.column),title=\(OutsideText(finding.rule).runnerProperty)"
        + "::\(OutsideText("\(finding.message) Mend: \(finding.mend)").runnerData)"
    }.joined(separator: "\n")
  }

  private struct Report: Encodable {
    struct Run: Encodable {
      let tool: Tool
      let results: [Finding]
    }

    struct Tool: Encodable {
      struct Driver: Encodable {
        let name = "hotfix"
        let rules: [Rule]
      }

      let driver: Driver
    }

    struct Rule: Encodable {
      let id: String
    }

    struct Text: Encodable {
      let text: String
    }

    struct Finding: Encodable {
      let ruleId, level: String
      let message: Text
      let locations: [Location]
    }

    struct Location: Encodable {
      struct Physical: Encodable {
        struct Artifact: Encodable {
          let uri: String
        }

        struct Region: Encodable {
          let startLine, startColumn: Int
        }

        let artifactLocation: Artifact
        let region: Region
      }

      let physicalLocation: Physical
    }

    let version = "2.1.0"
    let runs: [Run]

    private enum Name: String, CodingKey {
      case version, runs
      case schema = "$schema"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Name.self)
      try container.encode("https://json.schemastore.org/sarif-2.1.0.json", forKey: .schema)
      try container.encode(version, forKey: .version)
      try container.encode(runs, forKey: .runs)
    }
  }

  /// SARIF 2.1.0.
  static func sarif(_ findings: [FeedFinding], file: String) throws -> String {
    let rules = Set(findings.map(\.rule)).sorted().map { Report.Rule(id: $0) }
    let results = findings.map { finding in
      Report.Finding(
        ruleId: finding.rule,
        level: finding.severity.rawValue,
        message: .init(text: "\(finding.message) Mend: \(finding.mend)"),
        locations: [
          .init(
            physicalLocation: .init(
              artifactLocation: .init(uri: file),
              region: .init(startLine: finding.place.line, startColumn: finding.place.column)
            )
          )
        ]
      )
    }
    let report = Report(
      runs: [.init(tool: .init(driver: .init(rules: rules)), results: results)]
    )
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  }
}
