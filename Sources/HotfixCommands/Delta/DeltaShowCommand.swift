internal import ArgumentParser
internal import BinaryDelta
internal import Deltas
internal import Foundation
internal import ReleaseModel
internal import Signatures

struct DeltaShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what a delta does, and what makes it large",
    discussion: """
      $ hotfix delta show Lantern-1.0.1-1.0.0.delta
      sparkle4 with lzma, 812 bytes (73900 unpacked)
      from 388056fe00000000000000000000000000000000
      to   ac59c5cc00000000000000000000000000000000
        patch    60143  /Contents/MacOS/Lantern (59937 bytes: 58 differ, 120 are new)
        extract    192  /Contents/Info.plist
      """
  )

  @Argument(help: "The delta's file.")
  var delta: String

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.delta-show/1"
    let format, compression, before, after: String
    let size, unpacked: Int
    let items: [Item]
  }

  private struct Item: Encodable {
    let path, action: String
    let length: Int
    let source: String?
    let mode: String?
    /// Of a patch: the new file's bytes, those that are added to the old ones, and those that are new.
    let newSize, differing, extra: Int?
  }

  func run() async throws {
    let place = global.path(delta)
    let contents = try DeltaContents.read(place)
    let head = contents.head
    let size = try FileManager.default.attributesOfItem(atPath: place.string)[.size] as? Int ?? 0
    let items = zip(head.items, contents.patches).map { Self.item($0, $1) }
      .sorted { ($0.length, $1.path) > ($1.length, $0.path) }
    let result = Result(
      format: head.version.name,
      compression: head.compression.name,
      before: hexadecimal(head.before),
      after: hexadecimal(head.after),
      size: size,
      unpacked: contents.unpacked,
      items: items
    )
    try global.console.show(result, Self.text(result))
  }

  private static func item(_ item: DeltaItem, _ patch: DeltaContents.Patch?) -> Item {
    func made(_ action: String, _ source: String? = nil, _ mode: UInt16? = nil) -> Item {
      Item(
        path: item.path,
        action: action,
        length: item.dataLength,
        source: source,
        mode: mode.map { String($0, radix: 8) },
        newSize: patch?.newSize,
        differing: patch?.differing,
        extra: patch?.extra
      )
    }
    switch item.action {
    case .delete: return made("delete")
    case .extract(let mode, _, let replacing):
      return made(replacing ? "replace" : "extract", nil, mode)
    case .changeMode(let mode): return made("mode", nil, mode)
    case .patch(_, let mode): return made("patch", nil, mode)
    case .clone(let source, let length, let mode):
      return made(length == nil ? "clone" : "clone and patch", source, mode)
    }
  }

  private static func text(_ result: Result) -> TerminalText {
    var lines: [TerminalText] = [
      "\(result.format) with \(result.compression), \(result.size) bytes (\(result.unpacked) unpacked)",
      "from \(result.before)", "to   \(result.after)",
    ]
    let width = result.items.map(\.action.count).max() ?? 0
    let digits = String(result.items.map(\.length).max() ?? 0).count
    for item in result.items {
      let action = item.action.padding(toLength: width, withPad: " ", startingAt: 0)
      let length = String(item.length)
      let indent = String(repeating: " ", count: digits - length.count)
      var line: TerminalText = "  \(action)  \(indent)\(length)  \(item.path)"
      if let source = item.source { line += " from \(source)" }
      if let mode = item.mode { line += " mode \(mode)" }
      if let newSize = item.newSize, let differing = item.differing, let extra = item.extra {
        line += " (\(newSize) bytes: \(differing) differ, \(extra) are new)"
      }
      lines.append(line)
    }
    if result.items.isEmpty { lines.append("  nothing changes") }
    return lines.joined()
  }
}
