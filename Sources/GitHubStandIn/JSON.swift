internal import Foundation

/// A JSON value, written with sorted keys so that equal values have equal bytes.
package indirect enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  init(_ text: String?) { self = text.map { .string($0) } ?? .null }
  init(_ number: Int?) { self = number.map { .int($0) } ?? .null }

  /// Reads a document, or returns nil when the bytes are none.
  package init?(parsing bytes: [UInt8]) {
    guard let value = try? JSONDecoder().decode(JSON.self, from: Data(bytes)) else { return nil }
    self = value
  }

  package subscript(_ key: String) -> JSON {
    get {
      guard case .object(let members) = self else { return .null }
      return members[key] ?? .null
    }
    set {
      guard case .object(var members) = self else { return }
      members[key] = newValue
      self = .object(members)
    }
  }

  package subscript(_ index: Int) -> JSON {
    items.indices.contains(index) ? items[index] : .null
  }

  package var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  package var number: Int? {
    guard case .int(let number) = self else { return nil }
    return number
  }

  package var truth: Bool? {
    guard case .bool(let truth) = self else { return nil }
    return truth
  }

  package var items: [JSON] {
    guard case .array(let items) = self else { return [] }
    return items
  }

  package var members: [String: JSON] {
    guard case .object(let members) = self else { return [:] }
    return members
  }

  var isNull: Bool { self == .null }

  /// Tells whether the object names the key, even with null.
  func has(_ key: String) -> Bool { members[key] != nil }

  /// Returns the object without some of its members.
  func without(_ keys: String...) -> JSON {
    guard case .object(let members) = self else { return self }
    return .object(members.filter { !keys.contains($0.key) })
  }

  /// Returns the object with more members; the added ones win.
  package func adding(_ more: [String: JSON]) -> JSON {
    .object(members.merging(more) { $1 })
  }

  /// Returns the object with these members alone.
  func only(_ keys: [String]) -> JSON { .object(members.filter { keys.contains($0.key) }) }
}

extension JSON: Codable {
  package init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let truth = try? value.decode(Bool.self) {
      self = .bool(truth)
    } else if let number = try? value.decode(Int.self) {
      self = .int(number)
    } else if let number = try? value.decode(Double.self) {
      self = .double(number)
    } else if let text = try? value.decode(String.self) {
      self = .string(text)
    } else if let items = try? value.decode([JSON].self) {
      self = .array(items)
    } else {
      self = .object(try value.decode([String: JSON].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .null: try value.encodeNil()
    case .bool(let truth): try value.encode(truth)
    case .int(let number): try value.encode(number)
    case .double(let number): try value.encode(number)
    case .string(let text): try value.encode(text)
    case .array(let items): try value.encode(items)
    case .object(let members): try value.encode(members)
    }
  }

  package var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { [UInt8]($0) } ?? []
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  package init(stringLiteral value: String) { self = .string(value) }
}

extension JSON: ExpressibleByBooleanLiteral {
  package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSON: ExpressibleByIntegerLiteral {
  package init(integerLiteral value: Int) { self = .int(value) }
}

extension JSON: ExpressibleByNilLiteral {
  package init(nilLiteral: ()) { self = .null }
}

extension JSON: ExpressibleByArrayLiteral {
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
}

extension JSON: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(elements) { $1 })
  }
}
