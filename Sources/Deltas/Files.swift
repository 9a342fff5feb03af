internal import BinaryDelta
package import ReleaseModel

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Plain files by the system's own calls: what a delta needs is not in Foundation, or slow there.
enum Files {
  struct Status {
    let mode: UInt16
    let size: Int
  }

  /// Looks at what stands at a path, without following a link; nil when there is nothing.
  static func status(_ path: FilePath) throws -> Status? {
    var found = stat()
    guard lstat(path.string, &found) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw failure("looked at", path)
    }
    return Status(mode: UInt16(truncatingIfNeeded: found.st_mode), size: Int(found.st_size))
  }

  /// The names in a folder, in the order of their bytes.
  static func names(in folder: FilePath) throws -> [String] {
    guard let handle = opendir(folder.string) else { throw failure("read", folder) }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      guard let name else {
        throw refused(folder, "a name in it is not UTF-8", "Rename the file.")
      }
      if name != ".", name != ".." { names.append(name) }
    }
    // Swift orders ASCII by its bytes, and fast.
    if names.allSatisfy({ $0.utf8.allSatisfy { $0 < 0x80 } }) { return names.sorted() }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  static func target(of link: FilePath) throws -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(link.string, &buffer, buffer.count)
    guard count >= 0 else { throw failure("read", link) }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Reads a whole file.
  ///
  /// Throws `delta.refused` when it is larger than `limit`.
  static func read(_ path: FilePath, limit: Int) throws -> [UInt8] {
    let file = try open(path, O_RDONLY)
    defer { close(file) }
    var found = stat()
    guard fstat(file, &found) == 0 else { throw failure("read", path) }
    guard found.st_size <= limit else {
      throw refused(path, "it has more than \(limit >> 20) MiB", "Keep it out of the bundle.")
    }
    return try read(file, path, size: Int(found.st_size))
  }

  /// Reads a file piece by piece.
  static func eachPiece(of path: FilePath, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let file = try open(path, O_RDONLY)
    defer { close(file) }
    try withUnsafeTemporaryAllocation(byteCount: 1 << 17, alignment: 16) { buffer in
      while true {
        let got = posixRead(file, buffer.baseAddress, buffer.count)
        guard got >= 0 else { throw failure("read", path) }
        guard got > 0 else { return }
        try body(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
      }
    }
  }

  /// Reads a file that has `size` bytes.
  ///
  /// Throws `delta.refused` when it has fewer or more by now.
  static func read(_ path: FilePath, size: Int) throws -> [UInt8] {
    let file = try open(path, O_RDONLY)
    defer { close(file) }
    return try read(file, path, size: size)
  }

  private static func read(_ file: Int32, _ path: FilePath, size: Int) throws -> [UInt8] {
    let bytes = try [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
      while count < buffer.count {
        let got = posixRead(file, buffer.baseAddress.map { $0 + count }, buffer.count - count)
        guard got >= 0 else { throw failure("read", path) }
        if got == 0 { break }
        count += got
        // A short read of a plain file is its end.
        if count == size { break }
      }
    }
    guard bytes.count == size else {
      throw refused(path, "it changed while it was read", "Try again.")
    }
    return bytes
  }

  static func haveEqualBytes(_ one: FilePath, _ other: FilePath) throws -> Bool {
    let file = try open(other, O_RDONLY)
    defer { close(file) }
    var isEqual = true
    var buffer = [UInt8](repeating: 0, count: 1 << 17)
    try eachPiece(of: one) { piece in
      var done = 0
      while done < piece.count, isEqual {
        let count = min(piece.count - done, buffer.count)
        let got = buffer.withUnsafeMutableBytes { posixRead(file, $0.baseAddress, count) }
        let part = piece[done..<done + max(got, 0)]
        isEqual = got > 0 && buffer[..<got].elementsEqual(part)
        done += max(got, 0)
      }
    }
    return isEqual
  }

  /// Opens a file that is made anew.
  ///
  /// Throws `delta.file` when something stands there.
  static func create(_ path: FilePath, mode: UInt16 = 0o600) throws -> FileWriter {
    FileWriter(try open(path, O_WRONLY | O_CREAT | O_EXCL, mode), path)
  }

  static func makeFolder(_ path: FilePath, mode: UInt16) throws {
    guard mkdir(path.string, 0o700) == 0 else { throw failure("made", path) }
    try changeMode(path, mode)
  }

  static func makeLink(_ path: FilePath, to target: String) throws {
    guard symlink(target, path.string) == 0 else { throw failure("made", path) }
  }

  static func changeMode(_ path: FilePath, _ mode: UInt16) throws {
    guard chmod(path.string, mode_t(mode & 0o7777)) == 0 else { throw failure("changed", path) }
  }

  static func rename(_ path: FilePath, to other: FilePath) throws {
    guard posixRename(path.string, other.string) == 0 else { throw failure("moved", path) }
  }

  /// Removes what stands at a path, with all in it, and follows no link.
  static func remove(_ path: FilePath) throws {
    guard let status = try status(path) else { return }
    if EntryType(mode: status.mode) == .folder {
      if status.mode & 0o700 != 0o700 { try changeMode(path, 0o700) }
      for name in try names(in: path) { try remove(path.appending(name)) }
      guard rmdir(path.string) == 0 else { throw failure("removed", path) }
    } else {
      guard unlink(path.string) == 0 else { throw failure("removed", path) }
    }
  }

  fileprivate static func open(_ path: FilePath, _ flags: Int32, _ mode: UInt16 = 0) throws -> Int32
  {
    let file = posixOpen(path.string, flags | O_CLOEXEC | O_NOFOLLOW, mode_t(mode))
    guard file >= 0 else { throw failure(flags & O_CREAT == 0 ? "read" : "made", path) }
    return file
  }

  static func failure(_ done: String, _ path: FilePath) -> Problem {
    let code = errno
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    let looking = done == "made" ? path.removingLastComponent() : path
    return Problem(
      "delta.file",
      "\(path.string) could not be \(done).",
      why: "\(reason).",
      next: [
        code == ENOSPC
          ? "df -h     shows what is full; nothing was left there"
          : "ls -ld \(OutsideText(looking.string).word)"
      ]
    )
  }

  static func refused(_ path: FilePath, _ why: String, _ next: String) -> Problem {
    Problem(
      "delta.refused",
      "\(path.string) cannot be in a delta.",
      why: "\(why.prefix(1).uppercased() + why.dropFirst()).",
      next: [next]
    )
  }
}

