import HotfixCommands
import HotfixTesting
import Synchronization
import Testing

/// What a wrong command line leads to.
@Suite struct UnknownCommandTests {
  private static func run(_ arguments: [String]) async -> (status: Int32, out: String) {
    let out = Said()
    let status = await HotfixProgram.run(
      arguments,
      environment: [:],
      out: { out.add($0) },
      error: { out.add($0) }
    )
    return (status, out.text)
  }

  @Test(arguments: [
    (["stauts"], "hotfix status"), (["-C", "/", "aprove"], "hotfix approve"),
    (["feed", "lnit", "x.xml"], "hotfix feed lint"), (["help", "stauts"], "hotfix help status"),
    (["help", "tests-writen"], "hotfix help tests-written"),
  ])
  func anUnknownCommandSuggestsTheOneThatWasMeant(_ arguments: [String], _ meant: String) async {
    let said = await Self.run(arguments)
    #expect(
      said.status == (arguments[0] == "help" ? 1 : 2) && said.out.contains("next:  \(meant)"),
      "\(said.out)"
    )
  }

  @Test func anUnknownCommandWithoutANeighbourLeadsToTheList() async {
    let said = await Self.run(["frobnicate", "x"])
    #expect(said.status == 2 && said.out.contains("There is no command hotfix frobnicate."))
    #expect(said.out.contains("hotfix --help"))
  }

  @Test func aRollbackIsNoKindToOpen() async {
    let said = await Self.run(["open", "x", "--kind", "foo"])
    #expect(said.status == 2 && said.out.contains("'crash' or 'bug'"), "\(said.out)")
    #expect(!said.out.contains("rollback"))
  }
}

private final class Said: Sendable {
  private let lines = Mutex<[String]>([])

  var text: String { lines.withLock { $0.joined(separator: "\n") } }

  func add(_ line: String) { lines.withLock { $0.append(line) } }
}
