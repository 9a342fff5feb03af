package import ReleaseModel

/// Outward HTTP.
package struct HTTP: Sendable {
  package struct Request: Sendable {
    package var method: String
    package var url: String
    package var headers: [(String, String)]
    package var body: [UInt8]
    package var bytesMax: Int
    /// How long the peer may take until it answers, for each redirect anew.
    package var seconds: Int
    package var lowestRate = LowestRate.standard
    /// Keeps the connection for the next request to the same server.
    package var keepsConnection = false

    package init(
      _ method: String,
      _ url: String,
      headers: [(String, String)] = [],
      body: [UInt8] = [],
      bytesMax: Int = 16 << 20,
      seconds: Int = 30
    ) {
      self.method = method
      self.url = url
      self.headers = headers
      self.body = body
      self.bytesMax = bytesMax
      self.seconds = seconds
    }
  }

  package struct Answer: Sendable {
    package let status: Int
    package let body: [UInt8]
    package let headers: [(name: String, value: String)]

    package init(status: Int, body: [UInt8], headers: [(name: String, value: String)] = []) {
      self.status = status
      self.body = body
      self.headers = headers
    }

    /// Returns a header's first value; names are compared without regard to case.
    package func header(_ name: String) -> String? {
      headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
  }

  /// Why no answer came.
  ///
  /// The difference decides whether trying again is safe.
  package enum Failure: Error, Sendable, Hashable {
    /// Nothing was sent: no address, no connection, no TLS.
    case notSent(String)
    /// It may have arrived.
    case unknown(String)

    package var why: String {
      switch self {
      case .notSent(let why), .unknown(let why): why
      }
    }
  }

  /// Throws `Failure` when no answer came, or not as fast as `TransferPace` asks.
  package var send: @Sendable (Request) async throws -> Answer
  /// Sends a file as the body, in pieces and with its length; follows no redirect.
  ///
  /// Calls `sent` with the size of each piece that went out.
  package var upload:
    @Sendable (Request, _ file: FilePath, _ sent: @escaping @Sendable (Int) -> Void) async throws ->
      Answer
  /// Downloads into a file, hashing on the way; returns the status too.
  ///
  /// Calls `got` with how much came and, where the server tells it, of how much.
  package var download:
    @Sendable (
      _ request: Request, _ to: FilePath, _ bytesMax: Int,
      _ got: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
    ) async throws -> Downloaded
  /// Serves a folder on loopback until the returned closure is called.
  package var serve: @Sendable (_ folder: FilePath, _ port: Int) async throws -> Serving

  package struct Downloaded: Sendable {
    package let status: Int
    package let size: Int
    package let digest: ContentDigest

    package init(status: Int, size: Int, digest: ContentDigest) {
      self.status = status
      self.size = size
      self.digest = digest
    }
  }

  package struct Serving: Sendable {
    package let port: Int
    package let stop: @Sendable () async -> Void

    package init(port: Int, stop: @escaping @Sendable () async -> Void) {
      self.port = port
      self.stop = stop
    }
  }

  package init(
    send: @escaping @Sendable (Request) async throws -> Answer,
    upload:
      @escaping @Sendable (Request, FilePath, @escaping @Sendable (Int) -> Void) async throws ->
      Answer,
    download:
      @escaping @Sendable (
        Request, FilePath, Int, @escaping @Sendable (Int, Int) -> Void
      ) async throws -> Downloaded,
    serve: @escaping @Sendable (FilePath, Int) async throws -> Serving
  ) {
    self.send = send
    self.upload = upload
    self.download = download
    self.serve = serve
  }
}
