internal import Foundation
internal import ReleaseModel

extension TauriFeed {
  package var findings: [FeedFinding] {
    let places = LineIndex(bytes)
    var all = FindingCollector(["tauri"])
    let versionPlace = places.place(of: (root["version"] ?? root).range.lowerBound)
    all.addVersionName(version, versionPlace)
    for entry in platformEntries { check(entry, places.place(of: entry.range.lowerBound), &all) }
    all.addDuplicates(
      (root["platforms"]?.members ?? []).map { ($0.key, places.place(of: $0.range.lowerBound)) },
      "the last one counts"
    )
    if platformEntries.isEmpty {
      all.add(
        "no-platforms",
        .error,
        versionPlace,
        "there is no platform, so every user's check ends with an error.",
        mend: "Add an entry for each platform that the app runs on."
      )
    }
    let systems = Set(platformEntries.compactMap { $0.platform.split(separator: "-").first })
    if !platformEntries.contains(where: \.platform.isEmpty), systems.contains("darwin") {
      for processor in ["x86_64", "aarch64"]
      where !platformEntries.contains(where: { $0.platform.hasPrefix("darwin-\(processor)") }) {
        all.add(
          "platform-missing",
          .warning,
          versionPlace,
          "there is no darwin-\(processor): its users get an error even when they are up to date.",
          mend: "Add an entry for it, or serve another file to it."
        )
      }
    }
    return all.sorted
  }

  private func check(_ entry: Entry, _ place: FeedPlace, _ all: inout FindingCollector) {
    let name = entry.platform.isEmpty ? "the download" : entry.platform
    if !entry.url.lowercased().hasPrefix("https:"), !entry.url.contains("//127.0.0.1") {
      all.add(
        "plain-http",
        .error,
        place,
        "\(name): the URL is not https, which release builds refuse.",
        mend: "Serve it over https."
      )
    }
    let known = ["linux", "darwin", "windows", ""]
    if !known.contains(entry.platform.split(separator: "-").first.map(String.init) ?? "") {
      all.add(
        "platform-name",
        .warning,
        place,
        "\(entry.platform) is no target that Tauri asks for.",
        mend: "Write <os>-<arch>, such as darwin-aarch64."
      )
    }
    checkSignature(entry, name, place, &all)
  }

  private func checkSignature(
    _ entry: Entry,
    _ name: String,
    _ place: FeedPlace,
    _ all: inout FindingCollector
  ) {
    guard let data = Data(base64Encoded: entry.signature),
      let text = String(data: data, encoding: .utf8),
      let comment = text.lines().first(where: { $0.hasPrefix("trusted comment: ") })
    else {
      return all.add(
        "signature-form",
        .error,
        place,
        "\(name): the signature is not base64 of a whole minisign file.",
        mend: "Put base64 of the .sig file there:  base64 -w0 FILE.sig"
      )
    }
    let trusted = String(comment.dropFirst("trusted comment: ".count))
    switch TauriClient.versionRefusal(
      trustedComment: trusted,
      feedVersion: version,
      requireSignedVersion: true
    ) {
    case "SignedVersionMismatch":
      all.add(
        "signed-version",
        .error,
        place,
        "\(name): the signature is for another version than \(plainVersion); clients refuse it.",
        mend: "Sign the file again for \(plainVersion)."
      )
    case "MissingSignedVersion":
      all.add(
        "unsigned-version",
        .warning,
        place,
        "\(name): the signature does not say its version, so an old file can pass for a new one "
          + "(CVE-2026-95625), and apps with requireSignedVersion refuse it.",
        mend:
          "Sign it with version: in the trusted comment:  hotfix signature sign FILE --minisign …"
      )
    default: break
    }
  }
}
