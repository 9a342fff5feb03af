internal import Archives
internal import Feeds
internal import Forges
internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Signatures

/// Compares what a feed says of its downloads with the bytes as served: the commonest way to break
/// updates is a feed that describes other bytes.
struct ServedCheck: Sendable {
  let source: FeedSource
  let publicKey: String?
  let global: GlobalOptions

  static let bytesMax = 4 << 30

  func run() async throws -> [FeedFinding] {
    var findings: [FeedFinding] = []
    for entry in try source.parsed().entries {
      guard let url = entry.url.flatMap(absolute) else { continue }
      findings += try await check(entry, url)
    }
    return findings
  }

  /// A relative URL is taken against the feed's own.
  private func absolute(_ url: String) -> String? {
    if FeedSource.isURL(url) { return url }
    guard FeedSource.isURL(source.name) else { return nil }
    return URL(string: url, relativeTo: URL(string: source.name))?.absoluteString
  }

  private func check(_ entry: FeedEntry, _ url: String) async throws -> [FeedFinding] {
    var all: [FeedFinding] = []
    func add(_ rule: String, _ message: String, _ mend: String) {
      all.append(
        FeedFinding(
          rule,
          .error,
          entry.place,
          clients: source.kind.clients,
          "\(entry.shortVersion): \(message)",
          mend: mend
        )
      )
    }
    let folder = ScratchSpace()
    defer { folder.remove() }
    let file = folder.path.appending("artifact")
    let got: HTTP.Downloaded
    do {
      got = try await LiveHTTP.http.download(HTTP.Request("GET", url), file, Self.bytesMax) {
        _,
        _ in
      }
    } catch let failure as HTTP.Failure {
      add("not-served", "\(url) cannot be reached: \(failure.why).", "Upload it, or mend the URL.")
      return all
    }
    guard got.status == 200 else {
      add("not-served", "\(url) answers \(got.status).", "Upload it, or mend the URL.")
      return all
    }
    for (rule, message) in try compare(entry, file, size: got.size) { add(rule, message, again) }
    if source.kind == .appcast, let built = try bundleVersion(file, folder.path),
      built != entry.version
    {
      add(
        "served-version",
        "the feed says version \(entry.version), and the app's CFBundleVersion is \(built).",
        "Write \(built) into sparkle:version; users would be offered it again and again."
      )
    }
    return all
  }

  /// What the feed says otherwise than the bytes are.
  private func compare(
    _ entry: FeedEntry,
    _ file: FilePath,
    size: Int
  ) throws -> [(rule: String, message: String)] {
    var found: [(String, String)] = []
    if let listed = entry.size, listed != size {
      found.append(("served-length", "the feed says \(listed) bytes, and \(size) are served."))
    }
    guard let content = try LiveFiles.files.content(file) else { return found }
    let digests = try FileDigests(content)
    let isSame =
      (entry.sha1.map { $0 == digests.sha1 } ?? true)
      && (entry.sha256.map { $0 == digests.sha256 } ?? true)
      && (entry.sha512.map {
        ElectronClient.accepts(
          sha512: $0,
          base64: digests.sha512.base64,
          hex: digests.sha512.hex
        )
      } ?? true)
    if !isSame { found.append(("served-digest", "the served bytes have another digest.")) }
    if let signature = entry.edSignature, let key = publicKey,
      try !edSignatureHolds(signature, over: content, publicKey: key)
    {
      found.append(("served-signature", "the signature does not hold over the served bytes."))
    }
    return found
  }

  private var again: String { "Hash and sign what is served, after code signing and notarization." }

  private func bundleVersion(_ archive: FilePath, _ folder: FilePath) throws -> String? {
    let inside = folder.appending("inside")
    try LiveFiles.files.makeFolder(inside)
    guard (try? Unpacking.unpack(archive, into: inside)) != nil else { return nil }
    return try Bundles.info(inFolder: inside, files: LiveFiles.files)?.version
  }
}

/// A folder of this process's own.
private struct ScratchSpace {
  let path: FilePath

  init() {
    var generator = SystemRandomNumberGenerator()
    let number = UInt64.random(in: 0 ..< .max, using: &generator)
    path = FilePath(NSTemporaryDirectory()).appending("hotfix-\(String(number, radix: 36))")
    try? LiveFiles.files.makeFolder(path)
  }

  func remove() { try? LiveFiles.files.remove(path) }
}
