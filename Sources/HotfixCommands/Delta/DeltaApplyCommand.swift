internal import ArgumentParser
internal import BinaryDelta
internal import Deltas
internal import Foundation
internal import ReleaseModel
internal import Signatures

struct DeltaApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Apply a delta to a bundle",
    discussion: """
      The old bundle's hash is checked before anything is written, the new one's before it is put in
      place. A delta that fits neither leaves nothing.

      $ hotfix delta apply Lantern.app Lantern-1.0.1-1.0.0.delta New.app
      wrote New.app: 3 changes, hash ac59c5cc00000000000000000000000000000000
      """
  )

  @Argument(help: "The bundle that it was made from, or its archive.")
  var old: String

  @Argument(help: "The delta's file.")
  var delta: String

  @Argument(help: "The new bundle, a folder.")
  var out: String

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.delta-apply/1"
    let out, before, after: String
    let changes: Int
  }

  func run() async throws {
    let source = try BundleSource(old, at: global.path(old))
    defer { source.remove() }
    let head = try await DeltaApplication.apply(
      global.path(delta),
      to: source.tree,
      at: global.path(out),
      jobs: ProcessInfo.processInfo.activeProcessorCount
    )
    try global.console.show(
      Result(
        out: out,
        before: hexadecimal(head.before),
        after: hexadecimal(head.after),
        changes: head.items.count
      ),
      "wrote \(out): \(head.items.count) changes, hash \(hexadecimal(head.after))"
    )
  }
}
