internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ReleaseModel
internal import Synchronization

/// Where requests go: the stand-in, which needs its port before it exists.
final class Door: Sendable {
  private let behind = Mutex<GitHubStandIn?>(nil)

  func open(to standIn: GitHubStandIn) { behind.withLock { $0 = standIn } }

  var standIn: GitHubStandIn? { behind.withLock { $0 } }
}

/// A listening socket.
struct Serving: Sendable {
  enum Address: Sendable {
    case loopback
    case unixSocket(FilePath)
  }

  struct NotBound: Error {}

  let port: Int
  let stop: @Sendable () async -> Void

  /// Connections that clients keep; closed on stopping, as a client may wait for the server to.
  private final class Connections: Sendable {
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

    func keep(_ channel: any Channel) {
      let id = ObjectIdentifier(channel)
      guard open.withLock({ $0.updateValue(channel, forKey: id) }) == nil else { return }
      channel.closeFuture.whenComplete { _ in
        self.open.withLock { _ = $0.removeValue(forKey: id) }
      }
    }

    func closeAll() {
      for channel in open.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }
  }

  static func start(_ address: Address, door: Door) async throws -> Serving {
    var quiet = Logger(label: "hotfix.github-stand-in")
    quiet.logLevel = .critical
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    let (bind, isSocket): (BindAddress, Bool) =
      switch address {
      case .loopback: (.hostname("127.0.0.1", port: 0), false)
      case .unixSocket(let path): (.unixDomainSocket(path: path.string), true)
      }
    let connections = Connections()
    let application = Application(
      responder: CallbackResponder { (request: Request, context: StandInContext) in
        connections.keep(context.channel)
        return try await respond(to: request, context, door, isSocket: isSocket)
      },
      configuration: .init(address: bind, serverName: "github.com"),
      onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) },
      logger: quiet
    )
    let task = Task {
      defer { continuation.finish() }
      try await application.run()
    }
    for await port in ports {
      return Serving(port: port) {
        await settle(address, port: port)
        task.cancel()
        connections.closeAll()
        _ = await task.result
      }
    }
    throw NotBound()
  }

  /// Asks for nothing, a few times, so that no connection is on its way in when the server stops.
  ///
  /// A server that is cancelled while it takes a connection ends the whole process: NIO insists that
  /// each connection's writer is finished. Who came before these requests has been taken in by then,
  /// as the clients that a cancelled workflow leaves behind.
  private static func settle(_ address: Address, port: Int) async {
    let group = MultiThreadedEventLoopGroup.singleton
    for _ in 0...System.coreCount {
      let bootstrap = ClientBootstrap(group: group).connectTimeout(.seconds(5))
      let connecting =
        switch address {
        case .loopback: bootstrap.connect(host: "127.0.0.1", port: port)
        case .unixSocket(let path): bootstrap.connect(unixDomainSocketPath: path.string)
        }
      guard let channel = try? await connecting.get() else { return }
      let giveUp = channel.eventLoop.scheduleTask(in: .seconds(5)) {
        channel.close(promise: nil)
      }
      let request = "GET \(settling) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
      try? await channel.writeAndFlush(ByteBuffer(string: request))
      try? await channel.closeFuture.get()
      giveUp.cancel()
    }
  }

  private static let settling = "/-/settle"

  private static func respond(
    to request: Request,
    _ context: StandInContext,
    _ door: Door,
    isSocket: Bool
  ) async throws -> Response {
    if request.head.path == settling { return Response(status: .noContent) }
    guard let standIn = door.standIn else { return Response(status: .serviceUnavailable) }
    let (call, surface) = try await Arrival.read(request, standIn, isSocket: isSocket)
    let reply = await standIn.answer(call, surface)
    if let file = call.bodyFile { unlink(file.string) }
    if reply.hangsUp {
      try? await context.channel.close()
      return Response(status: .internalServerError)
    }
    return response(reply, isHead: request.method == .head)
  }

  private static func response(_ reply: Reply, isHead: Bool) -> Response {
    var headers = HTTPFields()
    for (name, value) in reply.headers {
      guard let field = HTTPField.Name(name) else { continue }
      headers.append(HTTPField(name: field, value: value))
    }
    let status = HTTPResponse.Status(code: reply.status)
    var response: Response
    switch reply.body {
    case .none:
      response = Response(status: status, headers: headers)
      if reply.status == 204 || reply.status == 304 { response.headers[.contentLength] = nil }
      return response
    case .json(let json):
      headers[.contentType] = headers[.contentType] ?? "application/json; charset=utf-8"
      let bytes = json.bytes
      response = Response(
        status: status,
        headers: headers,
        body: .init(byteBuffer: ByteBuffer(bytes: bytes))
      )
    case .bytes(let bytes, let type):
      headers[.contentType] = type
      response = Response(
        status: status,
        headers: headers,
        body: .init(byteBuffer: ByteBuffer(bytes: bytes))
      )
    case .file(let part, let type):
      headers[.contentType] = type
      response = Response(status: status, headers: headers, body: stream(part))
    }
    return isHead ? response.createHeadResponse() : response
  }

  private static func stream(_ part: Reply.Part) -> ResponseBody {
    let attributes = try? FileManager.default.attributesOfItem(atPath: part.path.string)
    let size = attributes?[.size] as? Int ?? 0
    let count = min(part.count ?? .max, max(size - part.start, 0))
    return ResponseBody(contentLength: count) { writer in
      defer { if part.isTemporary { unlink(part.path.string) } }
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: part.path.string))
      defer { try? handle.close() }
      try handle.seek(toOffset: UInt64(part.start))
      var left = count
      while left > 0, let data = try handle.read(upToCount: min(left, 256 << 10)), !data.isEmpty {
        left -= data.count
        try await writer.write(ByteBuffer(bytes: data))
      }
      try await writer.finish(nil)
    }
  }
}

