internal import Foundation
internal import ReleaseModel

extension LiveFiles {
  /// Locks a file, which is made with `mode` where it is not there.
  static func lock(_ path: FilePath, mode: mode_t? = nil) throws -> @Sendable () -> Void {
    do {
      try makeFolder(path.removingLastComponent())
      let file = try openLock(path)
      if let mode, let found = try status(path), found.st_uid == geteuid() {
        _ = fchmod(file.rawValue, mode)
      }
      guard flock(file.rawValue, LOCK_EX) == 0 else { throw Errno(rawValue: errno) }
      return { try? file.close() }
    } catch let error as Errno {
      throw failed("locked", path, error)
    }
  }

  private static func openLock(_ path: FilePath) throws -> FileDescriptor {
    do {
      return try FileDescriptor.open(
        path,
        .readWrite,
        options: [.create, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead]
      )
    } catch Errno.permissionDenied {
      // Who may read a file may lock it, though not over the network.
      if let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) { return file }
      guard let found = try status(path) else { throw Errno.permissionDenied }
      let owner = owner(found)
      throw Problem(
        "file.owner",
        "\(path.string) belongs to \(owner), and you may not open it.",
        why: "Its mode is \(String(found.st_mode & 0o777, radix: 8)); who shares the folder has to "
          + "be able to lock it.",
        next: [
          "chmod g+rw \(shellQuoted(path.string))     as \(owner)", "Then repeat the command.",
        ]
      )
    }
  }

  private static func owner(_ found: stat) -> String {
    guard let entry = getpwuid(found.st_uid) else { return "user \(found.st_uid)" }
    return String(cString: entry.pointee.pw_name)
  }
}
