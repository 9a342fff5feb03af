import Channels
import Documents
import Forges
import Foundation
import Git
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Synchronization
import Testing

/// What channels send of text from outside, read back as its receivers do.
@Suite struct ChannelTextTests {
  private static let texts = StrangeText.texts(10_000, seed: 31)
  private let scratch = ScratchFolder()

  private final class Sent: Sendable {
    let parcels = Mutex<[[UInt8]]>([])
    let addresses = Mutex<Set<String>>([])

    func add(_ parcel: [UInt8], to address: String = "") {
      parcels.withLock { $0.append(parcel) }
      addresses.withLock { _ = $0.insert(address) }
    }
  }

  /// Sends every text through a channel, and returns what went out.
  private func send(
    _ kind: Settings.Channel.Kind,
    template: String? = nil,
    answer: String = "ok",
    texts: [String] = Self.texts
  ) async throws -> (parcels: [[UInt8]], addresses: Set<String>, outcomes: Set<DeliveryOutcome>) {
    let sent = Sent()
    let toolbox = Toolbox(
      now: { Moment(seconds: 0) },
      milliseconds: { 0 },
      random: { [UInt8](repeating: 1, count: $0) },
      environment: { _ in "http://hooks.example/x" },
      run: { call in
        sent.add(call.input)
        return ProcessAnswer(ending: .exited(0), output: [], errors: "")
      },
      files: LiveFiles.files,
      http: HTTP(
        send: { request in
          sent.add(request.body, to: request.url)
          return HTTP.Answer(status: 200, body: Array(answer.utf8))
        },
        upload: { _, _, _ in HTTP.Answer(status: 500, body: []) },
        download: { _, _, _, _ in throw HTTP.Failure.notSent("") },
        serve: { _, _ in throw HTTP.Failure.notSent("") }
      ),
      host: DirectoryHost(
        root: scratch.path.appending("site"),
        base: "http://127.0.0.1:1",
        files: LiveFiles.files,
        http: LiveHTTP.http,
        foreign: ForeignReleases(version: { _ in nil }, release: { _, _, _ in nil })
      ).host,
      deliver: { _ in .unknown("") },
      unpack: { _, _ in },
      makeDelta: { _, _, _ in },
      applyDelta: { _, _, _ in },
      home: scratch.path,
      scratch: scratch.path
    )
    let channel = Settings.Channel(kind: kind, template: nil)
    var outcomes: Set<DeliveryOutcome> = []
    for text in texts {
      let words = Self.announcement(text)
      let (subject, body) = words.text(for: .announcement, in: channel.form)
      let delivery = Delivery(
        channel: channel,
        subject: subject,
        body: body,
        values: words.values,
        template: template,
        key: "k1",
        at: Moment(seconds: 0)
      )
      outcomes.insert(await ChannelDelivery(toolbox: toolbox).deliver(delivery))
    }
    return (sent.parcels.withLock { $0 }, sent.addresses.withLock { $0 }, outcomes)
  }

  private static func announcement(_ text: String) -> Announcement {
    Announcement(
      app: "Lantern",
      version: VersionName("1.0.1"),
      baseVersion: VersionName("1.0.0"),
      title: text,
      fix: text,
      affected: [text],
      workaround: text,
      isCritical: true,
      isSecurity: false,
      url: "https://example.org/r?a=1&b=2",
      support: "help@example.org",
      deadline: ""
    )
  }

  @Test func aMailIsOneSubjectAndOneBody() async throws {
    let (mails, _, _) = try await send(.mail(to: "u@example.org", from: nil, smtp: nil))
    #expect(mails.count == Self.texts.count)
    let names = [
      "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
      "Content-Transfer-Encoding",
    ]
    for (mail, text) in zip(mails, Self.texts) {
      let (fields, body) = readMail(mail)
      #expect(fields.map(\.name) == names, "\(text.debugDescription)")
      let subject = fields.first { $0.name == "Subject" }?.value ?? ""
      let (expected, said) = Self.announcement(text).text(for: .announcement)
      #expect(subject == expected, "\(text.debugDescription)")
      #expect(body == said, "\(text.debugDescription)")
    }
  }

  @Test func pythonReadsOneSubjectAndOneBody() async throws {
    guard await Judges.has(module: "email") else { return print("skipped: no Python") }
    let (mails, _, _) = try await send(.mail(to: "u@example.org", from: nil, smtp: nil))
    let expected = Self.texts.map { Self.announcement($0).text(for: .announcement) }
    let rows = zip(mails, expected).map { mail, text in
      [String(decoding: mail, as: UTF8.self), text.subject, text.body]
    }
    let file = scratch.path.appending("mails.json")
    try JSONEncoder().encode(rows).write(to: URL(fileURLWithPath: file.string))
    let script = """
      import email, email.policy, json, sys
      for mail, subject, body in json.load(open(sys.argv[1], encoding="utf-8")):
        read = email.message_from_bytes(mail.encode(), policy=email.policy.default)
        assert read.keys() == ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version",
          "Content-Type", "Content-Transfer-Encoding"], (mail, read.keys())
        assert not read.defects and not read.is_multipart(), mail
        # Where it folds or trims, white space is white space.
        assert str(read["Subject"]).split() == subject.split(), (mail, str(read["Subject"]))
        assert read.get_payload(decode=True).decode("utf-8") == body, mail
        assert [a.addr_spec for a in read["To"].addresses] == ["u@example.org"], mail
      """
    let answer = try await Judges.run(Judges.python, ["-c", script, file.string])
    #expect(answer.succeeded, "\(answer.errors)")
  }

