internal import ReleaseModel

extension ElectronFeed {
  package var findings: [FeedFinding] {
    var all = FindingCollector(["electron-updater"])
    checkVersion(&all)
    checkFiles(&all)
    if hasUnreadableStaging {
      all.add(
        "staging-form",
        .error,
        versionPlace,
        "stagingPercentage is no number, so everybody gets the update.",
        mend: "Write a whole number from 0 to 100."
      )
    }
    if let percentage = stagingPercentage, percentage > 100 {
      all.add(
        "staging-range",
        .warning,
        versionPlace,
        "stagingPercentage is \(percentage): everybody gets the update.",
        mend: "Write a whole number from 0 to 100."
      )
    }
    if let percentage = stagingPercentage, percentage <= 0 {
      all.add(
        "staged-to-nobody",
        .note,
        versionPlace,
        "stagingPercentage is \(percentage): nobody is offered \(version ?? "it").",
        mend: "hotfix feed resume FEED --version \(OutsideText(version ?? "VERSION").word)"
      )
    }
    if let minimumSystem, (try? ElectronVersionOrder.parsed(minimumSystem)) == nil {
      all.add(
        "minimum-system",
        .warning,
        versionPlace,
        "minimumSystemVersion \(minimumSystem) is not semver, so it is ignored.",
        mend: "Write what os.release() says, in three parts: 10.0.22631 or 23.1.0."
      )
    }
    return all.sorted
  }

  private func checkVersion(_ all: inout FindingCollector) {
    guard let version else {
      return all.add(
        "version-kind",
        .error,
        versionPlace,
        isDocumentNull
          ? "the file is empty, and every client's check fails."
          : "the version is \(versionKind), not a text, and every client's check fails.",
        mend: isDocumentNull
          ? "hotfix feed add FEED FILE --version …" : "Quote it:  version: '1.10.0'"
      )
    }
    guard (try? ElectronVersionOrder.parsed(version)) != nil else {
      return all.add(
        "version-form",
        .error,
        versionPlace,
        "\(version) is not MAJOR.MINOR.PATCH, and every client's check fails.",
        mend: "Write three numbers:  version: 1.0.1"
      )
    }
    all.addVersionName(version, versionPlace)
  }

  private func checkFiles(_ all: inout FindingCollector) {
    if files.isEmpty {
      all.add(
        "no-files",
        .error,
        versionPlace,
        "it names no file, so nobody can download \(version ?? "the update").",
        mend: "hotfix feed add FEED FILE --version \(OutsideText(version ?? "VERSION").word) …"
      )
    }
    if hasEmptyFile {
      all.add(
        "empty-file",
        .error,
        versionPlace,
        "an entry of `files` is empty, and every client stops with a TypeError.",
        mend: "Remove the empty entry."
      )
    }
    for file in files {
      if let digest = file.sha512 {
        checkDigest(digest, file, &all)
      } else {
        all.add(
          "no-checksum",
          .error,
          file.place,
          "\(file.url) has no sha512, and the client refuses it.",
          mend: "Write base64 of its SHA-512."
        )
      }
      if let size = file.size, size <= 0 {
        all.add(
          "size-form",
          .error,
          file.place,
          "\(file.url) has the size \(size).",
          mend: "Write its size in bytes."
        )
      }
      if file.size == nil, !usesLegacyPath {
        all.add(
          "no-size",
          .note,
          file.place,
          "\(file.url) has no size, so it is never downloaded as a difference.",
          mend: "Write its size in bytes."
        )
      }
      if file.url.lowercased().hasPrefix("http:"), !file.url.contains("//127.0.0.1") {
        all.add(
          "plain-http",
          .warning,
          file.place,
          "\(file.url) is http: what is downloaded can be changed on the way.",
          mend: "Serve it over https."
        )
      }
    }
  }

  private func checkDigest(_ digest: String, _ file: File, _ all: inout FindingCollector) {
    let isHex = digest.count == 128 && digest.allSatisfy(\.isHexDigit)
    if isHex {
      all.add(
        "hex-checksum",
        .warning,
        file.place,
        "\(file.url): the sha512 is hexadecimal, which electron-updater 7 will not take.",
        mend: "Write it as base64."
      )
    } else if digest.wholeMatch(of: /[A-Za-z0-9+\/]{86}==/) == nil {
      all.add(
        "checksum-form",
        .error,
        file.place,
        "\(file.url): the sha512 is not base64 of 64 bytes.",
        mend: "Write base64 of its SHA-512."
      )
    }
  }
}
