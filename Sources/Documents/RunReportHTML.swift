internal import ReleaseModel

extension RunReport {
  /// The report as one self-contained page: no script, no outside file, readable in print.
  package var html: String {
    let h = { (text: String) in OutsideText(text).html }
    let rows = boxes.map { box in
      "<tr class=\"\(box.state == "open" ? "open" : box.state == "waived" ? "loud" : "")\">"
        + "<td>\(box.mark)</td><td>\(h(box.title))"
        + (box.state == "done" || box.state == "open" ? "" : " <em>\(h(box.state))</em>")
        + "</td><td>\(box.evidence.map(h).joined(separator: "<br>"))</td>"
        + "<td>\(h(box.who))</td><td class=\"time\">\(h(box.at))</td></tr>"
    }
    let figureRows = figures.map {
      "<div><dt>\(h($0.name))</dt><dd>\(h($0.value))</dd></div>"
    }
    let entries = timeline.map {
      "<tr\($0.isLoud ? " class=\"loud\"" : "")><td class=\"time\">\($0.at.iso)</td>"
        + "<td>\(h($0.who))</td><td>\(h($0.text))</td></tr>"
    }
    let files = artifacts.map {
      "<tr><td>\(h($0.name))</td><td class=\"number\">\($0.size)</td>"
        + "<td><code>\($0.digest?.hex ?? "not known")</code></td></tr>"
    }
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(h(app)) \(h(tag)): \(h(title))</title>
      <style>\(Self.style)</style></head><body><main>
      <header><p>\(h(run)) · \(h(state))</p><h1>\(h(app)) \(h(tag))</h1>
      <p class="title">\(h(title)) <span>over \(h(base))</span></p></header>
      <dl class="figures">\(figureRows.joined())</dl>
      <h2>Timeline</h2>\(timelineSVG)
      <h2>Decisions</h2><ul>\(decisions.map { "<li>\(h($0))</li>" }.joined())</ul>
      <h2>Checklist</h2><p>\(h(conclusion.sentence))</p><div class="wide"><table><thead><tr><th></th><th>Step</th>
      <th>Evidence</th><th>By</th><th>At</th></tr></thead><tbody>\(rows.joined(separator: "\n"))
      </tbody></table></div>
      <h2>Artifacts</h2><div class="wide"><table><thead><tr><th>File</th><th>Bytes</th>
      <th>SHA-256</th></tr></thead><tbody>\(files.joined())</tbody></table></div>
      <h2>Events</h2><div class="wide"><table><thead><tr><th>Time (UTC)</th><th>Who</th>
      <th>What</th></tr></thead><tbody>\(entries.joined(separator: "\n"))</tbody></table></div>
      <h2>Follow-ups</h2>\(followUps.isEmpty ? "<p>None.</p>"
        : "<ul>\(followUps.map { "<li>\(h($0))</li>" }.joined())</ul>")
      </main></body></html>

      """
  }

  private static let style = """
    :root{color-scheme:light dark;--line:#8884;--soft:#888;--loud:#b3261e;--bar:#2f6fab}
    body{font:15px/1.5 system-ui,sans-serif;margin:0}main{max-width:64rem;margin:auto;padding:2rem 1rem}
    h1{margin:0;font-size:1.9rem}h2{margin:2.2rem 0 .6rem;font-size:1.15rem}
    header p{margin:0;color:var(--soft)}header .title{font-size:1.1rem}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.8rem;margin:1.4rem 0}
    .figures div{border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}
    dt{color:var(--soft);font-size:.85rem}dd{margin:0;font-size:1.1rem}
    .wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
    th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
    th{color:var(--soft);font-weight:500}.time{white-space:nowrap;font-variant-numeric:tabular-nums}
    .number{text-align:right;font-variant-numeric:tabular-nums}code{font-size:.85em;word-break:break-all}
    .loud td,.loud{color:var(--loud);font-weight:600}.open td{color:var(--soft)}
    svg{width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:currentColor}
    """

  /// The phases as bars over time, with a mark for every event.
  private var timelineSVG: String {
    // Clocks differ a little, so the last event need not be the newest.
    let times = timeline.map(\.at)
    guard let first = times.min(), let last = times.max() else { return "" }
    let length = max(1, last - first)
    let phases = timeline.reduce(into: [String]()) { names, entry in
      if !names.contains(entry.phase) { names.append(entry.phase) }
    }
    func x(_ at: Moment) -> Int { 130 + (at - first) * 820 / length }
    var shapes: [String] = []
    for (row, phase) in phases.enumerated() {
      let entries = timeline.filter { $0.phase == phase }
      guard let start = entries.map(\.at).min(), let end = entries.map(\.at).max() else { continue }
      let y = 14 + row * 30
      let width = max(6, x(end) - x(start))
      shapes.append(
        "<text x=\"0\" y=\"\(y + 13)\">\(OutsideText(phase).html)</text>"
          + "<rect x=\"\(x(start))\" y=\"\(y)\" width=\"\(width)\" height=\"18\" rx=\"4\" "
          + "fill=\"var(--bar)\" opacity=\".35\"/>"
      )
      shapes += entries.map { entry in
        "<circle cx=\"\(x(entry.at) + 3)\" cy=\"\(y + 9)\" r=\"\(entry.isLoud ? 5 : 3)\" "
          + "fill=\"var(--\(entry.isLoud ? "loud" : "bar"))\"><title>"
          + "\(entry.at.iso) \(OutsideText(entry.text).html)</title></circle>"
      }
    }
    let height = 30 + phases.count * 30
    shapes.append(
      "<text x=\"130\" y=\"\(height)\">\(first.iso)</text>"
        + "<text x=\"956\" y=\"\(height)\" text-anchor=\"end\">"
        + "\(spoken(seconds: length)) later</text>"
    )
    return "<svg viewBox=\"0 0 960 \(height + 8)\" role=\"img\" aria-label=\"Timeline of the "
      + "run, one row a phase\">\(shapes.joined())</svg>"
  }
}
