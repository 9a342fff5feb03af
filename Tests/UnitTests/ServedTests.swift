import ReleaseModel
import Runbook
import Synchronization
import Testing

@Suite struct ServedTests {
  /// A server whose answers can change, and which knows what it was asked.
  private final class Server: Sendable {
    let body = Mutex<(status: Int, text: String)>((200, "old"))
    let asked = Mutex<[String]>([])

    var http: HTTP {
      HTTP(
        send: { [self] request in
          asked.withLock { $0.append(request.url) }
          let (status, text) = body.withLock { $0 }
          return HTTP.Answer(status: status, body: Array(text.utf8))
        },
        upload: { _, _, _ in throw HTTP.Failure.notSent("nobody uploads") },
        download: { _, _, _, _ in throw HTTP.Failure.notSent("nobody downloads") },
        serve: { _, _ in throw HTTP.Failure.notSent("nobody serves") }
      )
    }
  }

  private func text(_ served: Served, _ server: Server, anew: Bool = false) async throws -> String {
    let answer = try await served.answer("http://host/feed", by: server.http, anew: anew)
    return String(decoding: answer.body, as: UTF8.self)
  }

  @Test func anAddressIsAskedOnceUnlessItHasToBeAnew() async throws {
    let (served, server) = (Served(), Server())
    #expect(try await text(served, server) == "old")
    server.body.withLock { $0.text = "new" }
    #expect(try await text(served, server) == "old")
    #expect(server.asked.withLock { $0.count } == 1)
    #expect(try await text(served, server, anew: true) == "new")
    #expect(try await text(served, server) == "new")
    #expect(server.asked.withLock { $0.count } == 2)
  }

  @Test func aFailureIsNotRemembered() async throws {
    let (served, server) = (Served(), Server())
    server.body.withLock { $0 = (404, "not yet") }
    #expect(try await text(served, server) == "not yet")
    server.body.withLock { $0 = (200, "there") }
    #expect(try await text(served, server) == "there")
    await served.forget()
    server.body.withLock { $0.text = "changed" }
    #expect(try await text(served, server) == "changed")
  }

  @Test func aFileBelongsToTheAddressThatWroteItLast() async {
    let served = Served()
    await served.keep("/a/app.zip", of: "http://one/app.zip")
    await served.keep("/a/app.zip", of: "http://two/app.zip")
    #expect(await served.file("http://one/app.zip") == nil)
    #expect(await served.file("http://two/app.zip") == "/a/app.zip")
  }
}
