internal import Foundation
internal import Git
internal import ReleaseModel

/// The kinds of steps: scripts, and the few actions that the runner knows.
extension JobRunner {
  func perform(
    _ step: JSON,
    _ contexts: inout Expressions,
    _ log: StepLog,
    _ progress: inout Progress
  ) async throws -> Outcome {
    guard let action = step["uses"].text else {
      return try await script(step, contexts, log, &progress)
    }
    let with = try contexts.fill(step["with"])
    let name = action.split(separator: "@").first.map(String.init) ?? action
    log.add("##[group]Run \(action)")
    for (key, value) in with.members.sorted(by: { $0.key < $1.key }) {
      log.add("  \(key): \(Expressions.text(value))")
    }
    log.add("##[endgroup]")
    switch name {
    case "actions/checkout": return try await checkout(with, log)
    case "actions/upload-artifact": return try await upload(with, log)
    case "actions/download-artifact": return try await download(with, log)
    case "actions/attest-build-provenance", "actions/attest":
      return try await attest(with, log)
    default:
      if name.hasPrefix("./") {
        return try await composite(name, step, with, contexts, log, &progress)
      }
      log.add("The stand-in does nothing for \(name).")
      return .success
    }
  }

  // MARK: - Scripts

  private func script(
    _ step: JSON,
    _ contexts: Expressions,
    _ log: StepLog,
    _ progress: inout Progress
  ) async throws -> Outcome {
    let text = try contexts.fill(step["run"].text ?? "")
    let path = temporary.appending("step-\(progress.number).sh")
    try text.write(toFile: path.string, atomically: true, encoding: .utf8)
    let defaults = run.file.defaults.adding(definition["defaults"]["run"].members)
    let shell = step["shell"].text ?? defaults["shell"].text
    let words = Self.command(shell, path.string)
    var directory = workspace
    let place = step["working-directory"].text ?? defaults["working-directory"].text
    if let place { directory = directory.pushing(FilePath(try contexts.fill(place))) }
    let files = try commandFiles(progress.number)
    var environment = variables(contexts, progress)
    for (name, file) in files { environment[name] = file.string }
    log.add("##[group]Run \(text.lines().first.map(String.init) ?? "")")
    for line in text.lines(omittingEmpty: false) { log.add("\(line)") }
    log.add("##[endgroup]")
    let minutes = step["timeout-minutes"].number ?? definition["timeout-minutes"].number ?? 30
    let answer = try await standIn.processes(
      ProcessCall(
        words[0],
        Array(words.dropFirst()),
        in: directory,
        // A script may set git up as it likes, in its own HOME.
        environment: environment.mapValues { Optional($0) }.merging(["GIT_CONFIG_GLOBAL": nil]) {
          $1
        },
        outputBytesMax: 1 << 20,
        seconds: minutes * 60,
        onLine: { log.add($0) }
      )
    )
    if case .exited(let code) = answer.ending { log.exitCode = code }
    try take(files, step["id"].text, log, &progress)
    progress.masks = log.masks
    guard answer.succeeded else {
      log.add("##[error]\(answer.succeeded ? "" : "Process ended: \(answer.endingInWords).")")
      return .failure
    }
    return .success
  }

