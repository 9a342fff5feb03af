import HotfixCommands
import Testing

@Suite struct ProgressMeterTests {
  @Test func theTimeLeftIsMeasuredFromTheFirstByte() {
    let meter = ProgressMeter()
    let start = ContinuousClock.now
    // The program had worked for long before the upload of 174 kB began.
    #expect(meter.line(1000, of: 174_000, "a.zip", at: start + .seconds(2007)) == nil)
    #expect(
      meter.line(88_000, of: 174_000, "a.zip", at: start + .seconds(2008.5))
        == "a.zip: 50 % · 58 kB/s"
    )
    #expect(
      meter.line(131_000, of: 174_000, "a.zip", at: start + .seconds(2012))
        == "a.zip: 75 % · 26 kB/s · 1 s left"
    )
    #expect(meter.line(174_000, of: 174_000, "a.zip", at: start + .seconds(2015)) == nil)
    // Another file of the same size is measured anew.
    #expect(meter.line(10_000_000, of: 80_000_000, "b", at: start + .seconds(3000)) == nil)
    #expect(
      meter.line(30_000_000, of: 80_000_000, "b", at: start + .seconds(3010))
        == "b: 37 % · 2.0 MB/s · 25 s left"
    )
  }
}
