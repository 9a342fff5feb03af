internal import Archives
internal import Channels
internal import Forges
internal import Foundation
internal import Git
internal import ReleaseModel
internal import Runbook
internal import Machine

extension Workspace {
  /// The edges of the settings, put together.
  static func live(
    _ settings: Settings,
    home: FilePath,
    scratch: FilePath,
    run: @escaping ProcessRunner,
    secrets: SecretNames,
    environment: [String: String],
    console: Console
  ) throws -> (Toolbox, GitHubClient?) {
    try LiveFiles.files.makeFolder(scratch)
    let crash = CrashPoints(environment: environment)
    let boundary: @Sendable (String) async throws -> Void = { name in
      try await crash.boundary(name)
      try Fault(environment: environment).strike(at: name)
    }
    let isTest = environment["HOTFIX_TEST_TOKEN"] != nil
    let pause: @Sendable (Int) async throws -> Void = { seconds in
      try await Task.sleep(for: isTest ? .milliseconds(seconds) : .seconds(seconds))
    }
    let edges = try HostEdges.live(
      settings,
      home: home,
      scratch: scratch,
      run: run,
      boundary: boundary,
      environment: environment,
      pause: pause,
      say: { console.narrate($0) }
    )
    let start = ContinuousClock.now
    var toolbox = Toolbox(
      now: { clock(environment) },
      milliseconds: {
        let length = ContinuousClock.now - start
        return Int(length.components.seconds * 1000)
          + Int(length.components.attoseconds / 1_000_000_000_000_000)
      },
      random: { count in (0..<count).map { _ in UInt8.random(in: 0...255) } },
      environment: { environment[$0] },
      run: run,
      files: LiveFiles.files,
      http: LiveHTTP.http,
      host: edges.host,
      forge: edges.forge,
      deliver: { _ in .unknown("no channel") },
      unpack: { try Unpacking.unpack($0, into: $1) },
      makeDelta: { try await DeltaEdge.make(from: $0, to: $1, at: $2) },
      applyDelta: { try await DeltaEdge.apply($0, to: $1, at: $2) },
      home: home,
      scratch: scratch,
      boundary: boundary,
      say: { console.narrate($0) }
    )
    toolbox.pause = pause
    toolbox.secretNames = secrets.settled(settings, usesGitHub: edges.client != nil)
    toolbox.deliver = ChannelDelivery(toolbox: toolbox).deliver
    return (toolbox, edges.client)
  }

  /// The wall clock; tests and drills may shift it by whole seconds to let deadlines pass.
  private static func clock(_ environment: [String: String]) -> Moment {
    let shift =
      environment["HOTFIX_TEST_TOKEN"] == nil
      ? 0 : environment["HOTFIX_CLOCK_SHIFT"].flatMap { Int($0) } ?? 0
    return Moment(seconds: Moment.now.seconds + shift)
  }
}

extension Moment {
  /// The wall clock.
  static var now: Moment { Moment(seconds: Int(Date().timeIntervalSince1970)) }
}
