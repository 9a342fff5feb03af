internal import Synchronization

/// What is known of a project before its files are read.
package struct SurveyInput: Sendable {
  /// The newest release on the host, and the names of its assets.
  package struct Release: Sendable {
    package let tag: String
    package let assets: [String]

    package init(tag: String, assets: [String]) {
      self.tag = tag
      self.assets = assets
    }
  }

  package var folder: String
  /// The tracked paths.
  package var files: [String]
  /// The tags, newest first.
  package var tags: [String]
  package var remote: String?
  package var main: String
  /// How many people committed to main in the last year; nil where nobody knows.
  package var people: Int?
  /// Whether that one works alone was asked.
  package var isAloneKnown = false
  package var release: Release?
  /// The newest releases, for components that each have their own.
  package var releases: [Release] = []
  /// Whether the files are those of one component.
  private(set) var isComponent = false
  /// The text of each feed that could be read, by its address.
  package var feeds: [String: String]
  package var read: @Sendable (String) -> String?

  package init(
    folder: String,
    files: [String],
    tags: [String] = [],
    remote: String? = nil,
    main: String = "main",
    people: Int? = nil,
    release: Release? = nil,
    feeds: [String: String] = [:],
    read: @escaping @Sendable (String) -> String?
  ) {
    self.folder = folder
    self.files = files
    self.tags = tags
    self.remote = remote
    self.main = main
    self.people = people
    self.release = release
    self.feeds = feeds
    self.read = read
  }
}

extension SurveyInput {
  /// The same project as one component has it: its folder is the top, its tags are all there are.
  func inside(_ component: SurveyComponent) -> SurveyInput {
    let top = component.folder + "/"
    let prefix = component.tag.replacing("{version}", with: "")
    let read = read
    var part = self
    part.folder = component.name
    part.files = files.filter { $0.hasPrefix(top) }.map { String($0.dropFirst(top.count)) }
    part.tags = tags.filter { TagName($0)?.prefix == prefix }
    part.isComponent = true
    part.release = releases.first { TagName($0.tag)?.prefix == prefix }
    part.read = { read(top + $0) }
    return part
  }
}

/// A value, and where it was found.
package struct Finding: Sendable, Hashable {
  package let value: String
  package let place: String
  /// What to look at, where the value is a guess.
  package let guess: String?

  init(_ value: String, _ place: String, guess: String? = nil) {
    self.value = value
    self.place = place
    self.guess = guess
  }
}

/// The project's files: each read once, and no more than so many.
final class SurveyFiles: Sendable {
  private static let readsMax = 400

  /// Every tracked path.
  let all: [String]
  /// Shallow first, so that a project's own files come before those of what it carries.
  let paths: [String]
  let set: Set<String>
  private let source: @Sendable (String) -> String?
  private let texts = Mutex<[String: String?]>([:])

  init(_ input: SurveyInput) {
    let foreign: Set = [
      "node_modules", "vendor", "third_party", "third-party", "thirdparty", "extern", "external",
      "deps", "Pods", "Carthage", "fixtures", "testdata", "examples", "example", "samples",
      "sample",
      "test", "tests",
    ]
    all = Array(input.files.prefix(200_000))
    paths = all.prefix(200_000).filter { path in
      path.split(separator: "/").dropLast().allSatisfy { !foreign.contains(String($0)) }
    }.sorted { ($0.count { $0 == "/" }, $0) < ($1.count { $0 == "/" }, $1) }
    set = Set(paths)
    source = input.read
  }

  func text(_ path: String) -> String? {
    guard set.contains(path) else { return nil }
    return texts.withLock { texts in
      if let known = texts[path] { return known }
      guard texts.count < Self.readsMax else { return nil }
      let text = source(path)
      texts[path] = .some(text)
      return text
    }
  }

  func named(_ name: String) -> [String] { paths.filter { fileName($0) == name } }

  func ending(_ ends: String...) -> [String] {
    paths.filter { path in ends.contains { path.hasSuffix($0) } }
  }
}

func fileName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

func parentFolder(_ path: String) -> String {
  path.split(separator: "/").dropLast().joined(separator: "/")
}

func joined(_ folder: String, _ name: String) -> String {
  folder.isEmpty ? name : folder + "/" + name
}
