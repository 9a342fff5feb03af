internal import ReleaseModel

/// What stands in front of a delta's data: versions, the trees' hashes and the commands.
///
/// Sparkle's container of versions 3 and 4 (`SPUSparkleDeltaArchive.m` of 2.9.2): six bytes in the clear,
/// then one compressed stream.
package struct DeltaHead: Sendable, Hashable {
  package static let magic = Array("spk!".utf8)
  static let pathsMax = 64 << 20
  static let itemsMax = 1_000_000
  /// All that a delta may write.
  static let bytesMax = 64 << 30

  package var version: DeltaVersion
  package var compression: DeltaCompression
  /// The hash of the tree that it applies to, and of the one that comes out.
  package var before: [UInt8]
  package var after: [UInt8]
  package var items: [DeltaItem]

  package init(
    version: DeltaVersion,
    compression: DeltaCompression,
    before: [UInt8],
    after: [UInt8],
    items: [DeltaItem]
  ) {
    self.version = version
    self.compression = compression
    self.before = before
    self.after = after
    self.items = items
  }

  /// The six bytes in the clear.
  package var prefix: [UInt8] { Self.magic + [compression.rawValue, compression.level] }

  /// What the compressed stream begins with; the items' data follows in their order.
  package var streamFront: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(little: version.rawValue)
    bytes.append(little: version.minor)
    bytes += before + after
    // No creation date: the same trees give the same bytes.
    if version == .four { bytes.append(little: Double(0).bitPattern) }
    guard !items.isEmpty else {
      bytes.append(little: UInt64(0))
      return bytes
    }
    var places: [String: Int] = [:]
    var table: [UInt8] = []
    func place(_ path: String) -> Int {
      if let place = places[path] { return place }
      places[path] = places.count
      table += Array(path.utf8) + [0]
      return places.count - 1
    }
    for item in items { _ = place(item.path) }
    var commands: [UInt8] = []
    for item in items { Self.append(item, to: &commands, place) }
    bytes.append(little: UInt64(table.count))
    return bytes + table + commands + [0]
  }

  private static func append(
    _ item: DeltaItem,
    to bytes: inout [UInt8],
    _ place: (String) -> Int
  ) {
    var command: DeltaCommand
    var rest: [UInt8] = []
    func take(_ mode: UInt16?) {
      guard let mode else { return }
      command.insert(.changeMode)
      rest.append(little: mode)
    }
    switch item.action {
    case .delete: command = .delete
    case .extract(let mode, let length, let replacing):
      command = replacing ? [.delete, .extract] : .extract
      rest.append(little: mode)
      switch EntryType(mode: mode) {
      case .file: rest.append(little: UInt64(length))
      case .link: rest.append(little: UInt16(truncatingIfNeeded: length))
      case .folder, nil: break
      }
    case .changeMode(let mode):
      command = []
      take(mode)
    case .patch(let length, let mode):
      command = .patch
      take(mode)
      rest.append(little: UInt64(length))
    case .clone(let source, let length, let mode):
      command = .clone
      take(mode)
      rest.append(little: UInt32(truncatingIfNeeded: place(source)))
      if let length {
        command.insert(.patch)
        rest.append(little: UInt64(length))
      }
    }
    bytes.append(command.rawValue)
    bytes += rest
  }

  // MARK: - Reading

  /// Reads the head, and returns the reader of the data behind it.
  ///
  /// Throws `delta.malformed`, `delta.unsupported`, `delta.truncated`, `delta.compression`.
  package static func read(
    _ source: @escaping () throws -> [UInt8]
  ) throws -> (head: DeltaHead, data: CompressedReader) {
    var front: [UInt8] = []
    while front.count < 6 {
      let piece = try source()
      guard !piece.isEmpty else { throw malformed("it is shorter than a delta's header") }
      front += piece
    }
    guard front.starts(with: magic) else {
      throw front.starts(with: Array("xar!".utf8))
        ? unsupported("a container of version 2 or older (xar)", "Sparkle 2.0 and older")
        : malformed("it does not begin with \"spk!\"")
    }
    guard let compression = DeltaCompression(rawValue: front[4]) else {
      let name = DeltaCompression.foreignName(front[4]) ?? "number \(front[4])"
      throw unsupported("compression \(name)", "Sparkle on a Mac")
    }
    var first: [UInt8]? = Array(front[6...])
    let reader = try CompressedReader(compression) {
      if let rest = first, !rest.isEmpty {
        first = nil
        return rest
      }
      return try source()
    }
    let head = try DeltaHead(reader, compression)
    return (head, reader)
  }

  private init(_ reader: CompressedReader, _ compression: DeltaCompression) throws {
    let major = try reader.little(UInt16.self)
    _ = try reader.little(UInt16.self)
    guard let version = DeltaVersion(rawValue: major) else {
      throw Self.unsupported(
        "container version \(major)",
        major > 4 ? "a newer Sparkle" : "nothing"
      )
    }
    self.version = version
    self.compression = compression
    before = try reader.read(20)
    after = try reader.read(20)
    if version == .four { _ = try reader.read(8) }
    let size = try reader.little(UInt64.self)
    guard size <= Self.pathsMax else { throw Self.malformed("its paths take \(size) bytes") }
    items = []
    guard size > 0 else { return }
    let paths = try Self.paths(try reader.read(Int(size)))
    var total = 0
    while true {
      let command = DeltaCommand(rawValue: try reader.little(UInt8.self))
      guard command.rawValue != 0 else { break }
      guard items.count < paths.count else {
        throw Self.malformed("it has more commands than paths")
      }
      let item = try Self.item(paths[items.count], command, reader, paths)
      total += item.dataLength
      guard total <= Self.bytesMax else { throw Self.malformed("it unpacks to more than 64 GiB") }
      items.append(item)
    }
  }

  private static func paths(_ table: [UInt8]) throws -> [String] {
    guard table.last == 0 else { throw malformed("its last path does not end") }
    let parts = table.dropLast().split(separator: 0, omittingEmptySubsequences: false)
    guard parts.count <= itemsMax else { throw malformed("it has more than \(itemsMax) paths") }
    return try parts.map { part in
      guard let path = String(validating: part, as: UTF8.self) else {
        throw malformed("a path is not UTF-8")
      }
      let names = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      guard path.hasPrefix("/"), !names.isEmpty,
        names.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= 255 })
      else { throw malformed("the path \"\(path.prefix(100))\" leads out of the bundle") }
      return path
    }
  }

  private static func item(
    _ path: String,
    _ command: DeltaCommand,
    _ reader: CompressedReader,
    _ paths: [String]
  ) throws -> DeltaItem {
    func length() throws -> Int {
      let length = try reader.little(UInt64.self)
      guard length <= bytesMax else { throw malformed("\(path) has \(length) bytes of data") }
      return Int(length)
    }
    func mode() throws -> UInt16? {
      try command.contains(.changeMode) ? reader.little(UInt16.self) & 0o7777 : nil
    }
    let action: DeltaItem.Action
    switch command.subtracting(.changeMode) {
    case .clone, [.clone, .patch]:
      let mode = try mode()
      let source = try reader.little(UInt32.self)
      guard source < paths.count else { throw malformed("\(path) is cloned from no path") }
      action = .clone(
        source: paths[Int(source)],
        length: command.contains(.patch) ? try length() : nil,
        mode: mode
      )
    case .patch:
      let mode = try mode()
      action = .patch(length: try length(), mode: mode)
    case .extract where !command.contains(.changeMode),
      [.extract, .delete] where !command.contains(.changeMode):
      let mode = try reader.little(UInt16.self)
      let size =
        switch EntryType(mode: mode) {
        case .file: try length()
        case .link: Int(try reader.little(UInt16.self))
        case .folder: 0
        case nil: throw malformed("\(path) is neither file, folder nor link")
        }
      action = .extract(mode: mode, length: size, replacing: command.contains(.delete))
    case .delete where command == .delete: action = .delete
    case [] where command == .changeMode:
      action = .changeMode(try reader.little(UInt16.self) & 0o7777)
    default: throw malformed("\(path) has the unknown command \(command.rawValue)")
    }
    return DeltaItem(path: path, action: action)
  }

  static func malformed(_ why: String) -> Problem {
    Problem(
      "delta.malformed",
      "This is no delta that can be read.",
      why: "\(why.prefix(1).uppercased() + why.dropFirst()).",
      next: ["Fetch it again, and compare its digest with the feed's."]
    )
  }

  private static func unsupported(_ what: String, _ reader: String) -> Problem {
    Problem(
      "delta.unsupported",
      "The delta's form is not supported.",
      why: "It has \(what); that is read by \(reader).",
      next: ["Make it anew:  hotfix delta create OLD NEW OUT"]
    )
  }
}

extension CompressedReader {
  func little<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    let bytes = try read(MemoryLayout<Number>.size)
    return bytes.reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }
}
