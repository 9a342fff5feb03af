internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ReleaseModel
package import Runbook
internal import Signatures
internal import Synchronization

/// HTTP over the network.
package enum LiveHTTP {
  package static let http = HTTP(
    send: send,
    upload: upload,
    download: download,
    serve: FileServer.serve
  )

  private static let redirectsMax = 5

  /// Follows no redirect by itself: a POST would arrive as a GET, and https could become http.
  private static let client = {
    var configuration = HTTPClient.Configuration.singletonConfiguration
    configuration.timeout = .init(connect: .seconds(10), read: .seconds(60))
    configuration.redirectConfiguration = .disallow
    configuration.decompression = .disabled
    // A refused connection is an answer; trying again until the deadline is not ours to do.
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(
      eventLoopGroupProvider: .shared(.singletonMultiThreadedEventLoopGroup),
      configuration: configuration
    )
  }()

  /// Sends a request; a GET follows redirects, but never from https to anything else.
  private static func answer(
    _ call: HTTP.Request,
    _ watch: ExchangeWatch
  ) async throws -> HTTPClientResponse {
    var call = call
    for _ in 0...redirectsMax {
      if let fault = HTTPAddress.fault(call.url) { throw HTTP.Failure.notSent(fault) }
      let timeout = TimeAmount.seconds(Int64(call.seconds))
      watch.waits()
      let response = try await client.execute(request(call), timeout: timeout)
      watch.moved(0)
      guard call.method == "GET", [301, 302, 303, 307, 308].contains(response.status.code),
        let location = response.headers.first(name: "Location"),
        let target = URL(string: location, relativeTo: URL(string: call.url))?.absoluteURL
      else { return response }
      try requireUsable(target, from: call.url)
      // A secret for one server is not for the next.
      let origin = URL(string: call.url)
      if target.scheme != origin?.scheme || target.host != origin?.host
        || target.port != origin?.port
      {
        call.headers = []
      }
      call.url = target.absoluteString
    }
    throw Problem(
      "http.redirect",
      "\(call.url) redirects in circles.",
      why: "More than \(redirectsMax) redirects.",
      next: ["Check the URL."]
    )
  }

  private static func requireUsable(_ target: URL, from url: String) throws {
    if url.hasPrefix("https:"), target.scheme != "https" {
      throw Problem(
        "http.redirect",
        "\(url) leads elsewhere by another scheme.",
        why: "It redirects to \(target.absoluteString.prefix(1000)).",
        next: ["Serve it over https to the end."]
      )
    }
    guard let fault = HTTPAddress.fault(target.absoluteString) else { return }
    throw Problem(
      "http.redirect",
      "\(url) leads to an address that cannot be asked.",
      why: "It redirects to \(target.absoluteString.prefix(1000)): \(fault).",
      next: ["Mend the redirect on the server."]
    )
  }

  private static func request(_ request: HTTP.Request) -> HTTPClientRequest {
    var outgoing = HTTPClientRequest(url: request.url)
    outgoing.method = HTTPMethod(rawValue: request.method)
    outgoing.headers.add(name: "User-Agent", value: "hotfix")
    // A pooled idle connection would hold up a loopback server that is told to stop.
    if !request.keepsConnection { outgoing.headers.add(name: "Connection", value: "close") }
    for (name, value) in request.headers { outgoing.headers.add(name: name, value: value) }
    if !request.body.isEmpty { outgoing.body = .bytes(ByteBuffer(bytes: request.body)) }
    return outgoing
  }

  private static func send(_ call: HTTP.Request) async throws -> HTTP.Answer {
    try await exchange(call, bytesMax: call.bytesMax) { watch in
      try await collected(answer(call, watch), call.bytesMax, watch)
    }
  }

  /// Carries one exchange out beside a watch, which ends it when it is too slow.
  private static func exchange<Result: Sendable>(
    _ call: HTTP.Request,
    bytesMax: Int,
    _ body: @escaping @Sendable (ExchangeWatch) async throws -> Result
  ) async throws -> Result {
    let watch = ExchangeWatch(call, bytesMax: bytesMax)
    do {
      return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body(watch) }
        group.addTask {
          try await watch.run()
          return nil
        }
        defer { group.cancelAll() }
        while let result = try await group.next() {
          if let result { return result }
        }
        throw CancellationError()
      }
    } catch let problem as Problem {
      throw problem
    } catch let failure as HTTP.Failure {
      throw failure
    } catch {
      throw failure(error)
    }
  }

  private static func collected(
    _ response: HTTPClientResponse,
    _ bytesMax: Int,
    _ watch: ExchangeWatch
  ) async throws -> HTTP.Answer {
    var body: [UInt8] = []
    for try await buffer in response.body {
      watch.moved(buffer.readableBytes)
      guard body.count + buffer.readableBytes <= bytesMax else {
        throw HTTP.Failure.unknown("the answer has more than \(bytesMax) bytes")
      }
      body += buffer.readableBytesView
    }
    return HTTP.Answer(
      status: Int(response.status.code),
      body: body,
      headers: response.headers.map { ($0.name, $0.value) }
    )
  }

  private static func upload(
    _ call: HTTP.Request,
    _ path: FilePath,
    _ sent: @escaping @Sendable (Int) -> Void
  ) async throws -> HTTP.Answer {
    if let fault = HTTPAddress.fault(call.url) { throw HTTP.Failure.notSent(fault) }
    let file: FilePieces.File
    let size: Int64
    do {
      file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
      size = try file.seek(offset: 0, from: .end)
    } catch {
      throw HTTP.Failure.notSent("\(path.string): \(error)")
    }
    defer { try? file.close() }
    return try await exchange(call, bytesMax: Int(size)) { watch in
      var outgoing = request(call)
      let pieces = FilePieces(file: file, size: size) { count, isLast in
        watch.moved(count)
        if isLast { watch.waits() }
        sent(count)
      }
      outgoing.body = .stream(pieces, length: .known(size))
      // The watch knows the time that a big file may take.
      let response = try await client.execute(outgoing, timeout: .hours(24))
      watch.moved(0)
      return try await collected(response, call.bytesMax, watch)
    }
  }

  private static func download(
    _ call: HTTP.Request,
    _ path: FilePath,
    _ bytesMax: Int,
    _ got: @escaping @Sendable (Int, Int) -> Void
  ) async throws -> HTTP.Downloaded {
    try await exchange(call, bytesMax: bytesMax) { watch in
      let response = try await answer(call, watch)
      let file = try FileDescriptor.open(
        path,
        .writeOnly,
        options: [.create, .truncate, .closeOnExec],
        permissions: [.ownerReadWrite]
      )
      defer { try? file.close() }
      let total = response.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
      var hasher = DigestHasher()
      var size = 0
      for try await buffer in response.body {
        watch.moved(buffer.readableBytes)
        let bytes = Array(buffer.readableBytesView)
        size += bytes.count
        guard size <= bytesMax else { throw tooBig(call.url, bytesMax) }
        got(size, total)
        hasher.update(bytes)
        try file.writeAll(bytes)
      }
      return HTTP.Downloaded(
        status: Int(response.status.code),
        size: size,
        digest: hasher.finish()
      )
    }
  }

  private static func tooBig(_ url: String, _ bytesMax: Int) -> Problem {
    Problem(
      "http.too-big",
      "\(url) is too big.",
      why: "The limit is \(bytesMax) bytes.",
      next: ["Check what the server serves there."]
    )
  }

  /// Sorts errors by whether the request may have arrived.
  private static func failure(_ error: any Error) -> HTTP.Failure {
    let notSent: [HTTPClientError] = [
      .connectTimeout, .tlsHandshakeTimeout, .invalidURL, .emptyHost, .emptyScheme,
    ]
    if let error = error as? HTTPClientError, notSent.contains(error) {
      return .notSent("\(error.shortDescription)")
    }
    if let error = error as? NIOConnectionError {
      return .notSent("no connection to \(error.host):\(error.port)")
    }
    if let error = error as? HTTPClientError { return .unknown(error.shortDescription) }
    if let error = error as? IOError, error.errnoCode == ECONNREFUSED {
      return .notSent("connection refused")
    }
    return .unknown("\(type(of: error))")
  }
}