/// A request's context that knows the connection, so that a fault can close it.
struct StandInContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}

/// Reads requests, and tells which of GitHub's services each is for.
enum Arrival {
  /// Larger bodies than this are refused, except those that go to a file.
  private static let bodyBytesMax = 64 << 20

  static func read(
    _ request: Request,
    _ standIn: GitHubStandIn,
    isSocket: Bool
  ) async throws -> (Call, Surface) {
    var headers: [String: String] = [:]
    for field in request.headers { headers[field.name.canonicalName] = field.value }
    let host = request.head.authority ?? headers["host"] ?? ""
    let target = request.head.path ?? "/"
    let isPublic =
      isSocket || host.hasSuffix("github.com") || host.hasSuffix("githubusercontent.com")
    let place = place(host: host, target: target, isPublic: isPublic)
    var body: [UInt8] = []
    var file: FilePath?
    if place.surface == .git || place.surface == .uploads {
      if request.method == .post {
        file = await standIn.temporaryFile("body")
        try await save(request.body, to: file)
      }
    } else {
      body = Array(try await request.body.collect(upTo: bodyBytesMax).readableBytesView)
    }
    let parts = place.target.split(separator: "?", maxSplits: 1).map(String.init)
    let path = place.target.hasPrefix("?") ? "" : parts.first ?? ""
    let call = Call(
      method: request.method.rawValue,
      target: target,
      segments: path.split(separator: "/").map { unescaped($0) },
      query: parts.count > 1 ? query(parts[1]) : [:],
      headers: headers,
      body: body,
      bodyFile: file,
      addresses: isPublic ? .public_ : .enterprise(port: standIn.port)
    )
    return (call, place.surface)
  }

  private static func place(
    host: String,
    target: String,
    isPublic: Bool
  ) -> (surface: Surface, target: String) {
    func rest(_ target: String) -> (Surface, String) {
      let isGraphQL = target == "/graphql" || target.hasPrefix("/graphql?")
      return (isGraphQL ? .graphQL : .rest, target)
    }
    if isPublic {
      if host.hasPrefix("uploads.") { return (.uploads, target) }
      if host.hasPrefix("raw.") { return (.web, "/raw" + target) }
      if host.hasSuffix("githubusercontent.com") { return (.storage, target) }
      if host == "github.com" { return web(target) }
      return rest(target)
    }
    if target.hasPrefix("/api/uploads/") { return (.uploads, String(target.dropFirst(12))) }
    if target.hasPrefix("/api/v3") {
      let inside = String(target.dropFirst(7))
      return (.rest, inside.hasPrefix("/") ? inside : "/" + inside)
    }
    if target.hasPrefix("/api/graphql") { return (.graphQL, "/graphql") }
    return web(target)
  }

  private static func web(_ target: String) -> (Surface, String) {
    if target.hasPrefix("/assets/") || target.hasPrefix("/logs/") { return (.storage, target) }
    let isGit =
      target.contains("/info/refs") || target.hasSuffix("/git-upload-pack")
      || target.hasSuffix("/git-receive-pack")
    return (isGit ? .git : .web, target)
  }

  private static func query(_ text: String) -> [String: String] {
    var query: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { unescaped($0.replacing("+", with: " ")) }
      query[parts[0]] = parts.count > 1 ? parts[1] : ""
    }
    return query
  }

  private static func save(_ body: RequestBody, to file: FilePath?) async throws {
    guard let file else { return }
    _ = FileManager.default.createFile(atPath: file.string, contents: nil)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file.string))
    defer { try? handle.close() }
    for try await buffer in body {
      try handle.write(contentsOf: Data(buffer.readableBytesView))
    }
  }
}
