package import Git
package import Record
package import ReleaseModel
package import Signatures

/// Everything outside: the clock, chance, the environment, files, processes, the network.
///
/// No rule reaches the world but through these closures (invariant 8); tests put others in.
package struct Toolbox: Sendable {
  package var now: @Sendable () -> Moment
  /// Milliseconds of a clock that never goes back.
  package var milliseconds: @Sendable () -> Int
  package var random: @Sendable (Int) -> [UInt8]
  package var environment: @Sendable (String) -> String?
  package var run: ProcessRunner
  package var files: Files
  package var http: HTTP
  package var host: ReleaseHost
  /// Nil on a plain host.
  package var forge: Forge?
  package var deliver: @Sendable (Delivery) async -> DeliveryOutcome
  /// Unpacks an archive into an empty folder; nothing lands outside of it.
  package var unpack: @Sendable (_ archive: FilePath, _ into: FilePath) async throws -> Void
  /// Makes the binary delta between two bundles, and applies one.
  package var makeDelta:
    @Sendable (_ old: FilePath, _ new: FilePath, _ out: FilePath) async throws -> Void
  package var applyDelta:
    @Sendable (_ delta: FilePath, _ old: FilePath, _ out: FilePath) async throws -> Void
  /// The folder that paths of `hotfix.yml` outside the repository start from.
  package var home: FilePath
  /// A folder for scratch work; its content may go at any time.
  package var scratch: FilePath
  /// Called at each numbered point where a crash has to be survived.
  package var boundary: @Sendable (String) async throws -> Void
  package var say: @Sendable (Narration) -> Void
  /// Waits some seconds for something outside; tests wait less.
  package var pause: @Sendable (Int) async throws -> Void = { seconds in
    try await Task.sleep(for: .seconds(seconds))
  }
  /// Names of environment variables that hold secrets: the project's commands do not get them.
  package var secretNames = SecretNames()
  /// Keys that this user's git counts as revoked, besides those of the policy.
  package var revoked: RevokedKeys = .none

  package init(
    now: @escaping @Sendable () -> Moment,
    milliseconds: @escaping @Sendable () -> Int,
    random: @escaping @Sendable (Int) -> [UInt8],
    environment: @escaping @Sendable (String) -> String?,
    run: @escaping ProcessRunner,
    files: Files,
    http: HTTP,
    host: ReleaseHost,
    forge: Forge? = nil,
    deliver: @escaping @Sendable (Delivery) async -> DeliveryOutcome,
    unpack: @escaping @Sendable (FilePath, FilePath) async throws -> Void,
    makeDelta: @escaping @Sendable (FilePath, FilePath, FilePath) async throws -> Void,
    applyDelta: @escaping @Sendable (FilePath, FilePath, FilePath) async throws -> Void,
    home: FilePath,
    scratch: FilePath,
    boundary: @escaping @Sendable (String) async throws -> Void = { _ in },
    say: @escaping @Sendable (Narration) -> Void = { _ in }
  ) {
    self.now = now
    self.milliseconds = milliseconds
    self.random = random
    self.environment = environment
    self.run = run
    self.files = files
    self.http = http
    self.host = host
    self.forge = forge
    self.deliver = deliver
    self.unpack = unpack
    self.makeDelta = makeDelta
    self.applyDelta = applyDelta
    self.home = home
    self.scratch = scratch
    self.boundary = boundary
    self.say = say
  }

  /// Returns a new random key of 128 bits in hexadecimal.
  package func makeKey() -> String {
    random(16).map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }.joined()
  }

  /// Returns a text without the secrets that are at hand (invariant 6).
  package func redacted(_ text: String) -> String {
    secretNames.all.reduce(text) { text, name in
      guard let value = environment(name), value.count >= 6 else { return text }
      return text.replacing(value, with: "•••")
    }
  }

  /// Reads a mail server's login.
  ///
  /// Throws `secret.missing`, and `secret.login` where it is not one line with a colon: curl would ask
  /// for a password, or take the second line as an option.
  package func mailLogin(_ source: Settings.SecretSource) throws -> Secret {
    let login = trimmedEnd(try secret(source).reveal())
    guard login.contains(":"), !login.contains(where: \.isNewline) else {
      throw Problem(
        "secret.login",
        "The mail server's login is not one line of the form user:password.",
        next: ["Write it so, where \(source.name) is kept."]
      )
    }
    return Secret(login)
  }

  /// Reads a secret from where the settings say it is.
  ///
  /// Throws `secret.missing`, which names the place and never the value.
  package func secret(_ source: Settings.SecretSource) throws -> Secret {
    switch source {
    case .environment(let name):
      guard let value = environment(name), !value.isEmpty else {
        throw Problem(
          "secret.missing",
          "The secret \(name) is not set.",
          next: ["export \(name)=…     then repeat the command"]
        )
      }
      return Secret(value)
    case .file(let path):
      guard let bytes = try files.read(home.pushing(FilePath(path)), 65_536) else {
        throw Problem(
          "secret.missing",
          "The secret's file \(path) is not there.",
          next: ["Put the secret into \(path), then repeat the command."]
        )
      }
      return Secret(trimmedEnd(String(decoding: bytes, as: UTF8.self)))
    }
  }
}

private func trimmedEnd(_ text: String) -> String {
  var rest = Substring(text)
  while rest.last?.isWhitespace == true { rest.removeLast() }
  return String(rest)
}

/// Something that the operator sees as it happens; it goes to stderr.
package enum Narration: Sendable, Hashable {
  /// A step begins to act.
  case acting(step: String, says: String)
  /// How far something long is, in bytes.
  case progress(what: String, done: Int, total: Int)
  /// A step holds, with its evidence and times.
  case holds(step: String, evidence: [String], toolMilliseconds: Int, commandMilliseconds: Int)
  case failed(step: String, problem: Problem)
  /// One of the project's commands ended after so many milliseconds.
  case commandEnded(milliseconds: Int)
  /// One line of a command's output.
  case output(String)
  /// One of the project's commands has been running for so many seconds.
  case running(seconds: Int)
  case note(String)
}

extension Toolbox {
  /// The people of a policy, as this user counts them.
  ///
  /// Throws `signers.…`.
  package func people(of policy: Policy) throws -> People {
    try People(policy).without(revoked)
  }
}
