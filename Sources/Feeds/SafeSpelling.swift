internal import ReleaseModel

/// The spelling of a next version that updaters read the same way: three plain numbers.
package enum SafeSpelling {
  /// Returns the next patch version over `version`, if every updater orders it above.
  package static func next(after version: String) -> String? {
    guard var numbers = VersionName(String(version.drop { $0 == "v" })).numbers else { return nil }
    while numbers.count < 3 { numbers.append(0) }
    numbers = Array(numbers.prefix(3))
    numbers[2] += 1
    let next = numbers.map(String.init).joined(separator: ".")
    let isSafe = Updater.all.allSatisfy { ((try? $0.order(version, next)) ?? -1) < 0 }
    return isSafe ? next : nil
  }

  /// Why an updater would not carry users from `old` over `new` to `regular`, the next regular
  /// release; empty when all three are in order.
  package static func objections(
    _ updater: Updater,
    old: String,
    new: String,
    regular: String
  ) -> [String] {
    if let why = updater.stranding(new) { return ["\(updater.title): \(why)"] }
    return [(old, new), (new, regular)].compactMap { a, b in
      do {
        let order = try updater.order(a, b)
        if order < 0 { return nil }
        return "\(updater.title): users on \(a) are not offered \(b)"
          + (order == 0 ? ", to them the same version" : ", to them an older version")
      } catch {
        let refused = error as? VersionRefused
        return "\(updater.title) refuses \(refused?.version ?? b): \(refused?.why ?? "\(error)")"
      }
    }
  }
}
