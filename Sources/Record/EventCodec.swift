internal import Foundation
package import ReleaseModel
internal import Signatures

/// Events as bytes: the payload line, the commit message around it, and back.
package enum EventCodec {
  /// Returns the payload: one line of JSON with sorted keys.
  package static func payload(_ event: Event) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = String(decoding: try encoder.encode(event), as: UTF8.self)
    guard line.utf8.count <= Event.payloadBytesMax else {
      throw Problem(
        "record.too-big",
        "An event was too big for the record.",
        why: "It has \(line.utf8.count) bytes; the limit is \(Event.payloadBytesMax).",
        next: ["Shorten the text, and put long material into a file of the repository."]
      )
    }
    return line
  }

  /// Returns the commit message: the headline, an empty line, and the payload.
  package static func message(_ event: Event) throws -> String {
    "\(event.headline)\n\n\(try payload(event))\n"
  }

  /// Returns the payload line of a commit message, or nil.
  package static func payload(inMessage message: String) -> String? {
    let bytes = Array(message.utf8)
    guard let feed = bytes.firstIndex(of: 0x0A), bytes[(feed + 1)...].first == 0x0A,
      bytes.last == 0x0A
    else { return nil }
    let line = bytes[(feed + 2)...].dropLast()
    guard line.count <= Event.payloadBytesMax, !line.contains(0x0A) else { return nil }
    return String(decoding: line, as: UTF8.self)
  }

  package static func event(payload: String, sequence: Int) throws -> Event {
    do {
      return try JSONDecoder().decode(Event.self, from: Data(payload.utf8))
    } catch let fault as RecordFault {
      throw fault
    } catch {
      throw RecordFault.notAnEvent(sequence: sequence, reason: "\(describe(error))")
    }
  }

  private static func describe(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "unreadable" }
    return switch error {
    case .keyNotFound(let key, _): "\(key.stringValue) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      context.codingPath.map(\.stringValue).joined(separator: ".") + " has the wrong type"
    case .dataCorrupted(let context): context.debugDescription
    @unknown default: "unreadable"
    }
  }
}

extension Policy {
  /// Why nobody may take it for one, if it is so.
  var fault: String? {
    if approvals < 0 { return "a policy cannot need fewer approvals than none" }
    if !(1...2_592_000).contains(approvalSeconds) {
      return "an approval counts for 30 days at the most"
    }
    return nil
  }

  /// The digest that every event made under this policy carries.
  package var digest: ContentDigest {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return ContentDigest.of((try? encoder.encode(self)).map { [UInt8]($0) } ?? [])
  }
}
