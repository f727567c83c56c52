import Foundation
package import RoostCluster
import RoostCore
import RoostJSON
import RoostLog
import RoostNode
package import RoostVault

/// Erases a subject for ever, step by step; interrupted anywhere, the same call goes on.
///
/// 1. The subject reads as erased, and no process seals anything of it any more: each says so.
/// 2. What was made from its data is made again or removed: projections, snapshots, public events.
/// 3. Every file of the cluster is searched for its personal values.
/// 4. Its keys are destroyed, the domain records it, and a certificate says what was done.
package struct Eraser {
    private static let patience = Duration.seconds(30)
    let client: ClusterClient
    let cluster: ClusterDirectory
    let vault: Vault
    let files: ClusterFiles
    /// Makes a projection again without its old rows.
    let remake: (String) throws -> Void
    /// Words for a person.
    let report: (String) -> Void

    package init(
        _ client: ClusterClient, _ cluster: ClusterDirectory, _ vault: Vault,
        remake: @escaping (String) throws -> Void, report: @escaping (String) -> Void
    ) {
        self.client = client
        self.cluster = cluster
        self.vault = vault
        self.remake = remake
        self.report = report
        files = ClusterFiles(cluster: cluster)
    }

    /// Throws `negative` when it cannot be done now, and says why; the keys are kept then.
    package func erase(_ subject: String) async throws -> ErasureDocument {
        let earlier = try vault.erasure(of: subject)
        let command = try command(recording: subject)
        if let certificate = earlier?.certificate {
            let document = try Self.document(certificate)
            return try isRecorded(command) ? document : await again(document, command)
        }
        if let draft = earlier?.draft, try vault.keyCount(of: subject) == 0 {
            return try await destroy(try Self.document(draft), command)
        }
        let before = try read(subject)
        try refuseUnknown(subject, before)
        try refuseReadable(subject, before)
        try refuseLeftovers(subject)
        let began = earlier?.began ?? client.now()
        try vault.beginErasure(of: subject, at: began)
        Failpoint.afterErasureBegan.reach()
        var work = ErasureWork()
        work.acknowledgedBy = try await waitForAcknowledgements()
        try await waitForReaders()
        // What was being stored meanwhile belongs to it too.
        let data = try read(subject)
        try await clean(data, subject, &work)
        Failpoint.afterErasureCleaned.reach()
        work.scanned = try scan(data, subject)
        let draft = ErasureDocument(
            cluster: client.name, subject: subject, logID: client.log.identity.id, beganAt: began,
            destroyedAt: client.now(), data: data, keysDestroyed: try vault.keyCount(of: subject), work: work)
        try vault.keep(draft: try Self.text(draft), of: subject)
        Failpoint.beforeKeysDestroyed.reach()
        return try await destroy(draft, command)
    }

    private func destroy(_ draft: ErasureDocument, _ command: OutsideCommand?) async throws -> ErasureDocument {
        try vault.dropKeys(of: draft.subject)
        Failpoint.whileKeysDestroyed.reach()
        try vault.finishDestruction(of: draft.subject, at: draft.destroyedAt)
        Failpoint.afterKeysDestroyed.reach()
        return try await finish(draft, command)
    }

    /// The log, or what was made from it, may have been restored since: then it has to be recorded and cleaned once more.
    private func again(_ document: ErasureDocument, _ command: OutsideCommand?) async throws -> ErasureDocument {
        let data = try read(document.subject)
        _ = try files.dropSnapshots(of: data.streams)
        _ = try files.redactFeeds(of: [document.subject])
        _ = try files.cleanReactors(of: data.personal)
        return try await finish(document, command)
    }

    /// Whether the log says that it was done; true where the domain records nothing.
    private func isRecorded(_ command: OutsideCommand?) throws -> Bool {
        guard let command, let id = command.commandID else { return true }
        return try client.log.reader(of: command.stream).receipt(of: id, in: command.stream) != nil
    }

    /// Once the keys are destroyed, only to record it is left.
    private func finish(_ draft: ErasureDocument, _ command: OutsideCommand?) async throws -> ErasureDocument {
        var document = draft
        if let command { document.recordedIn = try await record(command, of: draft.subject) }
        try vault.keep(certificate: try Self.text(document), of: draft.subject)
        return document
    }

    private static func text(_ document: ErasureDocument) throws -> String {
        String(decoding: try JSONPayloadEncoder().bytes(document), as: UTF8.self)
    }

    private static func document(_ text: String) throws -> ErasureDocument {
        try JSONPayloadDecoder().decode(ErasureDocument.self, from: Array(text.utf8))
    }

    private func read(_ subject: String) throws -> SubjectData {
        try SubjectData(of: subject, in: client.log, vault) { report("reading the log: \($0) events") }
    }

    private func refuseUnknown(_ subject: String, _ data: SubjectData) throws {
        guard data.events == 0 else { return }
        throw ClientError(
            .notFound, code: "unknownSubject", "no event holds data of '\(subject)'",
            hint:
                "subjects are what the domain's events say they are about, as in customer/17850; if there are such events: "
                + "roost events stream \(subject)")
    }

    private func refuseReadable(_ subject: String, _ data: SubjectData) throws {
        guard let first = data.readable.first else { return }
        throw ClientError(
            .negative, code: "storedReadable",
            "\(data.readable.count) of \(data.events) events hold data of '\(subject)' readable, the first is \(first): they "
                + "were stored before there were keys, and cannot be erased by destroying one",
            hint: "nothing was changed; events are never rewritten")
    }

    /// Every process that runs and reads events has let go of its keys. Returns their names.
    func waitForAcknowledgements() async throws -> [String] {
        let names = try Clusters.running(cluster)?.state.processes.filter { $0.pid != nil }.map(\.name) ?? []
        var missing = names
        let isDone = try await client.poll(timeout: Self.patience) {
            missing = try vault.unacknowledged(of: names)
            report("waiting for \(missing.joined(separator: ", ")) to let go of keys")
            return missing.isEmpty
        }
        guard !isDone else { return names }
        throw ClientError(
            .notReady, code: "notAcknowledged",
            "\(missing.joined(separator: ", ")) did not say in time that no key is left in memory",
            hint: "roost ps, then the same command again: it goes on where it stopped")
    }

    /// A reader may have been in the middle of an event when it let go of the keys: it has passed that by now. One that does
    /// not run begins with what is erased.
    private func waitForReaders() async throws {
        let heads = try client.heads()
        var late: [ClusterClient.Behind] = []
        let isDone = try await client.poll(timeout: Self.patience) {
            late = try client.behind(heads).filter { $0.resting == nil }
            report("waiting for \(late.map(\.reader).joined(separator: ", ")) to pass the events in flight")
            return late.isEmpty
        }
        guard !isDone else { return }
        throw ClientError(
            .notReady, code: "notCaughtUp", "\(late.map(\.text).joined(separator: "; "))",
            hint: "roost wait --for caught-up, then the same command again: it goes on where it stopped")
    }

    /// What the domain wants to be sent once it is done; asked before anything is. nil where it records nothing.
    private func command(recording subject: String) throws -> OutsideCommand? {
        guard let followUp = try client.domain.erased(subject) else { return nil }
        guard case .send(let command) = followUp.action else {
            throw ClientError(
                .failed, code: "notACommand", "the application wants a timer when '\(subject)' is erased",
                hint: "let 'erased' of its Domain give a command that is sent at once")
        }
        return OutsideCommand(
            type(of: command).name, to: followUp.stream, data: Bytes(try JSONPayloadEncoder().bytes(command)),
            commandID: try CommandID("erase-\(StableHash.folded(subject))"))
    }

    /// In the same chain at every try.
    private func record(_ command: OutsideCommand, of subject: String) async throws -> String {
        report("recording it in \(command.stream)")
        let sent = await client.send(command)
        guard sent.outcome == .accepted else {
            throw ClientError(
                .notReady, code: "notRecorded",
                "the keys of '\(subject)' are destroyed, but \(command.stream) could not record it: "
                    + (sent.document.reason ?? "\(sent.outcome)"),
                hint: "roost ps, then: roost erase \(subject)")
        }
        return command.stream.description
    }
}
