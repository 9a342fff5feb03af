/// The files of a commit or a pull request, as JSON.
extension GitHubStandIn {
  func changedFiles(
    _ from: String,
    _ to: String,
    _ found: Repository,
    _ call: Call
  ) async throws -> [JSON] {
    let git = bare(found)
    let names = try await git.text([
      "diff-tree", "-r", "-z", "-M", "--raw", "--no-abbrev", from, to,
    ])
    let counts = try await git.text(["diff-tree", "-r", "-z", "-M", "--numstat", from, to])
    let lines = Self.counts(counts)
    var words = names.split(separator: "\0").map(String.init)[...]
    var files: [JSON] = []
    while let head = words.popFirst(), head.hasPrefix(":") {
      let fields = head.split(separator: " ").map(String.init)
      guard fields.count == 5, var path = words.popFirst() else { break }
      var previous: String?
      if fields[4].hasPrefix("R") || fields[4].hasPrefix("C") {
        previous = path
        path = words.popFirst() ?? path
      }
      files.append(file(fields, path, previous, lines[path] ?? (0, 0), to, found, call))
    }
    return files
  }

  private func file(
    _ fields: [String],
    _ path: String,
    _ previous: String?,
    _ lines: (Int, Int),
    _ commit: String,
    _ found: Repository,
    _ call: Call
  ) -> JSON {
    let statuses = ["A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied"]
    let sha = fields[4] == "D" ? fields[2] : fields[3]
    let web = "\(call.addresses.web)/\(found.fullName)"
    let place = "\(commit)/\(escapedPath(path))"
    var file: JSON = [
      "sha": .string(sha), "filename": .string(path),
      "status": .string(statuses[String(fields[4].prefix(1))] ?? "changed"),
      "additions": .int(lines.0), "deletions": .int(lines.1),
      "changes": .int(lines.0 + lines.1), "blob_url": "\(web)/blob/\(place)",
      "raw_url": "\(web)/raw/\(place)",
      "contents_url":
        "\(call.addresses.api)/repos/\(found.fullName)/contents/\(escapedPath(path))?ref=\(commit)",
    ]
    if let previous { file["previous_filename"] = .string(previous) }
    return file
  }

  /// Reads `--numstat -z`: a rename has an empty path and then both names.
  private static func counts(_ text: String) -> [String: (Int, Int)] {
    var counts: [String: (Int, Int)] = [:]
    var words = text.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)[...]
    while let line = words.popFirst() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 3 else { continue }
      var path = fields[2]
      if path.isEmpty {
        _ = words.popFirst()
        path = words.popFirst() ?? ""
      }
      counts[path] = (Int(fields[0]) ?? 0, Int(fields[1]) ?? 0)
    }
    return counts
  }
}