  /// RFC 5322: lines of at most 998 bytes end with CRLF, fields may be folded; RFC 2047: encoded words
  /// of at most 75 characters, the space between two of them is none.
  private func readMail(_ bytes: [UInt8]) -> (fields: [(name: String, value: String)], body: String)
  {
    var lines: [[UInt8]] = []
    var line: [UInt8] = []
    for byte in bytes {
      line.append(byte)
      guard byte == 0x0A else { continue }
      guard line.suffix(2) == [0x0D, 0x0A], line.count <= 1000 else { return ([], "a line") }
      lines.append(Array(line.dropLast(2)))
      line = []
    }
    guard let end = lines.firstIndex(of: []) else { return ([], "no body") }
    var fields: [(name: String, value: String)] = []
    for line in lines[..<end] {
      guard line.allSatisfy({ (0x20...0x7E).contains($0) }) else { return ([], "a byte") }
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix(" "), !fields.isEmpty {
        fields[fields.count - 1].value += text
      } else {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        fields.append((parts[0], String(parts.last?.dropFirst() ?? "")))
      }
    }
    let body = Data(base64Encoded: String(decoding: lines[(end + 1)...].joined(), as: UTF8.self))
    return (
      fields.map { ($0.name, decoded($0.value)) },
      String(decoding: body ?? Data("no base64".utf8), as: UTF8.self)
    )
  }

  private func decoded(_ value: String) -> String {
    let words = value.split(separator: " ", omittingEmptySubsequences: false)
    guard words.allSatisfy({ $0.hasPrefix("=?utf-8?B?") && $0.hasSuffix("?=") && $0.count <= 75 })
    else { return value.contains("=?") ? "an encoded word" : value }
    return words.map { word in
      let data = Data(base64Encoded: String(word.dropFirst(10).dropLast(2))) ?? Data()
      return String(decoding: data, as: UTF8.self)
    }.joined()
  }

  @Test func slackFindsNoControlAndDiscordNoMention() async throws {
    let (slack, _, _) = try await send(.slack(.environment("HOOK")))
    for (body, text) in zip(slack, Self.texts) {
      let message = try JSONDecoder().decode([String: String].self, from: Data(body))
      let said = Array((message["text"] ?? "").utf8)
      #expect(!said.contains { "<>".utf8.contains($0) }, "\(text.debugDescription)")
      // One link, ours, as often as the text has it.
      #expect(count("://", in: said) == 1, "\(text.debugDescription)")
    }
    let (discord, addresses, outcomes) = try await send(
      .discord(.environment("HOOK")),
      answer: "{\"id\": \"123456789012345678\"}"
    )
    #expect(addresses == ["http://hooks.example/x?wait=true"])
    #expect(outcomes == [.taken("took it (200, message 123456789012345678)")])
    for body in discord {
      let message = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
      #expect(message?["allowed_mentions"] as? [String: [String]] == ["parse": []])
      #expect((message?["content"] as? String)?.utf16.count ?? 9999 <= 2000)
    }
  }

  /// One Character can have more scalars than Discord takes.
  @Test func aLongMessageIsCutForDiscord() async throws {
    let kind = Settings.Channel.Kind.discord(.environment("HOOK"))
    let long = "a" + String(repeating: "\u{301}", count: 5000)
    let (bodies, _, _) = try await send(kind, texts: [long, String(repeating: "👩‍👩‍👧", count: 900)])
    for body in bodies {
      let message = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
      let units = (message?["content"] as? String)?.utf16.count ?? 0
      #expect((1990...2000).contains(units))
    }
  }

  private func count(_ mark: String, in bytes: [UInt8]) -> Int {
    bytes.indices.count { bytes[$0...].starts(with: mark.utf8) }
  }

  private struct Filled: Decodable, Equatable {
    let a: String
    let b: [String]
    let n: Int
  }

  @Test func aWebhooksTemplateIsFilledOnce() async throws {
    let template = """
      {"a": "{title}", "b": ["{text}", "x {title} {nothing}"], "n": 1}
      """
    let (bodies, _, _) = try await send(.webhook(.environment("HOOK")), template: template)
    for (body, text) in zip(bodies, Self.texts) {
      let filled = try JSONDecoder().decode(Filled.self, from: Data(body))
      let said = Self.announcement(text).text(for: .announcement).body
      let expected = Filled(a: text, b: [said, "x \(text) {nothing}"], n: 1)
      #expect(filled == expected, "\(text.debugDescription)")
      let json = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
      #expect(json?.keys.sorted() == ["a", "b", "n"], "no key was added")
    }
    let (none, _, outcomes) = try await send(
      .webhook(.environment("HOOK")),
      template: "{\"a\": {title}}"
    )
    #expect(none.isEmpty)
    guard case .refused(let problem) = outcomes.first else {
      Issue.record("\(outcomes)")
      return
    }
    #expect(problem.code == "template.json" && outcomes.count == 1)
  }

  @Test(arguments: [
    ("team@example.org", true), ("a.b+c@mail.example.org", true), ("root@localhost", true),
    ("a@b@c", false), ("a@x, b@y", false), ("a@x\nBcc: b@y", false), ("<a@x>", false), ("a", false),
    ("-oQ/tmp@x", false), ("a b@x", false), ("@x", false), ("a@", false), ("a@x..y", false),
    ("\"a\"@x", false), ("ä@x", false),
  ])
  func anAddressIsOneMailbox(_ text: String, _ isOne: Bool) {
    #expect(isMailAddress(text) == isOne)
  }
}
