package import BinaryDelta
internal import Foundation
internal import ReleaseModel

extension DeltaVersion {
  /// The newest version that the Sparkle inside of a bundle applies; version 4 where there is none.
  ///
  /// By the framework's `CFBundleVersion`: 2010 is Sparkle 2.1, 2041 is 2.7 (`SUBinaryDeltaCommon.h`).
  /// Throws `delta.old-sparkle` for an older one.
  package static func read(by bundle: FileTree) throws -> DeltaVersion {
    let info = bundle.entries.first {
      $0.type == .file && $0.path.contains("/Sparkle.framework/")
        && $0.path.hasSuffix("/Resources/Info.plist")
        && !$0.path.contains(".xpc/") && !$0.path.contains(".app/Contents/Resources")
    }
    guard let info else { return .four }
    let bytes = try Files.read(bundle.location(info), limit: 1 << 20)
    let plist = try? PropertyListSerialization.propertyList(from: Data(bytes), format: nil)
    guard let text = (plist as? [String: Any])?["CFBundleVersion"] as? String,
      let number = Int(text.prefix { $0.isASCII && $0.isNumber })
    else { return .four }
    if number >= 2041 { return .four }
    if number >= 2010 { return .three }
    throw Problem(
      "delta.old-sparkle",
      "The Sparkle in \(bundle.root.lastComponent?.string ?? "the old bundle") applies no delta made here.",
      why: "Its framework has version \(text); Sparkle 2.1 has 2010.",
      next: ["Let these users take the full download."]
    )
  }
}
