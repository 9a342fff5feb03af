internal import Git
internal import ReleaseModel
package import Runbook

/// Sends messages through the channels of `hotfix.yml`.
package struct ChannelDelivery: Sendable {
  private let toolbox: Toolbox

  package init(toolbox: Toolbox) {
    self.toolbox = toolbox
  }

  package func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
    do {
      switch delivery.channel.kind {
      case .webhook(let source):
        return try await post(delivery, to: source, json: HookBody.webhook(delivery))
      case .slack(let source):
        return try await post(delivery, to: source, json: HookBody.slack(message(delivery)))
      case .discord(let source):
        // Without `wait` it answers before it knows whether it keeps the message, and names none.
        return try await post(
          delivery,
          to: source,
          adding: "wait=true",
          json: HookBody.discord(message(delivery))
        )
      case .mail(let to, let from, let smtp):
        return try await mail(delivery, to: to, from: from, smtp: smtp)
      case .atom(let path): return try await AtomFile(toolbox: toolbox).add(delivery, to: path)
      case .discussion(let category): return try await discuss(delivery, in: category)
      }
    } catch let problem as Problem {
      return .refused(problem)
    } catch {
      return .unknown("\(type(of: error))")
    }
  }

  private func discuss(_ delivery: Delivery, in category: String) async throws -> DeliveryOutcome {
    guard let forge = toolbox.forge else {
      return .refused(refused(delivery, "The release host has no discussions."))
    }
    let mark = HiddenMark(delivery.key, accounts: delivery.accounts)
    return .taken(
      try await forge.publicity.discuss(category, delivery.subject, delivery.body, mark)
    )
  }

  private func message(_ delivery: Delivery) -> String {
    "\(delivery.subject)\n\n\(delivery.body)"
  }

  private func post(
    _ delivery: Delivery,
    to source: Settings.SecretSource,
    adding query: String? = nil,
    json: [UInt8]
  ) async throws -> DeliveryOutcome {
    var address = try toolbox.secret(source).reveal()
    if let query, !address.contains(query) {
      address += (address.contains("?") ? "&" : "?") + query
    }
    let request = HTTP.Request(
      "POST",
      address,
      headers: [("Content-Type", "application/json")],
      body: json,
      bytesMax: 65_536,
      seconds: 15
    )
    do {
      let answer = try await toolbox.http.send(request)
      if (200..<300).contains(answer.status) {
        let id = query == nil ? nil : HookBody.messageID(answer.body)
        return .taken("took it (\(answer.status)\(id.map { ", message \($0)" } ?? ""))")
      }
      // After a server's fault nobody knows whether the message went on.
      if answer.status >= 500 { return .unknown("the server answered \(answer.status)") }
      return .refused(refused(delivery, "It answered \(answer.status)."))
    } catch HTTP.Failure.notSent(let reason) {
      return .refused(refused(delivery, reason))
    } catch HTTP.Failure.unknown(let reason) {
      return .unknown("no answer (\(reason))")
    }
  }

  private func refused(_ delivery: Delivery, _ why: String) -> Problem {
    Problem(
      "channel.refused",
      "\(delivery.channel.name) did not take the message.",
      why: why,
      next: ["Check the address, then:  hotfix next"]
    )
  }

  private func mail(
    _ delivery: Delivery,
    to: String,
    from: String?,
    smtp: Settings.Channel.MailServer?
  ) async throws -> DeliveryOutcome {
    let sender = from ?? to
    let text = MailText.bytes(delivery, to: to, from: sender)
    let call =
      if let smtp {
        try curl(smtp, ["--mail-from", sender, "--mail-rcpt", to], text)
      } else {
        ProcessCall("sendmail", ["-i", "-f", sender, "--", to], in: toolbox.home, input: text)
      }
    // With a login it is sh that starts curl, and says 126 or 127 when it cannot.
    let program = smtp == nil ? "sendmail" : "curl"
    let answer = try await toolbox.run(call)
    let errors = toolbox.redacted(answer.errors)
    switch answer.ending {
    case .exited(0): return .taken("\(program) took it")
    // curl 1 to 7, 35, 60, 64, 67: no usable address, no connection, no TLS, no login; nothing was
    // sent.
    case .notFound, .exited(1...7), .exited(35), .exited(60), .exited(64...78),
      .exited(126...127):
      return .refused(refused(delivery, "\(program): \(errors)"))
    case .exited, .signalled, .timedOut:
      return .unknown("\(program): \(answer.endingInWords) \(errors)")
    }
  }

  /// The login stays out of the arguments and the environment, which other processes can read: it is
  /// the first line of the input.
  private func curl(
    _ server: Settings.Channel.MailServer,
    _ envelope: [String],
    _ text: [UInt8]
  ) throws -> ProcessCall {
    let isTLS = server.address.hasSuffix(":465")
    let common = ["--silent", "--show-error", "--upload-file", "-"] + envelope
    let address = ["--url", "\(isTLS ? "smtps" : "smtp")://\(server.address)"]
    guard let login = server.login else {
      return ProcessCall("curl", common + address, in: toolbox.home, input: text, seconds: 60)
    }
    let secret = try toolbox.mailLogin(login).reveal()
    let quoted = escapingScalars(of: secret) { ["\\": "\\\\", "\"": "\\\""][$0] }
    let script = #"""
      IFS= read -r HOTFIX_LOGIN
      exec 3<<EOF_LOGIN
      user = "$HOTFIX_LOGIN"
      EOF_LOGIN
      exec curl --config /dev/fd/3 "$@"
      """#
    return ProcessCall(
      "sh",
      ["-c", script, "curl", "--ssl-reqd"] + common + address,
      in: toolbox.home,
      input: Array((quoted + "\n").utf8) + text,
      seconds: 60
    )
  }
}
