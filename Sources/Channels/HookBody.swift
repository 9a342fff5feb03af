internal import Foundation
internal import ReleaseModel
internal import Runbook

/// The JSON that a webhook gets; every text goes through an encoder.
enum HookBody {
  /// Discord refuses messages of more.
  private static let discordUnitsMax = 2000

  static func slack(_ text: String) throws -> [UInt8] { try object(["text": text]) }

  /// A message that mentions nobody, whatever stands in it.
  static func discord(_ text: String) throws -> [UInt8] {
    // Counted in scalars: one Character may have thousands of them.
    var (units, content) = (0, String.UnicodeScalarView())
    for scalar in text.unicodeScalars {
      units += UTF16.width(scalar)
      if units > discordUnitsMax { break }
      content.append(scalar)
    }
    return try object(["content": String(content), "allowed_mentions": ["parse": [String]()]])
  }

  /// Returns the template with its places filled, or all values where it is none of JSON.
  ///
  /// The template is read first and its strings are filled then, so that a value can neither end its
  /// string nor fill another place. Throws `template.json`.
  static func webhook(_ delivery: Delivery) throws -> [UInt8] {
    var values = delivery.values
    values["subject"] = delivery.subject
    values["text"] = delivery.body
    values["id"] = delivery.key
    guard let template = delivery.template, template.hasPrefix("{") else {
      return try object(values)
    }
    do {
      let json = try JSONSerialization.jsonObject(with: Data(template.utf8))
      return try object(filled(json, values))
    } catch {
      throw Problem(
        "template.json",
        "The template of \(delivery.channel.name) begins with { and is no JSON.",
        why: "Every place has to be in a string, as in {\"text\": \"{title}\"}.",
        next: ["Mend the template on main, then:  hotfix next"]
      )
    }
  }

  private static func filled(_ json: Any, _ values: [String: String]) -> Any {
    switch json {
    case let text as String: Template(text).filled(values)
    case let list as [Any]: list.map { filled($0, values) }
    case let map as [String: Any]: map.mapValues { filled($0, values) }
    default: json
    }
  }

  private static func object(_ json: Any) throws -> [UInt8] {
    [UInt8](
      try JSONSerialization.data(
        withJSONObject: json,
        options: [.sortedKeys, .withoutEscapingSlashes]
      )
    )
  }

  /// The id by which Discord knows a message that it keeps.
  static func messageID(_ answer: [UInt8]) -> String? {
    let json = try? JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any]
    return (json?["id"] as? String).flatMap { id in
      !id.isEmpty && id.utf8.count <= 20 && id.utf8.allSatisfy { (0x30...0x39).contains($0) }
        ? id : nil
    }
  }
}
