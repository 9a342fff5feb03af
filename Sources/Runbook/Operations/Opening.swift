internal import Feeds
package import Git
package import Record
internal import ReleaseModel
internal import Signatures

/// What a person says when they open a run.
package struct OpenRequest: Sendable {
  package var title: String
  package var kind: Criticality.Kind
  package var answers: [String: String]
  package var because: String
  package var affected: [String]
  package var workaround: String
  package var isRegression: Bool
  package var base: String?
  package var test: String?
  package var picks: [String]
  /// Why the run is opened although the table says no.
  package var waiver: String?
  /// Why strangers may read of a security fault before its release.
  package var publicly: String?
  package var allowsUnsignedBase: Bool
  package var rollback: RunOpened.Rollback?
  /// A branch that is there already, whose commits are the fix.
  package var branch: String?

  package init(
    title: String,
    kind: Criticality.Kind,
    answers: [String: String] = [:],
    because: String,
    affected: [String] = [],
    workaround: String = "none",
    isRegression: Bool = false,
    base: String? = nil,
    test: String? = nil,
    picks: [String] = [],
    waiver: String? = nil,
    publicly: String? = nil,
    allowsUnsignedBase: Bool = false,
    rollback: RunOpened.Rollback? = nil,
    branch: String? = nil
  ) {
    self.title = title
    self.kind = kind
    self.answers = answers
    self.because = because
    self.affected = affected
    self.workaround = workaround
    self.isRegression = isRegression
    self.base = base
    self.test = test
    self.picks = picks
    self.waiver = waiver
    self.publicly = publicly
    self.allowsUnsignedBase = allowsUnsignedBase
    self.rollback = rollback
    self.branch = branch
  }
}

