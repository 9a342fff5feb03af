import Foundation
import HotfixTesting
import Record
import ReleaseModel
import Signatures
import Testing

/// Who a person is: the list of signers as ssh-keygen reads it, and what hotfix refuses beyond that.
@Suite struct PeopleTests {
  /// What ssh-keygen said of each list: `allowed-signers.json` was written by the real program.
  private struct Vectors: Decodable {
    struct Verdict: Decodable {
      let namespace: String
      let principals: String?
      let verified: Bool
    }

    struct Case: Decodable {
      let name, text: String
      let verdicts: [Verdict]
    }

    struct Zone: Decodable {
      let text, time: String
      let verifiedEverywhere: Bool
    }

    let key, other: String
    let cases: [Case]
    let zones: [Zone]

    static func read() throws -> Vectors {
      let bytes = try Fixtures.bytes("ssh/allowed-signers.json")
      return try JSONDecoder().decode(Vectors.self, from: Data(bytes))
    }
  }

  /// The lists that ssh-keygen takes and that leave open who somebody is.
  private static let refused = [
    "list with empty": "signers.name", "list ends with comma": "signers.name",
    "list begins with comma": "signers.name", "empty quoted": "signers.name",
    "wildcard": "signers.name", "question mark": "signers.name", "negation": "signers.name",
    "BOM": "signers.name", "bad line before": "signers.unreadable",
    "bad line after": "signers.unreadable", "NUL": "signers.unreadable",
    "form feed": "signers.unreadable", "BOM comment first": "signers.name",
  ]

  private static let noon = Moment(iso: "2026-11-30T12:00:00Z") ?? Moment(seconds: 0)

  private func people(_ text: String, openPGP: [String: String] = [:]) throws -> People {
    People(try AllowedSigners(text), openPGP: openPGP)
  }

  @Test func acceptsWhomSshKeygenAccepts() throws {
    let vectors = try Vectors.read()
    let key = try #require(SSHPublicKey(line: vectors.key))
    for one in vectors.cases {
      guard let people = try? people(one.text) else {
        let isRefusedByBoth = one.verdicts.allSatisfy { !$0.verified }
        #expect(isRefusedByBoth || Self.refused[one.name] != nil, "\(one.name)")
        continue
      }
      for verdict in one.verdicts {
        let ours = people.signer(key, namespace: verdict.namespace, at: Self.noon)
        var name: String?
        if case .person(let person) = ours { name = person }
        #expect((name != nil) == verdict.verified, "\(one.name), \(verdict.namespace): \(ours)")
        guard let name, let principals = verdict.principals else { continue }
        let theirs = principals.split(separator: "\n").map(String.init)
        #expect(theirs.allSatisfy { people.person(named: $0) == name }, "\(one.name)")
      }
    }
  }

  @Test(arguments: Self.refused.sorted { $0.key < $1.key })
  func refusesWithLineAndColumn(_ name: String, _ code: String) throws {
    let one = try #require(try Vectors.read().cases.first { $0.name == name })
    let problem = #expect(throws: Problem.self) { try people(one.text) }
    #expect(problem?.code == code)
    let words = problem?.what.split(separator: " ") ?? []
    #expect(words.first == "Line" && words.dropFirst(2).first == "column", "\(words)")
  }

