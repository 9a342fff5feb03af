internal import ReleaseModel

/// Users whom an updater may treat otherwise than the usual ones.
struct OfferCohort: Sendable, Hashable {
  var words = ""
  var system = Self.system
  var platform: FeedPlatform?
  var channels: [String] = []
  var group: Int?
  var stagingID: String?

  private static let system = "15.0.0"
  private static let channelsMax = 12
  private static let minimumsMax = 6
  private static let maximumsMax = 3
  private static let platformsMax = 16

  func user(on version: String, _ now: Moment) -> FeedUser {
    var user = FeedUser(version: version, system: system, now: now)
    user.platform = platform
    user.channels = channels
    user.group = group
    user.stagingID = stagingID
    return user
  }

  /// The cohorts that can make a difference in one of the feeds, the usual users first.
  static func all(
    of updater: Updater,
    _ feeds: [any FeedFormat],
    fileName: String?
  ) -> [OfferCohort] {
    switch updater.name {
    case "sparkle": sparkle(feeds.compactMap { $0 as? SparkleFeed })
    case "winsparkle": winSparkle(systems(of: feeds))
    case "netsparkle": netSparkle(systems(of: feeds))
    case "electron-updater": electron(feeds.compactMap { $0 as? ElectronFeed }, fileName)
    case "tauri": tauri(feeds.compactMap { $0 as? TauriFeed })
    case "squirrel-windows":
      feeds.contains { ($0 as? SquirrelWindowsFeed)?.lines.contains { $0.staging != nil } ?? false }
        ? drawn(OfferCohort()) : [OfferCohort()]
    default: [OfferCohort()]
    }
  }

  /// The first and the last of those whom a percentage draws.
  private static func drawn(_ base: OfferCohort) -> [OfferCohort] {
    var (first, last) = (base, base)
    first.words = "drawn first"
    first.stagingID = "00000000-0000-0000-0000-000000000000"
    last.words = "drawn last"
    last.stagingID = "ffffffff-ffff-ffff-ffff-fffffffffffe"
    return [first, last]
  }

  // MARK: - Appcasts

  private static func sparkle(_ feeds: [SparkleFeed]) -> [OfferCohort] {
    let items = changedFirst(feeds)
    let minimums = thresholds(items.map(\.minimumSystem), minimumsMax)
    let maximums = thresholds(items.map(\.maximumSystem), maximumsMax)
    let newest = items.compactMap(\.minimumSystem).reduce(system) { newest, minimum in
      isSystem(minimum) && SparkleVersionOrder.compare(minimum, newest) > 0 ? minimum : newest
    }
    let isChipAsked = items.contains { item in
      item.needsARM && item.minimumSystem.map { !isARMOnly($0) } ?? true
    }
    var base = on(newest, isChipAsked: false)
    if isChipAsked, !isARMOnly(newest) { base.words = "on Intel" }
    var all = [base]
    if isChipAsked {
      var other = on(isARMOnly(newest) ? lastIntelSystem : newest, isChipAsked: !isARMOnly(newest))
      other.words = isARMOnly(newest) ? "on Intel" : "on Apple silicon"
      all.append(other)
    }
    if items.contains(where: { $0.phasedSeconds != nil }) {
      for (group, words) in [(0, "first"), (6, "last")] {
        var cohort = base
        cohort.words = "in the \(words) rollout group"
        cohort.group = group
        all.append(cohort)
      }
    }
    for channel in distinct(items.compactMap(\.channel), channelsMax) {
      var cohort = base
      cohort.words = "in channel \(channel)"
      cohort.channels = [channel]
      all.append(cohort)
    }
    for minimum in minimums {
      all.append(on(below(minimum), "below macOS \(minimum)", isChipAsked: isChipAsked))
      if minimum != newest {
        all.append(on(minimum, "on macOS \(minimum)", isChipAsked: isChipAsked))
      }
    }
    for maximum in maximums {
      all.append(on(maximum, "on macOS \(maximum)", isChipAsked: isChipAsked))
      all.append(on(above(maximum), "above macOS \(maximum)", isChipAsked: isChipAsked))
    }
    return all
  }

  /// The items of both feeds; bounds then cut cohorts that fare the same in both.
  private static func changedFirst(_ feeds: [SparkleFeed]) -> [SparkleItem] {
    let texts = feeds.map { feed in Set(feed.items.map { feed.content[$0.range] }) }
    let all = feeds.flatMap { feed in
      feed.newestFirst.map { item in
        let text = feed.content[item.range]
        return (item, isKept: texts.allSatisfy { $0.contains(text) })
      }
    }
    return all.filter { !$0.isKept }.map(\.0) + all.filter(\.isKept).map(\.0)
  }

