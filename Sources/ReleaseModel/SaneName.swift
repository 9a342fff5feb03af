/// Whether a text is a commit's full name, in SHA-1 or SHA-256: no abbreviation, option or expression.
package func isCommitName(_ text: String) -> Bool {
  (text.utf8.count == 40 || text.utf8.count == 64)
    && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
}

/// Whether a name may be part of a ref and of a path: no way up, no option, no blank.
package func isSaneName(_ name: String) -> Bool {
  !name.isEmpty && name.utf8.count <= 200 && !name.hasPrefix("-") && !name.hasPrefix("/")
    && !name.contains("..") && !name.split(separator: "/").contains { $0.hasPrefix(".") }
    && name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "._-+/".utf8.contains(byte)
      }
    }
}
