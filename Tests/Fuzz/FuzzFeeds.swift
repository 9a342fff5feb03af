// Feeds are strangers' data: whatever the bytes are, reading, linting, asking and editing them ends
// with an answer or an error. Run by `make fuzz`; FUZZ_FORMAT names the format.

import Feeds
import Foundation
import ReleaseModel

private let format = ProcessInfo.processInfo.environment["FUZZ_FORMAT"] ?? "appcast"
private let kind = FeedKind(rawValue: format) ?? .appcast

private let release: FeedRelease = {
  var file = FeedFile(name: "App-1.0.2-full.nupkg", url: "https://e.org/a.zip", size: 42)
  file.sha1 = String(repeating: "0a", count: 20)
  file.sha256 = String(repeating: "0b", count: 32)
  file.sha512 = String(repeating: "A", count: 86) + "=="
  file.edSignature = file.sha512
  file.minisign = "QQ=="
  file.platform = FeedPlatform(.linux)
  return FeedRelease(
    app: "App",
    version: "1.0.2",
    name: "1.0.2",
    date: Moment(seconds: 1_795_382_946),
    files: [file]
  )
}()

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  switch format {
  case "patch": FuzzDeltas.patch(bytes)
  case "delta": FuzzDeltas.delta(bytes)
  case "record": FuzzTexts.record(bytes)
  case "allowed-signers": FuzzTexts.signers(bytes)
  case "settings": FuzzTexts.settings(bytes)
  case "changelog": FuzzTexts.changelog(bytes)
  case "ssh-signature": FuzzTexts.sshSignature(bytes)
  case "minisign": FuzzTexts.minisign(bytes)
  default: feed(bytes)
  }
  return 0
}

private func feed(_ bytes: [UInt8]) {
  _ = FeedLint.findings(bytes, kind)
  for client in kind.clients {
    var user = FeedUser(version: "1.0.0", now: Moment(seconds: 1_795_382_946))
    user.group = 3
    user.platform = FeedPlatform(.linux)
    user.stagingID = "9d869ca9-feaf-5b3c-b02b-cce917bee2f2"
    _ = Updater.named(client)?.offer?(bytes, nil, user)
  }
  guard let feed = try? kind.type.init(bytes) else { return }
  if let added = try? feed.adding(release), let again = try? kind.type.init(added) {
    precondition(again.entries.contains { $0.version == "1.0.2" }, "what was added is there")
  }
  let changes: [FeedChange] = [
    .critical(below: "1.0.2"), .stagePercent(10), .halt, .resume,
    .stageInterval(seconds: 60, from: Moment(seconds: 0)),
  ]
  if let version = feed.entries.first?.version {
    _ = try? feed.withdrawing(version, restoring: release)
    for change in changes { _ = try? feed.changing(change, of: version) }
  }
  _ = try? FeedLint.mended(bytes, kind)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The name that the package manager gives an executable's main; libFuzzer's own stays out.
@_cdecl("fuzz_main")
public func fuzzMain(
  _ count: CInt,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  var count = count
  var arguments = arguments
  return runDriver(&count, &arguments, fuzzOneInput)
}
