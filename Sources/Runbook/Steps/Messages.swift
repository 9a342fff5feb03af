internal import Git
internal import Documents
internal import Record
internal import ReleaseModel

/// Messages of one audience through all of its channels, each at most once.
struct Messages: Sendable {
  private let situation: Situation
  private let audience: Announcement.Audience

  init(_ situation: Situation, _ audience: Announcement.Audience) {
    self.situation = situation
    self.audience = audience
  }

  private var step: String {
    switch audience {
    case .team: "team-notified"
    case .announcement: "announcement"
    case .users: "users"
    }
  }

  private var channels: [Settings.Channel] {
    switch audience {
    case .team: situation.settings.team
    case .announcement: situation.settings.announcement
    case .users: situation.settings.users
    }
  }

  private var subject: String { situation.subject(of: Procedure.phase(of: step) ?? .tell) }

  private func effect(_ channel: Settings.Channel) -> Progress.Effect? {
    situation.progress.effect(step, target: channel.name, subject: subject)
  }

  func finding() async throws -> Finding {
    var evidence: [String] = []
    var waits: [String] = []
    for channel in channels {
      let effect = effect(channel)
      switch effect?.conclusion?.result {
      case .done: evidence.append("\(channel.name): \(effect?.conclusion?.detail ?? "")")
      case .unknown where isRepeatable(channel):
        return .lacking("nobody knows whether \(channel.name) took it")
      case .unknown:
        waits.append("\(channel.name): \(effect?.conclusion?.detail ?? "no answer")")
      case .failed: return .lacking("\(channel.name) refused the last attempt")
      case nil:
        // An intent without an outcome: somebody was cut off while sending.
        if let effect, !isRepeatable(channel), isRecent(effect) {
          return .waiting(
            Wait(
              .clock,
              whom: effect.actor,
              what: "may be telling \(channel.name) now, since \(effect.at.iso)",
              commands: ["hotfix next     in a minute"]
            )
          )
        } else if effect != nil, !isRepeatable(channel) {
          waits.append("\(channel.name): the sender was cut off")
        } else {
          return .lacking("\(channel.name) has not been told")
        }
      }
    }
    guard waits.isEmpty else {
      let target = OutsideText(waits[0].prefix { $0 != ":" }).word
      return .waiting(
        .person(
          "you",
          "look whether the message arrived (\(waits.joined(separator: "; ")))",
          "hotfix note --done \(step) --target \(target) \"it is there\"",
          "hotfix note --again \(step) --target \(target) \"it is not there\""
        )
      )
    }
    return .holds(evidence)
  }

  /// Longer than any delivery takes, so that an older intent is one of somebody who was cut off.
  private func isRecent(_ effect: Progress.Effect) -> Bool {
    effect.actor != situation.signer.person && situation.toolbox.now() - effect.at < 60
  }

  /// Atom entries and discussions carry the key, so that adding one again changes nothing.
  private func isRepeatable(_ channel: Settings.Channel) -> Bool {
    switch channel.kind {
    case .atom, .discussion: true
    case .webhook, .slack, .discord, .mail: false
    }
  }

  func effects() async throws -> [Effect] {
    let text = try await announcement()
    var effects: [Effect] = []
    for channel in channels {
      if let effect = try await effect(of: text, through: channel) { effects.append(effect) }
    }
    return effects
  }

  private func effect(
    of text: Announcement,
    through channel: Settings.Channel
  ) async throws -> Effect? {
    let previous = effect(channel)
    if previous?.conclusion?.result == .done { return nil }
    if previous?.conclusion?.result == .unknown, !isRepeatable(channel) { return nil }
    if previous != nil, previous?.conclusion == nil, !isRepeatable(channel) { return nil }
    let key = previous?.data.materials["key"].flatMap(key(of:)) ?? situation.toolbox.makeKey()
    var template: String?
    if let path = channel.template { template = try await templateText(path) }
    // A webhook's JSON is filled when it is sent; its `{text}` is the built-in one.
    let isJSON = channel.form == .plain && template?.hasPrefix("{") == true
    let (subject, body) = text.text(
      for: audience,
      template: isJSON ? nil : template,
      in: channel.form
    )
    let delivery = Delivery(
      channel: channel,
      subject: subject,
      body: body,
      values: text.values,
      template: template,
      key: key,
      accounts: situation.accounts(of: [step]),
      at: situation.toolbox.now()
    )
    var materials = ["key": key, "subject": subject, "body": body]
    if channel.isDiscussion { materials["account"] = try await situation.toolbox.forge?.account() }
    let deliver = situation.toolbox.deliver
    return Effect(
      channel.name,
      says: "tells \(channel.name)",
      materials: materials,
      body: .outward {
        switch await deliver(delivery) {
        case .taken(let answer): return .done(answer)
        case .unknown(let why): return .unknown(why)
        case .refused(let problem): throw problem
        }
      }
    )
  }

  /// A key goes into headers, XML and hidden markers, so one that this tool did not make is none.
  private func key(of text: String) -> String? {
    text.utf8.count <= 64 && isSaneName(text) ? text : nil
  }

  private func templateText(_ path: String) async throws -> String {
    let main = situation.refs.main ?? ""
    guard let bytes = try await situation.git.file(path, at: main), bytes.count <= 65_536 else {
      throw Problem(
        "template.missing",
        "The template \(path) is not on \(situation.opened.main), or has more than 64 KiB.",
        next: ["Push \(path) to \(situation.opened.main), or take `template` out of hotfix.yml."]
      )
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func announcement() async throws -> Announcement {
    let opened = situation.opened
    let assessment = situation.progress.assessment
    let page = situation.toolbox.host.page(opened.tag)
    return Announcement(
      app: opened.app,
      version: opened.version,
      baseVersion: opened.base.version,
      title: opened.title,
      fix: try await FixSummary(situation).line,
      affected: assessment?.affected ?? [opened.base.version.text],
      workaround: assessment?.workaround ?? "none",
      isCritical: situation.isCritical,
      isSecurity: situation.isSecurity,
      url: page,
      support: situation.settings.support,
      deadline: situation.progress.deadlines["tell"]?.iso ?? "",
      takesBack: opened.rollback?.bad.version
    )
  }

  /// What a person would do; webhooks are shown without their secret address.
  var commands: [String] {
    let plain = "\(situation.opened.app) \(situation.version): \(situation.opened.title)"
    let text = OutsideText(plain).word
    func post(_ key: String, _ text: String, _ source: Settings.SecretSource) -> String {
      let escaped = escapingScalars(of: text) { ["\\": "\\\\", "\"": "\\\""][$0] }
      let mentions = key == "content" ? ", \"allowed_mentions\": {\"parse\": []}" : ""
      // The address goes in by standard input: arguments can be seen by everybody.
      return
        "echo url = \(source.shellWord) | curl -fsS -K - -H 'Content-Type: application/json' -d "
        + shellQuoted(OutsideText.json("{\"\(key)\": \"\(escaped)\"\(mentions)}"))
    }
    let lines = channels.map { channel in
      switch channel.kind {
      case .webhook(let source): post("text", OutsideText(plain).line, source)
      case .slack(let source): post("text", OutsideText(plain).slack, source)
      case .discord(let source): post("content", OutsideText(plain).discord, source)
      case .mail(let to, _, _): "printf '%s\\n' \(text) | sendmail \(shellQuoted(to))"
      case .atom(let path): "# add an entry to \(path) on the release host"
      case .discussion(let category):
        "# start a discussion in \(category): \(situation.toolbox.host.page(situation.opened.tag))"
      }
    }
    return lines + ["hotfix note --done \(step) \"told by hand\""]
  }
}
