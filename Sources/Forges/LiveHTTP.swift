internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ReleaseModel
package import Runbook
internal import Signatures

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
    seconds: Int
  ) async throws -> HTTPClientResponse {
    var call = call
    for _ in 0...redirectsMax {
      let response = try await client.execute(request(call), timeout: .seconds(Int64(seconds)))
      guard call.method == "GET", [301, 302, 303, 307, 308].contains(response.status.code),
        let location = response.headers.first(name: "Location"),
        let target = URL(string: location, relativeTo: URL(string: call.url))?.absoluteURL
      else { return response }
      let isAllowed =
        target.scheme == "https" || (target.scheme == "http" && !call.url.hasPrefix("https:"))
      guard isAllowed else {
        throw Problem(
          "http.redirect",
          "\(call.url) leads elsewhere by another scheme.",
          why: "It redirects to \(target.absoluteString).",
          next: ["Serve it over https to the end."]
        )
      }
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
    do {
      return try await collected(answer(call, seconds: call.seconds), call.bytesMax)
    } catch let problem as Problem {
      throw problem
    } catch {
      throw failure(error)
    }
  }

  private static func collected(
    _ response: HTTPClientResponse,
    _ bytesMax: Int
  ) async throws -> HTTP.Answer {
    let body = try await response.body.collect(upTo: bytesMax)
    return HTTP.Answer(
      status: Int(response.status.code),
      body: Array(body.readableBytesView),
      headers: response.headers.map { ($0.name, $0.value) }
    )
  }

  private static func upload(
    _ call: HTTP.Request,
    _ path: FilePath,
    _ sent: @escaping @Sendable (Int) -> Void
  ) async throws -> HTTP.Answer {
    do {
      let file = try FileDescriptor.open(path, .readOnly)
      defer { try? file.close() }
      let size = try file.seek(offset: 0, from: .end)
      var outgoing = request(call)
      outgoing.body = .stream(FilePieces(file: file, sent: sent), length: .known(size))
      let response = try await client.execute(outgoing, timeout: .seconds(Int64(call.seconds)))
      return try await collected(response, call.bytesMax)
    } catch {
      throw failure(error)
    }
  }

  private static func download(
    _ call: HTTP.Request,
    _ path: FilePath,
    _ bytesMax: Int,
    _ got: @escaping @Sendable (Int, Int) -> Void
  ) async throws -> HTTP.Downloaded {
    do {
      let response = try await answer(call, seconds: 3600)
      let file = try FileDescriptor.open(
        path,
        .writeOnly,
        options: [.create, .truncate],
        permissions: [.ownerReadWrite]
      )
      defer { try? file.close() }
      let total = response.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
      var hasher = DigestHasher()
      var size = 0
      for try await buffer in response.body {
        let bytes = Array(buffer.readableBytesView)
        size += bytes.count
        guard size <= bytesMax else { throw TooBig() }
        got(size, total)
        hasher.update(bytes)
        try file.writeAll(bytes)
      }
      return HTTP.Downloaded(
        status: Int(response.status.code),
        size: size,
        digest: hasher.finish()
      )
    } catch is TooBig {
      throw Problem(
        "http.too-big",
        "\(call.url) is too big.",
        why: "The limit is \(bytesMax) bytes.",
        next: ["Check what the server serves there."]
      )
    } catch let problem as Problem {
      throw problem
    } catch {
      throw failure(error)
    }
  }

  private struct TooBig: Error {}

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

/// A file's bytes in pieces, so that its size does not matter to the memory.
private struct FilePieces: AsyncSequence, Sendable {
  typealias File = ReleaseModel.FileDescriptor

  let file: File
  let sent: @Sendable (Int) -> Void

  struct Iterator: AsyncIteratorProtocol {
    let file: File
    let sent: @Sendable (Int) -> Void
    var offset: Int64 = 0

    mutating func next() async throws -> ByteBuffer? {
      let (file, start) = (file, offset)
      let piece = try [UInt8](unsafeUninitializedCapacity: 256 << 10) { space, count in
        count = try file.read(fromAbsoluteOffset: start, into: .init(space))
      }
      offset += Int64(piece.count)
      sent(piece.count)
      return piece.isEmpty ? nil : ByteBuffer(bytes: piece)
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(file: file, sent: sent) }
}
