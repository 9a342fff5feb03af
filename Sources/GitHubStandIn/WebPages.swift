internal import Foundation

/// The pages that people and updaters fetch: downloads, pages, raw files. No token is asked for.
extension GitHubStandIn {
  func webPage(_ call: Call) async throws -> Reply {
    guard call.isRead else { throw Refusal.notFound }
    var words = call.segments[...]
    if let first = words.first, first == "pages" || first == "raw" {
      words.removeFirst()
      guard words.count > 2, let found = publicRepository(words) else { throw Refusal.notFound }
      words = words.dropFirst(2)
      var branch = "gh-pages"
      if first == "raw" { branch = words.removeFirst() }
      return try await file(words.joined(separator: "/"), branch: branch, found)
    }
    guard words.count > 3, let found = publicRepository(words) else { throw Refusal.notFound }
    if words.count > 4, words[2] == "raw" {
      // A branch's file in a repository's pages is given by the service for raw files.
      let path = ([found.fullName] + words.dropFirst(3).map(escaped)).joined(separator: "/")
      return .redirect("\(call.addresses.web)/raw/\(path)")
    }
    return try download(Array(words.dropFirst(2)), found, call)
  }

  private func publicRepository(_ words: ArraySlice<String>) -> Repository? {
    let name = words.prefix(2).joined(separator: "/").lowercased()
    guard words.count > 1, let id = state.names[name] else { return nil }
    return state.repositories[id].flatMap { $0.isPrivate ? nil : $0 }
  }

  /// `releases/download/{tag}/{name}` and `releases/latest/download/{name}`.
  private func download(_ words: [String], _ found: Repository, _ call: Call) throws -> Reply {
    guard words.count > 3, words[0] == "releases", let name = words.last else {
      throw Refusal.notFound
    }
    if words[1] == "latest", words[2] == "download", words.count == 4 {
      guard let release = latestRelease(found) else { throw Refusal.notFound }
      let web = "\(call.addresses.web)/\(found.fullName)"
      return .redirect("\(web)/releases/download/\(escaped(release.tag))/\(escaped(name))")
    }
    let tag = words[2..<(words.count - 1)].joined(separator: "/")
    let release = found.releases.values.first { $0.tag == tag && !$0.isDraft }
    let asset = release?.assets.values.first { $0.name == name && $0.state == "uploaded" }
    guard words[1] == "download", let asset else { throw Refusal.notFound }
    return .redirect(download(asset, call))
  }

  private func file(_ path: String, branch: String, _ found: Repository) async throws -> Reply {
    let git = bare(found)
    guard let commit = try await git.commit(branch) else { throw Refusal.notFound }
    let name = path.isEmpty || path.hasSuffix("/") ? path + "index.html" : path
    guard let bytes = try await git.file(name, at: commit) else { throw Refusal.notFound }
    return Reply(200, body: .bytes(bytes, type: Self.type(of: name)))
  }

  private static func type(of name: String) -> String {
    switch name.split(separator: ".").last {
    case "html": "text/html; charset=utf-8"
    case "json": "application/json; charset=utf-8"
    case "xml": "application/xml"
    case "yml", "yaml": "text/yaml"
    case "txt", "md": "text/plain; charset=utf-8"
    default: "application/octet-stream"
    }
  }
}

/// Base64 in lines of 60 characters, as the API sends files.
func inBase64(_ bytes: [UInt8]) -> String {
  let text = Array(Data(bytes).base64EncodedString())
  return stride(from: 0, to: text.count, by: 60)
    .map { String(text[$0..<min($0 + 60, text.count)]) + "\n" }.joined()
}

/// Undoes base64, with or without line ends.
func fromBase64(_ text: String) -> [UInt8]? {
  Data(base64Encoded: text, options: .ignoreUnknownCharacters).map { [UInt8]($0) }
}
