internal import Foundation
internal import ReleaseModel

/// Attestations: statements about a file's digest.
///
/// The envelope is signed by nobody: only the statement's form is GitHub's.
extension GitHubStandIn {
  static let attestationRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/attestations/{digest}", .attestations) {
      try await $0.listAttestations($1)
    }
  ]

  func listAttestations(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    guard var all = found.attestations[call.word("digest")] else { throw Refusal.notFound }
    if let wanted = call.query["predicate_type"] {
      let names = [
        "provenance": "https://slsa.dev/provenance/v1",
        "release": "https://in-toto.io/attestation/release/v0.1",
      ]
      all = all.filter { $0["predicate"].text == names[wanted] ?? wanted }
    }
    let documents = all.map { entry in
      let document: JSON = [
        "bundle": entry["bundle"], "repository_id": .int(found.id),
        "bundle_url": "\(call.addresses.storage)/attestations/\(call.word("digest"))",
        "initiator": "user",
      ]
      return call.isNew ? document.without("bundle") : document
    }
    return Reply(200, ["attestations": .array(documents)])
  }

  func addAttestation(_ digest: String, name: String, predicate: String, in id: Int) throws {
    let statement: JSON = [
      "_type": "https://in-toto.io/Statement/v1", "predicateType": .string(predicate),
      "subject": [
        ["name": .string(name), "digest": ["sha256": .string(String(digest.dropFirst(7)))]]
      ],
      "predicate": [:],
    ]
    let bundle: JSON = [
      "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial": [:],
      "dsseEnvelope": [
        "payload": .string(Data(statement.bytes).base64EncodedString()),
        "payloadType": "application/vnd.in-toto+json", "signatures": [["sig": ""]],
      ],
    ]
    try change(id) {
      $0.attestations[digest, default: []]
        .append(["predicate": .string(predicate), "bundle": bundle])
    }
  }

  /// The digests that something was stated about.
  package func attestedDigests(_ repository: String) -> [String] {
    let found = try? self.repository(number(of: repository))
    return found?.attestations.keys.sorted() ?? []
  }

  /// What GitHub states on its own when an immutable release is published.
  func attest(_ release: Release, _ commit: String, _ id: Int) throws {
    let predicate = "https://in-toto.io/attestation/release/v0.1"
    try addAttestation("sha1:\(commit)", name: release.tag, predicate: predicate, in: id)
    for asset in release.assets.values {
      guard let digest = asset.digest else { continue }
      try addAttestation(digest, name: asset.name, predicate: predicate, in: id)
    }
  }
}
