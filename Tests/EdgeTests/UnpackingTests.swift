import Archives
import Foundation
import Git
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Testing

/// Archives made by tar and by git, and archives that an attacker would make.
@Suite struct UnpackingTests {
  private let scratch = ScratchFolder()

  private func sh(_ line: String) async throws {
    let run = LiveProcesses.runner(inherited: ProcessInfo.processInfo.environment)
    let answer = try await run(ProcessCall("sh", ["-c", line], in: scratch.path))
    try #require(answer.succeeded, "\(line): \(answer.errors)")
  }

  private func unpack(_ name: String) throws -> FilePath {
    let into = scratch.path.appending("into")
    try LiveFiles.files.makeFolder(into)
    try Unpacking.unpack(scratch.path.appending(name), into: into)
    return into
  }

  @Test(arguments: ["a.tar", "a.tar.gz", "a.zip"])
  func keepsModesLinksAndNames(_ name: String) async throws {
    try await sh(
      """
      mkdir -p src/Lämp.app && cd src && git init -q . && printf x > Lämp.app/run && chmod 755 Lämp.app/run
      printf y > Lämp.app/data && ln -s run Lämp.app/link && git add -A
      tree=$(git write-tree); git archive --format=zip -o ../a.zip $tree
      git archive --format=tar -o ../a.tar $tree; gzip -k ../a.tar
      """
    )
    let tree = try LiveFiles.files.tree(unpack(name))
    #expect(tree.map(\.path) == ["Lämp.app", "Lämp.app/data", "Lämp.app/link", "Lämp.app/run"])
    #expect(tree[3].mode & 0o111 != 0 && tree[1].mode & 0o111 == 0)
    #expect(tree[2].content == "→ run")
  }

  @Test(arguments: [
    "tar -cPf bad.tar --transform 's#in#../out#' in",
    "tar -cPf bad.tar --transform 's#in#/tmp/out#' in",
    "ln -s /etc/passwd link && tar -cf bad.tar link", "ln -s ../../x link && tar -cf bad.tar link",
    "ln -s .. d && tar -cf bad.tar d && rm d && mkdir d && cp in d/in && tar -rf bad.tar d/in",
  ])
  func nothingLandsOutsideTheFolder(_ line: String) async throws {
    try await sh("printf x > in; \(line)")
    let problem = #expect(throws: Problem.self) { _ = try unpack("bad.tar") }
    #expect(problem?.code == "archive.refused")
    #expect(!LiveFiles.files.exists(scratch.path.appending("out")))
  }

  @Test func refusesRubbishAndTruncation() async throws {
    try LiveFiles.files.write(scratch.path.appending("r.zip"), Array("rubbish".utf8))
    #expect(throws: Problem.self) { _ = try unpack("r.zip") }
    try await sh(
      "head -c 9000 /dev/urandom > in && tar -czf a.tgz in && head -c 4000 a.tgz > cut.tgz"
    )
    #expect(throws: Problem.self) { _ = try unpack("cut.tgz") }
  }

  /// libarchive hands what looks like lrzip to a program of that name in PATH.
  @Test func anArchiveStartsNoProgram() async throws {
    try await sh(
      #"""
      mkdir bin && printf '#!/bin/sh\ntouch "$0.was-started"\n' > bin/lrzip && chmod 755 bin/lrzip
      printf 'LRZI\0\6%0200d' 0 > a.tar.lrz && mkdir old
      """#
    )
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let run = LiveProcesses.runner(inherited: ["PATH": "\(scratch.path.string)/bin:\(path)"])
    let answer = try await run(
      ProcessCall(
        World.tools.appending("hotfix").string,
        ["delta", "create", "old", "a.tar.lrz", "out.delta"],
        in: scratch.path
      )
    )
    #expect(answer.ending == .exited(1) && answer.errors.contains("[archive.refused]"))
    #expect(try LiveFiles.files.list(scratch.path.appending("bin")) == ["lrzip"])
  }
}
