import HotfixTesting
import Record
import ReleaseModel
import Runbook
import Signatures
import Testing

/// Who wrote a commit, by what it says and by whose signature it carries.
@Suite struct AuthorshipTests {
  private func people() throws -> People {
    let keys = try ["ssh/ed25519.pub", "ssh/ecdsa.pub"].map(Fixtures.text)
    return People(
      try AllowedSigners("ana@x.example,ana@home.example \(keys[0])ben \(keys[1])"),
      openPGP: [:]
    )
  }

  private func authorship(
    author: String,
    committer: String? = nil,
    message: String = "Mend it\n",
    signer: String? = nil
  ) throws -> Authorship {
    let object =
      "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor \(author) 1 +0000\n"
      + "committer \(committer ?? author) 1 +0000\n\n\(message)"
    let raw = try #require(RecordCommit(name: "abc", object: Array(object.utf8)))
    var authorship = Authorship()
    authorship.add(try #require(Authorship.Commit(raw)), signer: signer, try people())
    return authorship
  }

  @Test func countsAuthorAndCommitter() throws {
    let both = try authorship(author: "A <ANA@home.example>", committer: "B <ana@x.example>")
    #expect(both.people == ["ana@x.example"])
    #expect(both.unlisted.isEmpty && both.disputed.isEmpty)
  }

  @Test func aSignatureTellsTheCommitterAndAnAuthorOfTheSameAddress() throws {
    let own = try authorship(author: "Ben <ben@home.example>", signer: "ben")
    #expect(own.people == ["ben"] && own.unlisted.isEmpty)
    let brought = try authorship(
      author: "Dave <dave@x.example>",
      committer: "Ben <ben@home.example>",
      signer: "ben"
    )
    #expect(brought.people == ["ben"])
    #expect(brought.unlisted.keys.map(\.text) == ["Dave <dave@x.example>"])
  }

  @Test func bothCountWhereSignatureAndAddressDiffer() throws {
    let one = try authorship(author: "Ana <ana@x.example>", signer: "ben")
    #expect(one.people == ["ana@x.example", "ben"])
    #expect(one.disputed == ["abc is signed by ben and says ana@x.example"])
  }

  @Test(arguments: [
    "Co-authored-by: Ana <ana@x.example>", "co-authored-by:Ana <ANA@X.example>",
    "  Co-Authored-By:\tAna <ana@home.example>  ", "CO-AUTHORED-BY: <ana@x.example>\r",
  ])
  func countsCoAuthors(_ trailer: String) throws {
    let one = try authorship(
      author: "Ben <b@x.example>",
      message: "Mend it\n\nBody\n\(trailer)\n\nSigned-off-by: x\n",
      signer: "ben"
    )
    #expect(one.people == ["ana@x.example", "ben"])
    #expect(one.unlisted.isEmpty)
  }

  @Test(arguments: [
    "Co-authored-by: nobody", "Co-authored-by: X <x@y.example> <", "Co-authored-by:",
  ])
  func aCoAuthorWhoIsNobodyCounts(_ trailer: String) throws {
    let one = try authorship(
      author: "Ben <b@x.example>",
      message: "Mend it\n\n\(trailer)\n",
      signer: "ben"
    )
    #expect(one.unlisted.count == 1)
  }

  @Test(arguments: [
    "author A <a@x> 1 +0000\nauthor B <b@x> 1 +0000\ncommitter A <a@x> 1 +0000",
    "author A <a@x> 1 +0000", "committer A <a@x> 1 +0000",
  ])
  func isNoCommitWithoutOneAuthorAndOneCommitter(_ headers: String) throws {
    let object = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\(headers)\n\nx\n"
    let raw = try #require(RecordCommit(name: "abc", object: Array(object.utf8)))
    #expect(Authorship.Commit(raw) == nil)
  }
}
