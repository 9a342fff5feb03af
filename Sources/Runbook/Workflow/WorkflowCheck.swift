// What the usual checkers of workflows pass over, and GitHub finds only when the release is due:
// jobs and steps that are named and are not there, and machines that nobody has.

internal import ReleaseModel
internal import Yams

/// Looks through a workflow's text.
package enum WorkflowCheck {
  package struct Finding: Sendable, Hashable {
    package let line: Int
    package let message: String
  }

  /// GitHub's own machines (docs.github.com, GitHub-hosted runners).
  static let runners: Set<String> = [
    "ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04", "ubuntu-24.04-arm", "ubuntu-22.04-arm",
    "ubuntu-slim", "macos-latest", "macos-26", "macos-15", "macos-14", "macos-15-intel",
    "macos-26-intel", "macos-latest-large", "macos-15-large", "macos-14-large", "macos-26-large",
    "macos-latest-xlarge", "macos-15-xlarge", "macos-14-xlarge", "macos-26-xlarge",
    "windows-latest", "windows-2025", "windows-2022", "windows-11-arm",
  ]

  package static func findings(_ text: String) -> [Finding] {
    guard text.utf8.count <= 1 << 20 else {
      return [Finding(line: 1, message: "the workflow is over 1 MiB")]
    }
    let root: Node?
    do {
      root = try compose(yaml: String(text.withoutByteOrderMark))
    } catch {
      return [Finding(line: 1, message: "it is no YAML: \(error)")]
    }
    guard let jobs = root?.mapping?["jobs"]?.mapping else {
      return [Finding(line: 1, message: "it has no jobs")]
    }
    let names = Set(jobs.keys.compactMap(\.string))
    return jobs.flatMap { name, job in
      check(name.string ?? "?", job, names) + references(name.string ?? "?", job)
    }.sorted { ($0.line, $0.message) < ($1.line, $1.message) }
  }

  private static func line(_ node: Node) -> Int { node.mark?.line ?? 1 }

  private static func check(_ name: String, _ job: Node, _ names: Set<String>) -> [Finding] {
    var found: [Finding] = []
    if let needs = job.mapping?["needs"] {
      for need in needs.sequence.map(Array.init) ?? [needs] {
        guard let text = need.string, !names.contains(text) else { continue }
        let near = nearestName(to: text, in: names.sorted()).map { "; did you mean \($0)?" }
        found.append(
          Finding(
            line: line(need),
            message: "job \(name) needs \(text), which is no job\(near ?? "")"
          )
        )
      }
    }
    guard let runner = job.mapping?["runs-on"] else { return found }
    // Several labels, a group or an expression: machines of one's own.
    if let text = runner.string, !text.contains("${{"), !runners.contains(text) {
      let near = nearestName(to: text, in: runners.sorted()).map { "; did you mean \($0)?" }
      found.append(
        Finding(
          line: line(runner),
          message: "job \(name) runs on \(text), which GitHub lacks\(near ?? "")"
        )
      )
    }
    return found
  }

  /// Every `steps.ID` and `needs.ID` in the job's expressions has to be there.
  private static func references(_ name: String, _ job: Node) -> [Finding] {
    let steps = job.mapping?["steps"]?.sequence.map(Array.init) ?? []
    let ids = Set(steps.compactMap { $0.mapping?["id"]?.string })
    let needs = job.mapping?["needs"]
    let needed = Set(
      needs?.sequence?.compactMap(\.string) ?? needs?.string.map { [$0] } ?? []
    )
    return texts(job, depth: 0).flatMap { node, text in
      text.matches(of: /\b(steps|needs)\.([A-Za-z_][\w-]*)/).compactMap { match in
        let id = String(match.2)
        if match.1 == "steps" {
          return ids.contains(id)
            ? nil : Finding(line: line(node), message: "job \(name) has no step with id \(id)")
        }
        return needed.contains(id)
          ? nil : Finding(line: line(node), message: "job \(name) does not need job \(id)")
      }
    }
  }

  /// The scalars that are expressions: in `${{ }}`, and every `if`.
  private static func texts(_ node: Node, depth: Int) -> [(Node, String)] {
    guard depth < 20 else { return [] }
    if let mapping = node.mapping {
      return mapping.flatMap { key, value -> [(Node, String)] in
        if key.string == "if", let text = value.string { return [(value, text)] }
        return texts(value, depth: depth + 1)
      }
    }
    if let sequence = node.sequence { return sequence.flatMap { texts($0, depth: depth + 1) } }
    guard let text = node.scalar?.string else { return [] }
    let expressions = text.matches(of: /\$\{\{(.*?)\}\}/).map { String($0.1) }
    return expressions.isEmpty ? [] : [(node, expressions.joined(separator: " "))]
  }
}
