package import ReleaseModel

/// What the release host has served to this command: each address is asked once.
///
/// Steps and updaters that look at one address see the same bytes, and an artifact is loaded once
/// however many of them want it.
package actor Served {
  private var answers: [String: HTTP.Answer] = [:]
  private var files: [String: FilePath] = [:]
  private var isReached = false

  package init() {}

  /// Makes sure that the host serves, once.
  package func reach(_ host: ReleaseHost) async throws {
    guard !isReached else { return }
    try await host.reach()
    isReached = true
  }

  /// Returns the answer to a GET; `anew` asks whatever is known.
  package func answer(_ url: String, by http: HTTP, anew: Bool) async throws -> HTTP.Answer {
    if !anew, let known = answers[url] { return known }
    let answer = try await http.send(HTTP.Request("GET", url))
    answers[url] = answer.status == 200 ? answer : nil
    return answer
  }

  /// Where the bytes of an address were put, if they were loaded.
  package func file(_ url: String) -> FilePath? { files[url] }

  package func keep(_ file: FilePath, of url: String) {
    // Another address may have had the same file name.
    files = files.filter { $0.value != file }
    files[url] = file
  }

  /// Forgets everything: after a failure or a wait the host is looked at as it is by then.
  package func forget() {
    answers = [:]
    files = [:]
    isReached = false
  }
}
