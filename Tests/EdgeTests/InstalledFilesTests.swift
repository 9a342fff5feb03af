import Foundation
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Testing

/// What the search for carried versions needs of a real file system.
@Suite struct InstalledFilesTests {
  private let scratch = ScratchFolder()
  private let files = LiveFiles.files

  @Test func rangesOfAFileEndWhereItEnds() throws {
    let path = scratch.path.appending("file")
    try files.write(path, [0, 1, 2, 3, 4])
    #expect(try files.readRange(path, 1..<3) == [1, 2])
    #expect(try files.readRange(path, 3..<900) == [3, 4])
    #expect(try files.readRange(path, 0..<0) == [] && files.readRange(path, 900..<1000) == [])
    #expect(try files.readRange(path, 0..<Int.max) == [0, 1, 2, 3, 4])
    #expect(try files.readRange(scratch.path, 0..<4) == nil, "a folder has no bytes")
    #expect(try files.readRange(scratch.path.appending("none"), 0..<4) == nil)
  }

  @Test func pathsAreResolvedThroughLinks() throws {
    let path = scratch.path.appending("deep").appending("file")
    try files.write(path, [1])
    let link = scratch.path.appending("link")
    try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: "deep")
    let real = try #require(files.resolve(path))
    #expect(files.resolve(link.appending("file")) == real && real.lastComponent == "file")
    #expect(files.resolve(scratch.path.appending("none")) == nil)
  }

  @Test func installedFolderSaysItsVersionsAndLinksOutDoNotCount() throws {
    let asar = try Fixtures.bytes("candidate/app.asar")
    let folder = scratch.path.appending("installed")
    try files.write(folder.pushing("Lantern.app/Contents/Resources/app.asar"), asar)
    try files.write(scratch.path.pushing("outside/resources/app.asar"), asar)
    try FileManager.default.createSymbolicLink(
      atPath: folder.appending("Applications").string,
      withDestinationPath: "../outside"
    )
    let found = try CarriedVersion.find(in: folder, files: files)
    #expect(found.map(\.path) == ["Lantern.app/Contents/Resources/app.asar"])
    #expect(found.map(\.version) == ["1.0.1-hotfix1"])
  }
}
