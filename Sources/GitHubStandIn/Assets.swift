internal import Foundation
internal import ReleaseModel
internal import Signatures

/// The files of releases: uploads, their description, and where they are downloaded from.
extension GitHubStandIn {
  static let assetRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/releases/assets/{asset}", .contents) {
      try await $0.getAsset($1)
    },
    Route("PATCH", "/repos/{owner}/{repo}/releases/assets/{asset}", .contents) {
      try await $0.updateAsset($1)
    },
    Route("DELETE", "/repos/{owner}/{repo}/releases/assets/{asset}", .contents) {
      try await $0.deleteAsset($1)
    },
    Route("GET", "/repos/{owner}/{repo}/releases/{id}/assets", .contents) {
      try await $0.listAssets($1)
    },
    // githubkit uploads to the API's own host; its body was read into memory there.
    Route("POST", "/repos/{owner}/{repo}/releases/{id}/assets", .contents) {
      try await $0.upload($1, nil)
    },
  ]

  func listAssets(_ call: Call) throws -> Reply {
    let number = try call.number("id")
    guard let release = try visibleReleases(call).first(where: { $0.id == number }) else {
      throw Refusal.notFound
    }
    let found = try repository(call.repository)
    let page = call.page(release.assets.values.sorted { $0.id < $1.id })
    let items = page.items.map { asset($0, release, found, call) }
    return Reply(200, .array(items), headers: page.headers)
  }

  private func found(_ call: Call) throws -> (Release, Asset) {
    let number = try call.number("asset")
    for release in try visibleReleases(call) {
      if let asset = release.assets[number] { return (release, asset) }
    }
    throw Refusal.notFound
  }

  func getAsset(_ call: Call) throws -> Reply {
    let (release, asset) = try found(call)
    if call.headers["accept"]?.contains("application/octet-stream") == true {
      guard asset.state == "uploaded" else { throw Refusal.notFound }
      return .redirect(download(asset, call))
    }
    return Reply(200, self.asset(asset, release, try repository(call.repository), call))
  }

  /// The address of the bytes, on another host than the API's.
  func download(_ asset: Asset, _ call: Call) -> String {
    "\(call.addresses.storage)/assets/\(asset.id)/\(escaped(asset.name))"
  }

  func updateAsset(_ call: Call) throws -> Reply {
    var (release, asset) = try found(call)
    if release.isImmutable { throw immutable("update") }
    if let name = call.json["name"].text {
      let clean = Self.sanitized(name)
      if release.assets.values.contains(where: { $0.name == clean && $0.id != asset.id }) {
        throw Refusal.invalid("ReleaseAsset", "name", "already_exists")
      }
      asset.name = clean
    }
    if let label = call.json["label"].text { asset.label = label }
    asset.updated = now()
    release.assets[asset.id] = asset
    let ready = release
    try change(call.repository) { $0.releases[ready.id] = ready }
    return Reply(200, self.asset(asset, release, try repository(call.repository), call))
  }

  func deleteAsset(_ call: Call) throws -> Reply {
    let (release, asset) = try found(call)
    if release.isImmutable { throw immutable("delete") }
    try change(call.repository) {
      _ = $0.releases[release.id]?.assets.removeValue(forKey: asset.id)
    }
    return Reply(204)
  }

  private func immutable(_ verb: String) -> Refusal {
    Refusal(422, "Cannot \(verb) assets \(verb == "delete" ? "from" : "to") an immutable release.")
  }

  /// GitHub keeps letters, digits and a few signs of a name, and puts dots for the rest.
  static func sanitized(_ name: String) -> String {
    let kept = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+@")
    let clean = String(name.map { kept.contains($0) ? $0 : "." })
    return clean.hasPrefix(".") ? "default" + clean : clean
  }

  func upload(_ arriving: Call, _ fault: Fault.Kind?) async throws -> Reply {
    var call = arriving
    let pattern = Route("POST", "/repos/{owner}/{repo}/releases/{id}/assets", .contents) { _, _ in
      Reply(404)
    }
    guard call.method == "POST", let parameters = pattern.match(call.segments) else {
      throw Refusal.notFound
    }
    call.parameters = parameters
    try enterForUpload(&call, pattern)
    let number = try call.number("id")
    guard let release = try repository(call.repository).releases[number] else {
      throw Refusal.notFound
    }
    let name = Self.sanitized(call.query["name"] ?? "")
    if call.query["name"]?.isEmpty ?? true {
      throw Refusal.invalid("ReleaseAsset", "name", "missing_field")
    }
    if release.isImmutable { throw Refusal(422, "Cannot upload assets to an immutable release.") }
    guard let length = call.headers["content-length"].flatMap(Int.init) else {
      throw Refusal(400, "Bad Content-Length: \(call.headers["content-length"] ?? "")")
    }
    guard length > 0 else {
      throw Refusal.invalid(
        "ReleaseAsset",
        "size",
        "custom",
        "size must be greater than or equal to 1"
      )
    }
    if release.assets.values.contains(where: { $0.name == name }) {
      throw Refusal.invalid("ReleaseAsset", "name", "already_exists")
    }
    let asset = try keep(call, name: name, fault)
    try change(call.repository) { $0.releases[number]?.assets[asset.id] = asset }
    if case .starter = fault {
      return Reply(502, ["message": "Server Error"])
    }
    let document = self.asset(asset, release, try repository(call.repository), call)
    return Reply(201, document, headers: [("Location", document["url"].text ?? "")])
  }

  /// Puts the bytes into a file of their own and describes them.
  private func keep(_ call: Call, name: String, _ fault: Fault.Kind?) throws -> Asset {
    let id = live.nextNumber()
    let file = folder.appending("assets").appending("\(id)")
    if let body = call.bodyFile {
      try FileManager.default.moveItem(atPath: body.string, toPath: file.string)
    } else {
      try Data(call.body).write(to: URL(fileURLWithPath: file.string))
    }
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file.string))
    defer { try? handle.close() }
    var size = Int(try handle.seekToEnd())
    if case .starter = fault { size = 0 }
    if case .truncatedUpload = fault { size /= 2 }
    try handle.truncate(atOffset: UInt64(size))
    try handle.seek(toOffset: 0)
    var hasher = DigestHasher()
    while let data = try handle.read(upToCount: 1 << 20), !data.isEmpty {
      hasher.update([UInt8](data))
    }
    var isStarter = false
    if case .starter = fault { isStarter = true }
    let label = call.query["label"] ?? ""
    return Asset(
      id: id,
      name: name,
      label: label.isEmpty ? nil : label,
      state: isStarter ? "starter" : "uploaded",
      type: call.headers["content-type"] ?? "application/octet-stream",
      size: size,
      digest: isStarter ? nil : "sha256:\(hasher.finish().hex)",
      created: now(),
      updated: now(),
      uploader: call.login,
      file: file
    )
  }

  // MARK: - Downloads

  /// Serves the bytes from the other host; the log tells whether a token was sent there.
  func stored(_ call: Call) async throws -> Reply {
    if call.segments.first == "logs" { return try logFile(call) }
    guard call.segments.count >= 2, call.segments[0] == "assets", let id = Int(call.segments[1])
    else { throw Refusal.notFound }
    for (number, repository) in live.repositories {
      for (key, release) in repository.releases {
        guard let asset = release.assets[id], let file = asset.file else { continue }
        try change(number) { $0.releases[key]?.assets[id]?.downloads += 1 }
        return Self.bytes(asset, file, call)
      }
    }
    throw Refusal.notFound
  }

  /// All of the file, or the range that is asked for.
  private static func bytes(_ asset: Asset, _ file: FilePath, _ call: Call) -> Reply {
    var headers = [
      ("Content-Disposition", "attachment; filename=\(asset.name)"), ("Accept-Ranges", "bytes"),
    ]
    let asked = call.headers["range"].flatMap { $0.wholeMatch(of: /bytes=(\d+)-(\d*)/) }
    guard let asked, let start = Int(asked.1) else {
      return Reply(200, headers: headers, body: .file(Reply.Part(path: file), type: asset.type))
    }
    guard start < asset.size else {
      return Reply(416, headers: headers + [("Content-Range", "bytes */\(asset.size)")])
    }
    let end = min(Int(asked.2) ?? asset.size - 1, asset.size - 1)
    headers.append(("Content-Range", "bytes \(start)-\(end)/\(asset.size)"))
    let part = Reply.Part(path: file, start: start, count: max(end - start + 1, 0))
    return Reply(206, headers: headers, body: .file(part, type: asset.type))
  }
}
