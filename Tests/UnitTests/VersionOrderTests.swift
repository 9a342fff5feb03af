import Feeds
import Foundation
import HotfixTesting
import Testing

/// Answers of the real comparators (Tests/Fixtures/updaters/README.md).
@Suite struct VersionOrderTests {
  struct Row: Decodable, Sendable, CustomStringConvertible {
    let client, a, b: String
    let order: Order
    var description: String { "\(client): \(a) ~ \(b)" }

    enum Order: Decodable, Sendable, Equatable {
      case sign(Int)
      case error

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let sign = try? container.decode(Int.self) { self = .sign(sign) } else { self = .error }
      }
    }
  }

  static let rows: [Row] = {
    let text = (try? Fixtures.text("updaters/order.jsonl")) ?? ""
    return text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(Row.self, from: Data($0.utf8))
    }
  }()

  @Test func thereIsARowForEveryAnswer() { #expect(Self.rows.count == 1557) }

  @Test(arguments: rows) func ordersAsTheRealClientDoes(_ row: Row) throws {
    let updater = try #require(Updater.named(row.client))
    func found(_ a: String, _ b: String) -> Row.Order {
      (try? updater.order(a, b)).map { .sign($0) } ?? .error
    }
    #expect(found(row.a, row.b) == row.order)
    if case .sign(let sign) = row.order { #expect(found(row.b, row.a) == .sign(-sign)) }
  }
}
