internal import Foundation
package import ReleaseModel
package import Runbook
internal import Signatures

/// The real file system.
package enum LiveFiles {
  package static let files = Files(
    read: read,
    readRange: readRange,
    content: content,
    resolve: resolve,
    write: write,
    append: append,
    makeFolder: makeFolder,
    remove: remove,
    rename: rename,
    copy: copy,
    exists: { (try? status($0)) ?? nil != nil },
    list: list,
    entries: entries,
    digest: digest,
    tree: tree,
    lock: { try lock($0) }
  )

  static func failed(_ what: String, _ path: FilePath, _ error: any Error) -> Problem {
    Problem(
      "file.failed",
      "\(path.string) could not be \(what).",
      why: "\(error)",
      next: ["Check the folder's permissions and free space, then repeat the command."]
    )
  }

  /// What is at `path`, a link itself or what it leads to; nil when nothing is.
  ///
  /// What cannot be looked at is not taken for nothing: throws `file.failed`.
  static func status(_ path: FilePath, follows: Bool = false) throws -> stat? {
    var found = stat()
    let done = follows ? stat(path.string, &found) : lstat(path.string, &found)
    if done == 0 { return found }
    let error = Errno(rawValue: errno)
    guard [.noSuchFileOrDirectory, .notDirectory, .fileNameTooLong].contains(error) else {
      throw failed("read", path, error)
    }
    return nil
  }

  static func isKind(_ status: stat, _ kind: mode_t) -> Bool {
    status.st_mode & S_IFMT == kind
  }

  private static func read(_ path: FilePath, _ bytesMax: Int) throws -> [UInt8]? {
    guard let status = try status(path, follows: true) else { return nil }
    guard isKind(status, S_IFREG) else {
      throw Problem(
        "file.kind",
        "\(path.string) is no file that can be read.",
        why: isKind(status, S_IFDIR) ? "It is a folder." : "It is a device, a pipe or a socket.",
        next: ["Name a regular file."]
      )
    }
    guard status.st_size <= bytesMax else {
      throw Problem(
        "file.too-big",
        "\(path.string) is too big.",
        why: "It has \(status.st_size) bytes; the limit is \(bytesMax).",
        next: ["Use a smaller file."]
      )
    }
    do {
      let file = try FileDescriptor.open(path, .readOnly)
      return try file.closeAfter { try read(file, Int(status.st_size), bytesMax) }
    } catch {
      throw failed("read", path, error)
    }
  }

  private static func append(_ path: FilePath, _ bytes: [UInt8]) throws {
    do {
      let file = try FileDescriptor.open(
        path,
        .writeOnly,
        options: [.create, .append, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead]
      )
      _ = try file.closeAfter { try file.writeAll(bytes) }
    } catch {
      throw failed("written", path, error)
    }
  }

  /// Reads to the end, also where the size is not known before (`/proc`).
  private static func read(_ file: FileDescriptor, _ size: Int, _ bytesMax: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var room = size + 1
    while true {
      let more = try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
      }
      if more.isEmpty { return bytes }
      bytes = bytes.isEmpty ? more : bytes + more
      guard bytes.count <= bytesMax else { throw Errno.fileTooLarge }
      room = 1 << 16
    }
  }

  private static func readRange(_ path: FilePath, _ range: Range<Int>) throws -> [UInt8]? {
    guard let status = try status(path, follows: true), isKind(status, S_IFREG) else {
      return nil
    }
    let range = range.clamped(to: 0..<max(0, Int(status.st_size)))
    do {
      let file = try FileDescriptor.open(path, .readOnly)
      return try file.closeAfter {
        try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
          let room = UnsafeMutableRawBufferPointer(buffer)
          while count < range.count {
            let more = try file.read(
              fromAbsoluteOffset: Int64(range.lowerBound + count),
              into: UnsafeMutableRawBufferPointer(rebasing: room[count...])
            )
            if more == 0 { return }
            count += more
          }
        }
      }
    } catch {
      throw failed("read", path, error)
    }
  }

  private static func resolve(_ path: FilePath) -> FilePath? {
    guard let real = realpath(path.string, nil) else { return nil }
    defer { free(real) }
    return FilePath(String(cString: real))
  }

  private static func write(_ path: FilePath, _ bytes: [UInt8]) throws {
    let folder = path.removingLastComponent()
    if !folder.string.isEmpty { try makeFolder(folder) }
    try replace(path, bytes)
  }

  /// Writes a file whole or not at all, into a folder that is there.
  ///
  /// What it replaces hands on its mode and its group; what is new gets those of `new`, or what the
  /// umask leaves. With `new`, a group that this user may not give is an error, `file.group`.
  static func replace(
    _ path: FilePath,
    _ bytes: [UInt8],
    new: (mode: mode_t, group: gid_t)? = nil
  ) throws {
    do {
      let old = try status(path).flatMap { isKind($0, S_IFREG) ? $0 : nil }
      let temporary = FilePath(path.string + ".\(UInt64.random(in: 0 ..< .max)).new")
      let file = try FileDescriptor.open(
        temporary,
        .writeOnly,
        options: [.create, .exclusiveCreate],
        permissions: [.ownerReadWrite, .groupRead, .otherRead]
      )
      do {
        try file.closeAfter {
          try file.writeAll(bytes)
          if let (mode, group) = old.map({ ($0.st_mode & 0o777, $0.st_gid) }) ?? new {
            let given = fchown(file.rawValue, uid_t.max, group) == 0
            if !given, new != nil, mode >> 3 & ~mode & 7 != 0 { throw foreignGroup(path, group) }
            guard fchmod(file.rawValue, mode) == 0 else { throw Errno(rawValue: errno) }
          }
          guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
        try move(temporary, path)
      } catch {
        unlink(temporary.string)
        throw error
      }
    } catch let problem as Problem {
      throw problem
    } catch {
      throw failed("written", path, error)
    }
  }

  private static func foreignGroup(_ path: FilePath, _ group: gid_t) -> Problem {
    let name = getgrgid(group).map { String(cString: $0.pointee.gr_name) } ?? "\(group)"
    return Problem(
      "file.group",
      "\(path.string) is for the group \(name), and you are not in it.",
      why: "A file of yours in its place could not be read or written by that group any more.",
      next: ["sudo usermod -aG \(name) \"$USER\"     then log in again and repeat the command"]
    )
  }

  /// Puts an object of git in place, as git does: whole, read-only, and not if it is there.
  ///
  /// A new folder gets the mode of the one above: git may have opened that to a group.
  package static func putObject(_ path: FilePath, _ bytes: [UInt8]) throws {
    guard access(path.string, F_OK) != 0 else { return }
    let folder = path.removingLastComponent()
    let temporary = folder.removingLastComponent()
      .appending("tmp_obj_\(UInt64.random(in: 0 ..< .max))")
    do {
      if mkdir(folder.string, 0o777) == 0 {
        let above = try status(folder.removingLastComponent())
        if let above { chmod(folder.string, above.st_mode & 0o7777) }
      }
      let file = try FileDescriptor.open(
        temporary,
        .writeOnly,
        options: [.create, .exclusiveCreate],
        permissions: [.ownerRead, .groupRead, .otherRead]
      )
      do {
        try file.closeAfter { _ = try file.writeAll(bytes) }
        try move(temporary, path)
      } catch {
        unlink(temporary.string)
        throw error
      }
    } catch {
      throw failed("written", path, error)
    }
  }

  private static func move(_ from: FilePath, _ to: FilePath) throws {
    guard Foundation.rename(from.string, to.string) == 0 else { throw Errno(rawValue: errno) }
  }

  static func makeFolder(_ path: FilePath) throws {
    if let there = try status(path, follows: true), isKind(there, S_IFDIR) { return }
    do {
      try FileManager.default.createDirectory(
        atPath: path.string,
        withIntermediateDirectories: true
      )
    } catch {
      throw failed("made", path, error)
    }
  }

  private static func remove(_ path: FilePath) throws {
    guard try status(path) != nil else { return }
    do {
      try FileManager.default.removeItem(atPath: path.string)
    } catch {
      throw failed("removed", path, error)
    }
  }

  private static func rename(_ from: FilePath, _ to: FilePath) throws {
    guard try status(to) == nil else {
      throw Problem(
        "file.exists",
        "\(to.string) is there already.",
        next: ["Look at what it holds."]
      )
    }
    do {
      try makeFolder(to.removingLastComponent())
      try move(from, to)
    } catch let error as Errno {
      throw failed("renamed", from, error)
    }
  }

  private static func copy(_ from: FilePath, _ to: FilePath) throws {
    do {
      try makeFolder(to.removingLastComponent())
      try remove(to)
      try FileManager.default.copyItem(atPath: from.string, toPath: to.string)
    } catch let problem as Problem {
      throw problem
    } catch {
      throw failed("copied", from, error)
    }
  }

  private static func list(_ path: FilePath) throws -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: path.string)
    return (names ?? []).sorted()
  }

  private static func entries(_ path: FilePath) throws -> [Files.Entry]? {
    var found = stat()
    guard lstat(path.string, &found) == 0 else {
      let error = Errno(rawValue: errno)
      // A file where a folder of the path should be is not "nothing there": it stays so.
      guard error == .noSuchFileOrDirectory else { throw failed("listed", path, error) }
      return nil
    }
    // Also fails on a link that leads nowhere, as to a disk that is not mounted.
    guard let folder = opendir(path.string) else {
      throw failed("listed", path, Errno(rawValue: errno))
    }
    closedir(folder)
    return try list(path).compactMap { name in
      try status(path.appending(name)).map { entry(name, $0) }
    }
  }

  private static func entry(_ name: String, _ found: stat) -> Files.Entry {
    let kinds: [(mode_t, Files.Entry.Kind)] = [
      (S_IFREG, .file), (S_IFDIR, .folder), (S_IFLNK, .link),
    ]
    #if canImport(Darwin)
      let seconds = found.st_mtimespec.tv_sec
    #else
      let seconds = found.st_mtim.tv_sec
    #endif
    return Files.Entry(
      name: name,
      kind: kinds.first { isKind(found, $0.0) }?.1 ?? .other,
      size: Int(found.st_size),
      modified: Moment(seconds: seconds)
    )
  }

  private static func digest(_ path: FilePath) throws -> (size: Int, digest: ContentDigest)? {
    guard try status(path) != nil else { return nil }
    do {
      let file = try FileDescriptor.open(path, .readOnly)
      return try file.closeAfter {
        var hasher = DigestHasher()
        var size = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        while true {
          let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
          if count == 0 { return (size, hasher.finish()) }
          size += count
          hasher.update(count == buffer.count ? buffer : Array(buffer[..<count]))
        }
      }
    } catch {
      throw failed("read", path, error)
    }
  }

  private static func tree(_ root: FilePath) throws -> [Files.TreeEntry] {
    var entries: [Files.TreeEntry] = []
    let names = try FileManager.default.subpathsOfDirectory(atPath: root.string)
    for name in names.sorted() {
      let path = root.pushing(FilePath(name))
      guard let status = try status(path) else { continue }
      let content =
        if isKind(status, S_IFLNK) {
          "→ " + (try FileManager.default.destinationOfSymbolicLink(atPath: path.string))
        } else if isKind(status, S_IFDIR) {
          "folder"
        } else {
          try digest(path)?.digest.hex ?? ""
        }
      let mode = Int(status.st_mode & 0o7777)
      entries.append(Files.TreeEntry(path: name, mode: mode, content: content))
    }
    return entries
  }
}
