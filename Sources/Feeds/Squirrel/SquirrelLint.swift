internal import ReleaseModel

extension SquirrelWindowsFeed {
  package var findings: [FeedFinding] {
    let places = LineIndex(bytes)
    var all = FindingCollector(["squirrel-windows"])
    for line in lines {
      let place = places.place(of: line.range.lowerBound)
      if (try? SquirrelVersionOrder.windows(fileName: line.fileName)) == nil {
        all.add(
          "version-form",
          .error,
          place,
          "no version can be read from \(line.fileName), and this stops every user's check.",
          mend: "Name it App-1.0.1-full.nupkg; no dots behind a dash, no plus."
        )
      }
      if line.staging != nil {
        all.add(
          "staged",
          .note,
          place,
          "\(line.fileName) is staged to \(line.staging ?? 0) %.",
          mend: "hotfix feed resume FEED --version …     when it has proven good"
        )
      }
    }
    all.addDuplicates(
      lines.map { ($0.fileName, places.place(of: $0.range.lowerBound)) },
      "which one is taken depends on the order"
    )
    let start = places.place(of: 0)
    if !lines.contains(where: { !$0.isDelta }) {
      all.add(
        "no-full",
        .error,
        start,
        "there is no full package, and every user's check fails.",
        mend: "Add the newest full package."
      )
    }
    if let last = lines.last, last.range.upperBound == bytes.count {
      all.add(
        "no-final-newline",
        .note,
        places.place(of: last.range.lowerBound),
        "the last line has no end: the file may have been cut off.",
        mend: "Compare the size of \(last.fileName), and end the line."
      )
    }
    if !lines.isEmpty, lines.allSatisfy({ $0.staging != nil }) {
      all.add(
        "all-staged",
        .error,
        start,
        "every line is staged, so whoever is in none of them sees a \"corrupted\" feed.",
        mend: "Leave at least one full package unstaged."
      )
    }
    return all.sorted
  }
}

extension SquirrelMacFeed {
  package var findings: [FeedFinding] {
    let places = LineIndex(bytes)
    var all = FindingCollector(["squirrel-mac"])
    let place = places.place(of: currentRange.lowerBound)
    if !releases.contains(where: { $0.version == current }) {
      all.add(
        "current-missing",
        .error,
        place,
        "currentRelease \(current) is not among the releases.",
        mend: "Add it, or name one that is there."
      )
    }
    if let above = releases.first(where: {
      SquirrelVersionOrder.compareMac($0.version, current) > 0
    }) {
      all.add(
        "current-lower",
        .warning,
        place,
        "\(above.version) is above currentRelease \(current); its users stay on it.",
        mend: "Release the last good code under a higher number."
      )
    }
    for release in releases {
      let place = places.place(of: release.range.lowerBound)
      if release.version.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+/) == nil {
        all.add(
          "version-form",
          .warning,
          place,
          "\(release.version) is not three numbers: apps with ElectronSquirrelPreventDowngrades "
            + "refuse to install it, and a suffix is above the plain version here.",
          mend: "Release a plain number, such as 1.0.2 after 1.0.1."
        )
      }
      if release.url.lowercased().hasPrefix("http:"), !release.url.contains("//127.0.0.1") {
        all.add(
          "plain-http",
          .warning,
          place,
          "\(release.version): the URL is http; macOS refuses it by default.",
          mend: "Serve it over https."
        )
      }
    }
    all.addDuplicates(
      releases.map { ($0.version, places.place(of: $0.range.lowerBound)) },
      "the first is taken"
    )
    return all.sorted
  }
}
