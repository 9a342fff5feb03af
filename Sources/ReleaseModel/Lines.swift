extension StringProtocol where SubSequence == Substring {
  /// Returns the lines without their ends: line feeds, each with or without a carriage return.
  ///
  /// As `split(separator: "\n")`, which does not see the end of a line of Windows: to Swift, "\r\n"
  /// is one `Character`. A carriage return elsewhere ends no line.
  package func lines(omittingEmpty: Bool = true) -> [Substring] {
    let whole = self[...]
    return whole.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).compactMap { line in
      let line = line.last == 0x0D ? line.dropLast() : line
      return omittingEmpty && line.isEmpty ? nil : Substring(line)
    }
  }

  /// The text without the byte order mark that some editors of Windows begin a file with.
  package var withoutByteOrderMark: Substring {
    self[(unicodeScalars.first == "\u{FEFF}" ? utf8.index(startIndex, offsetBy: 3) : startIndex)...]
  }
}

extension Array<UInt8> {
  /// The bytes as text, without the last line feed: what a program printed, as a shell takes it.
  package var textOfLine: String {
    String(decoding: last == 0x0A ? self[..<(count - 1)] : self[...], as: UTF8.self)
  }
}
