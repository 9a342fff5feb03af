internal import Foundation
package import Record
package import ReleaseModel
internal import Signatures

package enum Assessing {
  /// The digest that approvals of an assessment are bound to.
  package static func digest(_ assessment: Assessment) -> ContentDigest {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return ContentDigest.of((try? encoder.encode(assessment)).map { [UInt8]($0) } ?? [])
  }
}
