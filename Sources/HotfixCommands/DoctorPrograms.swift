internal import Foundation
internal import Git
internal import ProjectSurvey
internal import ReleaseModel
internal import Runbook

extension Doctor {
  private static let probeSeconds = 20
  /// How much of a `package.json` is read, in bytes.
  private static let manifestBytesMax = 1 << 20

  /// What the commands of `hotfix.yml` need and is not there, each said once.
  ///
  /// Looked for in a scratch checkout of main, as a run has one, and not in what happens to lie here.
  func programs() async -> [Checkup] {
    let commit = try? await workspace.git.resolve(workspace.mainRef)
    do {
      guard let commit, workspace.source.origin != .checkout else {
        return try await programs(in: workspace.root)
      }
      return try await toolbox.inCheckout(of: commit, workspace.git, programs)
    } catch {
      return [await check("commands") { throw error }]
    }
  }

  func programs(in root: FilePath) async throws -> [Checkup] {
    var keys: [CommandNeed: [String]] = [:]
    var needs: [CommandNeed] = []
    for command in settings.commands {
      for need in CommandNeed.all(of: command.line) {
        if keys[need] == nil { needs.append(need) }
        if keys[need]?.contains(command.key) != true { keys[need, default: []].append(command.key) }
      }
    }
    var found: [Checkup] = []
    // One `make` that is missing is one finding, and not one more for each of its targets.
    var missing: Set<String> = []
    for need in needs {
      // The same program may be needed alone and after other commands.
      let names = needs.filter { $0.kind == need.kind && $0.directory == need.directory }
        .flatMap { keys[$0] ?? [] }.reduce(into: [String]()) { names, name in
          if !names.contains(name) { names.append(name) }
        }
      if case .program(let name) = need.kind, missing.contains(name) { continue }
      guard let lack = try await lack(need, in: root, missing: missing) else { continue }
      if case .program(let name) = need.kind { missing.insert(name) }
      found.append(checkup(lack, need, names))
    }
    guard found.isEmpty else { return found }
    return [
      Checkup(
        "commands",
        .good,
        "programs, targets and scripts of \(settings.commands.count) commands are there"
      )
    ]
  }

  private struct Lack {
    let says: String
    let next: String
    /// Whether something else may bring it after all.
    var isDoubtful = false
  }

  private func checkup(_ lack: Lack, _ need: CommandNeed, _ keys: [String]) -> Checkup {
    let names = keys.joined(separator: ", ")
    // With a release workflow, another machine ships.
    let isElsewhere = settings.workflow != nil && keys.allSatisfy { $0.hasPrefix("ship.") }
    return Checkup(
      "commands",
      lack.isDoubtful || need.mayBeMade || isElsewhere ? .warning : .bad,
      "\(names): \(lack.says)",
      next: [lack.next, "or change \(names) in hotfix.yml"]
    )
  }

  private func lack(
    _ need: CommandNeed,
    in root: FilePath,
    missing: Set<String>
  ) async throws -> Lack? {
    let folder = root.pushing(FilePath(need.directory))
    guard toolbox.files.exists(folder) else {
      return Lack(
        says: "there is no folder \(need.directory)",
        next: "ls \(OutsideText(need.directory).word)"
      )
    }
    switch need.kind {
    case .program(Survey.placeholder):
      return Lack(
        says: "init found no command",
        next: "grep -n \(Survey.placeholder) hotfix.yml     shows where to write it"
      )
    case .program(let name):
      let answer = try await probe("sh", ["-c", "command -v \"$1\"", "sh", name], in: folder)
      guard !answer.succeeded else { return nil }
      return name.contains("/")
        ? Lack(
          says: "\(name) is not there, or may not be executed",
          next: "git ls-files -s -- \(OutsideText(name).word)"
        )
        : Lack(
          says: "the program \(name) is not on this machine",
          next: "command -v \(OutsideText(name).word)     finds it once it is installed"
        )
    case .file(let name):
      guard !toolbox.files.exists(folder.pushing(FilePath(name))) else { return nil }
      return Lack(
        says: "there is no file \(name)",
        next: "git ls-files -- \(OutsideText(name).word)"
      )
    case .make(let arguments):
      return missing.contains("make") ? nil : try await makeLack(arguments, in: folder)
    case .script(let manager, let name, let isStrict):
      return try scriptLack(manager, name, isStrict: isStrict, in: folder)
    case .recipe(let name):
      guard !missing.contains("just") else { return nil }
      let answer = try await probe("just", ["--summary"], in: folder)
      let recipes = answer.text.split(whereSeparator: \.isWhitespace).map(String.init)
      guard answer.succeeded, !recipes.contains(name) else { return nil }
      return Lack(says: "the justfile has no recipe \(name)", next: "just --list")
    case .subcommand(let program, let name):
      return missing.contains(program) ? nil : try await subcommandLack(program, name, in: folder)
    }
  }

