import Channels
import Forges
import Foundation
import Git
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Signatures
import Testing

@Suite struct HostAndChannelTests {
  private let scratch = ScratchFolder()
  private var files: Files { LiveFiles.files }

  private func host() -> ReleaseHost {
    DirectoryHost(
      root: scratch.path.appending("site"),
      base: "http://127.0.0.1:1",
      files: files,
      http: LiveHTTP.http,
      foreign: ForeignReleases(version: { _ in nil }, release: { _, _, _ in nil })
    ).host
  }

  private func release(_ bytes: [UInt8], name: String = "a.zip") throws -> HostedRelease {
    try files.write(scratch.path.appending("out").appending(name), bytes)
    return HostedRelease(
      app: "A",
      tag: "v1",
      version: VersionName("1"),
      commit: "c",
      published: Moment(seconds: 0),
      artifacts: [
        Artifact(name: name, size: bytes.count, digest: ContentDigest.of(bytes), platform: .any)
      ]
    )
  }

  @Test func publishesOnceAndWhole() async throws {
    let host = host()
    let first = try release([1, 2, 3])
    let out = scratch.path.appending("out")
    try await host.publish(Publication(release: first, notes: "notes", folder: out))
    try await host.publish(Publication(release: first, notes: "notes", folder: out))
    #expect(try await host.release("v1") == first)
    let other = try release([4])
    let problem = await #expect(throws: Problem.self) {
      try await host.publish(Publication(release: other, notes: "", folder: out))
    }
    #expect(problem?.code == "release.exists")
    #expect(try files.list(scratch.path.appending("site").appending(".staging")).isEmpty)
  }

  @Test func refusesArtifactsThatChangedAndNamesThatLeave() async throws {
    let host = host()
    let first = try release([1, 2, 3])
    try files.write(scratch.path.appending("out").appending("a.zip"), [9])
    await #expect(throws: Problem.self) {
      try await host.publish(
        Publication(release: first, notes: "", folder: scratch.path.appending("out"))
      )
    }
    #expect(try await host.release("v1") == nil, "nothing half-published")
    await #expect(throws: Problem.self) { _ = try await host.readFile("../../etc/passwd") }
  }

  @Test func aFeedChangesByCompareAndSwap() async throws {
    let host = host()
    try await host.writeFile("a.xml", nil, [1])
    let problem = await #expect(throws: Problem.self) {
      try await host.writeFile("a.xml", nil, [2])
    }
    #expect(problem?.code == "feed.moved")
    try await host.writeFile("a.xml", ContentDigest.of([1]), [2])
    #expect(try await host.readFile("a.xml") == [2])
  }

  private func toolbox(
    _ run: @escaping ProcessRunner,
    environment: [String: String]
  ) -> Toolbox {
    Toolbox(
      now: { Moment(seconds: 0) },
      milliseconds: { 0 },
      random: { [UInt8](repeating: 1, count: $0) },
      environment: { environment[$0] },
      run: run,
      files: files,
      http: LiveHTTP.http,
      host: host(),
      deliver: { _ in .unknown("") },
      unpack: { _, _ in },
      makeDelta: { _, _, _ in },
      applyDelta: { _, _, _ in },
      home: scratch.path,
      scratch: scratch.path
    )
  }

  private func deliver(
    _ kind: Settings.Channel.Kind,
    template: String? = nil,
    environment: [String: String]
  ) async -> DeliveryOutcome {
    let run = LiveProcesses.runner(inherited: ProcessInfo.processInfo.environment)
    let toolbox = toolbox(run, environment: environment)
    let delivery = Delivery(
      channel: Settings.Channel(kind: kind, template: nil),
      subject: "Sub \"ject\"",
      body: "Body\nline",
      values: ["app": "A"],
      template: template,
      key: "k1",
      at: Moment(seconds: 0)
    )
    return await ChannelDelivery(toolbox: toolbox).deliver(delivery)
  }

  @Test func webhooksGetTheirOwnShapes() async throws {
    let hooks = scratch.path.appending("hooks")
    let server = try await HookReceiver.serve(into: hooks, files: files)
    let environment = ["HOOK": "http://127.0.0.1:\(server.port)/hooks/x"]
    for (kind, template, key) in [
      (Settings.Channel.Kind.slack(.environment("HOOK")), nil, "text"),
      (.discord(.environment("HOOK")), nil, "content"),
      (.webhook(.environment("HOOK")), nil, "subject"),
      (.webhook(.environment("HOOK")), "{\"say\": \"{subject}: {text}\"}", "say"),
    ] as [(Settings.Channel.Kind, String?, String)] {
      let outcome = await deliver(kind, template: template, environment: environment)
      #expect(outcome == .taken("took it (200)"))
      let name = try #require(try files.list(hooks).last)
      let bytes = try #require(try files.read(hooks.appending(name), 1 << 20))
      let json = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
      #expect(
        (json?[key] as? String)?.contains("Sub \"ject\"") == true,
        "\(String(decoding: bytes, as: UTF8.self))"
      )
      // Discord mentions whom the text names unless it is told that nobody is meant.
      let mentions = json?["allowed_mentions"] as? [String: [String]]
      #expect(mentions == (key == "content" ? ["parse": []] : nil))
    }
    await server.stop()
  }

  @Test func aRefusedConnectionIsNoMessageAndAMissingSecretIsTold() async {
    let refused = await deliver(
      .slack(.environment("HOOK")),
      environment: ["HOOK": "http://127.0.0.1:1/secret-part"]
    )
    guard case .refused(let problem) = refused else {
      Issue.record("\(refused)")
      return
    }
    #expect(problem.code == "channel.refused" && !problem.text.contains("secret-part"))
    guard case .refused(let missing) = await deliver(.slack(.environment("HOOK")), environment: [:])
    else {
      Issue.record("a missing secret")
      return
    }
    #expect(missing.code == "secret.missing")
  }

  @Test func anAtomEntryIsAddedOnce() async throws {
    for _ in 0..<2 {
      guard case .taken = await deliver(.atom(path: "news.atom"), environment: [:]) else {
        Issue.record("not taken")
        return
      }
    }
    let text = String(decoding: try await host().readFile("news.atom") ?? [], as: UTF8.self)
    #expect(text.ranges(of: "<entry>").count == 1 && text.contains("urn:hotfix:k1"))
  }

  private func mail(_ smtp: Settings.Channel.MailServer?, subject: String = "Update") -> Delivery {
    Delivery(
      channel: Settings.Channel(
        kind: .mail(to: "u@example.org", from: nil, smtp: smtp),
        template: nil
      ),
      subject: subject,
      body: "Hello",
      values: [:],
      template: nil,
      key: "k9",
      at: Moment(seconds: 0)
    )
  }

  @Test func mailGoesThroughSendmailWithAFixedMessageID() async throws {
    let bin = scratch.path.appending("sendmail")
    try files.write(bin, Array("#!/bin/sh\ncat > \(scratch.path)/mail.txt\n".utf8))
    chmod(bin.string, 0o755)
    let path = "\(scratch.path):" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    let run = LiveProcesses.runner(inherited: ["PATH": path])
    let toolbox = toolbox(run, environment: [:])
    let delivery = mail(nil, subject: "Update: ä\nBcc: x@y")
    let outcome = await ChannelDelivery(toolbox: toolbox).deliver(delivery)
    #expect(outcome == .taken("sendmail took it"))
    let bytes = try files.read(scratch.path.appending("mail.txt"), 1 << 20) ?? []
    let mail = String(decoding: bytes, as: UTF8.self)
    #expect(mail.contains("Message-ID: <k9@example.org>"))
    #expect(!mail.contains("\nBcc:"), "no text can add a header")
  }

  /// `curl` in front of the PATH is a script that writes down what it is given.
  @Test(arguments: [nil, "mail.example.org:587", "mail.example.org:465"])
  func aMailServersLoginStaysOutOfTheArguments(_ server: String?) async throws {
    let curl = #"""
      #!/bin/sh
      printf '%s\n' "$@" > "$OUT/arguments"
      env > "$OUT/environment"
      cat > "$OUT/mail"
      [ "$1" = --config ] && cat "$2" > "$OUT/config"
      exit 0
      """#
    try files.write(scratch.path.appending("curl"), Array((curl + "\n").utf8))
    chmod(scratch.path.appending("curl").string, 0o755)
    let path = "\(scratch.path):" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    let run = LiveProcesses.runner(inherited: ["PATH": path, "OUT": scratch.path.string])
    let login = server == nil ? nil : Settings.SecretSource.environment("MAIL_LOGIN")
    let address = server ?? "mail.example.org:25"
    let delivery = mail(Settings.Channel.MailServer(address: address, login: login))
    let toolbox = toolbox(run, environment: ["MAIL_LOGIN": #"ana:se"cr\et$x"#])
    let outcome = await ChannelDelivery(toolbox: toolbox).deliver(delivery)
    #expect(outcome == .taken("curl took it"))
    func written(_ name: String) throws -> String {
      String(decoding: try files.read(scratch.path.appending(name), 1 << 20) ?? [], as: UTF8.self)
    }
    let arguments = try written("arguments")
    #expect(try written("mail").hasSuffix("\r\n\r\nSGVsbG8=\r\n"))
    #expect(!arguments.contains("ana:"))
    #expect(!(try written("environment")).contains("ana:"))
    #expect(arguments.contains("--ssl-reqd\n") == (server != nil))
    let scheme = address.hasSuffix(":465") ? "smtps" : "smtp"
    #expect(arguments.hasSuffix("--url\n\(scheme)://\(address)\n"))
    #expect(try written("config") == (server == nil ? "" : "user = \"ana:se\\\"cr\\\\et$x\"\n"))
  }

  /// curl would ask for a password, or take the second line as an option; and where there is no curl,
  /// nothing was sent.
  @Test(arguments: ["ana", "ana:x\ninsecure", "ana:secret"])
  func aLoginThatIsNoneIsRefused(_ login: String) async throws {
    let run = LiveProcesses.runner(inherited: ["PATH": scratch.path.string])
    let shell = scratch.path.appending("sh").string
    symlink("/bin/sh", shell)
    let delivery = mail(
      Settings.Channel.MailServer(
        address: "mail.example.org:587",
        login: .environment("MAIL_LOGIN")
      )
    )
    let toolbox = toolbox(run, environment: ["MAIL_LOGIN": login])
    let outcome = await ChannelDelivery(toolbox: toolbox).deliver(delivery)
    guard case .refused(let problem) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(problem.code == (login == "ana:secret" ? "channel.refused" : "secret.login"))
    #expect(!problem.text.contains("insecure") && !problem.text.contains("ana:"))
  }
}
