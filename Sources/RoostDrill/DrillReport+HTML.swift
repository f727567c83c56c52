extension DrillReport {
    /// One page that needs nothing besides: for any screen, light and dark, with tables beside the picture.
    package var html: String {
        let total = deliveryTotal
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(Markup.escaped(drill)): \(verdict.result.rawValue)</title>
            <style>\(DrillPageStyle.css)</style>
            </head>
            <body>
            <main>
            <header>
            <p class="verdict \(verdict.result.rawValue)">\(Markup.escaped(verdict.words))</p>
            <h1>\(Markup.escaped(drill))</h1>
            <p class="lead">\(Markup.escaped(title)).</p>
            <p class="quiet">seed \(seed) · \(mode) · \(Numbers.seconds(seconds)) · \(Numbers.moment(startedAt)) · \
            \(Markup.escaped(topology))</p>
            </header>
            \(findingsHTML)
            <section aria-label="numbers"><dl class="numbers">
            \(number("published / received / re-read from log / lost",
                "\(total.published) / \(total.received) / \(total.reread) / \(total.lost)"))
            \(number("commands acknowledged", "\(load.acknowledged) of \(load.sent)"))
            \(number("ready again after", Numbers.seconds(readyAfter)))
            \(number("caught up after", Numbers.seconds(caughtUpAfter)))
            \(number("balance", balance.isEmpty ? "-" : balance.allSatisfy(\.balanced) ? "holds" : "does not hold"))
            \(number("queries failed", queries.map { "\($0.failed) of \($0.asked)" } ?? "-"))
            \(formerOwners.map {
                number("appends of former owners", "\($0.refused) refused, \($0.accepted) accepted")
            } ?? "")
            </dl></section>
            <h2>What happened when</h2>
            \(DrillPicture(self).html)
            \(stepsHTML)
            \(deliveryHTML)
            \(balanceHTML)
            \(countersHTML)
            </main>
            </body>
            </html>

            """
    }

    private func number(_ what: String, _ value: String) -> String {
        "<div><dt>\(what)</dt><dd>\(Markup.escaped(value))</dd></div>"
    }

    private var findingsHTML: String {
        guard !verdict.findings.isEmpty else { return "" }
        let items = verdict.findings.map {
            "<li><strong>\(Markup.escaped($0.class.rawValue))</strong> \(Markup.escaped($0.message))</li>"
        }
        let unproved = verdict.unproved.map { "<li>not everything was proved: \(Markup.escaped($0))</li>" } ?? ""
        return "<section><h2>Findings</h2><ul class=\"findings\">\(items.joined())\(unproved)</ul></section>"
    }

    private var stepsHTML: String {
        guard !steps.isEmpty else { return "" }
        let rows = steps.enumerated().map { number, step in
            let said = step.commands.map { "$ \($0)" }.joined(separator: "\n") + "\n" + step.output
            let details =
                "<details><summary>\(Markup.escaped(step.words))</summary><pre>\(Markup.escaped(said))</pre></details>"
            return [
                "\(number + 1)", Numbers.seconds(step.started), details, "\(step.exit)", Numbers.seconds(step.seconds),
                Numbers.seconds(step.readyAfter),
            ]
        }
        return table("Steps", ["", "at", "what", "exit", "took", "all ready after"], rows, isMarkup: true)
    }

    private var deliveryHTML: String {
        table(
            "How readers got the events", ["reader", "published", "received", "re-read from log", "lost"],
            delivery.map { [$0.reader, "\($0.published)", "\($0.received)", "\($0.reread)", "\($0.lost)"] })
    }

    private var balanceHTML: String {
        table(
            "What became of every event",
            ["reader", "appended", "applied", "filtered", "parked", "discarded", "pending", "balance"],
            balance.map {
                [
                    $0.reader, "\($0.appended)", "\($0.applied)", "\($0.filtered)", "\($0.parked)", "\($0.discarded)",
                    "\($0.pending)", $0.balanced ? "holds" : "DOES NOT HOLD",
                ]
            })
    }

    private var countersHTML: String {
        let rows = counters.sorted { $0.key < $1.key }.flatMap { process, counters in
            counters.sorted { $0.key < $1.key }.map { [process, $0.key, "\($0.value)"] }
        }
        guard !rows.isEmpty else { return "" }
        return "<details class=\"more\"><summary>What every process counted</summary>"
            + table("", ["process", "counter", "since the method began"], rows) + "</details>"
    }

    private func table(_ title: String, _ head: [String], _ rows: [[String]], isMarkup: Bool = false) -> String {
        guard !rows.isEmpty else { return "" }
        let heads = head.map { "<th scope=\"col\">\($0)</th>" }.joined()
        let body = rows.map { cells in
            let cells = cells.map { "<td>\(isMarkup ? $0 : Markup.escaped($0))</td>" }
            return "<tr>\(cells.joined())</tr>"
        }
        let heading = title.isEmpty ? "" : "<h2>\(title)</h2>"
        return """
            <section>\(heading)<div class="scroll" tabindex="0" role="region" aria-label="\(title)"><table><thead><tr>\
            \(heads)</tr></thead><tbody>\(body.joined(separator: "\n"))</tbody></table></div></section>
            """
    }
}
