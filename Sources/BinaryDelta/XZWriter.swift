internal import CCompression
internal import ReleaseModel

/// Writes xz in parts that are coded side by side.
///
/// Each part has the end of the one before as its dictionary, so that little is lost, and begins with new
/// probabilities; together they are one block of LZMA2 without a check, as every decoder reads it. The
/// parts do not depend on the number of jobs, so the bytes do not either. Format: the .xz file format
/// 1.2.1, §2 to §4; LZMA2's control bytes as in liblzma's `lzma2_encoder.c`.
final class XZWriter {
  private let form: XZForm
  private let jobs: Int
  private let partSize: Int
  private let sink: ([UInt8]) throws -> Void
  /// The end of what was coded, then what waits.
  private var text: [UInt8] = []
  private var codedEnd = 0
  /// Where the parts end that are whole, and how far they were looked for.
  private var ends: [Int] = []
  private var seen = 0
  private var changes = 0
  private var size = 0
  private var codeSize = 0

  /// `expected` is how many bytes will come: an encoder takes seven times the memory of its part, so of
  /// all parts at most half are coded at once.
  init(
    best: Bool,
    reach: Int,
    expected: Int,
    jobs: Int,
    sink: @escaping ([UInt8]) throws -> Void
  ) throws {
    form = XZForm(best: best, reach: reach)
    partSize = evenPart(of: expected, atMost: form.partMax)
    let fitting = max(expected / form.partMax / 2, 2)
    self.jobs = max(min(jobs, fitting, Self.memoryMax / form.encoderMemory), 1)
    self.sink = sink
    try sink(form.head)
  }

  func write(_ bytes: some Sequence<UInt8>) async throws {
    text += bytes
    while text.count - seen >= partSize { look() }
    let waiting = text.count - codedEnd
    if ends.count >= 4 * jobs || waiting >= Self.partMax { try await code() }
  }

  func finish() async throws {
    if text.count > ends.last ?? codedEnd { ends.append(text.count) }
    try await code()
    try sink(form.tail(codeSize: codeSize, size: size))
  }

  /// A part grows until it holds enough that its beginning costs next to nothing: where hardly anything
  /// differs, one part is long.
  private func look() {
    changes += XZForm.changes(text[seen..<seen + partSize])
    seen += partSize
    guard changes >= Self.changesMin || seen - (ends.last ?? codedEnd) >= Self.partMax else {
      return
    }
    ends.append(seen)
    changes = 0
  }

  private static let changesMin = 1 << 16
  private static let partMax = 64 << 20
  /// What all encoders at work may take.
  private static let memoryMax = 300 << 20

  private func code() async throws {
    guard let end = ends.last else { return }
    let ranges = zip([codedEnd] + ends, ends).map { $0..<$1 }
    for part in await Self.parts(text, ranges, form, jobs: jobs) {
      let code = try part.get()
      codeSize += code.count
      try sink(code)
    }
    size += end - codedEnd
    let dropped = max(end - form.overlap, 0)
    self.text.removeFirst(dropped)
    codedEnd = end - dropped
    seen = max(seen - dropped, codedEnd)
    ends = []
  }

  private static func parts(
    _ text: [UInt8],
    _ ranges: [Range<Int>],
    _ form: XZForm,
    jobs: Int
  ) async -> [Result<[UInt8], any Error>] {
    await eachOf(ranges, jobs: jobs) { range in Result { try form.part(text, range) } }
  }
}

/// How the parts are coded, and what stands around them.
private struct XZForm: Sendable {
  /// `LZMA_PRESET_EXTREME`, `LZMA_FILTER_LZMA2` and `LZMA_VLI_UNKNOWN`, which Swift does not import.
  private static let extreme: UInt32 = 1 << 31
  private static let lzma2: lzma_vli = 0x21
  private static let noFilter = lzma_vli.max

  let best: Bool
  let dictionary: Int
  var partMax: Int { 2 * dictionary }
  var overlap: Int { dictionary / 2 }
  /// liblzma's bt4 takes eleven and a half times its dictionary; the part comes on top.
  var encoderMemory: Int { dictionary * 23 / 2 + partMax }

