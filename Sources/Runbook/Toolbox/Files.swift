package import ReleaseModel
package import Signatures

/// The file system, as far as the product needs it.
package struct Files: Sendable {
  /// Returns a file's bytes, or nil when it is not there; throws when it is over the limit.
  package var read: @Sendable (FilePath, _ bytesMax: Int) throws -> [UInt8]?
  /// Returns the bytes of a range, fewer where the file ends before; nil when no regular file is there.
  package var readRange: @Sendable (FilePath, Range<Int>) throws -> [UInt8]?
  /// Returns a file's bytes for reading in pieces, as often as needed; nil when it is not there.
  package var content: @Sendable (FilePath) throws -> Content?
  /// Returns a path without symbolic links, or nil when it leads to nothing.
  package var resolve: @Sendable (FilePath) -> FilePath?
  /// Writes a file whole or not at all: a new file beside it, synced, then renamed.
  package var write: @Sendable (FilePath, [UInt8]) throws -> Void
  /// Adds bytes to the end of a file, which is made where it is not there.
  package var append: @Sendable (FilePath, [UInt8]) throws -> Void
  package var makeFolder: @Sendable (FilePath) throws -> Void
  package var remove: @Sendable (FilePath) throws -> Void
  /// Renames; throws `file.exists` when the target is there.
  package var rename: @Sendable (_ from: FilePath, _ to: FilePath) throws -> Void
  package var copy: @Sendable (_ from: FilePath, _ to: FilePath) throws -> Void
  package var exists: @Sendable (FilePath) -> Bool
  /// The names in a folder, sorted; empty when it is not there.
  package var list: @Sendable (FilePath) throws -> [String]
  /// What is in a folder, sorted by name; nil when nothing is at the path.
  ///
  /// Throws `file.failed` when something is there that is no folder or cannot be read.
  package var entries: @Sendable (FilePath) throws -> [Entry]?
  /// Size and SHA-256 of a file, or nil when it is not there.
  package var digest: @Sendable (FilePath) throws -> (size: Int, digest: ContentDigest)?
  /// Every file below a folder: relative path, mode and digest or link target, sorted by path.
  package var tree: @Sendable (FilePath) throws -> [TreeEntry]
  /// Holds an exclusive lock on a file until the returned closure is called.
  package var lock: @Sendable (FilePath) throws -> @Sendable () -> Void

  /// One name in a folder; a link is not followed.
  package struct Entry: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
      case file, folder, link, other
    }

    package let name: String
    package let kind: Kind
    package let size: Int
    package let modified: Moment

    package init(name: String, kind: Kind, size: Int, modified: Moment) {
      self.name = name
      self.kind = kind
      self.size = size
      self.modified = modified
    }
  }

  package struct TreeEntry: Sendable, Hashable {
    package let path: String
    package let mode: Int
    package let content: String

    package init(path: String, mode: Int, content: String) {
      self.path = path
      self.mode = mode
      self.content = content
    }
  }

  package init(
    read: @escaping @Sendable (FilePath, Int) throws -> [UInt8]?,
    readRange: @escaping @Sendable (FilePath, Range<Int>) throws -> [UInt8]?,
    content: @escaping @Sendable (FilePath) throws -> Content?,
    resolve: @escaping @Sendable (FilePath) -> FilePath?,
    write: @escaping @Sendable (FilePath, [UInt8]) throws -> Void,
    append: @escaping @Sendable (FilePath, [UInt8]) throws -> Void,
    makeFolder: @escaping @Sendable (FilePath) throws -> Void,
    remove: @escaping @Sendable (FilePath) throws -> Void,
    rename: @escaping @Sendable (FilePath, FilePath) throws -> Void,
    copy: @escaping @Sendable (FilePath, FilePath) throws -> Void,
    exists: @escaping @Sendable (FilePath) -> Bool,
    list: @escaping @Sendable (FilePath) throws -> [String],
    entries: @escaping @Sendable (FilePath) throws -> [Entry]?,
    digest: @escaping @Sendable (FilePath) throws -> (size: Int, digest: ContentDigest)?,
    tree: @escaping @Sendable (FilePath) throws -> [TreeEntry],
    lock: @escaping @Sendable (FilePath) throws -> @Sendable () -> Void
  ) {
    self.read = read
    self.readRange = readRange
    self.content = content
    self.resolve = resolve
    self.write = write
    self.append = append
    self.makeFolder = makeFolder
    self.remove = remove
    self.rename = rename
    self.copy = copy
    self.exists = exists
    self.list = list
    self.entries = entries
    self.digest = digest
    self.tree = tree
    self.lock = lock
  }
}
