internal import ReleaseModel

extension VelopackFeed {
  package var findings: [FeedFinding] {
    let places = LineIndex(bytes)
    var all = FindingCollector(["velopack-rust", "velopack-cs"])
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { addMark(&all) }
    for asset in assets {
      let place = places.place(of: asset.range.lowerBound)
      checkVersion(asset, place, &all)
      checkDigests(asset, place, &all)
    }
    all.addDuplicates(
      assets.map { asset in
        (
          "\(asset.version) \(asset.isDelta ? "delta" : "full")",
          places.place(of: asset.range.lowerBound)
        )
      },
      "which one is taken depends on the client"
    )
    let start = places.place(of: 0)
    if !assets.isEmpty, !assets.contains(where: \.isFull) {
      all.add(
        "no-full",
        .error,
        start,
        "there is no full package, so nobody is offered anything.",
        mend: "Add the full package of the newest version."
      )
    }
    let gaps = VelopackClient.gaps(self)
    if !gaps.isEmpty {
      all.add(
        "delta-gap",
        .warning,
        start,
        "there is no delta to \(gaps.joined(separator: ", ")): for users below, the chain fails and "
          + "the full package is downloaded after it.",
        mend: "Add the missing deltas, or take all of them out."
      )
    }
    if Set(assets.map(\.packageID)).count > 1 {
      all.add(
        "package-id",
        .warning,
        start,
        "the packages have different PackageIds, and no client looks at them.",
        mend: "Give every application a feed of its own."
      )
    }
    return all.sorted
  }

  private func addMark(_ all: inout FindingCollector) {
    all.add(
      "byte-order-mark",
      .error,
      FeedPlace(line: 1, column: 1),
      "a byte-order mark stands in front, and the Rust client cannot read the file.",
      mend: "Save it as UTF-8 without a mark.",
      clients: ["velopack-rust"]
    )
  }

  private func checkVersion(_ asset: Asset, _ place: FeedPlace, _ all: inout FindingCollector) {
    let rust = (try? VelopackVersionOrder.compareRust(asset.version, asset.version)) != nil
    let cs = (try? VelopackVersionOrder.compareCS(asset.version, asset.version)) != nil
    if !rust || !cs {
      all.add(
        "version-form",
        cs || rust ? .warning : .error,
        place,
        "\(asset.version): "
          + (rust ? "the C# client cannot read it." : "the Rust client passes over it in silence."),
        mend: "Write three numbers: 1.0.1.",
        clients: (rust ? [] : ["velopack-rust"]) + (cs ? [] : ["velopack-cs"])
      )
    }
    all.addVersionName(asset.version, place)
  }

  private func checkDigests(_ asset: Asset, _ place: FeedPlace, _ all: inout FindingCollector) {
    if asset.sha1.isEmpty && asset.sha256.isEmpty {
      all.add(
        "no-checksum",
        .error,
        place,
        "\(asset.fileName) has no checksum, so it is refused.",
        mend: "Write SHA256 and SHA1 in upper case."
      )
    }
    if asset.sha256.contains(where: \.isLowercase) {
      all.add(
        "lower-case-checksum",
        .error,
        place,
        "\(asset.fileName): SHA256 is in lower case, which the C# client refuses.",
        mend: "Write it in upper case.",
        clients: ["velopack-cs"]
      )
    }
    let isHex = { (text: String, count: Int) in
      text.isEmpty || (text.count == count && text.allSatisfy(\.isHexDigit))
    }
    if !isHex(asset.sha1, 40) || !isHex(asset.sha256, 64) {
      all.add(
        "checksum-form",
        .error,
        place,
        "\(asset.fileName): a checksum has the wrong length or digits.",
        mend: "Write 40 digits of SHA1 and 64 of SHA256."
      )
    }
    if asset.size ?? 0 <= 0 {
      all.add(
        "no-size",
        .error,
        place,
        "\(asset.fileName) has no size, and the size is compared.",
        mend: "Write its size in bytes."
      )
    }
  }
}
