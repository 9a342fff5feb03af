internal import Foundation
package import ReleaseModel

/// One request and its answer, as the log keeps them; secrets are left out.
package struct Exchange: Sendable {
  package let method: String
  /// Path and query.
  package let path: String
  package let status: Int
  /// What it took from the primary limit; a 304 is free.
  package let cost: Int
  package let version: APIVersion
  /// Whether the request carried an Authorization header.
  package let wasAuthorized: Bool
  package let surface: Surface
  package let request: JSON
  package let response: JSON
  package let requestHeaders: [String: String]
  package let responseHeaders: [String: String]
}

/// Which of GitHub's services a request is for.
package enum Surface: Sendable {
  case rest, uploads, graphQL, git, web, storage
}

extension GitHubStandIn {
  package var requestCount: Int { exchanges.count }
  package var requests: [Exchange] { exchanges }

  package func forgetRequests() { exchanges = [] }

  /// Writes the log as JSON lines, of some services and, if given, one version of the API.
  package func writeTraffic(
    to path: FilePath,
    surfaces: Set<Surface> = [.rest, .uploads],
    version: APIVersion? = nil
  ) throws {
    let chosen = exchanges.filter {
      surfaces.contains($0.surface) && (version == nil || $0.version == version)
    }
    let lines = chosen.map { exchange -> String in
      let line: JSON = [
        "method": .string(exchange.method), "path": .string(exchange.path),
        "status": .int(exchange.status), "request": exchange.request,
        "response": exchange.response,
        "request_headers": .object(exchange.requestHeaders.mapValues { .string($0) }),
        "response_headers": .object(exchange.responseHeaders.mapValues { .string($0) }),
      ]
      return String(decoding: line.bytes, as: UTF8.self) + "\n"
    }
    try lines.joined().write(toFile: path.string, atomically: true, encoding: .utf8)
  }

  /// A client that asks without end must not fill the memory with what it was told.
  private static let exchangesMax = 50_000

  func note(_ call: Call, _ surface: Surface, _ reply: Reply, cost: Int) {
    var response = JSON.null
    if case .json(let json) = reply.body { response = json }
    var sent = call.headers
    let wasAuthorized = sent.removeValue(forKey: "authorization") != nil
    let isJSON = surface == .rest || surface == .graphQL
    if exchanges.count >= Self.exchangesMax { exchanges.removeFirst(Self.exchangesMax / 2) }
    exchanges.append(
      Exchange(
        method: call.method,
        path: call.target,
        status: reply.status,
        cost: cost,
        version: call.version,
        wasAuthorized: wasAuthorized,
        surface: surface,
        request: isJSON ? call.json : .null,
        response: response,
        requestHeaders: sent,
        responseHeaders: Dictionary(reply.headers.map { ($0.0.lowercased(), $0.1) }) { $1 }
      )
    )
  }
}
