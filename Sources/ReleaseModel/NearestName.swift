/// Returns the one of `candidates` that a person most probably meant, if any is close enough.
package func nearestName(to name: String, in candidates: some Sequence<String>) -> String? {
  let limit = max(1, name.count / 3)
  return candidates.map { ($0, editDistance(name, $0)) }
    .filter { $0.1 <= limit }
    .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
}

/// The optimal string alignment distance: two letters that changed places count as one mistake.
private func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a.lowercased())
  let b = Array(b.lowercased())
  var before: [Int] = []
  var last = Array(0...b.count)
  for i in 1...max(1, a.count) where !a.isEmpty {
    var row = [i]
    for j in 0..<b.count {
      let isSame = a[i - 1] == b[j]
      var cost = min(last[j] + (isSame ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 1, j > 0, a[i - 1] == b[j - 1], a[i - 2] == b[j] {
        cost = min(cost, before[j - 1] + 1)
      }
      row.append(cost)
    }
    (before, last) = (last, row)
  }
  return last[b.count]
}
