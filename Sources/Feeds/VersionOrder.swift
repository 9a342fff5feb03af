/// An updater's parser refuses a version name.
package struct VersionRefused: Error, Sendable, Hashable {
  package let version: String
  package let why: String

  package init(_ version: String, _ why: String) {
    self.version = version
    self.why = why
  }
}

/// Returns −1, 0 or 1 as the first differing pair orders, or as the lengths do.
func lexicographicOrder<A: Sequence, B: Sequence>(
  _ a: A,
  _ b: B,
  _ compare: (A.Element, B.Element) -> Int
) -> Int {
  var left = a.makeIterator()
  var right = b.makeIterator()
  while true {
    switch (left.next(), right.next()) {
    case (nil, nil): return 0
    case (nil, _): return -1
    case (_, nil): return 1
    case (let x?, let y?):
      let order = compare(x, y)
      if order != 0 { return order }
    }
  }
}

func sign<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a > b ? 1 : 0 }

/// Orders texts by their bytes, as C's `strcmp` and Rust's `str` do.
func byteOrder(_ a: some StringProtocol, _ b: some StringProtocol) -> Int {
  lexicographicOrder(a.utf8, b.utf8) { sign($0, $1) }
}

/// Orders runs of decimal digits of any length by their value.
func digitsOrder(_ a: some StringProtocol, _ b: some StringProtocol) -> Int {
  let x = a.drop { $0 == "0" }
  let y = b.drop { $0 == "0" }
  return x.count != y.count ? sign(x.count, y.count) : byteOrder(x, y)
}

extension Character {
  var isASCIIDigit: Bool { isASCII && isNumber }
}

extension StringProtocol {
  var isDigits: Bool { !isEmpty && allSatisfy(\.isASCIIDigit) }
}
