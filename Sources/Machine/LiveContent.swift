internal import Foundation
internal import ReleaseModel
internal import Runbook
internal import Signatures

extension LiveFiles {
  private static let pieceBytes = 1 << 20

  /// Throws `file.kind` for what is no regular file, and `file.failed`, also when another size is
  /// read than the file had.
  ///
  /// Not mapped into memory: a file that is cut short meanwhile would end the program.
  static func content(_ path: FilePath) throws -> Content? {
    guard let size = try size(path) else { return nil }
    return Content(size: size) { body in
      do {
        let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        let total = try file.closeAfter { try read(file, body) }
        guard total == size else { throw Errno.ioError }
      } catch let error as Errno {
        throw failed("read", path, error)
      }
    }
  }

  private static func size(_ path: FilePath) throws -> Int? {
    var status = stat()
    guard stat(path.string, &status) == 0 else {
      let error = Errno(rawValue: errno)
      if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
      throw failed("read", path, error)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Problem(
        "file.kind",
        "\(path.string) is no file that can be read.",
        why: "It is a folder, a device, a pipe or a socket.",
        next: ["Name a regular file."]
      )
    }
    return Int(status.st_size)
  }

  private static func read(
    _ file: FileDescriptor,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> Int {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 4096)
    defer { buffer.deallocate() }
    var total = 0
    while true {
      let count = try file.read(into: buffer)
      if count == 0 { return total }
      total += count
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
