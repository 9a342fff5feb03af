internal import Archives
internal import ArgumentParser
internal import BinaryDelta
internal import Deltas
internal import Foundation
internal import ReleaseModel

struct DeltaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delta",
    abstract: "Make, apply and look into binary deltas, in the updaters' own forms",
    subcommands: [
      DeltaCreateCommand.self, DeltaApplyCommand.self, DeltaShowCommand.self, DeltaRawCommand.self,
    ]
  )
}

/// A bundle on the disk, or inside of an archive that is unpacked beside the result for a while.
struct BundleSource: Sendable {
  let tree: FileTree
  private let unpacked: FilePath?

  /// Unpacks an archive; a folder is taken as it is.
  ///
  /// A folder that holds but one bundle stands for the bundle, as an archive of an app does.
  init(_ path: String, at place: FilePath) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: place.string, isDirectory: &isFolder) else {
      throw Problem("delta.missing", "\(path) is not there.", next: ["Check the path."])
    }
    if isFolder.boolValue {
      tree = try FileTree(place)
      unpacked = nil
      return
    }
    let folder = FilePath(NSTemporaryDirectory()).appending("hotfix-delta-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      atPath: folder.string,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
    do {
      try Unpacking.unpack(place, into: folder)
      tree = try FileTree(Self.bundle(in: folder))
    } catch {
      try? FileManager.default.removeItem(atPath: folder.string)
      throw error
    }
    unpacked = folder
  }

  /// Reads two at once.
  ///
  /// Throws what is wrong with the first that cannot be read.
  static func pair(
    _ old: String,
    _ new: String,
    _ global: GlobalOptions
  ) async throws -> (old: BundleSource, new: BundleSource) {
    let (oldPlace, newPlace) = (global.path(old), global.path(new))
    async let first = Result { try BundleSource(old, at: oldPlace) }
    let second = Result { try BundleSource(new, at: newPlace) }
    switch (await first, second) {
    case (.success(let old), .success(let new)): return (old, new)
    case (.failure(let error), let other):
      try? other.get().remove()
      throw error
    case (let other, .failure(let error)):
      try? other.get().remove()
      throw error
    }
  }

  func remove() {
    if let unpacked { try? FileManager.default.removeItem(atPath: unpacked.string) }
  }

  private static func bundle(in folder: FilePath) throws -> FilePath {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.string)
      .filter { $0 != "__MACOSX" && !$0.hasPrefix("._") && $0 != ".DS_Store" }
    guard names.count == 1, let name = names.first else { return folder }
    let only = folder.appending(name)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: only.string, isDirectory: &isFolder),
      isFolder.boolValue
    else { return folder }
    return only
  }
}

extension GlobalOptions {
  func path(_ text: String) -> FilePath { folder.pushing(FilePath(text)).lexicallyNormalized() }
}

/// Options of how a delta is made.
struct DeltaFormOptions: ParsableArguments {
  @Option(
    help: "sparkle3 (Sparkle 2.1 and later) or sparkle4 (2.7 and later); else by OLD's Sparkle."
  )
  var format: String?

  @Option(help: "lzma, bzip2, zlib or none.")
  var compression = "lzma"

  @Flag(help: "The compressor's strongest settings: smaller, slower, more memory to apply.")
  var best = false

  @Option(help: "How much is done at once; the result is the same.")
  var jobs: Int?

  func validate() throws {
    if let format, version(named: format) == nil {
      throw ValidationError("--format is sparkle3 or sparkle4, not \(format).")
    }
    if DeltaCompression.named(compression) == nil {
      throw ValidationError("--compression is lzma, bzip2, zlib or none, not \(compression).")
    }
    if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs is 1 to 256.") }
  }

  private func version(named name: String) -> DeltaVersion? {
    DeltaVersion.allCases.first { $0.name == name }
  }

  func creation(from old: FileTree) throws -> DeltaCreation {
    var creation = DeltaCreation(
      version: try format.flatMap(version) ?? DeltaVersion.read(by: old),
      compression: DeltaCompression.named(compression) ?? .lzma,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount
    )
    creation.isBest = best
    return creation
  }
}