  @Test func namesThePlaceOfAWildcard() throws {
    let key = try Vectors.read().key
    let problem = #expect(throws: Problem.self) {
      try people("# people\nana@x.example \(key)\n  é@x.example,*@x.example \(key)\n")
    }
    #expect(problem?.what.hasPrefix("Line 3, column 15 ") == true)
  }

  @Test func readsATimeWithoutZoneAsWhereTheKeyCountsForTheShortest() throws {
    let vectors = try Vectors.read()
    let key = try #require(SSHPublicKey(line: vectors.key))
    for zone in vectors.zones {
      let t = zone.time
      func part(_ from: Int, _ count: Int) -> Substring { t.dropFirst(from).prefix(count) }
      let iso =
        "\(part(0, 4))-\(part(4, 2))-\(part(6, 2))T\(part(8, 2)):\(part(10, 2)):\(part(12, 2))Z"
      let moment = try #require(Moment(iso: iso))
      let verdict = try people(zone.text).signer(key, namespace: "git", at: moment)
      #expect((verdict == .person("ana@example.org")) == zone.verifiedEverywhere, "\(iso)")
    }
  }

  @Test func countsOnePersonForOneKeyAndForOneMailbox() throws {
    let vectors = try Vectors.read()
    let (a, b) = (vectors.key, vectors.other)
    #expect(try people("ana@x.example \(a)\nanna@home.example \(a)\n").all == ["ana@x.example"])
    #expect(try people("Ana@X.example \(a)\nana@x.example \(b)\n").all == ["Ana@X.example"])
    #expect(try people("ana \(a)\n\"Ana B <ana@x.example>,ana\" \(b)\n").all == ["ana"])
    #expect(try people("ana@x.example. \(a)\nana@x.example \(b)\n").all.count == 1)
    #expect(try people("ana@x.example \(a)\nben@x.example \(b)\n").all.count == 2)
    // The third line makes one of the two before it.
    let joined = "ana@x.example \(a)\nb@x.example \(b)\nana@x.example,b@x.example \(b)\n"
    #expect(try people(joined).all == ["ana@x.example"])
    #expect(try people(joined).names(of: "b@x.example") == ["ana@x.example", "b@x.example"])
  }

  @Test func countsOnePersonForAnOpenPGPKeyUnderTheirName() throws {
    let a = try Vectors.read().key
    let people = try people(
      "ana@x.example,ana@home.example \(a)\n",
      openPGP: ["ANA@home.example": "AB CD", "ben@x.example": "EF01", "benno": "ef 01"]
    )
    #expect(people.all == ["ana@x.example", "ben@x.example"])
    #expect(people.owner(ofFingerprints: ["ABCD"]) == "ana@x.example")
    #expect(people.person(named: "benno") == "ben@x.example")
    #expect(people.owner(ofFingerprints: ["0000"]) == nil)
  }

  @Test func doesNotCountARevokedKey() throws {
    let vectors = try Vectors.read()
    let key = try #require(SSHPublicKey(line: vectors.key))
    let signers = try AllowedSigners("ana@x.example \(vectors.key)\n")
    let people = People(
      signers,
      openPGP: [:],
      revoked: try RevokedKeys("# lost\r\n\(vectors.key) laptop\r\n")
    )
    let verdict = people.signer(key, namespace: "git", at: Self.noon)
    #expect(
      verdict
        == .refused(person: "ana@x.example", why: "the key \(key.fingerprint) is revoked")
    )
    #expect(people.owner(of: key) == "ana@x.example", "it is hers all the same")
  }

  @Test(arguments: ["rubbish\n", "SHA256:abc\n", "SSHKRL\n\0rest", "no-touch-required ssh-rsa A\n"])
  func refusesAListOfRevokedKeysThatItCannotRead(_ text: String) {
    let problem = #expect(throws: Problem.self) { try RevokedKeys(text) }
    #expect(problem?.code == "signers.revocation")
  }

  @Test func readsWhatSshKeygenPrintsOfABinaryList() throws {
    // ssh-keygen -Q -l -f KRL
    let listing = """
      # KRL version 0
      # Generated at 20261130T205242

      hash: SHA256:5asEHzaIMdkkVmGRPMh7b5zULpPgSqC2WZyI6M6Qnsw # ssh-ed25519
      """
    let vectors = try Vectors.read()
    #expect(RevokedKeys(listing: listing) != .none)
    let key = try #require(SSHPublicKey(line: vectors.key))
    #expect(!RevokedKeys(listing: listing).contains(key))
    #expect(RevokedKeys(listing: "hash: \(key.fingerprint) # ssh-ed25519\n").contains(key))
  }

  @Test func isBounded() throws {
    let key = try Vectors.read().key
    let names = (0..<20_000).map { "n\($0)" }.joined(separator: ",")
    #expect(try people("\(names) \(key)\n").all == ["n0"])
    let long = String(repeating: "ana@x.example \(key)\n", count: 12_000)
    #expect(throws: Problem.self) { try people(long) }
    #expect(throws: Problem.self) { try people(String(repeating: "#", count: (1 << 20) + 1)) }
  }
}
