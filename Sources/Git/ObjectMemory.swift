internal import Synchronization

/// What git said about objects by their full names: that never changes, so it is asked once.
///
/// Only success and `merge-base --is-ancestor`'s "no" are kept: an object that is missing now may
/// come with the next fetch.
final class ObjectMemory: Sendable {
  private static let answersMax = 512
  private static let bytesMax = 1 << 20
  private let answers = Mutex<[[String]: ProcessAnswer]>([:])

  func answer(_ arguments: [String]) -> ProcessAnswer? {
    answers.withLock { $0[arguments] }
  }

  func keep(_ answer: ProcessAnswer, to arguments: [String]) {
    let isNo = arguments.contains("--is-ancestor") && answer.ending == .exited(1)
    guard answer.succeeded || isNo, answer.output.count <= Self.bytesMax else { return }
    answers.withLock { answers in
      if answers.count >= Self.answersMax { answers = [:] }
      answers[arguments] = answer
    }
  }

  /// Whether every revision in the arguments is an object's full name.
  static func isAboutObjects(_ arguments: [String]) -> Bool {
    guard let command = arguments.first,
      ["diff-tree", "log", "merge-base", "merge-tree"].contains(command)
    else { return false }
    let revisions = arguments.dropFirst().prefix { $0 != "--" }.filter { !$0.hasPrefix("-") }
    return !revisions.isEmpty && revisions.allSatisfy(isByFullName)
  }

  private static func isByFullName(_ revision: String) -> Bool {
    revision.split(separator: "..").allSatisfy { end in
      let name = end.prefix { $0.isASCII && $0.isHexDigit }
      let rest = end.dropFirst(name.count)
      return [40, 64].contains(name.count)
        && (rest.isEmpty || rest.hasPrefix(":") || rest.hasPrefix("^{"))
    }
  }
}
