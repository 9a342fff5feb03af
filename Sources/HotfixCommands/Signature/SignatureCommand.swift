internal import ArgumentParser
internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Signatures

struct SignatureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signature",
    abstract: "Sign and verify artifacts as Sparkle does",
    subcommands: [SignatureSign.self, SignatureVerify.self, SignatureKeygen.self]
  )
}

/// Reads a key from the environment or a file; never from the command line, which others can see.
enum KeyOption {
  static func read(_ text: String, _ global: GlobalOptions) throws -> UpdateKey {
    try UpdateKey(try secret(text, global))
  }

  static func secret(_ text: String, _ global: GlobalOptions) throws -> Secret {
    if text.hasPrefix("env:") {
      let name = String(text.dropFirst(4))
      guard let value = global.environment[name], !value.isEmpty else {
        throw Problem(
          "secret.missing",
          "The secret \(name) is not set.",
          next: ["export \(name)=…"]
        )
      }
      return Secret(value)
    }
    guard text.hasPrefix("file:") else {
      throw Problem(
        "key.option",
        "The key has to be env:NAME or file:PATH.",
        next: ["Repeat the command with --key env:NAME."]
      )
    }
    let path = String(text.dropFirst(5))
    guard let bytes = try LiveFiles.files.read(global.folder.pushing(FilePath(path)), 65_536) else {
      throw Problem(
        "secret.missing",
        "The key file \(path) is not there.",
        next: ["Check the path."]
      )
    }
    return Secret(String(decoding: bytes, as: UTF8.self))
  }

  static func artifact(_ path: String, _ global: GlobalOptions) throws -> Content {
    guard let content = try LiveFiles.files.content(global.folder.pushing(FilePath(path))) else {
      throw Problem("artifact.missing", "The file \(path) is not there.", next: ["Check the path."])
    }
    return content
  }
}

struct SignatureSign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Print a file's Ed25519 signature",
    discussion: """
      $ hotfix signature sign Lantern.zip --key env:UPDATE_KEY
      sparkle:edSignature="dGhpcyBpcyBub3Q…" length="18310"
      """
  )

  @Argument(help: "The file.")
  var file: String

  @Option(help: "env:NAME or file:PATH; a seed, or an old key of 96 bytes.")
  var key: String

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.signature/1"
    let edSignature, publicKey: String
    let length: Int
  }

  func run() async throws {
    let key = try KeyOption.read(self.key, global)
    let content = try KeyOption.artifact(file, global)
    let signature = try key.sign(content)
    try global.console.show(
      Result(edSignature: signature, publicKey: key.publicKey, length: content.size),
      "sparkle:edSignature=\"\(signature)\" length=\"\(content.size)\""
    )
  }
}

struct SignatureVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a file's Ed25519 signature",
    discussion: """
      $ hotfix signature verify Lantern.zip --signature dGhp… --public-key 7mQz…
      good
      """
  )

  @Argument(help: "The file.")
  var file: String

  @Option(help: "The signature, base64.")
  var signature: String

  @Option(name: .customLong("public-key"), help: "SUPublicEDKey, base64.")
  var publicKey: String

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.signature-verdict/1"
    let good: Bool
  }

  func run() async throws {
    let content = try KeyOption.artifact(file, global)
    let good = try edSignatureHolds(signature, over: content, publicKey: publicKey)
    try global.console.show(Result(good: good), good ? "good" : "BAD: the signature does not hold")
    if !good { throw Waiting.refused }
  }
}

struct SignatureKeygen: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keygen",
    abstract: "Make an update key and write it to a file",
    discussion: """
      $ hotfix signature keygen lantern.key
      wrote lantern.key; keep it secret
      SUPublicEDKey: 7mQzJ0Yd…
      """
  )

  @Argument(help: "The file to write; it must not exist.")
  var file: String

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.key/1"
    let file, publicKey: String
  }

  func run() async throws {
    let path = global.folder.pushing(FilePath(file))
    guard !LiveFiles.files.exists(path) else {
      throw Problem(
        "key.exists",
        "\(file) is there already, and a lost key cannot be made again.",
        next: ["Choose another name."]
      )
    }
    var generator = SystemRandomNumberGenerator()
    let seed = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let (key, secret) = try UpdateKey.make(seed: seed)
    // Nobody else may read it at any instant, so it is created with its final mode.
    let descriptor: FileDescriptor
    do {
      descriptor = try FileDescriptor.open(
        path,
        .writeOnly,
        options: [.create, .exclusiveCreate],
        permissions: [.ownerReadWrite]
      )
    } catch {
      throw Problem(
        "key.unwritable",
        "\(file) cannot be written.",
        why: "\(error)",
        next: ["Choose another folder."]
      )
    }
    _ = try descriptor.closeAfter { try descriptor.writeAll(Array(secret.reveal().utf8)) }
    try global.console.show(
      Result(file: file, publicKey: key.publicKey),
      "wrote \(file); keep it secret\nSUPublicEDKey: \(key.publicKey)"
    )
  }
}
