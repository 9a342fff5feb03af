internal import Foundation
internal import ReleaseModel

/// The versions of the REST API that the stand-in speaks.
package enum APIVersion: String, Sendable, CaseIterable {
  case november2022 = "2022-11-28"
  case march2026 = "2026-03-10"
}

/// Where the addresses in answers point: GitHub's own hosts, or one server as at an enterprise.
struct Addresses: Sendable, Hashable {
  let api: String
  let uploads: String
  let web: String
  let raw: String
  /// Another host than the API's: a client must not send its token there.
  let storage: String

  static let public_ = Addresses(
    api: "https://api.github.com",
    uploads: "https://uploads.github.com",
    web: "https://github.com",
    raw: "https://raw.githubusercontent.com",
    storage: "https://release-assets.githubusercontent.com"
  )

  static func enterprise(port: Int) -> Addresses {
    let server = "http://127.0.0.1:\(port)"
    return Addresses(
      api: server + "/api/v3",
      uploads: server + "/api/uploads",
      web: server,
      raw: server + "/raw",
      storage: "http://localhost:\(port)"
    )
  }
}

/// One request, read and understood.
struct Call: Sendable {
  let method: String
  /// Path and query as they were asked for, without the prefix of the surface.
  let target: String
  let segments: [String]
  let query: [String: String]
  let headers: [String: String]
  /// The whole body where it is small; larger ones are in `bodyFile`.
  let body: [UInt8]
  let bodyFile: FilePath?
  let addresses: Addresses
  var version: APIVersion = .november2022
  var viewer: Token?
  var parameters: [String: String] = [:]
  var repository = 0

  var json: JSON { JSON(parsing: body) ?? .null }
  var login: String { viewer?.login ?? "ghost" }
  var isRead: Bool { method == "GET" || method == "HEAD" }
  var isNew: Bool { version == .march2026 }

  /// The number that a path's parameter spells, or "not found", as GitHub answers.
  func number(_ name: String) throws -> Int {
    guard let number = Int(parameters[name] ?? "") else { throw Refusal.notFound }
    return number
  }

  func word(_ name: String) -> String { parameters[name] ?? "" }
}

extension Call {
  /// What the server itself does, in the form of a request.
  static func `internal`(_ repository: Int, by login: String, port: Int) -> Call {
    Call(
      method: "POST",
      target: "",
      segments: [],
      query: [:],
      headers: [:],
      body: [],
      bodyFile: nil,
      addresses: .enterprise(port: port),
      viewer: Token(secret: "", login: login),
      repository: repository
    )
  }
}

/// One answer.
struct Reply: Sendable {
  enum Body: Sendable {
    case none
    case json(JSON)
    case bytes([UInt8], type: String)
    case file(Part, type: String)
  }

  /// A file, or some of it.
  struct Part: Sendable {
    let path: FilePath
    var start = 0
    var count: Int?
    /// The file is there for this answer alone.
    var isTemporary = false
  }

  var status: Int
  var headers: [(String, String)] = []
  var body: Body = .none
  /// The answer is lost: the connection is closed instead of it.
  var hangsUp = false

  init(_ status: Int, _ json: JSON, headers: [(String, String)] = []) {
    self.status = status
    self.headers = headers
    body = .json(json)
  }

  init(_ status: Int, headers: [(String, String)] = [], body: Body = .none) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  static func redirect(_ location: String, status: Int = 302) -> Reply {
    Reply(status, headers: [("Location", location)])
  }

  static var hangUp: Reply {
    var reply = Reply(0)
    reply.hangsUp = true
    return reply
  }
}

/// An answer that refuses, thrown where the reason is found.
struct Refusal: Error {
  var status: Int
  var message: String
  var errors: JSON = .null
  var headers: [(String, String)] = []
  var documentation = "https://docs.github.com/rest"
  var more: [String: JSON] = [:]

  init(_ status: Int, _ message: String, headers: [(String, String)] = []) {
    self.status = status
    self.message = message
    self.headers = headers
  }

  static var notFound: Refusal { Refusal(404, "Not Found") }
  static var requiresAuthentication: Refusal { Refusal(401, "Requires authentication") }
  static var badCredentials: Refusal { Refusal(401, "Bad credentials") }

  /// "Validation Failed" with one finding.
  static func invalid(
    _ resource: String,
    _ field: String,
    _ code: String,
    _ message: String? = nil
  ) -> Refusal {
    var finding: JSON = [
      "resource": .string(resource), "field": .string(field), "code": .string(code),
    ]
    if let message { finding["message"] = .string(message) }
    return invalid([finding])
  }

  static func invalid(_ findings: [JSON]) -> Refusal {
    var refusal = Refusal(422, "Validation Failed")
    refusal.errors = .array(findings)
    return refusal
  }

  var reply: Reply {
    var body: JSON = ["message": .string(message), "documentation_url": .string(documentation)]
    // GitHub's description has the status in plain errors, and in no other form of them.
    if ![405, 409, 422].contains(status) { body["status"] = "\(status)" }
    if !errors.isNull { body["errors"] = errors }
    return Reply(status, body.adding(more), headers: headers)
  }
}

/// A page of a list, and the header that leads to the others.
struct Page<Element> {
  let items: [Element]
  let total: Int
  let headers: [(String, String)]
}

extension Call {
  /// Cuts the page out that the query asks for; links point at the repository's number, as GitHub's.
  func page<Element>(_ all: [Element]) -> Page<Element> {
    let size = min(max(Int(query["per_page"] ?? "") ?? 30, 1), 100)
    let number = max(Int(query["page"] ?? "") ?? 1, 1)
    let last = max((all.count + size - 1) / size, 1)
    // A page that no list reaches is empty, and must not overflow on the way there.
    let start = number > last ? all.count : (number - 1) * size
    let items = Array(all[min(start, all.count)..<min(start + size, all.count)])
    var links: [String] = []
    if number > 1 {
      links.append(link(min(number - 1, last), "prev"))
    }
    if number < last {
      links.append(link(number + 1, "next"))
      links.append(link(last, "last"))
    }
    if number > 1 { links.append(link(1, "first")) }
    return Page(
      items: items,
      total: all.count,
      headers: links.isEmpty ? [] : [("Link", links.joined(separator: ", "))]
    )
  }

  private func link(_ page: Int, _ relation: String) -> String {
    var asked = query
    asked["page"] = "\(page)"
    let rest = segments.first == "repos" ? Array(segments.dropFirst(3)) : Array(segments)
    let start = segments.first == "repos" ? "/repositories/\(repository)/" : "/"
    let path = start + rest.map(escaped).joined(separator: "/")
    let words = asked.sorted { $0.key < $1.key }.map { "\(escaped($0.key))=\(escaped($0.value))" }
    return "<\(addresses.api)\(path)?\(words.joined(separator: "&"))>; rel=\"\(relation)\""
  }
}

/// Percent-escapes everything but unreserved characters.
func escaped(_ text: String) -> String {
  let kept = CharacterSet(charactersIn: "-._~").union(.alphanumerics)
    .intersection(CharacterSet(charactersIn: "\u{0}"..."\u{7f}"))
  return text.addingPercentEncoding(withAllowedCharacters: kept) ?? text
}

/// Percent-escapes a path, leaving its slashes.
func escapedPath(_ text: String) -> String {
  text.split(separator: "/", omittingEmptySubsequences: false).map { escaped(String($0)) }
    .joined(separator: "/")
}

/// Undoes percent-escapes; text that is not well formed stays as it is.
func unescaped(_ text: some StringProtocol) -> String {
  text.removingPercentEncoding ?? String(text)
}