  /// The dictionary is the power of two that holds `reach`: of 2 MiB at least, as a difference repeats
  /// what is near, and of preset 6's 8 MiB at most, or twice that.
  init(best: Bool, reach: Int) {
    self.best = best
    var size = 2 << 20
    while size < reach, size < (best ? 16 << 20 : 8 << 20) { size *= 2 }
    dictionary = size
  }

  /// How many bytes differ, in a difference.
  static func changes(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.withUnsafeBufferPointer { $0.reduce(0) { $0 + ($1 == 0 ? 0 : 1) } }
  }

  /// The LZMA2 chunks of a part of the text, without the mark behind the last.
  ///
  /// Preset 6, and what suits differences better: matches up to 128 bytes are weighed and not only up to
  /// 64, at fewer candidates each (DECISIONS 27).
  func part(_ text: [UInt8], _ range: Range<Int>) throws -> [UInt8] {
    var options = lzma_options_lzma()
    guard lzma_lzma_preset(&options, best ? Self.extreme | 9 : 6) == 0 else {
      throw damaged("liblzma", Int(LZMA_OPTIONS_ERROR.rawValue))
    }
    options.dict_size = UInt32(dictionary)
    let part = text[range]
    if !best {
      // Where hardly anything differs, all that can be found costs little time.
      let isSparse = Self.changes(part) * 256 < part.count
      options.nice_len = isSparse ? 273 : 128
      options.depth = isSparse ? 48 : 12
    }
    let before = max(range.lowerBound - overlap, 0)
    return try text.withUnsafeBufferPointer { text in
      options.preset_dict = text.baseAddress.map { $0 + before }
      options.preset_dict_size = UInt32(range.lowerBound - before)
      return try withUnsafeMutableBytes(of: &options) { options in
        let filters = [
          lzma_filter(id: Self.lzma2, options: options.baseAddress),
          lzma_filter(id: Self.noFilter, options: nil),
        ]
        return try Self.encoded(UnsafeBufferPointer(rebasing: text[range]), filters)
      }
    }
  }

  private static func encoded(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ filters: [lzma_filter]
  ) throws -> [UInt8] {
    var stream = lzma_stream()
    defer { lzma_end(&stream) }
    var status = lzma_raw_encoder(&stream, filters)
    stream.next_in = bytes.baseAddress
    stream.avail_in = bytes.count
    var code: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while status == LZMA_OK {
      let count = buffer.count
      let written = buffer.withUnsafeMutableBufferPointer { buffer in
        stream.next_out = buffer.baseAddress
        stream.avail_out = count
        status = lzma_code(&stream, LZMA_FINISH)
        return count - stream.avail_out
      }
      code += buffer[..<written]
    }
    guard status == LZMA_STREAM_END, code.last == 0 else {
      throw damaged("liblzma", Int(status.rawValue))
    }
    return code.dropLast()
  }

  // MARK: - The file around them

  /// The stream's header and the block's.
  var head: [UInt8] {
    let flags: [UInt8] = [0, 0]
    // One filter, LZMA2, whose one property is the dictionary's size; no sizes.
    let power = UInt8(2 * (dictionary.trailingZeroBitCount - 12))
    let block: [UInt8] = [2, 0, 0x21, 1, power, 0, 0, 0]
    return [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0] + flags + checksum(flags) + block + checksum(block)
  }

  private static let blockHeaderSize = 12

  /// The end of the block, the index and the stream's footer.
  func tail(codeSize: Int, size: Int) -> [UInt8] {
    let blockSize = Self.blockHeaderSize + codeSize + 1
    let padding = [UInt8](repeating: 0, count: -blockSize & 3)
    var index: [UInt8] = [0, 1] + number(blockSize) + number(size)
    index += [UInt8](repeating: 0, count: -index.count & 3)
    index += checksum(index)
    let footer = littleEndian(UInt32(index.count / 4 - 1)) + [0, 0]
    return [0] + padding + index + checksum(footer) + footer + Array("YZ".utf8)
  }

  /// A number of the index, seven bits in a byte, the lowest first.
  private func number(_ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private func checksum(_ bytes: [UInt8]) -> [UInt8] {
    littleEndian(lzma_crc32(bytes, bytes.count, 0))
  }

  private func littleEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
  }
}
