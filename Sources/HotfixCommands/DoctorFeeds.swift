internal import Feeds
internal import Foundation
internal import ReleaseModel
internal import Runbook
internal import Signatures

extension Doctor {
  func updateKey() async throws -> Checkup {
    guard let source = settings.updateKey else {
      return Checkup("update-key", .skipped, "no Ed25519 key is configured")
    }
    guard isThere(source) else {
      return Checkup("update-key", .skipped, "not looked at: the secret is missing")
    }
    let key = try UpdateKey(toolbox.secret(source))
    guard let release = try await toolbox.host.releases().last(where: { $0.withdrawn == nil })
    else {
      return Checkup("update-key", .good, "public key \(key.publicKey)")
    }
    for artifact in release.artifacts where [.macos, .any].contains(artifact.platform) {
      guard let carried = try await carriedKey(release.tag, artifact.name) else { continue }
      guard carried == key.publicKey else {
        return Checkup(
          "update-key",
          .bad,
          "\(release.tag) carries the key \(carried); yours is \(key.publicKey), so users would "
            + "refuse the update",
          next: ["Put the private key that belongs to \(carried) in place."]
        )
      }
      return Checkup("update-key", .good, "is the key that \(release.tag) carries")
    }
    return Checkup("update-key", .good, "public key \(key.publicKey)")
  }

  private func carriedKey(_ tag: String, _ name: String) async throws -> String? {
    let file = toolbox.scratch.appending("doctor-\(toolbox.makeKey())-\(name)")
    defer { try? toolbox.files.remove(file) }
    guard try await toolbox.host.fetch(tag, name, file) else { return nil }
    return try await toolbox.updateKey(inArchive: file)
  }

  func feed(_ feed: Settings.Feed) async throws -> Checkup {
    guard let file = try await toolbox.host.readFile(feed.path) else {
      return Checkup("feed", .warning, "\(feed.path) is not there yet; the first release makes it")
    }
    let parsed = try feed.kind.type.init(file)
    if let why = await unreachable(feed) {
      return Checkup(
        "feed",
        .bad,
        "no updater can read \(feed.path): \(why)",
        next: ["hotfix feed show \(OutsideText(toolbox.host.url(feed.path)).word)"]
      )
    }
    if let source = settings.updateKey, isThere(source), let signature = parsed.signature {
      let key = try UpdateKey(toolbox.secret(source)).publicKey
      guard edSignatureHolds(signature, over: parsed.content, publicKey: key) else {
        return Checkup(
          "feed",
          .bad,
          "\(feed.path) is not signed by the update key",
          next: ["hotfix feed show \(feed.path)"]
        )
      }
    }
    let findings = FeedLint.findings(file, feed.kind)
    if let worst = findings.min(by: { $0.severity < $1.severity }), worst.severity != .note {
      let state: Checkup.State = worst.severity == .error ? .bad : .warning
      return Checkup("feed", state, "\(feed.path): \(worst.message)", next: [worst.mend])
    }
    return Checkup("feed", .good, "\(feed.path): \(parsed.entries.count) entries in good order")
  }

  /// Why users' updaters do not get a feed that is there, or nil.
  private func unreachable(_ feed: Settings.Feed) async -> String? {
    let url = toolbox.host.url(feed.path)
    do {
      // A loopback address is served by hotfix itself.
      try await toolbox.host.reach()
      let answer = try await toolbox.http.send(HTTP.Request("GET", url))
      return answer.status == 200 ? nil : "\(url) answers \(answer.status)"
    } catch let failure as HTTP.Failure {
      return "\(url) does not answer: \(failure.why)"
    } catch let problem as Problem {
      return problem.what
    } catch {
      return "\(url): \(error)"
    }
  }
}
