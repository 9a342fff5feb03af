internal import ArgumentParser
internal import Feeds
internal import ReleaseModel

struct VersionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "Compare versions as updaters do",
    subcommands: [VersionOrder.self]
  )
}

struct VersionOrder: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order",
    abstract: "Show how each updater orders the given versions",
    discussion: """
      $ hotfix version order 1.0.0 1.0.1-hotfix1 1.0.1
      sparkle  1.0.0 < 1.0.1-hotfix1
      sparkle  1.0.1-hotfix1 = 1.0.1     users of either are not offered the other
      """
  )

  @Argument(help: "Versions, oldest first.")
  var versions: [String]

  @Option(help: "The updater; only sparkle.")
  var client = "sparkle"

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard versions.count >= 2 else { throw ValidationError("Give two versions or more.") }
    guard client == "sparkle" else { throw ValidationError("The only client here is sparkle.") }
  }

  private struct Result: Encodable {
    struct Row: Encodable {
      let client, a, b: String
      let order: Int
    }

    let schema = "hotfix.version-order/1"
    let orders: [Row]
  }

  func run() async throws {
    let rows = zip(versions, versions.dropFirst()).map { a, b in
      Result.Row(client: "sparkle", a: a, b: b, order: SparkleVersionOrder.compare(a, b))
    }
    try global.console.show(
      Result(orders: rows),
      rows.map { row in
        let sign = row.order < 0 ? "<" : row.order > 0 ? ">" : "="
        let hint =
          row.order == 0
          ? "     users of either are not offered the other"
          : row.order > 0 ? "     users of \(row.a) are not offered \(row.b)" : ""
        return "\(row.client)  \(row.a) \(sign) \(row.b)\(hint)"
      }.joined(separator: "\n")
    )
  }
}
