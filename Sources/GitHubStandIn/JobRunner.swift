internal import Foundation
internal import Git
internal import ReleaseModel
internal import Synchronization

/// Executes the steps of one job, in a folder of its own.
struct JobRunner: Sendable {
  let standIn: GitHubStandIn
  let repository: Repository
  let run: WorkflowRun
  let job: WorkflowJob
  let definition: JSON
  let token: String
  let secrets: [String: String]

  var folder: FilePath { standIn.folder.appending("runner").appending("\(job.id)") }
  var workspace: FilePath { folder.appending(repository.name) }
  var temporary: FilePath { folder.appending("temp") }

  /// What steps leave for those after them.
  struct Progress: Sendable {
    var contexts: Expressions
    var environment: [String: String] = [:]
    var paths: [String] = []
    var masks: [String]
    var number = 1
    var summary = ""
  }

  enum Outcome: String, Sendable { case success, failure, cancelled, skipped }

  func execute(_ start: Expressions) async {
    var progress = Progress(contexts: start, masks: Array(secrets.values))
    progress.contexts.contexts["secrets"] = .object(secrets.mapValues { .string($0) })
    progress.contexts.contexts["github"] = progress.contexts.contexts["github"]?.adding([
      "token": .string(token), "job": .string(job.key), "workspace": .string(workspace.string),
    ])
    progress.contexts.contexts["runner"] = progress.contexts.contexts["runner"]?.adding([
      "temp": .string(temporary.string)
    ])
    progress.contexts.hasFailed = false
    progress.contexts.isCancelled = false
    var outcome = Outcome.failure
    var trouble: String?
    do {
      for path in [workspace, temporary] {
        try FileManager.default.createDirectory(
          atPath: path.string,
          withIntermediateDirectories: true
        )
      }
      try Data(run.payload.bytes).write(to: file("event.json"))
      await note(
        1,
        "Set up job",
        .success,
        ["Runner: the stand-in", "Job: \(job.name)"],
        &progress
      )
      if let other = definition["uses"].text {
        progress.number += 1
        let words = "The stand-in does nothing for the workflow \(other)."
        await note(progress.number, "Run \(other)", .success, [words], &progress)
      }
      outcome = try await perform(definition["steps"].items, &progress)
    } catch {
      trouble = "##[error]\(error)"
      await annotate("failure", "\(error)")
    }
    let outputs = (try? progress.contexts.fill(definition["outputs"])) ?? .null
    let last = progress.number + 1
    await note(last, "Complete job", .success, [trouble ?? "Cleaning up"], &progress)
    let summary = progress.summary
    await standIn.revoke(token)
    let texts = outputs.members.mapValues { JSON.string(Expressions.text($0)) }
    await standIn.updateJob(job.id, in: repository.id) { job in
      job.status = "completed"
      job.conclusion = outcome.rawValue
      job.completed = now()
      job.outputs = .object(texts)
      job.summary = summary
    }
  }

  private func file(_ name: String) -> URL {
    URL(fileURLWithPath: temporary.appending(name).string)
  }

  /// Executes steps in order; after a failure only those that ask for it.
  func perform(_ steps: [JSON], _ progress: inout Progress) async throws -> Outcome {
    for step in steps {
      progress.number += 1
      if Task.isCancelled { progress.contexts.isCancelled = true }
      var context = try stepContexts(step, progress)
      let name = step["name"].text.flatMap { try? context.fill($0) } ?? Self.title(of: step)
      let number = progress.number
      guard try context.holds(step["if"]) else {
        await note(number, name, .skipped, [], &progress)
        record(step, .skipped, .skipped, &progress)
        continue
      }
      await standIn.updateJob(job.id, in: repository.id) { job in
        job.steps.append(
          WorkflowStep(number: number, name: name, status: "in_progress", started: now())
        )
      }
      let log = StepLog(masks: progress.masks)
      var outcome = try await perform(step, &context, log, &progress)
      if Task.isCancelled { outcome = .cancelled }
      let isForgiven =
        outcome == .failure
        && Expressions.truth(
          (try? context.fill(step["continue-on-error"])) ?? .null
        )
      record(step, outcome, isForgiven ? .success : outcome, &progress)
      await note(number, name, isForgiven ? .success : outcome, log.lines, &progress)
      await tell(log)
      if outcome == .failure, !isForgiven { progress.contexts.hasFailed = true }
      if outcome == .cancelled { progress.contexts.isCancelled = true }
    }
    return progress.contexts.isCancelled
      ? .cancelled : progress.contexts.hasFailed ? .failure : .success
  }

  private static func title(of step: JSON) -> String {
    if let action = step["uses"].text { return "Run \(action)" }
    let first = step["run"].text?.lines().first.map(String.init) ?? ""
    return "Run \(first)"
  }

  /// The environment of workflow, job and step, one over the other.
  private func stepContexts(_ step: JSON, _ progress: Progress) throws -> Expressions {
    var contexts = progress.contexts
    var values = contexts.contexts["env"] ?? [:]
    for level in [run.file.environment, definition["env"]] {
      for (name, value) in level.members { values[name] = try contexts.fill(value) }
      contexts.contexts["env"] = values
    }
    for (name, value) in progress.environment { values[name] = .string(value) }
    contexts.contexts["env"] = values
    for (name, value) in step["env"].members { values[name] = try contexts.fill(value) }
    contexts.contexts["env"] = values
    return contexts
  }

