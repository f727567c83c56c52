import Foundation
import RoostCore
import RoostDrill
import Testing

@Suite("Reports of drills")
struct ReportTests {
    private static let text = """
        {"schema":"roost.drill/1","drill":"tried","title":"A <b>bold</b> title","file":"f.yaml","topology":"t.yaml",
        "seed":7,"mode":"test","startedAt":"2026-11-26T20:00:00.000000000Z","seconds":12.5,
        "verdict":{"result":"failed","class":"event doubled","findings":[
        {"class":"event doubled","message":"command a|b <twice>\\nand again"}]},
        "readyAfter":0.5,"caughtUpAfter":null,
        "steps":[{"planned":1,"started":1.04,"seconds":0.1,"words":"kill search","commands":["roost kill search"],
        "exit":0,"output":"done & gone","readyAfter":0.75}],
        "load":{"sent":10,"accepted":9,"rejected":1,"unsettled":0,"retries":2,"acknowledged":9,"takenBack":0},
        "queries":{"asked":5,"failed":1},
        "delivery":[{"reader":"search","published":30,"received":20,"reread":15,"lost":10}],
        "balance":[{"reader":"search","kind":"projection","appended":30,"applied":20,"filtered":8,"parked":1,
        "discarded":0,"pending":0,"balanced":false}],
        "counters":{"search":{"records":20}},
        "samples":[{"at":0.1,"ready":true,"notReady":[],"restarts":0,"events":5,"lag":{"search":0}},
        {"at":1.2,"ready":false,"notReady":["search"],"restarts":1,"events":20,"lag":{"search":12}},
        {"at":2.0,"ready":true,"notReady":[],"restarts":1,"events":30,"lag":{"search":0}}],
        "marks":[{"at":1.3,"kind":"restart","text":"search starts again: signal 9"}],"kept":null}
        """

    private func report() throws -> DrillReport {
        try JSONDecoder().decode(DrillReport.self, from: Data(Self.text.utf8))
    }

    @Test("Markdown names verdict, finding, steps, delivery and balance, with its cells intact")
    func markdown() throws {
        let text = try report().markdown
        #expect(text.hasPrefix("## ❌ tried: failed: event doubled\n"))
        #expect(text.contains("| published / received / re-read from log / lost | 30 / 20 / 15 / 10 |"))
        #expect(text.contains("- **event doubled**: command a\\|b <twice> and again"))
        #expect(text.contains("| 1.0 s | kill search | 0 | 0.1 s | 0.8 s |"))
        #expect(text.contains("| search | 30 | 20 | 8 | 1 | 0 | 0 | **NO** |"))
    }

    @Test(
        "What kept a drill that failed from proving the rest stands beside its findings, and who is refused is counted")
    func unproved() throws {
        let text = Self.text.replacing(#""findings":["#, with: #""reason":"given <up>","findings":["#)
            .replacing(#""kept":null"#, with: #""formerOwners":{"refused":2,"accepted":0},"kept":null"#)
        let report = try JSONDecoder().decode(DrillReport.self, from: Data(text.utf8))
        #expect(report.markdown.contains("- not everything was proved: given <up>"))
        #expect(report.markdown.contains("| appends of former owners | 2 refused, 0 accepted |"))
        #expect(report.html.contains("<dt>appends of former owners</dt><dd>2 refused, 0 accepted</dd>"))
        #expect(report.html.contains("<li>not everything was proved: given &lt;up&gt;</li>"))
        #expect(DrillReports([report]).junit.contains("not everything was proved: given &lt;up&gt;</failure>"))
    }

    @Test("JUnit tells failures by class, and counts what proved nothing as an error")
    func junit() throws {
        let failed = try report()
        let unproved = try JSONDecoder().decode(
            DrillReport.self,
            from: Data(
                Self.text.replacing(#""result":"failed","class":"event doubled","findings":["#, with: "§")
                    .replacing(
                        try Regex(#"§\s*\{[^}]*\}\]"#),
                        with: #""result":"inconclusive","reason":"stopped","findings":[]"#
                    ).utf8))
        let text = DrillReports([failed, unproved]).junit
        #expect(text.contains(#"tests="2" failures="1" errors="1" time="25.0""#))
        #expect(text.contains(#"<failure type="event doubled" message="failed: event doubled">"#))
        #expect(text.contains("command a|b &lt;twice&gt;"))
        #expect(text.hasSuffix("  </testsuite>\n</testsuites>\n"))
        #expect(text.contains(#"<error type="inconclusive" message="inconclusive: stopped">"#))
    }

    @Test("The page is whole, needs nothing from elsewhere and shows no markup of others")
    func page() throws {
        let page = try report().html
        #expect(page.contains("A &lt;b&gt;bold&lt;/b&gt; title") && !page.contains("<b>"))
        #expect(page.contains("30 / 20 / 15 / 10") && page.contains("prefers-color-scheme:dark"))
        for outside in ["http://", "https://", "src=", "@import", "url(", "<script"] {
            #expect(!page.contains(outside), "\(outside)")
        }
        #expect(page.contains("<title>Lag of each reader: at most 12 events</title>"))
        #expect(page.contains("search not ready from 1.2 s to 2.0 s") && page.contains("search starts again: signal 9"))
        #expect(page.contains("done &amp; gone"))
    }

    @Test("A diff names what got worse and which numbers changed")
    func diff() throws {
        let failed = try report()
        let passed = try JSONDecoder().decode(
            DrillReport.self,
            from: Data(
                Self.text.replacing(#""result":"failed","class":"event doubled""#, with: #""result":"passed""#)
                    .replacing(#""seconds":12.5"#, with: #""seconds":10"#).utf8))
        let diff = DrillDiff(DrillReports([passed]), DrillReports([failed]))
        #expect(diff.isWorse && diff.drills.map(\.isWorse) == [true])
        #expect(diff.drills[0].changes.map(\.what) == ["seconds"])
        #expect(diff.drills[0].changes[0].before == 10 && diff.drills[0].changes[0].after == 12.5)
        #expect(!DrillDiff(DrillReports([failed]), DrillReports([failed])).isWorse)
    }
}
