internal import ArgumentParser
internal import BinaryDelta
internal import Deltas
internal import Foundation
internal import ReleaseModel
internal import Signatures

struct DeltaCreateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Make the delta between two bundles",
    discussion: """
      OLD and NEW are folders, .app bundles, or the archives that were shipped (zip, tar.*). Users
      need the very tree that OLD has: modes and links count. The same bundles give the same bytes
      on every machine.

      $ hotfix delta create Lantern-1.0.0.zip Lantern-1.0.1.zip Lantern-1.0.1-1.0.0.delta
      wrote Lantern-1.0.1-1.0.0.delta: 1354 bytes, 3 changes, sparkle4 with lzma

      Memory: at most nine times the largest changed file, or about 100 MB where that is more. New files
      that come along take up to 500 MB.
      """
  )

  @Argument(help: "The bundle that users have.")
  var old: String

  @Argument(help: "The bundle that they get.")
  var new: String

  @Argument(help: "The delta's file.")
  var out: String

  @OptionGroup var form: DeltaFormOptions
  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.delta/1"
    let file: String
    let size: Int
    let format, compression, before, after: String
    let changes: Int
  }

  func run() async throws {
    let console = global.console
    let (before, after) = try await BundleSource.pair(old, new, global)
    defer {
      before.remove()
      after.remove()
    }
    var creation = try form.creation(from: before.tree)
    creation.progress = { console.progress($0, of: $1) }
    let place = global.path(out)
    let head = try await creation.create(from: before.tree, to: after.tree, at: place)
    if head.items.isEmpty {
      console.narrate("warning: both bundles are the same; the delta is empty.")
    }
    let size = try FileManager.default.attributesOfItem(atPath: place.string)[.size] as? Int ?? 0
    try console.show(
      Result(
        file: out,
        size: size,
        format: head.version.name,
        compression: head.compression.name,
        before: hexadecimal(head.before),
        after: hexadecimal(head.after),
        changes: head.items.count
      ),
      "wrote \(out): \(size) bytes, \(head.items.count) changes, \(head.version.name) with "
        + head.compression.name
    )
  }
}