/// Opens a run: judges the fault, names the version, sets the deadlines, writes the record.
///
/// The name is reserved on the remote together with the first events (RecordStore, 4). Of two
/// people who open at once, the second looks again and takes the next name.
package struct Opening: Sendable {
  let settings: Settings
  let toolbox: Toolbox
  let store: RecordStore
  private let signer: Signer
  private let policy: MainPolicy.Pinned
  /// The runs there are; `true` fetches first.
  private let runs: @Sendable (Bool) async throws -> [KnownRun]
  /// Said in the record behind the opening.
  private let preface: [Fact]

  private static let attemptsMax = 8

  package init(
    settings: Settings,
    toolbox: Toolbox,
    store: RecordStore,
    signer: Signer,
    policy: MainPolicy.Pinned,
    runs: @escaping @Sendable (Bool) async throws -> [KnownRun],
    preface: [Fact] = []
  ) {
    self.preface = preface
    self.runs = runs
    self.settings = settings
    self.toolbox = toolbox
    self.store = store
    self.signer = signer
    self.policy = policy
  }

  package struct Opened: Sendable {
    package let run: String
    package let opened: RunOpened
    package let assessment: Assessment
    package let chain: Chain
    /// The commits that were there before and are the fix, oldest first.
    package let adopted: [GitCommit]
    /// The other runs that are open.
    package let others: [KnownRun]
  }

  /// Returns the base's tag, once nothing but the answers of a request can refuse it.
  ///
  /// Throws what `open` does, and writes nothing: a person is asked only what can still matter.
  package func check(_ request: OpenRequest) async throws -> String {
    try requireTitle(request)
    let known = try await runs(false)
    let base = try await base(request)
    try refuseSame(request, base: base, known.filter(\.isOpen))
    _ = try await name(request, base: base, known)
    return base.tag
  }

  private func requireTitle(_ request: OpenRequest) throws {
    guard request.title.contains(where: { !$0.isWhitespace }) else {
      throw Problem(
        "open.title",
        "The run has no title.",
        next: ["hotfix open \"what is broken\" …"]
      )
    }
  }

  package func open(_ request: OpenRequest) async throws -> Opened {
    try requireTitle(request)
    let verdict = try verdict(request)
    let run = makeRun()
    var lostWords = ""
    for attempt in 0..<Self.attemptsMax {
      let known = try await runs(attempt > 0)
      let others = known.filter(\.isOpen)
      let base = try await base(request)
      try refuseSame(request, base: base, others)
      let opened = try await name(request, base: base, known)
      let affected = request.affected.isEmpty ? [base.version.text] : request.affected
      let assessment = Assessment(
        kind: request.kind.rawValue,
        answers: request.answers,
        table: verdict.table,
        verdict: verdict.verdict,
        warranted: verdict.warranted,
        severity: verdict.severity,
        reasons: verdict.reasons,
        cannotWait: request.because,
        affected: affected,
        workaround: request.workaround
      )
      let chain: Chain
      switch try await write(run, opened, assessment, request) {
      case .done(let written): chain = written
      case .lost(let words):
        lostWords = words
        continue
      }
      return Opened(
        run: run,
        opened: opened,
        assessment: assessment,
        chain: chain,
        adopted: try await adopted(opened),
        others: others
      )
    }
    if let obstacle = GitObstacle(lostWords) {
      throw obstacle.problem(remote: store.git.remote)
    }
    throw Problem(
      "name.busy",
      "Others kept taking the name that this run was to get.",
      why: "\(Self.attemptsMax) attempts were overtaken.",
      next: ["hotfix log     lists the runs that they opened", "then repeat the command"]
    )
  }

  private func verdict(_ request: OpenRequest) throws -> Criticality {
    let verdict = try Criticality.judge(
      kind: request.kind,
      answers: request.answers,
      workaround: request.workaround,
      regression: request.isRegression
    )
    guard verdict.warranted || request.waiver != nil else {
      throw Problem(
        "assessment.below-bar",
        "By the table this is no hotfix: \(verdict.verdict).",
        why: (verdict.reasons + ["For a hotfix:"] + Criticality.bar(request.kind))
          .joined(separator: "\n"),
        next: [
          "Put it into the next regular release.",
          "hotfix open … --waive \"why all the same\"     overrides the table; it shouts",
        ]
      )
    }
    return verdict
  }

  /// `hf-<yyyymmdd>-<8 base32>`: random, so that two people never choose the same, and never like a
  /// version, because git resolves `hotfix/1.2.3` to `refs/hotfix/1.2.3` before it looks for a branch
  /// of that name (gitrevisions(7), `<refname>`).
  private func makeRun() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
    let name = toolbox.random(8).map { letters[Int($0 & 31)] }
    return "hf-\(toolbox.now().day.filter { $0 != "-" })-\(String(name))"
  }

  private func base(_ request: OpenRequest) async throws -> BaseRelease {
    let tags = try await store.git.tags()
    if let rollback = request.rollback { return rollback.bad }
    let name: String
    if let wanted = request.base {
      name =
        tags.contains { $0.name == wanted }
          || settings.version(ofTag: wanted) != nil
        ? wanted : settings.tag.filled(["version": wanted])
    } else {
      name = try await BaseSearch(settings: settings, toolbox: toolbox)
        .newest(tags: tags.map(\.name))
    }
    guard let tag = tags.first(where: { $0.name == name }),
      let version = settings.version(ofTag: name)
    else {
      throw Problem(
        "base.missing",
        "The release \(name) is not on the remote.",
        why: "Tags on the remote: "
          + (tags.isEmpty ? "none." : tags.suffix(10).map(\.name).joined(separator: ", ") + "."),
        next: ["git push \(store.git.remote) TAG", "hotfix open … --base TAG"]
      )
    }
    if !request.allowsUnsignedBase { try await requireSigned(tag) }
    return BaseRelease(tag: name, commit: tag.commit, version: version)
  }

  private func requireSigned(_ tag: GitTag) async throws {
    func unsigned(_ why: String) -> Problem {
      Problem(
        "base.unsigned",
        "The release tag \(tag.name) is not signed by a listed person.",
        why: why,
        next: [
          "hotfix open … --unsigned-base     when you know where the tag comes from",
          tag.lookCommand,
        ]
      )
    }
    let signature = TagSignature(
      git: store.git,
      people: try toolbox.people(of: policy.policy)
    )
    if let fault = try await signature.fault(of: tag) { throw unsigned(fault) }
  }

  private func name(
    _ request: OpenRequest,
    base: BaseRelease,
    _ known: [KnownRun]
  ) async throws -> RunOpened {
    let taken = try await TakenNames(git: store.git, settings: settings).versions()
      .union(known.flatMap(\.names).compactMap { settings.version(ofTag: $0)?.text })
    guard let version = base.version.next(settings.scheme, taken: taken) else {
      throw Problem(
        "version.unnamed",
        "No version name over \(base.version) is free.",
        next: ["Name releases like 1.2.3, or choose another base:  hotfix open … --base TAG"]
      )
    }
    let tag = settings.tag.filled(["version": version.text])
    guard isSaneName(tag), isSaneName(base.tag) else {
      throw Problem(
        "version.unnamed",
        "\(tag) cannot be the name of a tag and of a folder.",
        next: ["Mend version.tag in hotfix.yml."]
      )
    }
    let branch = try await branch(request, tag: tag, base: base, known)
    return RunOpened(
      title: request.title,
      app: settings.app,
      base: base,
      version: version,
      branch: branch.name,
      tag: tag,
      main: settings.main,
      policy: policy.policy,
      rollback: request.rollback,
      picks: try await picks(request),
      test: request.test,
      adopts: branch.adopts,
      settings: policy.commit,
      component: settings.component
    )
  }

  private func picks(_ request: OpenRequest) async throws -> [String] {
    try await request.picks.asyncMap { revision in
      guard let commit = try await store.git.resolve(revision + "^{commit}") else {
        throw Problem(
          "pick.missing",
          "The commit \(revision) is not in this clone.",
          next: ["git fetch", "hotfix open … --pick COMMIT"]
        )
      }
      return commit
    }
  }

  private enum Written {
    case done(Chain)
    /// Somebody else was faster, in git's words: all is to be looked at again.
    case lost(String)
  }

  /// Writes the first events.
  private func write(
    _ run: String,
    _ opened: RunOpened,
    _ assessment: Assessment,
    _ request: OpenRequest
  ) async throws -> Written {
    let now = toolbox.now()
    let deadlines = Criticality.phaseSeconds(severity: assessment.severity)
    var facts: [Fact] = [
      .opened(opened), .assessed(assessment),
      .deadlinesSet(
        DeadlinesSet(
          deadlines: Dictionary(
            uniqueKeysWithValues: deadlines.map { ($0.key.rawValue, now + $0.value) }
          )
        )
      ),
    ]
    if let waiver = request.waiver {
      let subject = Assessing.digest(assessment).description
      facts.append(.waived(StepWaived(step: "criticality", reason: waiver, subject: subject)))
    }
    if let sentence = request.publicly {
      facts.append(.noted(Noted(text: "opened in public: \(sentence)")))
    }
    let pending = (facts + preface).map { PendingFact(key: toolbox.makeKey(), fact: $0, at: now) }
    try await toolbox.boundary("before open")
    let (chain, outcome) = try await store.append(
      pending,
      to: Chain(run: run),
      with: try await publishing(opened),
      signer: signer
    )
    try await toolbox.boundary("after open")
    switch outcome {
    case .done: return .done(chain)
    case .refused(let words): throw PushProblem.problem(words)
    case .lost(let words): return .lost(words)
    case .unknown(let words):
      // The answer may be lost and the run open all the same: look before saying so.
      try await store.git.fetch()
      let found = try await store.read(run)
      if found.events.first?.key == pending.first?.key { return .done(found) }
      throw PushProblem.unreachable(words)
    }
  }
}

extension Settings {
  /// The rules that a run is pinned to when it is opened.
  package func policy(_ lists: SignerLists) -> Policy {
    Policy(
      approvals: approvals,
      approvalSeconds: approvalSeconds,
      signers: lists.signers,
      openPGP: openPGP,
      revoked: lists.revoked,
      waivers: waivers,
      filesMax: filesMax,
      linesMax: linesMax,
      forbiddenPaths: forbiddenPaths,
      allowDependencies: allowDependencies
    )
  }
}

extension Sequence where Self: Sendable {
  fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async throws -> [T] {
    var results: [T] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
