internal import ReleaseModel

extension SurveyFiles {
  func hasFolder(_ name: String) -> Bool { all.contains { $0.hasPrefix(name + "/") } }
}

/// The package manager of a folder, by its lock file.
struct NodeManager {
  let name: String
  let install: String

  init(_ files: SurveyFiles, _ folder: String) {
    // A workspace has its lock file at its root.
    func has(_ file: String) -> Bool {
      files.set.contains(joined(folder, file)) || files.set.contains(file)
    }
    let declared =
      LooseJSON(files.text(joined(folder, "package.json")))?["packageManager"]?.string ?? ""
    if has("pnpm-lock.yaml") {
      (name, install) = ("pnpm", "pnpm install --frozen-lockfile")
    } else if has("bun.lock") || has("bun.lockb") {
      (name, install) = ("bun", "bun install --frozen-lockfile")
    } else if has("yarn.lock") {
      let isNew = has(".yarnrc.yml")
      (name, install) = ("yarn", "yarn install \(isNew ? "--immutable" : "--frozen-lockfile")")
    } else if has("package-lock.json") || has("npm-shrinkwrap.json") {
      (name, install) = ("npm", "npm ci")
    } else {
      name = ["pnpm", "yarn", "bun"].first(where: declared.hasPrefix) ?? "npm"
      install = "\(name) install"
    }
  }

  func run(_ script: String) -> String {
    script == "test" && name != "bun" ? "\(name) test" : "\(name) run \(script)"
  }

  /// What stands between a script and its arguments.
  var passing: String { name == "npm" ? " --" : "" }
}
