/// The course of a drill over time: what was done, who was not ready, which epochs began, and how far readers were behind.
///
/// Places are shares of the width, and texts are no part of what is stretched, so that it can be read on any screen.
struct DrillPicture {
    private let report: DrillReport
    private let end: Double
    private let shown: [DrillReport.Sample]

    init(_ report: DrillReport) {
        self.report = report
        let busy = zip(report.samples, report.samples.dropFirst()).filter { before, now in
            !now.ready || now.events != before.events || now.lag.values.contains { $0 > 0 }
        }
        let last = [busy.last?.1.at, report.marks.last?.at, report.steps.map { $0.started + $0.seconds }.max()]
        end = max(1, (last.compactMap { $0 }.max() ?? 0) + Self.calm)
        shown = report.samples.filter { [end] in $0.at <= end }
    }

    /// What is shown after the last thing that happened, in seconds.
    private static let calm = 1.0

    var html: String {
        guard !shown.isEmpty else { return "<p>The method did not begin.</p>" }
        return """
            <figure class="picture" aria-labelledby="picture-title">
            <figcaption id="picture-title">Seconds since the method began; every quarter of a second the cluster was looked at. \
            The tables below say the same in numbers.</figcaption>
            \(steps)\(notReady)\(epochs)\(lag)\(growth)\(axis)
            </figure>
            """
    }

    // MARK: - Lanes

    private func percent(_ at: Double) -> String { Numbers.place(min(100, max(0, at / end * 100))) }

    private func lane(_ label: String, _ content: String, rows: Int = 1) -> String {
        """
        <div class="lane"><div class="label">\(Markup.escaped(label))</div>\
        <div class="track" style="height:\(rows * 24)px">\(content)</div></div>

        """
    }

    /// Numbered as in the table of steps; those that would cover each other are put below.
    private var steps: String {
        guard !report.steps.isEmpty else { return "" }
        var free: [Double] = []
        let room = end * 0.075
        let marks = report.steps.enumerated().map { number, step in
            let row = free.firstIndex { $0 <= step.started } ?? free.count
            if row == free.count { free.append(0) }
            free[row] = step.started + room
            let bad = report.isUnexpected(step) ? " bad" : ""
            let title = Markup.escaped("\(number + 1). \(Numbers.seconds(step.started)) \(step.words)")
            return """
                <span class="step\(bad)" style="left:\(percent(step.started))%;top:\(row * 24 + 2)px" title="\(title)">\
                \(number + 1)</span>
                """
        }
        return lane("steps", marks.joined(), rows: max(1, free.count))
    }

    /// One lane for each process that was not ready at some time.
    private var notReady: String {
        let names = Set(shown.flatMap(\.notReady)).sorted()
        return names.map { name in lane("\(name) not ready", bars(of: name)) }.joined()
    }

    private func bars(of name: String) -> String {
        var bars: [(from: Double, to: Double)] = []
        for (number, sample) in shown.enumerated() where sample.notReady.contains(name) {
            let to = number + 1 < shown.count ? shown[number + 1].at : end
            if let last = bars.last, last.to >= sample.at {
                bars[bars.count - 1].to = to
            } else {
                bars.append((sample.at, to))
            }
        }
        return bars.map { bar in
            let words = "\(name) not ready from \(Numbers.seconds(bar.from)) to \(Numbers.seconds(bar.to))"
            return """
                <span class="down" style="left:\(percent(bar.from))%;width:\(percent(bar.to - bar.from))%" \
                title="\(Markup.escaped(words))"></span>
                """
        }.joined()
    }

    private var epochs: String {
        let marks = report.marks.filter { $0.kind == .epoch || $0.kind == .restart }
        guard !marks.isEmpty else { return "" }
        let content = marks.map { mark in
            let text = Markup.escaped("\(Numbers.seconds(mark.at)) \(mark.text)")
            return "<span class=\"\(mark.kind.rawValue)\" style=\"left:\(percent(mark.at))%\" title=\"\(text)\"></span>"
        }
        return lane("restarts ▴, epochs ◆", content.joined())
    }

    // MARK: - Curves

    private static let height = 100.0

    private var lag: String {
        let readers = Set(shown.flatMap(\.lag.keys)).sorted()
        let highest = shown.flatMap(\.lag.values).max() ?? 0
        let lines = readers.enumerated().map { number, reader in
            curve(shown.map { ($0.at, Double($0.lag[reader] ?? 0)) }, highest, "line c\(number % 8)")
        }
        let keys = readers.enumerated().map { number, reader in
            "<li><svg class=\"key\" aria-hidden=\"true\"><line class=\"line c\(number % 8)\" x2=\"100%\" y1=\"50%\" y2=\"50%\"/></svg>\(Markup.escaped(reader))</li>"
        }
        let what = "Lag of each reader: at most \(highest) events"
        return chart(
            "events behind", "0 to \(highest)", what, lines.joined())
            + "<ul class=\"keys\" aria-label=\"readers\">\(keys.joined())</ul>"
    }

    private var growth: String {
        let first = shown.first?.events ?? 0
        let highest = shown.map(\.events).max() ?? 0
        let low = min(first, shown.filter { $0.events > 0 }.map(\.events).min() ?? first)
        guard highest > low else { return "" }
        let points = shown.map { ($0.at, Double($0.events > low ? $0.events - low : 0)) }
        return chart(
            "log", "\(low) to \(highest) events", "Events in the log: from \(low) to \(highest)",
            curve(points, highest - low, "line log"))
    }

    private func chart(_ label: String, _ range: String, _ what: String, _ content: String) -> String {
        """
        <div class="lane"><div class="label">\(label)<br><small>\(range)</small></div><div class="track chart">\
        <svg viewBox="0 0 1000 \(Int(Self.height))" preserveAspectRatio="none" role="img"><title>\(what)</title>\
        <desc>\(what), over \(Numbers.seconds(end)).</desc>\(content)</svg></div></div>

        """
    }

    private func curve(_ points: [(Double, Double)], _ highest: UInt64, _ name: String) -> String {
        let places = points.map { at, value in
            let y = Self.height - 1 - (Self.height - 2) * value / Double(max(1, highest))
            return "\(Numbers.place(max(0, at) / end * 1000)),\(Numbers.place(y))"
        }
        return "<polyline class=\"\(name)\" points=\"\(places.joined(separator: " "))\"/>"
    }

    private var axis: String {
        let step = [1.0, 2, 5, 10, 20, 30, 60, 120].first { end / $0 <= 7 } ?? 300
        let ticks = stride(from: 0, through: end, by: step).map { at in
            "<span style=\"left:\(percent(at))%\">\(Int(at))</span>"
        }
        return "<div class=\"lane\" aria-hidden=\"true\"><div class=\"label\">seconds</div>"
            + "<div class=\"track axis\">\(ticks.joined())</div></div>"
    }
}

extension DrillReport {
    /// It did not end as the drill says.
    func isUnexpected(_ step: Step) -> Bool { verdict.findings.contains { $0.message.hasPrefix("'\(step.words)'") } }
}