/// Refuses to write over what stands at a path.
///
/// Throws `delta.exists`.
package func requireNothing(at path: FilePath) throws {
  guard try Files.status(path) != nil else { return }
  throw Problem(
    "delta.exists",
    "\(path.string) stands there already.",
    why: "Nothing is written over.",
    next: ["Name another file, or:  rm -r \(path.string)"]
  )
}

/// A file that is read piece by piece, as somebody asks for more.
final class FileReader {
  private let file: Int32
  private let path: FilePath
  private var buffer = [UInt8](repeating: 0, count: 1 << 17)

  init(_ path: FilePath) throws {
    self.path = path
    file = try Files.open(path, O_RDONLY)
  }

  deinit { close(file) }

  /// The next piece; empty at the end.
  func next() throws -> [UInt8] {
    let got = buffer.withUnsafeMutableBytes { posixRead(file, $0.baseAddress, $0.count) }
    guard got >= 0 else { throw Files.failure("read", path) }
    return Array(buffer[..<got])
  }
}

/// A file that is being written; closed when it is let go.
final class FileWriter {
  private let file: Int32
  private let path: FilePath

  fileprivate init(_ file: Int32, _ path: FilePath) {
    self.file = file
    self.path = path
  }

  deinit { close(file) }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int? = nil) throws {
    var done = 0
    while done < bytes.count {
      let start = bytes.baseAddress.map { $0 + done }
      let count = bytes.count - done
      let wrote =
        if let offset { pwrite(file, start, count, off_t(offset + done)) } else {
          posixWrite(file, start, count)
        }
      guard wrote > 0 else { throw Files.failure("written", path) }
      done += wrote
    }
  }

  func write(_ bytes: [UInt8], at offset: Int? = nil) throws {
    try bytes.withUnsafeBytes { try write($0, at: offset) }
  }

  func changeMode(_ mode: UInt16) throws {
    guard fchmod(file, mode_t(mode & 0o7777)) == 0 else { throw Files.failure("changed", path) }
  }
}

// Names that the types above have too.

private func posixRead(_ file: Int32, _ start: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(file, start, count)
}

private func posixWrite(_ file: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, start, count)
}

private func posixOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  open(path, flags, mode)
}

private func posixRename(_ path: String, _ other: String) -> Int32 {
  rename(path, other)
}
