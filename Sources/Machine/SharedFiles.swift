internal import Foundation
internal import ReleaseModel
package import Runbook

// Files of a folder that several people and a web server share.
//
// The folder says who may do what, whatever the umask of whoever writes: who may write or read it,
// may write or read what is new in it, and its group is theirs (as `core.sharedRepository` of
// git-config(1) has it). What is replaced keeps its mode and its group. Nothing is made writable for
// everybody.

extension LiveFiles {
  /// The real file system, for a folder that several people share.
  package static let shared: Files = {
    var shared = files
    shared.write = { path, bytes in
      let folder = path.removingLastComponent()
      try makeSharedFolder(folder)
      try replace(path, bytes, new: terms(of: folder).map { ($0.file(0o600), $0.group) })
    }
    shared.makeFolder = makeSharedFolder
    shared.copy = { from, to in
      try makeSharedFolder(to.removingLastComponent())
      try files.copy(from, to)
      try open(to, asIn: to.removingLastComponent())
    }
    shared.rename = { from, to in
      try makeSharedFolder(to.removingLastComponent())
      // Before it can be seen: a web server may look at once.
      try open(from, asIn: to.removingLastComponent())
      try files.rename(from, to)
    }
    shared.lock = { path in
      let folder = path.removingLastComponent()
      try makeSharedFolder(folder)
      return try lock(path, mode: terms(of: folder)?.file(0o600))
    }
    return shared
  }()

  /// What a folder lets others do.
  private struct Terms {
    let mode: mode_t
    let group: gid_t

    /// The mode of a file in it that its owner may use as `own` says.
    func file(_ own: mode_t) -> mode_t {
      0o600 | own & 0o700 | mode & 0o064 | (own & 0o100 == 0 ? 0 : mode & 0o011)
    }

    /// The mode of a folder in it.
    var folder: mode_t { 0o700 | mode & 0o2075 }
  }

  private static func terms(of folder: FilePath) throws -> Terms? {
    let here = folder.string.isEmpty ? FilePath(".") : folder
    return try status(here, follows: true).map { Terms(mode: $0.st_mode, group: $0.st_gid) }
  }

  private static func makeSharedFolder(_ path: FilePath) throws {
    guard !path.string.isEmpty, try !isFolder(path) else { return }
    let above = path.removingLastComponent()
    try makeSharedFolder(above)
    guard mkdir(path.string, 0o700) == 0 else {
      let error = Errno(rawValue: errno)
      // Somebody else was faster, or nobody can.
      guard error == .fileExists, try isFolder(path) else { throw failed("made", path, error) }
      return
    }
    try open(path, asIn: above)
  }

  private static func isFolder(_ path: FilePath) throws -> Bool {
    try status(path, follows: true).map { isKind($0, S_IFDIR) } ?? false
  }

  /// Opens what is new, and all in it, to those who share a folder.
  private static func open(_ path: FilePath, asIn folder: FilePath) throws {
    // A link's own mode counts nowhere, and what it leads to is not ours.
    guard let own = try status(path), !isKind(own, S_IFLNK), let terms = try terms(of: folder)
    else {
      return
    }
    // The group first: changing it takes the setgid bit away. Who is not in it cannot give it.
    if own.st_gid != terms.group { _ = lchown(path.string, uid_t.max, terms.group) }
    let isFolder = isKind(own, S_IFDIR)
    guard chmod(path.string, isFolder ? terms.folder : terms.file(own.st_mode)) == 0 else {
      throw failed("shared", path, Errno(rawValue: errno))
    }
    guard isFolder else { return }
    for name in try files.list(path) { try open(path.appending(name), asIn: path) }
  }
}