  private static let lastIntelSystem = "26.99.99"

  /// A system's users have Apple silicon where the system needs it, or where that is what the feed
  /// asks for and the system knows it: the chip is then no reason of its own.
  private static func on(
    _ system: String,
    _ words: String = "",
    isChipAsked: Bool
  ) -> OfferCohort {
    var cohort = OfferCohort(words: words, system: system)
    let isKnown = SparkleVersionOrder.compare(system, "11.0") >= 0
    if isARMOnly(system) || (isChipAsked && isKnown) {
      cohort.platform = FeedPlatform(.macos, .arm64)
    }
    return cohort
  }

  private static func isARMOnly(_ system: String) -> Bool {
    SparkleVersionOrder.compare(system, "27.0") >= 0
  }

  private static func systems(of feeds: [any FeedFormat]) -> [String] {
    distinct(feeds.flatMap(\.entries).compactMap(\.platform), platformsMax)
  }

  private static func winSparkle(_ systems: [String]) -> [OfferCohort] {
    [OfferCohort()]
      + [FeedPlatform.Processor.arm64, .x86].compactMap { processor in
        guard systems.contains("windows-\(processor.rawValue)") else { return nil }
        return OfferCohort(
          words: "on windows-\(processor.rawValue)",
          platform: FeedPlatform(.windows, processor)
        )
      }
  }

  /// Its users on Windows are the usual ones: an item that names no system is for them.
  private static func netSparkle(_ systems: [String]) -> [OfferCohort] {
    let lower = systems.map { $0.lowercased() }
    var all = [OfferCohort()]
    if lower.contains(where: { $0.contains("mac") || $0.contains("osx") }) {
      all.append(OfferCohort(words: "on macOS", platform: FeedPlatform(.macos)))
    }
    if lower.contains(where: { $0.contains("linux") }) {
      all.append(OfferCohort(words: "on Linux", platform: FeedPlatform(.linux)))
    }
    return all
  }

  // MARK: - Files that name one version

  private static func electron(_ feeds: [ElectronFeed], _ fileName: String?) -> [OfferCohort] {
    let minimums = thresholds(feeds.map(\.minimumSystem), minimumsMax)
    var base = OfferCohort(platform: fileName.map(ElectronFeed.platform(ofName:)))
    base.system = minimums.reduce(system) { newest, minimum in
      ((try? ElectronVersionOrder.compare(minimum, newest)) ?? 0) > 0 ? minimum : newest
    }
    let isStaged = feeds.contains { $0.stagingPercentage != nil }
    let usual = isStaged ? drawn(base) : [base]
    return usual
      + minimums.map { minimum in
        var cohort = usual[0]
        cohort.words = "below system \(minimum)"
        cohort.system = below(minimum)
        return cohort
      }
  }

  private static func tauri(_ feeds: [TauriFeed]) -> [OfferCohort] {
    let platforms = feeds.flatMap(\.platformEntries).compactMap { entry in
      FeedPlatform(entry.platform.split(separator: "-").prefix(2).joined(separator: "-"))
    }
    let cohorts = distinct(platforms, platformsMax).map {
      OfferCohort(words: "for \(TauriFeed.target($0))", platform: $0)
    }
    return cohorts.isEmpty ? [OfferCohort()] : cohorts
  }

  // MARK: - Bounds

  private static func distinct<T: Hashable>(_ all: [T], _ most: Int) -> [T] {
    var seen: Set<T> = []
    return Array(all.filter { seen.insert($0).inserted }.prefix(most))
  }

  private static func thresholds(_ systems: [String?], _ most: Int) -> [String] {
    distinct(systems.compactMap(\.self).filter(isSystem), most)
  }

  /// One to three numbers that can be counted up and down.
  private static func isSystem(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return (1...3).contains(parts.count)
      && parts.allSatisfy { $0.isDigits && $0.utf8.count <= 9 }
  }

  private static func numbers(_ system: String) -> [Int] {
    let numbers = system.split(separator: ".").compactMap { Int($0) }
    return numbers + Array(repeating: 0, count: max(0, 3 - numbers.count))
  }

  private static func below(_ system: String) -> String {
    var parts = numbers(system)
    guard let last = parts.lastIndex(where: { $0 > 0 }) else { return system }
    parts[last] -= 1
    for index in parts.indices where index > last { parts[index] = 99 }
    return parts.map(String.init).joined(separator: ".")
  }

  private static func above(_ system: String) -> String {
    var parts = numbers(system)
    parts[2] += 1
    return parts.map(String.init).joined(separator: ".")
  }
}
