// Publishing to the stand-in for GitHub beside `gh release create`, memory, and requests.
//
// Release build; medians of several runs. Prints what it compares, and says so where gh is absent.

import Forges
import Foundation
import Git
import GitHubStandIn
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Signatures

let runs = ProcessInfo.processInfo.environment["RUNS"].flatMap { Int($0) } ?? 5
let artifactCount = 20
let artifactBytes = 10 << 20

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

func seconds(_ body: () async throws -> Void) async rethrows -> Double {
  let start = ContinuousClock.now
  try await body()
  let length = ContinuousClock.now - start
  return Double(length.components.seconds) + Double(length.components.attoseconds) / 1e18
}

func text(_ value: Double, _ unit: String) -> String { String(format: "%.2f \(unit)", value) }

/// A project whose build makes 20 artifacts of 10 MB.
func bigWorld() async throws -> World {
  try await World(onGitHub: true) { settings in
    let names = (1...artifactCount).map { "{ path: \"dist/big-\($0).bin\" }" }
    return settings.split(separator: "\n").filter {
      !$0.contains("feeds:") && !$0.contains("sign:")
    }
    .map { line in
      if line.contains("build: sh build.sh") {
        return "  build: \"mkdir -p dist; for i in $(seq \(artifactCount)); do head -c "
          + "\(artifactBytes) /dev/urandom > dist/big-$i.bin; done\""
      }
      if line.contains("artifacts:") { return "  artifacts: [\(names.joined(separator: ", "))]" }
      return String(line)
    }.joined(separator: "\n") + "\n"
  }
}

func publication(_ tag: String, in folder: FilePath) throws -> Publication {
  let artifacts = try (1...artifactCount).map { number -> Artifact in
    let name = "big-\(number).bin"
    let found = try LiveFiles.files.digest(folder.appending(name))
    return Artifact(
      name: name,
      size: found?.size ?? 0,
      digest: found?.digest ?? .zero,
      platform: .any
    )
  }
  let release = HostedRelease(
    app: "Wick",
    tag: tag,
    version: VersionName(String(tag.dropFirst())),
    commit: "main",
    published: Moment(seconds: 1_790_000_000),
    artifacts: artifacts
  )
  return Publication(release: release, notes: "# Wick\n\nBig.\n", folder: folder)
}

func gitHubHost(_ github: GitHubStandIn, scratch: FilePath) throws -> ReleaseHost {
  let settings = try Settings.read(
    """
    app: Wick
    host: { github: \(World.repository), url: "\(github.url)" }
    test: { suite: "true", proof: "true" }
    ship: { build: "true", artifacts: [ { path: a } ] }
    """
  )
  guard let home = settings.github else { preconditionFailure("The settings name GitHub.") }
  let client = GitHubClient(
    address: try GitHubAddress(home.repository, server: home.server),
    http: LiveHTTP.http,
    credential: { (Secret("ana-token"), "the benchmark") }
  )
  return GitHubHost(
    client: client,
    settings: settings,
    home: home,
    files: LiveFiles.files,
    scratch: scratch,
    boundary: { _ in }
  ).host
}

func run(
  _ program: String,
  _ arguments: [String],
  _ environment: [String: String],
  _ folder: FilePath
)
  async throws -> ProcessAnswer
{
  try await LiveProcesses.runner(inherited: ProcessInfo.processInfo.environment)(
    ProcessCall(
      program,
      arguments,
      in: folder,
      environment: environment.mapValues { .some($0) },
      seconds: 600
    )
  )
}

