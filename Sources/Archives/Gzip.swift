internal import CArchive
internal import Foundation
internal import ReleaseModel

/// Gzip of small files in memory, by libarchive.
package enum Gzip {
  package static let bytesMax = 64 << 20

  /// Throws `archive.refused`.
  package static func decompress(_ bytes: [UInt8]) throws -> [UInt8] {
    // Without this, libarchive hands on whatever is no gzip.
    guard bytes.starts(with: [0x1F, 0x8B]) else { throw bad("it is no gzip") }
    try ArchiveLibrary.require()
    guard let reader = archive_read_new() else { throw bad("out of memory") }
    defer { archive_read_free(reader) }
    archive_read_support_filter_gzip(reader)
    archive_read_support_format_raw(reader)
    var result: [UInt8] = []
    try bytes.withUnsafeBytes { input in
      guard archive_read_open_memory(reader, input.baseAddress, input.count) == ARCHIVE_OK else {
        throw bad(message(reader))
      }
      var entry: OpaquePointer?
      guard archive_read_next_header(reader, &entry) == ARCHIVE_OK else {
        throw bad(message(reader))
      }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = archive_read_data(reader, &buffer, buffer.count)
        guard count >= 0 else { throw bad(message(reader)) }
        if count == 0 { return }
        result += buffer.prefix(count)
        guard result.count <= bytesMax else { throw bad("it unpacks to more than 64 MiB") }
      }
    }
    return result
  }

  /// The same bytes for the same input: no name and no time are written.
  package static func compress(_ bytes: [UInt8]) throws -> [UInt8] {
    try ArchiveLibrary.require()
    guard let writer = archive_write_new(), let entry = archive_entry_new() else {
      throw bad("out of memory")
    }
    defer {
      archive_write_free(writer)
      archive_entry_free(entry)
    }
    archive_write_add_filter_gzip(writer)
    archive_write_set_filter_option(writer, "gzip", "timestamp", nil)
    archive_write_set_format_raw(writer)
    archive_write_set_bytes_per_block(writer, 0)
    var result = [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 1024)
    var used = 0
    try result.withUnsafeMutableBytes { output in
      guard archive_write_open_memory(writer, output.baseAddress, output.count, &used) == ARCHIVE_OK
      else { throw bad(message(writer)) }
      archive_entry_set_filetype(entry, 0o100000)
      archive_entry_set_pathname(entry, "data")
      guard archive_write_header(writer, entry) == ARCHIVE_OK else { throw bad(message(writer)) }
      let written = bytes.withUnsafeBytes { archive_write_data(writer, $0.baseAddress, $0.count) }
      guard written == bytes.count, archive_write_close(writer) == ARCHIVE_OK else {
        throw bad(message(writer))
      }
    }
    return Array(result.prefix(used))
  }

  private static func message(_ archive: OpaquePointer) -> String {
    archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
  }

  private static func bad(_ why: String) -> Problem {
    Problem(
      "archive.refused",
      "The compressed file was not read.",
      why: why,
      next: ["Make it again; gzip is expected."]
    )
  }
}
