internal import ArchiveLoading
internal import ReleaseModel

/// libarchive, which Linux loads at the first archive.
enum ArchiveLibrary {
  /// Throws `archive.library` where it cannot be loaded.
  static func require() throws {
    guard let reason = archive_loading_problem() else { return }
    throw Problem(
      "archive.library",
      "Archives need libarchive, which cannot be loaded.",
      why: String(cString: reason),
      next: ["Install libarchive.so.13, Debian's libarchive13."]
    )
  }
}
