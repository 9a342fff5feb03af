internal import ArgumentParser
internal import Feeds
internal import ReleaseModel

struct VersionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "Compare versions as updaters do, and write them into files",
    subcommands: [VersionOrder.self, VersionWrite.self]
  )
}

struct VersionOrder: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order",
    abstract: "Show how each updater orders the given versions",
    discussion: """
      Oldest first: each version is compared with the one before it. A mark shows where an updater
      disagrees with that order, and which spelling all of them read the same way.

      $ hotfix version order 1.0.0 1.0.1-hotfix1 1.0.1
                        1.0.0 ~ 1.0.1-hotfix1  1.0.1-hotfix1 ~ 1.0.1
      sparkle           <                      = !
      electron-updater  <                      <
      squirrel-mac      <                      > !
      …
      """
  )

  @Argument(help: "Versions, oldest first.")
  var versions: [String]

  @Option(help: ArgumentHelp("The updater; default all.", valueName: "name"))
  var client: String?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard versions.count >= 2 else { throw ValidationError("Give two versions or more.") }
    guard versions.count <= 100 else { throw ValidationError("Give 100 versions at the most.") }
    if let client, Updater.named(client) == nil {
      let names = Updater.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--client is one of \(names).")
    }
  }

  private struct Result: Encodable {
    let schema = "hotfix.version-order/1"
    let orders: [Row]
  }

  private struct Row: Encodable {
    let client, a, b: String
    /// Nil: the updater refuses one of them.
    let order: Int?
    let why: String?

    private enum Name: String, CodingKey {
      case client, a, b, order, why
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Name.self)
      try container.encode(client, forKey: .client)
      try container.encode(a, forKey: .a)
      try container.encode(b, forKey: .b)
      if let order {
        try container.encode(order, forKey: .order)
      } else {
        try container.encode("refused", forKey: .order)
      }
      try container.encodeIfPresent(why, forKey: .why)
    }

    var sign: String {
      guard let order else { return "refused !" }
      return order < 0 ? "<" : order > 0 ? "> !" : "= !"
    }

    /// What a disagreement means for users.
    var meaning: String? {
      switch order {
      case nil: "\(client): \(why ?? "")"
      case 0: "\(client): \(a) and \(b) are the same; users of either are not offered the other"
      case 1: "\(client): \(a) is newer; its users are not offered \(b)"
      default: nil
      }
    }
  }

  func run() async throws {
    let updaters = client.flatMap { Updater.named($0) }.map { [$0] } ?? Updater.all
    let rows = updaters.flatMap { updater in
      zip(versions, versions.dropFirst()).map { a, b in row(updater, a, b) }
    }
    try global.console.show(Result(orders: rows), text(rows, updaters))
  }

  private func row(_ updater: Updater, _ a: String, _ b: String) -> Row {
    do {
      return Row(client: updater.name, a: a, b: b, order: try updater.order(a, b), why: nil)
    } catch {
      let refused = error as? VersionRefused
      let why = refused.map { "\($0.version.isEmpty ? "an empty version" : $0.version): \($0.why)" }
      return Row(client: updater.name, a: a, b: b, order: nil, why: why ?? "\(error)")
    }
  }

  private func text(_ rows: [Row], _ updaters: [Updater]) -> String {
    let pairs = zip(versions, versions.dropFirst()).map { "\($0) ~ \($1)" }
    let width = updaters.map(\.name.count).max() ?? 0
    func line(_ name: String, _ cells: [String]) -> String {
      let padded = zip(cells, pairs).map { $0.padded($1.count) }
      return ([name.padded(width)] + padded).joined(separator: "  ").trimmingEnd()
    }
    var lines = [line("", pairs)]
    for updater in updaters {
      lines.append(line(updater.name, rows.filter { $0.client == updater.name }.map(\.sign)))
    }
    let meanings = rows.compactMap(\.meaning)
    guard !meanings.isEmpty else { return lines.joined(separator: "\n") }
    lines += [""] + meanings
    if let safe = SafeSpelling.next(after: versions[0]) {
      lines += ["", "read the same way by all of them:  \(versions[0]) → \(safe)"]
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    var rest = Substring(self)
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
