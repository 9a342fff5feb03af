internal import ReleaseModel

extension AppStreamFeed {
  /// What `appstreamcli validate` complains of in releases, and what it does not see.
  package var findings: [FeedFinding] {
    let places = LineIndex(bytes)
    var all = FindingCollector(["appstream"])
    var previous: Release?
    for release in releases {
      let place = places.place(of: release.range.lowerBound)
      check(release, place, &all)
      if let previous, let date = release.date, let before = previous.date, date > before {
        all.add(
          "release-order",
          .warning,
          place,
          "\(release.version ?? "") is newer than the one above it.",
          mend: "Put the newest release first."
        )
      }
      if let version = release.version, let dash = version.firstIndex(of: "-") {
        all.add(
          "suffix-newer",
          .warning,
          place,
          "\(version) is above \(version[..<dash]) to AppStream.",
          mend: "Release a plain number, such as 1.0.2 after 1.0.1."
        )
      }
      previous = release
    }
    all.addDuplicates(
      releases.compactMap { release in
        release.version.map { ($0, places.place(of: release.range.lowerBound)) }
      },
      "a software centre shows both"
    )
    return all.sorted
  }

  private func check(_ release: Release, _ place: FeedPlace, _ all: inout FindingCollector) {
    for (name, value) in [("version", release.version), ("date", release.date)]
    where value?.isEmpty ?? true {
      all.add(
        "no-\(name)",
        .error,
        place,
        "a release has no \(name).",
        mend: "Add \(name)=\"…\" to it."
      )
    }
    let types = ["stable", "development", "snapshot"]
    let urgencies = ["low", "medium", "high", "critical"]
    if let type = release.type, !types.contains(type) {
      all.add(
        "release-type",
        .warning,
        place,
        "\(type) is no type of release.",
        mend: "Use \(types.joined(separator: ", "))."
      )
    }
    if let urgency = release.urgency, !urgencies.contains(urgency) {
      all.add(
        "urgency",
        .warning,
        place,
        "\(urgency) is no urgency.",
        mend: "Use \(urgencies.joined(separator: ", "))."
      )
    }
    if let date = release.date,
      date.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?|[0-9]{9,11}/) == nil
    {
      all.add(
        "date-form",
        .warning,
        place,
        "\(date) is no date.",
        mend: "Write it as 2026-11-22."
      )
    }
    let known = ["sha1", "sha256", "sha512", "blake2b", "blake3"]
    for type in release.checksumTypes where !known.contains(type) {
      all.add(
        "checksum-type",
        .error,
        place,
        "\(type) is no type of checksum.",
        mend: "Use \(known.joined(separator: ", "))."
      )
    }
  }
}
