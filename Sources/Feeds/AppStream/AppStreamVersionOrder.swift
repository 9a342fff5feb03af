/// How AppStream 0.16 orders versions: `as_vercmp`, dpkg's order without its checks.
package enum AppStreamVersionOrder {
  package static func compare(_ a: String, _ b: String) -> Int { DebianVersionOrder.order(a, b) }
}
