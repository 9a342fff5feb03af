internal import Foundation
internal import ReleaseModel
package import Runbook
internal import Signatures

/// The real file system.
package enum LiveFiles {
  package static let files = Files(
    read: read,
    write: write,
    makeFolder: makeFolder,
    remove: remove,
    rename: rename,
    copy: copy,
    exists: { (try? stat($0)) != nil },
    list: list,
    digest: digest,
    tree: tree,
    lock: lock
  )

  static func failed(_ what: String, _ path: FilePath, _ error: any Error) -> Problem {
    Problem(
      "file.failed",
      "\(path.string) could not be \(what).",
      why: "\(error)",
      next: ["Check the folder's permissions and free space, then repeat the command."]
    )
  }

  private static func stat(_ path: FilePath) throws -> [FileAttributeKey: Any] {
    try FileManager.default.attributesOfItem(atPath: path.string)
  }

  private static func read(_ path: FilePath, _ bytesMax: Int) throws -> [UInt8]? {
    guard let attributes = try? stat(path) else { return nil }
    guard
      attributes[.type] as? FileAttributeType == .typeRegular
        || attributes[.type] as? FileAttributeType == .typeSymbolicLink
    else {
      throw Problem(
        "file.kind",
        "\(path.string) is no file that can be read.",
        why: attributes[.type] as? FileAttributeType == .typeDirectory
          ? "It is a folder." : "It is a device, a pipe or a socket.",
        next: ["Name a regular file."]
      )
    }
    let size = (attributes[.size] as? Int) ?? 0
    guard size <= bytesMax else {
      throw Problem(
        "file.too-big",
        "\(path.string) is too big.",
        why: "It has \(size) bytes; the limit is \(bytesMax).",
        next: ["Use a smaller file."]
      )
    }
    guard let data = FileManager.default.contents(atPath: path.string) else {
      throw failed("read", path, Errno.permissionDenied)
    }
    return [UInt8](data)
  }

  private static func write(_ path: FilePath, _ bytes: [UInt8]) throws {
    do {
      let folder = path.removingLastComponent()
      if !folder.string.isEmpty { try makeFolder(folder) }
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

  private static func move(_ from: FilePath, _ to: FilePath) throws {
    guard Foundation.rename(from.string, to.string) == 0 else { throw Errno(rawValue: errno) }
  }

  private static func makeFolder(_ path: FilePath) throws {
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
    guard (try? stat(path)) != nil else { return }
    do {
      try FileManager.default.removeItem(atPath: path.string)
    } catch {
      throw failed("removed", path, error)
    }
  }

  private static func rename(_ from: FilePath, _ to: FilePath) throws {
    guard (try? stat(to)) == nil else {
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

  private static func digest(_ path: FilePath) throws -> (size: Int, digest: ContentDigest)? {
    guard (try? stat(path)) != nil else { return nil }
    do {
      let file = try FileDescriptor.open(path, .readOnly)
      return try file.closeAfter {
        var hasher = DigestHasher()
        var size = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
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
      let attributes = try stat(path)
      let mode = (attributes[.posixPermissions] as? Int) ?? 0
      let content: String
      switch attributes[.type] as? FileAttributeType {
      case .typeSymbolicLink?:
        content = "→ " + (try FileManager.default.destinationOfSymbolicLink(atPath: path.string))
      case .typeDirectory?: content = "folder"
      default: content = try digest(path)?.digest.hex ?? ""
      }
      entries.append(Files.TreeEntry(path: name, mode: mode, content: content))
    }
    return entries
  }

  private static func lock(_ path: FilePath) throws -> @Sendable () -> Void {
    do {
      try makeFolder(path.removingLastComponent())
      let file = try FileDescriptor.open(
        path,
        .readWrite,
        options: [.create, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead]
      )
      guard flock(file.rawValue, LOCK_EX) == 0 else { throw Errno(rawValue: errno) }
      return { try? file.close() }
    } catch let error as Errno {
      throw failed("locked", path, error)
    }
  }
}
