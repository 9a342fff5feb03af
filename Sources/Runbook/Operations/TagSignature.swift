package import Git
package import Record
internal import ReleaseModel

/// Who signed a release tag, and whether it is the tag that it says it is.
package struct TagSignature: Sendable {
  private let git: Git
  private let people: People

  package init(git: Git, people: People) {
    self.git = git
    self.people = people
  }

  /// Returns the listed person who signed the tag.
  ///
  /// Throws `tag.lightweight`, `tag.renamed`, `tag.nested`, `tag.unsigned`, `tag.stranger`; their
  /// `next` is for a tag on the remote.
  package func signer(of tag: RefView.GitTagView, named name: String) async throws -> String {
    let fault = TagFault(name, git.remote, commit: tag.commit)
    guard tag.isAnnotated else { throw fault.lightweight }
    let object = TagObject(try await git.object(tag.object)?.content ?? [])
    return try await signer(of: object, commit: tag.commit, fault)
  }

  /// Returns why the tag cannot be trusted, or nil.
  func fault(of tag: GitTag) async throws -> String? {
    do {
      _ = try await signer(of: RefView.GitTagView(tag), named: tag.name)
      return nil
    } catch let problem as Problem where problem.code.hasPrefix("tag.") {
      return problem.why.isEmpty ? problem.what : "\(problem.what)\n\(problem.why)"
    }
  }

  func signer(of object: TagObject, commit: String, _ fault: TagFault) async throws -> String {
    // An old release's tag object under a new name would be released again, as a new version.
    guard object["tag"] == fault.name else { throw fault.renamed(object["tag"]) }
    guard object["type"] == "commit", object["object"] == commit else { throw fault.nested }
    guard let armor = object.signature else { throw fault.unsigned }
    do {
      return try await SignatureVerifier(git: git, people: people).signer(
        of: object.signedBytes,
        signature: armor,
        namespace: Chain.namespace,
        at: object.time
      )
    } catch let problem as SignatureVerifier.Fault {
      throw fault.stranger(problem.text)
    }
  }
}

/// What can be wrong with a release tag, as it is told to a person.
struct TagFault: Sendable {
  let name: String
  private let next: [String]

  /// Of a tag on the remote.
  init(_ name: String, _ remote: String, commit: String) {
    self.name = name
    next = [
      "git show \(commit.prefix(12))     shows what it names; ask the team who pushed it",
      "git tag -s -f -m \(name) \(name) \(commit.prefix(12)) && git push --force \(remote) "
        + "refs/tags/\(name)     by a listed person, when that is what is to be released",
    ]
  }

  /// Of a tag that a run is about to push.
  init(ofRun name: String) {
    self.name = name
    next = ["git tag -d \(name)", "hotfix next"]
  }

  var lightweight: Problem {
    Problem(
      "tag.lightweight",
      "The tag \(name) is lightweight: it has no author and no signature.",
      next: next
    )
  }

  func renamed(_ other: String?) -> Problem {
    Problem(
      "tag.renamed",
      "The tag \(name) is another tag's object under a new name.",
      why: other.map { "The object says that it is the tag \($0)." } ?? "The object has no name.",
      next: next
    )
  }

  var nested: Problem {
    Problem(
      "tag.nested",
      "The tag \(name) does not name a commit by itself.",
      why: "It names another tag or another kind of object, which its signature does not cover.",
      next: next
    )
  }

  var unsigned: Problem {
    Problem("tag.unsigned", "The tag \(name) is not signed.", next: next)
  }

  func stranger(_ why: String) -> Problem {
    Problem(
      "tag.stranger",
      "The signature of the tag \(name) does not hold.",
      why: why,
      next: next
    )
  }
}

/// A tag object's bytes: its header, what is signed, and the signature behind it.
package struct TagObject: Sendable {
  let signedBytes: [UInt8]
  let signature: String?
  private let lines: [String]

  package init(_ object: [UInt8]) {
    let text = String(decoding: object, as: UTF8.self)
    // As git finds it, at the beginning of a line: a title can hold the words too.
    let begins = ["\n-----BEGIN SSH SIGNATURE-----", "\n-----BEGIN PGP SIGNATURE-----"]
    let start = begins.compactMap { text.firstRange(of: $0)?.lowerBound }.min()
      .map { text.index(after: $0) }
    signature = start.map { String(text[$0...]) }
    signedBytes = Array(text[..<(start ?? text.endIndex)].utf8)
    lines = signedBytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// A field of the header, which ends at the first empty line.
  subscript(field: String) -> String? {
    lines.prefix { !$0.isEmpty }.first { $0.hasPrefix(field + " ") }
      .map { String($0.dropFirst(field.count + 1)) }
  }

  /// When the tag was made, as it says.
  var time: Moment {
    Moment(seconds: self["tagger"]?.split(separator: " ").suffix(2).first.flatMap { Int($0) } ?? 0)
  }

  /// The run and the digest of its record that the message names.
  package var anchor: (run: String, digest: String)? {
    for line in lines where line.hasPrefix("Hotfix-Record: ") {
      let words = line.split(separator: " ").map(String.init)
      if words.count == 3 { return (words[1], words[2]) }
    }
    return nil
  }
}

extension GitTag {
  /// The command that shows who made the tag; git verifies tag objects alone.
  var lookCommand: String {
    let word = OutsideText(name).word
    return isAnnotated
      ? "git tag -v \(word)" : "git log -1 \(word)     the commit; the tag has no signature"
  }
}