  private func record(_ step: JSON, _ outcome: Outcome, _ end: Outcome, _ progress: inout Progress)
  {
    guard let id = step["id"].text else { return }
    var steps = progress.contexts.contexts["steps"] ?? [:]
    let outputs = steps[id]["outputs"]
    steps[id] = [
      "outputs": outputs.isNull ? [:] : outputs, "outcome": .string(outcome.rawValue),
      "conclusion": .string(end.rawValue),
    ]
    progress.contexts.contexts["steps"] = steps
  }

  /// Writes a step's end down, with its log.
  private func note(
    _ number: Int,
    _ name: String,
    _ outcome: Outcome,
    _ lines: [String],
    _ progress: inout Progress
  ) async {
    let stamp = String(now().dropLast())
    let text = lines.map { "\(stamp).0000000Z \($0)\n" }.joined()
    try? text.write(
      toFile: standIn.logPath(job.id, step: number).string,
      atomically: true,
      encoding: .utf8
    )
    await standIn.updateJob(job.id, in: repository.id) { job in
      var step = job.steps.first { $0.number == number } ?? WorkflowStep(number: number, name: name)
      step.status = "completed"
      step.conclusion = outcome.rawValue
      step.started = step.started ?? now()
      step.completed = now()
      job.steps.removeAll { $0.number == number }
      job.steps.append(step)
    }
  }

  // MARK: - Annotations

  private func tell(_ log: StepLog) async {
    for command in log.commands {
      guard
        let level = ["error": "failure", "warning": "warning", "notice": "notice"][command.name]
      else { continue }
      await annotate(
        level,
        command.value,
        path: command.properties["file"],
        line: Int(command.properties["line"] ?? ""),
        title: command.properties["title"]
      )
    }
    if let code = log.exitCode, code != 0 {
      await annotate("failure", "Process completed with exit code \(code).")
    }
  }

  func annotate(
    _ level: String,
    _ message: String,
    path: String? = nil,
    line: Int? = nil,
    title: String? = nil
  ) async {
    await standIn.annotate(
      job.id,
      in: repository.id,
      [
        "path": .string(path ?? ".github"), "start_line": .int(line ?? 1),
        "end_line": .int(line ?? 1), "start_column": nil, "end_column": nil,
        "annotation_level": .string(level), "title": .string(title ?? ""),
        "message": .string(message), "raw_details": "",
        "blob_href": "\(standIn.url)/\(repository.fullName)/blob/\(run.sha)/\(path ?? ".github")",
      ]
    )
  }
}

/// What a step prints, with secrets taken out and workflow commands read.
final class StepLog: Sendable {
  struct Command: Sendable {
    let name: String
    let properties: [String: String]
    let value: String
  }

  private struct Contents: Sendable {
    var lines: [String] = []
    var commands: [Command] = []
    var masks: [String]
    var exitCode: Int?
  }

  /// Longer logs lose their middle: a test that prints without end must not fill the memory.
  private static let linesMax = 100_000
  private let contents: Mutex<Contents>

  init(masks: [String]) { contents = Mutex(Contents(masks: masks.filter { $0.count > 3 })) }

  var lines: [String] { contents.withLock { $0.lines } }
  var commands: [Command] { contents.withLock { $0.commands } }
  var masks: [String] { contents.withLock { $0.masks } }

  var exitCode: Int? {
    get { contents.withLock { $0.exitCode } }
    set { contents.withLock { $0.exitCode = newValue } }
  }

  func add(_ line: String) {
    let text = Array(line.utf8).textOfLine
    contents.withLock { contents in
      guard contents.lines.count < Self.linesMax else { return }
      guard let command = Self.command(text) else {
        contents.lines.append(Self.masked(text, contents.masks))
        return
      }
      if command.name == "add-mask" {
        contents.masks.append(command.value)
        return
      }
      let masked = Self.masked(command.value, contents.masks)
      contents.commands.append(
        Command(name: command.name, properties: command.properties, value: masked)
      )
      contents.lines.append("##[\(command.name)]\(masked)")
    }
  }

  private static func masked(_ text: String, _ masks: [String]) -> String {
    masks.reduce(text) { $0.replacing($1, with: "***") }
  }

  /// Reads `::error file=a.txt,line=3::Message`.
  private static func command(_ text: String) -> Command? {
    guard text.hasPrefix("::"), let end = text.dropFirst(2).firstRange(of: "::") else { return nil }
    let head = text[text.index(text.startIndex, offsetBy: 2)..<end.lowerBound]
    let words = head.split(separator: " ", maxSplits: 1).map(String.init)
    guard let name = words.first else { return nil }
    var properties: [String: String] = [:]
    for pair in words.dropFirst().joined().split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2 { properties[parts[0]] = unescaped(parts[1]) }
    }
    return Command(name: name, properties: properties, value: unescaped(text[end.upperBound...]))
  }
}
