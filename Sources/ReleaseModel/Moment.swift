/// A point in time, in whole seconds since 1970-01-01T00:00:00Z.
///
/// Formatting is our own arithmetic, so that no locale, time zone or platform can change a byte
/// of the record or of a feed.
package struct Moment: Sendable, Hashable, Comparable, Codable {
  package let seconds: Int

  package init(seconds: Int) {
    self.seconds = seconds
  }

  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let moment = Moment(iso: text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not a moment: \(text)")
      )
    }
    self = moment
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(iso)
  }

  package static func < (a: Moment, b: Moment) -> Bool { a.seconds < b.seconds }
  package static func + (a: Moment, seconds: Int) -> Moment { .init(seconds: a.seconds + seconds) }
  package static func - (a: Moment, b: Moment) -> Int { a.seconds - b.seconds }

  /// The moment as `2026-11-22T21:09:06Z`.
  package var iso: String {
    let c = civil
    return "\(pad(c.year, 4))-\(pad(c.month))-\(pad(c.day))T"
      + "\(pad(c.hour)):\(pad(c.minute)):\(pad(c.second))Z"
  }

  /// The day as `2026-11-22`.
  package var day: String { String(iso.prefix(10)) }

  /// The moment as RFC 822 wants it, for example `Sun, 22 Nov 2026 21:09:06 +0000`.
  package var rfc822: String {
    let c = civil
    let weekday = weekdays[((seconds.floorDivided(by: 86_400) + 4) % 7 + 7) % 7]
    return "\(weekday), \(pad(c.day)) \(months[c.month - 1]) \(pad(c.year, 4)) "
      + "\(pad(c.hour)):\(pad(c.minute)):\(pad(c.second)) +0000"
  }

  /// Parses `2026-11-22T21:09:06Z`; nil for anything else.
  package init?(iso: String) {
    let bytes = Array(iso.utf8)
    guard bytes.count == 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x54,
      bytes[13] == 0x3A, bytes[16] == 0x3A, bytes[19] == 0x5A,
      let year = digits(bytes[0..<4]), let month = digits(bytes[5..<7]),
      let day = digits(bytes[8..<10]), let hour = digits(bytes[11..<13]),
      let minute = digits(bytes[14..<16]), let second = digits(bytes[17..<19])
    else { return nil }
    self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
  }

  /// Parses the RFC 822 form that Sparkle reads (`E, dd MMM yyyy HH:mm:ss Z`, en_US); nil for
  /// anything else, which a client then treats as no date at all.
  package init?(rfc822: String) {
    let parts = rfc822.split(separator: " ").map(String.init)
    guard parts.count == 6, parts[0].hasSuffix(","),
      weekdays.contains(String(parts[0].dropLast())),
      let day = Int(parts[1]), let month = months.firstIndex(of: parts[2]),
      let year = Int(parts[3])
    else { return nil }
    let clock = parts[4].split(separator: ":").compactMap { Int($0) }
    guard clock.count == 3, let offset = zone(parts[5]) else { return nil }
    guard
      let moment = Moment(
        year: year,
        month: month + 1,
        day: day,
        hour: clock[0],
        minute: clock[1],
        second: clock[2]
      )
    else { return nil }
    self.init(seconds: moment.seconds - offset)
  }

  private init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    let days = daysFromCivil(year, month, day)
    self.init(seconds: days * 86_400 + hour * 3600 + minute * 60 + second)
  }

  private var civil: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    let days = seconds.floorDivided(by: 86_400)
    let rest = seconds - days * 86_400
    let date = civilFromDays(days)
    return (date.year, date.month, date.day, rest / 3600, rest / 60 % 60, rest % 60)
  }
}

/// Returns a length of time as a person says it: `2 h 5 min`, `48 s`.
package func spoken(seconds: Int) -> String {
  let s = abs(seconds)
  switch s {
  case 0..<120: return "\(s) s"
  case 120..<7200: return "\(s / 60) min"
  case 7200..<172_800: return s % 3600 < 60 ? "\(s / 3600) h" : "\(s / 3600) h \(s / 60 % 60) min"
  default: return "\(s / 86_400) days"
  }
}

private let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
private let months = [
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]

private func pad(_ value: Int, _ width: Int = 2) -> String {
  let text = String(value)
  return String(repeating: "0", count: max(0, width - text.count)) + text
}

private func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
  var value = 0
  for byte in bytes {
    guard (0x30...0x39).contains(byte) else { return nil }
    value = value * 10 + Int(byte - 0x30)
  }
  return value
}

private func zone(_ text: String) -> Int? {
  if text == "GMT" || text == "UTC" { return 0 }
  guard text.count == 5, let sign = text.first, sign == "+" || sign == "-",
    let hours = Int(text.dropFirst().prefix(2)), let minutes = Int(text.suffix(2))
  else { return nil }
  return (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
}

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": proleptic Gregorian calendar.
private func daysFromCivil(_ year: Int, _ month: Int, _ day: Int) -> Int {
  let y = month <= 2 ? year - 1 : year
  let era = y.floorDivided(by: 400)
  let yearOfEra = y - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

private func civilFromDays(_ days: Int) -> (year: Int, month: Int, day: Int) {
  let z = days + 719_468
  let era = z.floorDivided(by: 146_097)
  let dayOfEra = z - era * 146_097
  let yearOfEra =
    (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let mp = (5 * dayOfYear + 2) / 153
  let month = mp < 10 ? mp + 3 : mp - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * mp + 2) / 5 + 1)
}

extension Int {
  fileprivate func floorDivided(by divisor: Int) -> Int {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }
}
