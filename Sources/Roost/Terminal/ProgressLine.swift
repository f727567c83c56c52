/// Progress on the standard error: one line that is redrawn on a terminal, otherwise a new line every ten seconds.
final class ProgressLine {
    private let isTerminal: Bool
    private let isQuiet: Bool
    private let clock = ContinuousClock()
    private var lastShown: ContinuousClock.Instant
    private var isDrawn = false

    private static let redrawEvery = Duration.milliseconds(100)
    private static let lineEvery = Duration.seconds(10)

    init(isQuiet: Bool = false) {
        isTerminal = Terminal.standardErrorIsTerminal
        self.isQuiet = isQuiet
        lastShown = clock.now
    }

    /// `text` is made only when it will be shown.
    func show(_ text: () -> String) {
        let now = clock.now
        guard !isQuiet, now - lastShown >= (isTerminal ? Self.redrawEvery : Self.lineEvery) else { return }
        lastShown = now
        isDrawn = isTerminal
        Terminal.error(isTerminal ? "\r\u{1B}[K\(text())" : text() + "\n")
    }

    /// Removes the line, so that a result can follow.
    func finish() {
        if isDrawn { Terminal.error("\r\u{1B}[K") }
        isDrawn = false
    }

    /// `[#####-----]` for a fraction from 0 to 1.
    static func bar(_ fraction: Double, width: Int = 24) -> String {
        let filled = max(0, min(width, Int(fraction * Double(width))))
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "]"
    }
}