  /// Asks make itself, which runs no recipe with `-n`.
  ///
  /// Lines with `+` and `$(shell …)` run all the same, so they get a shell that does nothing.
  private func makeLack(_ arguments: [String], in folder: FilePath) async throws -> Lack? {
    let answer = try await probe("make", ["-n", "SHELL=true"] + arguments, in: folder)
    guard !answer.succeeded else { return nil }
    let said = answer.errors.lines().first.map(String.init) ?? answer.endingInWords
    let line = (["make", "-n"] + arguments.map { OutsideText($0).word }).joined(separator: " ")
    // What a recipe or an include needs may be made by the real run.
    // Names that a shell works out are not known here.
    let text = ["GNUmakefile", "makefile", "Makefile"].compactMap { name in
      let bytes = (try? toolbox.files.read(folder.appending(name), Self.manifestBytesMax)) ?? nil
      return bytes.map { String(decoding: $0, as: UTF8.self) }
    }.joined(separator: "\n")
    let asksShell = ["$(shell", "${shell", "!="].contains { text.contains($0) }
    // The part of the Makefile that has the target may hang on what the shell says.
    let targets = arguments.filter { !$0.hasPrefix("-") && !$0.contains("=") }
    let hasThem = targets.allSatisfy { target in
      text.lines().contains { $0.hasPrefix("\(target):") }
    }
    if asksShell, hasThem, !targets.isEmpty, said.contains("No rule to make target") { return nil }
    let isCertain =
      !asksShell
      && ["No rule to make target", "No targets specified"].contains { said.contains($0) }
    return Lack(
      says: "`\(line)` says: \(said)",
      next: "\(line)     shows it again",
      isDoubtful: !isCertain
    )
  }

  private func subcommandLack(
    _ program: String,
    _ name: String,
    in folder: FilePath
  ) async throws -> Lack? {
    let question = CommandNeed.listsCommands[program] ?? []
    let answer = try await probe(program, question, in: folder)
    // Tools of a Go module are listed by their import paths.
    let commands = answer.text.lines().compactMap {
      $0.split(whereSeparator: \.isWhitespace).first?.split(separator: "/").last
    }
    guard answer.succeeded, !commands.contains(Substring(name)) else { return nil }
    return Lack(
      says: "\(program) has no command \(name) on this machine",
      next: "\(program) \(question.joined(separator: " "))     lists it once it is installed"
    )
  }

  private func scriptLack(
    _ manager: String,
    _ name: String,
    isStrict: Bool,
    in folder: FilePath
  ) throws -> Lack? {
    guard
      let bytes = try toolbox.files.read(folder.appending("package.json"), Self.manifestBytesMax)
    else {
      return Lack(
        says: "there is no package.json for \(manager)",
        next: "git ls-files package.json"
      )
    }
    let manifest = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    guard let manifest else {
      return Lack(says: "package.json cannot be read", next: "\(manager) pkg get scripts")
    }
    let scripts = manifest["scripts"] as? [String: Any] ?? [:]
    guard scripts[name] == nil else { return nil }
    return Lack(
      says: "package.json has no script \(name)",
      next: "\(manager) run     lists the scripts",
      isDoubtful: !isStrict
    )
  }

  /// Runs a program that only looks, without secrets and for a short time.
  private func probe(
    _ program: String,
    _ arguments: [String],
    in folder: FilePath
  ) async throws -> ProcessAnswer {
    var environment = ["LC_ALL": String?.some("C")]
    for name in toolbox.secretNames.all { environment[name] = .some(nil) }
    return try await toolbox.run(
      ProcessCall(
        program,
        arguments,
        in: folder,
        environment: environment,
        seconds: Self.probeSeconds
      )
    )
  }
}
