internal import CArchive
internal import Foundation
package import ReleaseModel

private let useUTF8: Bool = {
  #if os(macOS)
    setlocale(LC_CTYPE, "en_US.UTF-8") != nil
  #else
    setlocale(LC_CTYPE, "C.UTF-8") != nil
  #endif
}()

/// Unpacks zip and tar archives, which are attackers' data: bounded, and never outside the folder.
package enum Unpacking {
  package static let bytesMax: Int64 = 8 << 30
  package static let entriesMax = 1_000_000

  /// Unpacks into an existing folder.
  ///
  /// Throws `archive.…` and leaves what was unpacked so far.
  ///
  /// libarchive refuses absolute paths, `..`, and writing through links; modes and links are kept.
  package static func unpack(_ archive: FilePath, into folder: FilePath) throws {
    // libarchive reads names by the process's locale, and a Swift program begins in "C".
    _ = useUTF8
    try ArchiveLibrary.require()
    guard let reader = archive_read_new(), let writer = archive_write_disk_new() else {
      throw bad(archive, "out of memory")
    }
    defer {
      archive_read_free(reader)
      archive_write_free(writer)
    }
    // Not all that libarchive has: its filters for lrzip, lzop and grzip start those programs.
    for support in [
      archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
      archive_read_support_filter_xz, archive_read_support_filter_lzma,
      archive_read_support_filter_zstd, archive_read_support_filter_lz4,
      archive_read_support_filter_lzip, archive_read_support_filter_compress,
    ] { _ = support(reader) }
    archive_read_support_format_tar(reader)
    archive_read_support_format_zip(reader)
    let safely =
      ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_SECURE_NODOTDOT
      | ARCHIVE_EXTRACT_SECURE_SYMLINKS
    archive_write_disk_set_options(writer, safely)
    guard archive_read_open_filename(reader, archive.string, 1 << 16) == ARCHIVE_OK else {
      throw bad(archive, message(reader))
    }
    var left = bytesMax
    for _ in 0..<entriesMax {
      var entry: OpaquePointer?
      let status = archive_read_next_header(reader, &entry)
      if status == ARCHIVE_EOF { return }
      guard status == ARCHIVE_OK, let entry else { throw bad(archive, message(reader)) }
      try place(entry, in: folder, archive)
      guard archive_write_header(writer, entry) == ARCHIVE_OK else {
        throw bad(archive, message(writer))
      }
      try copy(reader, writer, archive, left: &left)
      guard archive_write_finish_entry(writer) == ARCHIVE_OK else {
        throw bad(archive, message(writer))
      }
    }
    throw bad(archive, "it has more than \(entriesMax) entries")
  }

  private static func place(
    _ entry: OpaquePointer,
    in folder: FilePath,
    _ archive: FilePath
  ) throws {
    let path = FilePath(try name(archive_entry_pathname(entry), archive)).lexicallyNormalized()
    guard path.isRelative, path.components.first?.kind != .parentDirectory else {
      throw bad(archive, "an entry leaves the folder: \(path.string)")
    }
    archive_entry_set_pathname(entry, folder.pushing(path).string)
    if let link = archive_entry_hardlink(entry) {
      let target = FilePath(String(cString: link)).lexicallyNormalized()
      guard target.isRelative, target.components.first?.kind != .parentDirectory else {
        throw bad(archive, "a link leaves the folder: \(target.string)")
      }
      archive_entry_set_hardlink(entry, folder.pushing(target).string)
    }
    if let link = archive_entry_symlink(entry) {
      let target = FilePath(String(cString: link))
      let reached = path.removingLastComponent().pushing(target).lexicallyNormalized()
      guard target.isRelative, reached.components.first?.kind != .parentDirectory else {
        throw bad(archive, "a link leaves the folder: \(target.string)")
      }
    }
  }

  private static func name(_ pointer: UnsafePointer<CChar>?, _ archive: FilePath) throws -> String {
    guard let pointer else { throw bad(archive, "an entry has no name") }
    return String(cString: pointer)
  }

  private static func copy(
    _ reader: OpaquePointer,
    _ writer: OpaquePointer,
    _ archive: FilePath,
    left: inout Int64
  ) throws {
    while true {
      var block: UnsafeRawPointer?
      var size = 0
      var offset: Int64 = 0
      let status = archive_read_data_block(reader, &block, &size, &offset)
      if status == ARCHIVE_EOF { return }
      guard status == ARCHIVE_OK else { throw bad(archive, message(reader)) }
      left -= Int64(size)
      guard left >= 0, offset <= bytesMax else {
        throw bad(archive, "it unpacks to more than \(bytesMax >> 30) GiB")
      }
      guard archive_write_data_block(writer, block, size, offset) >= 0 else {
        throw bad(archive, message(writer))
      }
    }
  }

  private static func message(_ archive: OpaquePointer) -> String {
    archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
  }

  private static func bad(_ archive: FilePath, _ why: String) -> Problem {
    Problem(
      "archive.refused",
      "The archive \(archive.lastComponent?.string ?? "") was not unpacked.",
      why: why,
      next: ["Look at how it was packed; zip and tar archives are understood."]
    )
  }
}
