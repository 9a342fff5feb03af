internal import Feeds
internal import ReleaseModel
internal import Signatures

/// Applies a delta as the old app's updater does: the served bytes over the served old release.
struct DeltaTrial: Sendable {
  let outsider: Outsider
  /// The archive of what the user has installed.
  let from: FilePath
  /// Where the full download is, whose install the result has to equal.
  let full: String
  let home: FilePath
  /// The public key that the old app carries.
  let key: String?

  private var toolbox: Toolbox { outsider.toolbox }

  /// Returns the delta's size.
  ///
  /// Throws what `wrong` makes of the reason when the user would be thrown back on the full download.
  func run(
    _ url: String,
    _ items: [SparkleItem],
    wrong: (String) -> Problem
  ) async throws -> Int {
    let name = url.split(separator: "/").last.map(String.init) ?? "delta"
    let file = try await outsider.download(url, name: name)
    let enclosure = items.flatMap(\.deltas).map(\.enclosure).first {
      $0.url == url || $0.url == name
    }
    guard let content = try toolbox.files.content(file) else {
      throw wrong("finds no delta at \(url)")
    }
    let size = content.size
    if let length = enclosure?.length, length != size {
      throw wrong("is told of a delta of \(length) bytes, and \(size) are served")
    }
    // Sparkle never uses a delta that it cannot verify.
    if let key {
      let signature = enclosure?.edSignature
      guard let signature,
        try edSignatureHolds(signature, over: content, publicKey: key)
      else {
        throw wrong("refuses the delta \(name): its signature does not hold")
      }
    }
    let old = home.appending("delta-old")
    try toolbox.files.remove(old)
    try toolbox.files.makeFolder(old)
    try await toolbox.unpack(from, old)
    let reference = outsider.folder.appending("installed-\(full.split(separator: "/").last ?? "")")
    guard let bundle = try Bundles.bundle(inFolder: old, files: toolbox.files),
      let fresh = try Bundles.bundle(inFolder: reference, files: toolbox.files)
    else { throw wrong("has no app bundle that a delta could be for") }
    let result = home.appending("delta-new")
    try toolbox.files.remove(result)
    do {
      try await toolbox.applyDelta(file, bundle, result)
    } catch let problem as Problem {
      throw wrong("cannot apply the delta \(name): \(problem.what) \(problem.why)")
    }
    guard try toolbox.files.tree(result) == toolbox.files.tree(fresh) else {
      throw wrong("ends up with other files by the delta \(name) than by a fresh install")
    }
    return size
  }
}
