internal import ReleaseModel

/// A day as a changelog writes it, and how the same file writes another one.
struct ChangelogDate: Sendable, Hashable {
  private enum Order: Sendable, Hashable {
    case yearFirst, dayFirst, monthFirst
    /// Nothing in the date tells the day from the month.
    case unknown
    case monthName, dayAndMonthName
  }

  private let order: Order
  private let separator: String
  private let isPadded: Bool
  /// How many letters of the month's name are written; nil for all.
  private let letters: Int?
  private let comma: String
  /// Year, month and day; nil where the order is unknown.
  let numbers: [Int]?

  /// Whether another date of the file may say better how it writes them.
  var isUnclear: Bool { order == .unknown || (letters == 3 && numbers?[1] == 5) }

  /// ISO 8601, which nobody misreads.
  static let iso = ChangelogDate(order: .yearFirst, separator: "-", isPadded: true)

  private init(
    order: Order,
    separator: String = " ",
    isPadded: Bool,
    letters: Int? = nil,
    comma: String = "",
    numbers: [Int]? = nil
  ) {
    self.order = order
    self.separator = separator
    self.isPadded = isPadded
    self.letters = letters
    self.comma = comma
    self.numbers = numbers
  }

  /// Returns the first date of a text, and where it is.
  static func first(in text: String) -> (range: Range<String.Index>, date: ChangelogDate)? {
    [numeric(text), named(text)].compactMap(\.self)
      .min { $0.range.lowerBound < $1.range.lowerBound }
  }

  private static func numeric(
    _ text: String
  ) -> (range: Range<String.Index>, date: ChangelogDate)? {
    if let match = text.firstMatch(of: #/\b(\d{4})([-\/.])(\d{1,2})\2(\d{1,2})\b/#),
      let numbers = day(match.1, match.3, match.4)
    {
      let date = ChangelogDate(
        order: .yearFirst,
        separator: String(match.2),
        isPadded: match.3.count == 2 && match.4.count == 2,
        numbers: numbers
      )
      return (match.range, date)
    }
    guard let match = text.firstMatch(of: #/\b(\d{1,2})([-\/.])(\d{1,2})\2(\d{4})\b/#) else {
      return nil
    }
    let dayFirst = day(match.4, match.3, match.1)
    let monthFirst = day(match.4, match.1, match.3)
    // With points it is always the day that comes first.
    let order: Order =
      match.2 == "." || monthFirst == nil ? .dayFirst : dayFirst == nil ? .monthFirst : .unknown
    guard let numbers = order == .monthFirst ? monthFirst : dayFirst else { return nil }
    let date = ChangelogDate(
      order: order,
      separator: String(match.2),
      isPadded: match.1.count == 2 && match.3.count == 2,
      numbers: order == .unknown ? nil : numbers
    )
    return (match.range, date)
  }

  private static func named(_ text: String) -> (range: Range<String.Index>, date: ChangelogDate)? {
    if let match = text.firstMatch(of: #/\b([A-Za-z]{3,9})(\.?) (\d{1,2})(,?) (\d{4})\b/#),
      let month = month(match.1), let numbers = day(match.5, "\(month)", match.3)
    {
      let date = ChangelogDate(
        order: .monthName,
        separator: String(match.2),
        isPadded: match.3.hasPrefix("0"),
        letters: letters(match.1),
        comma: String(match.4),
        numbers: numbers
      )
      return (match.range, date)
    }
    guard let match = text.firstMatch(of: #/\b(\d{1,2})([- ])([A-Za-z]{3,9})([- ])(\d{4})\b/#),
      let month = month(match.3), let numbers = day(match.5, "\(month)", match.1)
    else { return nil }
    let date = ChangelogDate(
      order: .dayAndMonthName,
      separator: String(match.2),
      isPadded: match.1.hasPrefix("0"),
      letters: letters(match.3),
      numbers: numbers
    )
    return (match.range, date)
  }

  /// Returns another day as this one is written.
  func text(_ moment: Moment) -> String {
    let parts = moment.day.split(separator: "-").map(String.init)
    let (year, month, day) = (parts[0], parts[1], parts[2])
    let short = { (number: String) in
      isPadded || !number.hasPrefix("0") ? number : String(number.dropFirst())
    }
    let name = { monthNames[(Int(month) ?? 1) - 1] }
    let shownName = letters.map { String(name().prefix($0)) } ?? name()
    return switch order {
    case .yearFirst: [year, short(month), short(day)].joined(separator: separator)
    case .dayFirst: [short(day), short(month), year].joined(separator: separator)
    case .monthFirst: [short(month), short(day), year].joined(separator: separator)
    case .unknown: moment.day
    case .monthName: "\(shownName)\(separator) \(short(day))\(comma) \(year)"
    case .dayAndMonthName: [short(day), shownName, year].joined(separator: separator)
    }
  }

  private static func day(
    _ year: some StringProtocol,
    _ month: some StringProtocol,
    _ day: some StringProtocol
  ) -> [Int]? {
    guard let year = Int(year), let month = Int(month), let day = Int(day),
      (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    return [year, month, day]
  }

  private static func month(_ name: Substring) -> Int? {
    let name = name.lowercased()
    return monthNames.firstIndex {
      let full = $0.lowercased()
      return full == name || (name.count == 3 && full.hasPrefix(name))
        || (full == "september" && name == "sept")
    }.map { $0 + 1 }
  }

  /// May is as long as its short form.
  private static func letters(_ name: Substring) -> Int? {
    name.count <= 4 && !["june", "july"].contains(name.lowercased()) ? 3 : nil
  }
}

private let monthNames = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December",
]
