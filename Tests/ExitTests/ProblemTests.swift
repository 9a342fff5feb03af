internal import ReleaseModel
internal import Testing

@Suite struct ProblemTests {
  @Test func aProblemWithoutANextStepIsABug() async {
    await #expect(processExitsWith: .failure) { _ = Problem("x", "It broke.", next: []) }
  }
}
