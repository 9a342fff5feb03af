internal import Foundation

/// A TCP server on loopback that says what it is told, fit for HTTP or not.
package final class RawServer: Sendable {
  private let listener: Int32
  package let port: Int

  /// Calls `answer` with each connection, which is closed after it.
  package init(_ answer: @escaping @Sendable (Connection) -> Void) throws {
    #if canImport(Darwin)
      let stream = SOCK_STREAM
    #else
      let stream = Int32(SOCK_STREAM.rawValue)
    #endif
    let listener = socket(AF_INET, stream, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread {
      while case let client = accept(listener, nil, nil), client >= 0 {
        Thread {
          answer(Connection(socket: client))
          close(client)
        }.start()
      }
    }.start()
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  package struct Connection: Sendable {
    fileprivate let socket: Int32

    /// Reads what has come, or nil when the peer went away.
    @discardableResult
    package func read() -> [UInt8]? {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = recv(socket, &buffer, buffer.count, 0)
      return count > 0 ? Array(buffer[..<count]) : nil
    }

    /// Returns false when the peer went away.
    @discardableResult
    package func write(_ bytes: some Sequence<UInt8>) -> Bool {
      #if canImport(Darwin)
        let flags: Int32 = 0
      #else
        let flags = Int32(MSG_NOSIGNAL)
      #endif
      let bytes = Array(bytes)
      var start = 0
      while start < bytes.count {
        let count = bytes.withUnsafeBytes {
          send(socket, $0.baseAddress?.advanced(by: start), bytes.count - start, flags)
        }
        guard count > 0 else { return false }
        start += count
      }
      return true
    }

    /// Waits until the peer says more or goes away, or for a tenth of a second; returns whether it
    /// is still there.
    package func waits() -> Bool {
      var asked = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      guard poll(&asked, 1, 100) > 0 else { return true }
      return read() != nil
    }

    /// Waits as `waits` does, and reads nothing.
    package func isThere() -> Bool {
      var asked = pollfd(fd: socket, events: 0, revents: 0)
      return poll(&asked, 1, 100) == 0
    }
  }
}
