/// How NetSparkle orders versions: `SemVerLike`, which pads numbers to ten digits and compares texts.
///
/// Texts are compared as an invariant culture does, as far as letters and digits go; pairs that only
/// punctuation or case decides are not known here.
package enum NetSparkleVersionOrder {
  package static func compare(_ a: String, _ b: String) -> Int {
    let (left, leftSuffix) = split(a)
    let (right, rightSuffix) = split(b)
    let front = cultureOrder(padded(left), padded(right))
    if front != 0 { return front }
    if leftSuffix.isEmpty || rightSuffix.isEmpty {
      return sign(leftSuffix.isEmpty ? 1 : 0, rightSuffix.isEmpty ? 1 : 0)
    }
    return cultureOrder(padded(leftSuffix), padded(rightSuffix))
  }

  private static func split(_ version: String) -> (Substring, Substring) {
    let end = version.firstIndex { $0 == "-" || $0 == "+" } ?? version.endIndex
    return (version[..<end], version[end...])
  }

  private static func padded(_ text: Substring) -> String {
    var result = ""
    var rest = text
    while let first = rest.first {
      let digits = rest.prefix(while: \.isASCIIDigit)
      if digits.isEmpty {
        result.append(first)
        rest.removeFirst()
      } else {
        result += String(repeating: "0", count: max(0, 10 - digits.count)) + digits
        rest = rest.dropFirst(digits.count)
      }
    }
    return result
  }

  private static func cultureOrder(_ a: String, _ b: String) -> Int {
    let order = byteOrder(a.lowercased(), b.lowercased())
    // Lower case comes before upper case in a culture, and only breaks ties.
    return order == 0 ? -byteOrder(a, b) : order
  }
}
