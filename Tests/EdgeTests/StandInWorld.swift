import AsyncHTTPClient
import Foundation
import Git
import GitHubStandIn
import HotfixTesting
import Machine
import NIOCore
import NIOHTTP1
import NIOPosix
import ReleaseModel
import Testing

/// A stand-in with one repository, a client that follows no redirect, and a git of its own.
struct StandInWorld {
  let scratch = ScratchFolder("stand-in")
  let standIn: GitHubStandIn
  private let slot: TestSlot
  let version: APIVersion
  static let repository = "acme/wick"

  init(_ version: APIVersion = .november2022, environment: [String: String] = [:]) async throws {
    self.version = version
    slot = await TestSlot.take()
    standIn = try await GitHubStandIn.start(
      in: scratch.path.appending("github"),
      environment: environment
    )
    await standIn.addUser("anna", token: "token-anna")
    await standIn.addUser("ben", token: "token-ben")
    _ = try await standIn.addRepository(
      Self.repository,
      owner: "anna",
      collaborators: ["ben": .write]
    )
  }

  struct Answer {
    let status: Int
    let headers: [String: String]
    let bytes: [UInt8]
    var json: JSON { JSON(parsing: bytes) ?? .null }
  }

  /// Asks the API, or any address.
  func ask(
    _ method: String,
    _ path: String,
    _ body: JSON? = nil,
    bytes: [UInt8]? = nil,
    token: String? = "token-anna",
    headers: [String: String] = [:]
  ) async throws -> Answer {
    let url = path.hasPrefix("http") ? path : standIn.url + "/api/v3" + path
    var request = HTTPClientRequest(url: url)
    request.method = HTTPMethod(rawValue: method)
    if headers["X-Keep"] == nil { request.headers.add(name: "Connection", value: "close") }
    request.headers.add(name: "User-Agent", value: "stand-in-tests")
    request.headers.add(name: "X-GitHub-Api-Version", value: version.rawValue)
    if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let content = body?.bytes ?? bytes { request.body = .bytes(ByteBuffer(bytes: content)) }
    let response = try await Self.client.execute(request, timeout: .seconds(30))
    let collected = try await response.body.collect(upTo: 16 << 20)
    return Answer(
      status: Int(response.status.code),
      headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { $1 },
      bytes: Array(collected.readableBytesView)
    )
  }

  private static let client = {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(
      eventLoopGroupProvider: .shared(.singletonMultiThreadedEventLoopGroup),
      configuration: configuration
    )
  }()

  /// Asks for a path inside the repository.
  func repo(
    _ method: String,
    _ path: String,
    _ body: JSON? = nil,
    token: String? = "token-anna"
  ) async throws -> Answer {
    try await ask(method, "/repos/\(Self.repository)\(path)", body, token: token)
  }

  /// Asks until the answer pleases; every answer is a chance for the others to run.
  func poll(_ path: String, until isRight: (JSON) -> Bool) async throws -> JSON {
    for _ in 0..<2000 {
      let answer = try await repo("GET", path).json
      if isRight(answer) { return answer }
      await Task.yield()
    }
    Issue.record("\(path) never came to what was awaited")
    return .null
  }

  // MARK: - git

  var work: FilePath { scratch.path.appending("work") }

  func remote(token: String? = "token-anna") -> String {
    let address = standIn.url.dropFirst("http://".count)
    return "http://\(token.map { "x:\($0)@" } ?? "")\(address)/\(Self.repository).git"
  }

  @discardableResult
  func git(_ arguments: String..., in folder: FilePath? = nil) async throws -> ProcessAnswer {
    let runner = LiveProcesses.runner(inherited: [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "HOME": scratch.path.string, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
      "GIT_TERMINAL_PROMPT": "0", "GIT_AUTHOR_NAME": "Anna", "GIT_AUTHOR_EMAIL": "a@example.com",
      "GIT_COMMITTER_NAME": "Anna", "GIT_COMMITTER_EMAIL": "a@example.com",
    ])
    return try await runner(ProcessCall("git", arguments, in: folder ?? work))
  }

  /// Makes a clone with one commit on main, and pushes it.
  func seed(_ files: [String: String] = ["README.md": "wick\n"]) async throws {
    try await git("clone", "--quiet", remote(), work.string, in: scratch.path)
    try await git("checkout", "--quiet", "-b", "main")
    try await commit(files, "Begin")
    let pushed = try await git("push", "--quiet", "origin", "main")
    try #require(pushed.succeeded, "\(pushed.errors)")
  }

  @discardableResult
  func commit(_ files: [String: String], _ message: String) async throws -> String {
    for (name, text) in files {
      let path = work.string + "/" + name
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent,
        withIntermediateDirectories: true
      )
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    try await git("add", "-A")
    try await git("commit", "--quiet", "-m", message)
    return try await git("rev-parse", "HEAD").text.trimmingCharacters(in: .newlines)
  }

  /// Pushes a branch with one commit for each text, and opens a pull request of it.
  func pull(_ branch: String, _ texts: [String]) async throws -> Int {
    try await git("checkout", "--quiet", "-b", branch, "origin/main")
    for text in texts { try await commit(["\(text).txt": text], "Add \(text)") }
    try await git("push", "--quiet", "origin", branch)
    let body: JSON = ["title": "Take \(branch)", "head": .string(branch), "base": "main"]
    let answer = try await repo("POST", "/pulls", body)
    try #require(answer.status == 201, "\(answer.json)")
    return answer.json["number"].number ?? 0
  }
}
