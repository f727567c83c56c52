import Testing

/// Tests with the real executable: every one starts a cluster of its own. One after the other, as each wants the machine.
@Suite(
    "Processes", .serialized,
    .compactMapIssues { issue in
        var issue = issue
        issue.comments.append("repeat it with ROOST_SEED=\(Seed.current)")
        return issue
    })
enum ProcessTests {}
