import RoostCore
import RoostLog
package import RoostNode

/// What became of a certificate that was checked again. Document `roost.certificate-check/1`.
package struct CertificateDocument: Encodable, Sendable {
    package let schema = "roost.certificate-check/1"
    /// It is whole, of this log and its history, and the log makes the rows that it names with this build.
    package let valid: Bool
    package let projection: String
    package let events: UInt64
    package let root: String
    /// It was made by the build that checked it.
    package let sameBuild: Bool
    /// What is not as it says.
    package let problems: [String]
}

extension ClusterClient {
    /// Checks a certificate: that nobody has altered it, that it is of this log, and that the log up to there makes the rows
    /// that it names, in memory. `build` is the one that runs.
    package func check(
        _ certificate: RebuildCertificate, build: String, progress: (UInt64) -> Void
    ) throws -> CertificateDocument {
        var problems: [String] = []
        if try !certificate.isUnaltered() { problems.append("it was altered after it was issued") }
        problems += try problemsOfLog(certificate)
        if problems.isEmpty { problems += try problemsOfRows(certificate, progress) }
        return CertificateDocument(
            valid: problems.isEmpty, projection: certificate.projection, events: certificate.events,
            root: certificate.root, sameBuild: certificate.build == build, problems: problems)
    }

    private func problemsOfLog(_ certificate: RebuildCertificate) throws -> [String] {
        guard certificate.log == log.identity.id else {
            return ["it is of log \(certificate.log), this one is \(log.identity.id)"]
        }
        let positions = certificate.partitions.reduce(UInt64(0)) { $0 + $1.position.rawValue }
        guard certificate.partitions.map(\.partition) == partitions, positions == certificate.events else {
            return ["it does not name each partition once, with \(certificate.events) events together"]
        }
        return try certificate.partitions.compactMap { part in
            guard part.position > .start else { return nil }
            let commit =
                partitions.contains(part.partition)
                ? try log.reader(part.partition).commit(holding: part.position) : nil
            guard let commit, Hexadecimal.text(commit.digest) == part.digest else {
                return "partition \(part.partition) has another history up to position \(part.position)"
            }
            return nil
        }
    }

    private func problemsOfRows(_ certificate: RebuildCertificate, _ progress: (UInt64) -> Void) throws -> [String] {
        let projection = try projection(certificate.projection)
        guard projection.revision == certificate.revision else {
            return [
                "it is of revision \(certificate.revision) of \(projection.name), this build has \(projection.revision)"
            ]
        }
        let positions = Dictionary(certificate.partitions.map { ($0.partition, $0.position) }, uniquingKeysWith: { $1 })
        let live = try databases.path(ofProjection: projection.name)
        let made = try PastProjection(projection, log: log, codec: codec, live: live).roots(
            through: positions, report: progress)
        let tables = made.tables.map { RebuildCertificate.Table($0) }
        var problems = zip(tables, certificate.tables).filter { $0 != $1 }.map { now, then in
            "table \(now.name) has \(now.rows) rows with root \(now.root.prefix(12))…, it says \(then.rows) with "
                + "\(then.root.prefix(12))…"
        }
        let (setAside, then) = (made.setAside.map { RebuildCertificate.Table($0) }, certificate.setAside ?? [])
        if setAside != then {
            problems.append("set aside are \(Self.words(setAside)), it says \(Self.words(then))")
        }
        if Hexadecimal.text(TableDigest.root(of: made.tables + made.setAside)) != certificate.root {
            problems.append("the root over all tables is another one")
        }
        if tables.count != certificate.tables.count {
            problems.append("\(projection.name) has \(tables.count) tables, it says \(certificate.tables.count)")
        }
        return problems
    }

    private static func words(_ setAside: [RebuildCertificate.Table]) -> String {
        let words = setAside.map { "\($0.rows) \($0.name.dropFirst("roost_".count)) (\($0.root.prefix(12))…)" }
        return words.isEmpty ? "no events" : words.joined(separator: " and ")
    }
}
