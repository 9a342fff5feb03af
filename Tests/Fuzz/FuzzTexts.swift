// Records, lists of signers, settings, changelogs and signatures come from whoever may push: whatever
// the bytes are, reading them ends with an answer or an error, and what was read is written as it was.

import Documents
import Foundation
import Record
import ReleaseModel
import Runbook
import Signatures

enum FuzzTexts {
  /// Commits of a chain, with a zero byte between them.
  ///
  /// They are trusted as those that a clone verified before are, or nothing would get past the
  /// signatures.
  static func record(_ bytes: [UInt8]) {
    let objects = bytes.split(separator: 0, omittingEmptySubsequences: false)
    let first = objects.first.flatMap { RecordCommit(name: "", object: Array($0)) }
    let payload = first.flatMap { EventCodec.payload(inMessage: $0.message) } ?? ""
    var chain = Chain(run: (try? EventCodec.event(payload: payload, sequence: 1))?.run ?? "")
    for (index, object) in objects.enumerated() {
      let name = String(repeating: "0", count: 38) + String(index % 90 + 10)
      guard let commit = RecordCommit(name: name, object: Array(object)) else { continue }
      if let signature = commit.signature { _ = SSHSignature(armor: signature) }
      _ = try? chain.candidate(commit)
      if let payload = EventCodec.payload(inMessage: commit.message) { event(payload) }
      guard let next = try? chain.candidate(commit, trusted: true) else { continue }
      let count = chain.events.count
      guard (try? chain.append(next)) != nil else { continue }
      precondition(chain.events.count == count + 1 && chain.tip == name, "one event a commit")
    }
    let progress = Progress(run: chain.run, events: chain.events)
    precondition(
      progress == Progress(run: chain.run, events: chain.events + chain.events.suffix(1)),
      "an event that comes twice changes nothing"
    )
  }

  private static func event(_ payload: String) {
    guard let event = try? EventCodec.event(payload: payload, sequence: 1),
      let written = try? EventCodec.payload(event)
    else { return }
    precondition((try? EventCodec.event(payload: written, sequence: 1)) == event, "read as written")
    _ = event.headline
  }

  static func signers(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let signers = try? AllowedSigners(text) else { return }
    precondition((try? AllowedSigners(text)) == signers, "the same every time")
  }

  static func settings(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let isRead = (try? Settings.read(text)) != nil
    guard isRead, !text.utf8.contains(0x0D) else { return }
    let windows = String(
      decoding: bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] },
      as: UTF8.self
    )
    precondition((try? Settings.read(windows)) != nil, "lines may end as on Windows")
  }

  static func changelog(_ bytes: [UInt8]) {
    let (version, other) = (VersionName("1.0.2"), VersionName("1.0.3"))
    let old = Changelog(bytes)
    precondition(old.bytes == bytes, "written as it was read")
    var new = old
    let isAdded = new.add(
      ChangelogEntry(
        version: version,
        at: Moment(seconds: 1_796_000_000),
        author: "Ana <ana@example.org>",
        kind: .fixed,
        text: "Kept."
      )
    )
    guard isAdded, old.section(version) == nil else {
      return precondition(new.bytes == bytes, "a form that is not known stays, as a section does")
    }
    let section = new.section(version)
    precondition(section?.contains("Kept.") == true, "what was added is there")
    let start = zip(new.bytes, bytes).prefix { $0 == $1 }.count
    let end = zip(new.bytes.reversed(), bytes.reversed()).prefix { $0 == $1 }.count
    precondition(start + end >= bytes.count, "every other byte stays")
    _ = old.adding(version, as: other, from: new, over: old)
    let hadOther = new.section(other) != nil
    new.rename(version, to: other)
    precondition(hadOther || new.section(other) == section, "renamed")
  }

  static func sshSignature(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let signature = SSHSignature(armor: text) {
      precondition(
        signature.verify([1, 2, 3], namespace: "git") != .good,
        "it signs something else"
      )
      _ = signature.verify([], namespace: signature.namespace)
      key(signature.key)
    }
    for line in text.lines() {
      if let read = SSHPublicKey(line: String(line)) { key(read) }
    }
  }

  private static func key(_ key: SSHPublicKey) {
    precondition(SSHPublicKey(line: key.text) == key, "read as written")
    precondition(key.fingerprint.utf8.count == 50, "SHA256: and 43 characters")
  }

  static func minisign(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let signature = MinisignSignature(text) {
      precondition(MinisignSignature(base64File: signature.base64File) != nil, "read as written")
    }
    guard let key = MinisignPublicKey(text) else { return }
    precondition(MinisignPublicKey(key.text) == key, "read as written")
    precondition(MinisignPublicKey(key.base64File) == key, "read as Tauri writes it")
    precondition(
      MinisignSignature(text)?.holds(over: [1], by: key) != true,
      "it signs something else"
    )
  }
}