/// The clock beside one exchange.
private final class ExchangeWatch: Sendable {
  private let start = ContinuousClock.now
  private let pace: Mutex<TransferPace>
  private let tick: Duration

  init(_ call: HTTP.Request, bytesMax: Int) {
    pace = Mutex(
      TransferPace(
        lowest: call.lowestRate,
        waitSeconds: call.seconds,
        bytesMax: bytesMax,
        now: .zero
      )
    )
    tick = .milliseconds(min(1000, call.lowestRate.seconds * 250))
  }

  private var now: Duration { ContinuousClock.now - start }

  func waits() {
    pace.withLock { $0.waits(at: now) }
  }

  func moved(_ bytes: Int) {
    pace.withLock { $0.moved(bytes, at: now) }
  }

  /// Looks again and again, and throws when the exchange has to end.
  func run() async throws {
    while true {
      try await Task.sleep(for: tick)
      if let fault = pace.withLock({ $0.fault(at: now) }) { throw HTTP.Failure.unknown(fault) }
    }
  }
}

/// A file's bytes in pieces, so that its size does not matter to the memory.
///
/// Small ones, so that a slow line is seen to move.
private struct FilePieces: AsyncSequence, Sendable {
  typealias File = ReleaseModel.FileDescriptor

  let file: File
  let size: Int64
  let sent: @Sendable (_ count: Int, _ isLast: Bool) -> Void

  struct Iterator: AsyncIteratorProtocol {
    let pieces: FilePieces
    var offset: Int64 = 0

    mutating func next() async throws -> ByteBuffer? {
      let (file, start) = (pieces.file, offset)
      let piece = try [UInt8](unsafeUninitializedCapacity: 32 << 10) { space, count in
        count = try file.read(fromAbsoluteOffset: start, into: .init(space))
      }
      offset += Int64(piece.count)
      pieces.sent(piece.count, offset >= pieces.size)
      return piece.isEmpty ? nil : ByteBuffer(bytes: piece)
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(pieces: self) }
}