  private static func command(_ shell: String?, _ path: String) -> [String] {
    switch shell {
    case nil: ["bash", "-e", path]
    case "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail", path]
    case "sh": ["sh", "-e", path]
    case "python": ["python3", path]
    case let custom?:
      custom.split(separator: " ").map { $0 == "{0}" ? path : String($0) }
    }
  }

  /// The files that a script writes outputs and variables into.
  private func commandFiles(_ number: Int) throws -> [String: FilePath] {
    var files: [String: FilePath] = [:]
    for name in ["OUTPUT", "ENV", "PATH", "STEP_SUMMARY", "STATE"] {
      let file = temporary.appending("\(number)-\(name.lowercased())")
      try "".write(toFile: file.string, atomically: true, encoding: .utf8)
      files["GITHUB_\(name)"] = file
    }
    return files
  }

  private func variables(_ contexts: Expressions, _ progress: Progress) -> [String: String] {
    var values = standIn.environment
    let github = contexts.contexts["github"] ?? .null
    for name in [
      "actor", "triggering_actor", "repository", "repository_owner", "repository_id", "event_name",
      "ref", "ref_name", "ref_type", "sha", "run_id", "run_number", "run_attempt", "workflow",
      "workflow_ref", "server_url", "api_url", "graphql_url", "head_ref", "base_ref", "job",
      "workspace",
    ] {
      values["GITHUB_\(name.uppercased())"] = Expressions.text(github[name])
    }
    values["GITHUB_ACTIONS"] = "true"
    values["CI"] = "true"
    values["GITHUB_EVENT_PATH"] = temporary.appending("event.json").string
    values["RUNNER_TEMP"] = temporary.string
    values["RUNNER_OS"] = "Linux"
    values["RUNNER_ARCH"] = "X64"
    values["HOME"] = folder.string
    // GITHUB_TOKEN is not here: as at GitHub, a script has it only where the workflow passes it.
    for (name, value) in (contexts.contexts["env"] ?? .null).members {
      values[name] = Expressions.text(value)
    }
    let path = values["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    values["PATH"] = (progress.paths.reversed() + [path]).joined(separator: ":")
    return values
  }

  private func take(
    _ files: [String: FilePath],
    _ id: String?,
    _ log: StepLog,
    _ progress: inout Progress
  ) throws {
    func text(_ name: String) -> String {
      files[name].flatMap { try? String(contentsOfFile: $0.string, encoding: .utf8) } ?? ""
    }
    var outputs = Self.assignments(text("GITHUB_OUTPUT"))
    for command in log.commands where command.name == "set-output" {
      outputs[command.properties["name"] ?? ""] = command.value
    }
    if let id {
      var steps = progress.contexts.contexts["steps"] ?? [:]
      steps[id] = ["outputs": .object(outputs.mapValues { .string($0) })]
      progress.contexts.contexts["steps"] = steps
    }
    progress.summary += text("GITHUB_STEP_SUMMARY")
    progress.environment.merge(Self.assignments(text("GITHUB_ENV"))) { $1 }
    progress.paths += text("GITHUB_PATH").lines().map(String.init)
  }

  /// Reads `NAME=value` and `NAME<<END … END`.
  static func assignments(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    var lines = text.lines(omittingEmpty: false).map(String.init)[...]
    while let line = lines.popFirst() {
      if let mark = line.firstRange(of: "<<"), !line[..<mark.lowerBound].contains("=") {
        let end = String(line[mark.upperBound...])
        let inside = lines.prefix { $0 != end }
        lines = lines.dropFirst(inside.count + 1)
        values[String(line[..<mark.lowerBound])] = inside.joined(separator: "\n")
      } else if let equals = line.firstIndex(of: "=") {
        values[String(line[..<equals])] = String(line[line.index(after: equals)...])
      }
    }
    return values
  }

  // MARK: - Checkout

  private func checkout(_ with: JSON, _ log: StepLog) async throws -> Outcome {
    let target = with["path"].text.map { workspace.pushing(FilePath($0)) } ?? workspace
    try FileManager.default.createDirectory(
      atPath: target.string,
      withIntermediateDirectories: true
    )
    let url = "\(standIn.url)/\(with["repository"].text ?? repository.fullName)"
    let secret = with["token"].text ?? token
    let login = Data("x-access-token:\(secret)".utf8).base64EncodedString()
    let header = "http.\(standIn.url)/.extraheader"
    let isWhole = Expressions.text(with["fetch-depth"]) == "0"
    let asked = with["ref"].text.flatMap { $0.isEmpty ? nil : $0 }
    let ref = asked ?? run.ref
    let full = ref.hasPrefix("refs/") || Self.isObject(ref) ? ref : try await qualified(ref)
    let object = asked == nil ? run.checkout : full
    var steps = [
      ["init", "--quiet", "--initial-branch=main", "."], ["remote", "add", "origin", url],
      ["config", "--local", header, "AUTHORIZATION: basic \(login)"],
    ]
    var fetch = ["fetch", "--quiet", "--no-tags", "--prune", "origin"]
    if isWhole {
      fetch += ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
      if full.hasPrefix("refs/pull/") { fetch.append("+\(full):\(full)") }
    } else {
      fetch += ["--depth=\(with["fetch-depth"].number ?? 1)"]
      fetch.append(Self.isObject(full) ? full : "+\(object):\(Self.local(full))")
    }
    steps.append(fetch)
    if full.hasPrefix("refs/heads/") {
      let branch = GitHubStandIn.shortName(full)
      steps.append([
        "checkout", "--quiet", "--force", "-B", branch, "refs/remotes/origin/\(branch)",
      ])
      if isWhole, asked == nil { steps.append(["reset", "--quiet", "--hard", run.checkout]) }
    } else {
      steps.append(["checkout", "--quiet", "--force", "--detach", Self.local(full)])
    }
    if with["persist-credentials"] == false {
      steps.append(["config", "--local", "--unset-all", header])
    }
    for step in steps {
      let answer = try await standIn.processes(ProcessCall("git", step, in: target))
      log.add("[command]git \(step.joined(separator: " "))".replacing(login, with: "***"))
      for line in answer.errors.lines() { log.add("\(line)") }
      guard answer.succeeded else {
        log.add("##[error]git \(step.first ?? "") failed: \(answer.endingInWords)")
        return .failure
      }
    }
    return .success
  }

  /// A bare name is a branch's, else a tag's.
  private func qualified(_ name: String) async throws -> String {
    let call = ProcessCall(
      "git",
      ["show-ref", "--verify", "--quiet", "refs/heads/\(name)"],
      in: repository.path
    )
    let isBranch = try await standIn.processes(call).succeeded
    return isBranch ? "refs/heads/\(name)" : "refs/tags/\(name)"
  }

  private static func isObject(_ word: String) -> Bool {
    word.count == 40 && word.allSatisfy(\.isHexDigit)
  }

  private static func local(_ ref: String) -> String {
    ref.hasPrefix("refs/heads/") ? "refs/remotes/origin/\(ref.dropFirst(11))" : ref
  }

  // MARK: - Actions kept in the repository

  /// Executes the steps of a composite action as part of this one.
  private func composite(
    _ name: String,
    _ step: JSON,
    _ with: JSON,
    _ contexts: Expressions,
    _ log: StepLog,
    _ progress: inout Progress
  ) async throws -> Outcome {
    let place = workspace.pushing(FilePath(String(name.dropFirst(2))))
    let text = ["action.yml", "action.yaml"].lazy.compactMap {
      try? String(contentsOfFile: place.appending($0).string, encoding: .utf8)
    }.first
    guard let text, let action = try? WorkflowFile.document(text),
      action["runs"]["using"] == "composite"
    else {
      log.add("##[error]Can't find a composite action in \(name).")
      return .failure
    }
    var inputs: [String: JSON] = [:]
    for (key, declaration) in action["inputs"].members { inputs[key] = declaration["default"] }
    inputs.merge(with.members) { $1 }
    let outer = progress.contexts
    progress.contexts.contexts["inputs"] = .object(inputs)
    progress.contexts.contexts["steps"] = [:]
    progress.contexts.contexts["env"] = contexts.contexts["env"] ?? [:]
    progress.contexts.contexts["github"] = outer.contexts["github"]?.adding([
      "action_path": .string(place.string)
    ])
    let outcome = try await perform(action["runs"]["steps"].items, &progress)
    let outputs = try action["outputs"].members.mapValues {
      JSON.string(Expressions.text(try progress.contexts.fill($0["value"])))
    }
    progress.contexts = outer
    if let id = step["id"].text {
      var steps = progress.contexts.contexts["steps"] ?? [:]
      steps[id] = ["outputs": .object(outputs)]
      progress.contexts.contexts["steps"] = steps
    }
    return outcome
  }
}
