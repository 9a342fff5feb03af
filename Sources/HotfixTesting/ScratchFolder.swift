internal import Foundation
package import ReleaseModel

/// A folder that lives as long as its owner.
package final class ScratchFolder: Sendable {
  package let path: FilePath

  package init(_ name: String = "hotfix-test") {
    var generator = SystemRandomNumberGenerator()
    let number = UInt64.random(in: 0 ..< .max, using: &generator)
    path = FilePath(NSTemporaryDirectory()).appending("\(name)-\(String(number, radix: 36))")
    try? FileManager.default.createDirectory(
      atPath: path.string,
      withIntermediateDirectories: true
    )
  }

  deinit {
    guard ProcessInfo.processInfo.environment["KEEP_SCRATCH"] == nil else { return }
    try? FileManager.default.removeItem(atPath: path.string)
  }
}

/// Fixtures beside the tests.
package enum Fixtures {
  /// Returns the bytes of `Tests/Fixtures/<name>`.
  package static func bytes(_ name: String, file: String = #filePath) throws -> [UInt8] {
    let root = FilePath(file).removingLastComponent().removingLastComponent()
      .removingLastComponent()
    let path = root.appending("Tests").appending("Fixtures").pushing(FilePath(name))
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path.string)))
  }

  package static func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }

  package static var root: FilePath {
    FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
  }
}
