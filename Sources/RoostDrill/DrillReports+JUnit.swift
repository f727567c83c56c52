extension DrillReports {
    /// For build servers: a drill that has proved nothing counts as an error, not as a success.
    package var junit: String {
        let failures = reports.count { $0.verdict.result == .failed }
        let errors = reports.count { $0.verdict.result == .inconclusive }
        let time = reports.reduce(0) { $0 + $1.seconds }
        let head =
            "tests=\"\(reports.count)\" failures=\"\(failures)\" errors=\"\(errors)\" time=\"\(Numbers.place(time))\""
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites \(head)>",
            "  <testsuite name=\"roost drill\" \(head)>",
        ]
        for report in reports { lines += Self.lines(report) }
        return (lines + ["  </testsuite>", "</testsuites>", ""]).joined(separator: "\n")
    }

    private static func lines(_ report: DrillReport) -> [String] {
        let verdict = report.verdict
        let name = Markup.escaped(report.drill)
        let begin = "    <testcase classname=\"drills\" name=\"\(name)\" time=\"\(Numbers.place(report.seconds))\""
        guard verdict.result != .passed else { return [begin + "/>"] }
        let element = verdict.result == .failed ? "failure" : "error"
        let type = Markup.escaped(verdict.class?.rawValue ?? verdict.result.rawValue)
        let findings = verdict.findings.map { "\($0.class.rawValue): \($0.message)" }
        let unproved = verdict.unproved.map { ["not everything was proved: \($0)"] } ?? []
        let text = (findings + unproved).joined(separator: "\n")
        let message = Markup.escaped(verdict.words)
        return [
            begin + ">",
            "      <\(element) type=\"\(type)\" message=\"\(message)\">\(Markup.escaped(text))</\(element)>",
            "    </testcase>",
        ]
    }
}

/// Text in XML and HTML.
enum Markup {
    static func escaped(_ text: some StringProtocol) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            // XML has no other control characters.
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || (0xFFFE...0xFFFF).contains(scalar.value): escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
