internal import BinaryDelta
internal import Deltas
internal import Foundation
internal import ReleaseModel

/// The deltas of a release: in the newest form that the old bundle's Sparkle applies, with lzma.
enum DeltaEdge {
  static func make(from old: FilePath, to new: FilePath, at out: FilePath) async throws {
    let before = try FileTree(old)
    let creation = DeltaCreation(
      version: try DeltaVersion.read(by: before),
      compression: .lzma,
      jobs: ProcessInfo.processInfo.activeProcessorCount
    )
    _ = try await creation.create(from: before, to: try FileTree(new), at: out)
  }

  static func apply(_ delta: FilePath, to old: FilePath, at out: FilePath) async throws {
    _ = try await DeltaApplication.apply(
      delta,
      to: try FileTree(old),
      at: out,
      jobs: ProcessInfo.processInfo.activeProcessorCount
    )
  }
}
