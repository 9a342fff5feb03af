/// One thing that was checked.
struct Checkup: Encodable {
  enum State: String, Encodable {
    case good, warning, bad, skipped
  }

  let name: String
  let state: State
  let says: String
  let next: [String]

  init(_ name: String, _ state: State, _ says: String, next: [String] = []) {
    self.name = name
    self.state = state
    self.says = says
    self.next = next
  }
}

extension Checkup {
  /// What was found of each component: with the component's name in front where it is not said of all.
  static func merged(_ found: [(component: String?, checks: [Checkup])]) -> [Checkup] {
    var order: [Checkup] = []
    var names: [[String]] = []
    for (component, checks) in found {
      for check in checks {
        let known = order.firstIndex {
          $0.name == check.name && $0.state == check.state && $0.says == check.says
        }
        if let known {
          names[known].append(component ?? "")
        } else {
          order.append(check)
          names.append([component ?? ""])
        }
      }
    }
    return zip(order, names).map { check, names in
      guard Set(names).count < found.count else { return check }
      let says = "\(Set(names).sorted().joined(separator: ", ")): \(check.says)"
      return Checkup(check.name, check.state, says, next: check.next)
    }
  }
}
