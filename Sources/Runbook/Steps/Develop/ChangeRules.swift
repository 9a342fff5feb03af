internal import Git
internal import Record

/// What a hotfix may touch: pure rules over the difference to the base.
enum ChangeRules {
  /// Files by which package managers pin dependencies.
  static let dependencyFiles: Set<String> = [
    "Package.swift", "Package.resolved", "package.json", "package-lock.json", "yarn.lock",
    "pnpm-lock.yaml", "Cargo.toml", "Cargo.lock", "go.mod", "go.sum", "Podfile", "Podfile.lock",
    "Cartfile", "Cartfile.resolved", "requirements.txt", "poetry.lock", "Gemfile", "Gemfile.lock",
    "vcpkg.json", "conanfile.txt", "packages.config", "Directory.Packages.props",
  ]

  /// Returns what goes beyond the policy, in words.
  static func excess(
    _ changes: [FileChange],
    commits: [GitCommit],
    policy: Policy,
    changelog: String?
  ) -> [String] {
    var excess: [String] = []
    let code = changes.filter { $0.path != changelog }
    if code.count > policy.filesMax {
      excess.append("\(code.count) files; the limit is \(policy.filesMax)")
    }
    let lines = code.reduce(0) { $0 + ($1.added ?? 0) + ($1.removed ?? 0) }
    if lines > policy.linesMax { excess.append("\(lines) lines; the limit is \(policy.linesMax)") }
    let globs = policy.forbiddenPaths.map { ($0, Glob($0)) }
    for change in code {
      if let (pattern, _) = globs.first(where: { $0.1.matches(change.path) }) {
        excess.append("\(change.path) must not be touched (\(pattern))")
      }
      let name = change.path.split(separator: "/").last.map(String.init) ?? change.path
      if !policy.allowDependencies, dependencyFiles.contains(name) {
        excess.append("\(change.path) changes dependencies")
      }
    }
    for commit in commits where commit.parents.count > 1 {
      excess.append("\(commit.name.prefix(12)) is a merge")
    }
    return excess
  }

  /// Returns which changes are outside of the component that is released, in words.
  static func outside(_ changes: [FileChange], of settings: Settings) -> [String] {
    guard let component = settings.component else { return [] }
    return changes.map(\.path).filter { $0 != settings.changelog && !settings.owns($0) }
      .map { "\($0) is outside of component \(component)" }
  }

  /// Returns whether a path is a test, by the project's patterns or by its name.
  static func isTest(_ path: String, patterns: [String]) -> Bool {
    if !patterns.isEmpty { return patterns.contains { Glob($0).matches(path) } }
    return path.lowercased().split(separator: "/").contains { component in
      component.split { !$0.isLetter }.contains { word in
        ["test", "tests", "spec", "specs"].contains { word == $0 }
          || word.hasPrefix("test") || word.hasSuffix("test") || word.hasSuffix("tests")
          || word.hasSuffix("spec")
      }
    }
  }
}

extension Settings {
  /// Whether a path is one of the project's tests.
  package func isTest(_ path: String) -> Bool {
    ChangeRules.isTest(path, patterns: testFiles)
  }
}