func publishing() async throws {
  let world = try await World(onGitHub: true)
  guard let github = world.github else { return }
  let folder = world.path.appending("big")
  try LiveFiles.files.makeFolder(folder)
  var files: [String] = []
  for number in 1...artifactCount {
    let file = folder.appending("big-\(number).bin")
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<artifactBytes / 8).flatMap { _ in
      withUnsafeBytes(of: generator.next()) { Array($0) }
    }
    try LiveFiles.files.write(file, bytes)
    files.append(file.string)
  }
  let host = try gitHubHost(github, scratch: world.path.appending("scratch"))
  let socket = FilePath(NSTemporaryDirectory()).appending("hotfix-\(UInt32.random(in: 0 ..< .max))")
  try await github.serveUnixSocket(at: socket)
  let gh = [
    "GH_CONFIG_DIR": world.path.appending("gh").string, "GH_TOKEN": "ana-token",
    "GH_PROMPT_DISABLED": "1",
  ]
  let hasGH = try await run("gh", ["config", "set", "http_unix_socket", socket.string], gh, folder)
    .succeeded
  var ours: [Double] = []
  var theirs: [Double] = []
  for number in 1...runs {
    for tag in ["v1.\(number).0", "v2.\(number).0"] {
      try await world.sh(world.ana, "git tag -a -m x \(tag) && git push -q origin \(tag)")
    }
    let publication = try publication("v1.\(number).0", in: folder)
    ours.append(try await seconds { try await host.publish(publication) })
    guard hasGH else { continue }
    let arguments = ["release", "create", "v2.\(number).0", "-R", World.repository, "-n", "x"]
    theirs.append(
      try await seconds {
        let answer = try await run("gh", arguments + files, gh, folder)
        guard answer.succeeded else {
          throw Problem("bench.gh", "gh failed.", why: answer.errors, next: ["-"])
        }
      }
    )
  }
  let own = median(ours)
  let peer =
    hasGH
    ? "gh release create \(text(median(theirs), "s"))   ratio \(text(own / median(theirs), "×"))"
    : "gh is not installed, so nothing to compare with"
  print("publish \(artifactCount) × 10 MB         \(text(own, "s"))   \(peer)")
  await github.stop()
}

func memory() async throws {
  let world = try await bigWorld()
  try await world.sh(world.ana, "git tag -s -m x v1.5.0 && git push -q origin v1.5.0")
  let outcome = try await world.program(world.ana, ["ship", "v1.5.0"])
  try world.expect(outcome, 0)
  var usage = rusage()
  getrusage(.init(-1), &usage)  // RUSAGE_CHILDREN: the program, and what it ran
  #if os(macOS)
    let megabytes = usage.ru_maxrss >> 20
  #else
    let megabytes = usage.ru_maxrss >> 10
  #endif
  print(
    "hotfix ship of \(artifactCount) × 10 MB    peak memory \(megabytes) MB (asked: under 80)"
  )
  await world.github?.stop()
}

func requests() async throws {
  let world = try await World(onGitHub: true)
  guard let github = world.github else { return }
  _ = try await github.addIssue(World.repository, title: "The last word is lost")
  await github.forgetRequests()
  try await world.untilRelease()
  try world.expect(await world.hotfix(world.ana, "next"), 0)
  try world.expect(await world.hotfix(world.ana, "close"), 0)
  let all = await github.requests
  func count(_ surface: Surface) -> Int { all.count { $0.surface == surface } }
  print(
    "a whole hotfix              \(count(.rest)) REST requests, \(count(.graphQL)) GraphQL, "
      + "\(count(.uploads)) uploads, \(count(.git)) of git; "
      + "\(all.map(\.cost).reduce(0, +)) of the hourly limit"
  )
  await github.stop()
}

/// What `next --watch` asks while it waits for a reviewer.
func watching() async throws {
  let world = try await World(onGitHub: true)
  guard let github = world.github else { return }
  try await world.untilReview()
  let watch = Task { try? await world.program(world.ana, ["next", "--watch"]) }
  try await Task.sleep(for: .seconds(4))
  await github.forgetRequests()
  try await Task.sleep(for: .seconds(20))
  let all = await github.requests.filter { $0.surface == .rest || $0.surface == .graphQL }
  watch.cancel()
  print(
    "watching for 20 s           \(all.count) requests, \(all.map(\.cost).reduce(0, +)) of the limit"
  )
  await github.stop()
}

do {
  try await memory()
  try await publishing()
  try await requests()
  try await watching()
} catch {
  FileHandle.standardError.write(Data("\((error as? Problem)?.text ?? "\(error)")\n".utf8))
  exit(1)
}
