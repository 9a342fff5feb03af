internal import ArgumentParser
internal import BinaryDelta
internal import Deltas
internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Synchronization

struct DeltaRawCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "raw",
    abstract: "Make and apply patches between two single files",
    subcommands: [DeltaRawCreateCommand.self, DeltaRawApplyCommand.self]
  )
}

struct DeltaRawCreateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Make a patch between two files",
    discussion: """
      BSDIFN40 is not compressed, as it stands in Sparkle's deltas; --classic makes BSDIFF40, which
      bspatch reads.

      $ hotfix delta raw create --classic lantern-1.0.0 lantern-1.0.1 lantern.patch
      wrote lantern.patch: 412 bytes (3 steps, 58 bytes differ, 120 are new)
      """
  )

  @Argument(help: "The old file.")
  var old: String

  @Argument(help: "The new file.")
  var new: String

  @Argument(help: "The patch's file.")
  var out: String

  @Flag(help: "Write BSDIFF40, compressed with bzip2, for bspatch.")
  var classic = false

  @Option(help: "How much is done at once; the result is the same.")
  var jobs: Int?

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.delta-raw/1"
    let file, form: String
    let size, steps, differing, extra: Int
  }

  func validate() throws {
    if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs is 1 to 256.") }
  }

  func run() async throws {
    try requireNothing(at: global.path(out))
    let before = try RawFiles.read(old, global)
    let after = try RawFiles.read(new, global)
    let console = global.console
    let done = Mutex(0)
    let patch = await BinaryDiff.patch(
      from: before,
      to: after,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount
    ) { bytes in
      let sum = done.withLock { sum in
        sum += bytes
        return sum
      }
      console.progress(sum, of: after.count)
    }
    let bytes = try await patch.encoded(classic: classic)
    try LiveFiles.files.write(global.path(out), bytes)
    let differing = patch.difference.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
    try global.console.show(
      Result(
        file: out,
        form: classic ? "BSDIFF40" : "BSDIFN40",
        size: bytes.count,
        steps: patch.steps.count,
        differing: differing,
        extra: patch.extra.count
      ),
      "wrote \(out): \(bytes.count) bytes (\(patch.steps.count) steps, \(differing) bytes differ, "
        + "\(patch.extra.count) are new)"
    )
  }
}

struct DeltaRawApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Apply a patch to a file",
    discussion: """
      $ hotfix delta raw apply lantern-1.0.0 lantern.patch lantern-1.0.1
      wrote lantern-1.0.1: 59937 bytes
      """
  )

  @Argument(help: "The old file.")
  var old: String

  @Argument(help: "The patch: BSDIFN40 or BSDIFF40.")
  var patch: String

  @Argument(help: "The new file.")
  var out: String

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.delta-raw-apply/1"
    let file: String
    let size: Int
  }

  func run() async throws {
    try requireNothing(at: global.path(out))
    let before = try RawFiles.read(old, global)
    let new = try BinaryPatch(try RawFiles.read(patch, global)).apply(to: before)
    try LiveFiles.files.write(global.path(out), new)
    try global.console.show(Result(file: out, size: new.count), "wrote \(out): \(new.count) bytes")
  }
}

private enum RawFiles {
  static func read(_ path: String, _ global: GlobalOptions) throws -> [UInt8] {
    let place = global.path(path)
    guard let bytes = try LiveFiles.files.read(place, BinaryPatch.fileMax) else {
      throw Problem("delta.missing", "\(path) is not there.", next: ["Check the path."])
    }
    return bytes
  }
}
