package import RoostCore
package import RoostNode

/// Sends many commands, keeping the order of each stream, and settles every one of them if it can.
///
/// Overloaded, unavailable, moved and unknown commands are sent again with the same ID, which cannot execute them
/// twice. What is open after `settleWithin` is counted as unsettled.
package struct Loader: Sendable {
    package struct Configuration: Sendable {
        /// Commands sent together.
        package var batchCommands = 64
        /// Batches on their way at the same time: 512 commands in flight.
        package var batchesInFlight = 8
        /// How long a batch is tried again.
        package var settleWithin: Duration = .seconds(60)
        /// How long one attempt may take.
        package var attemptTimeout: Duration = .seconds(10)

        package init() {}
    }

    /// Somebody who follows every command.
    package struct Watcher: Sendable {
        /// Asked before each command, and may wait; false ends the load with what is on its way.
        package var pace: @Sendable () async -> Bool = { true }
        /// Gets every command with the answer that counts.
        package var record: @Sendable (ImportedCommand, CommandAnswer) -> Void = { _, _ in }

        package init() {}
    }

    private struct Batch: Sendable {
        var results: [(ImportedCommand, CommandAnswer)]
        var retries: Int
    }

    private let client: ClusterClient
    private let configuration: Configuration

    package init(_ client: ClusterClient, _ configuration: Configuration = Configuration()) {
        self.client = client
        self.configuration = configuration
    }

    /// Loads everything. `progress` is called now and then with what is known so far.
    package func run(
        _ items: some Sequence<ImportItem>, by watcher: Watcher = Watcher(),
        progress: (LoadDocument) -> Void = { _ in }
    ) async -> LoadDocument {
        let clock = ContinuousClock()
        let begin = clock.now
        var document = LoadDocument()
        await withTaskGroup(of: Batch.self) { group in
            var window = Window()
            for item in items {
                guard let command = settle(item, &document) else { continue }
                guard await watcher.pace() else { break }
                while window.isBusy(command.stream) || window.inFlight == configuration.batchesInFlight {
                    submit(&window, &group)
                    guard let sent = await group.next() else { break }
                    count(sent, &document, &window, watcher.record)
                    document.seconds = (clock.now - begin).fractionalSeconds
                    progress(document)
                }
                window.add(command)
                if window.batch.count == configuration.batchCommands { submit(&window, &group) }
            }
            submit(&window, &group)
            for await sent in group {
                count(sent, &document, &window, watcher.record)
                document.seconds = (clock.now - begin).fractionalSeconds
                progress(document)
            }
        }
        document.seconds = (clock.now - begin).fractionalSeconds
        return document
    }

    /// What is on its way: a stream never has two commands in flight, so its order is kept.
    private struct Window {
        var batch: [ImportedCommand] = []
        var inFlight = 0
        private var busy: Set<String> = []

        func isBusy(_ stream: StreamName) -> Bool { busy.contains(stream.description) }
        mutating func add(_ command: ImportedCommand) {
            batch.append(command)
            busy.insert(command.stream.description)
        }
        mutating func free(_ stream: StreamName) { busy.remove(stream.description) }
    }

    /// Counts what is no command to send; returns the command otherwise.
    private func settle(_ item: ImportItem, _ document: inout LoadDocument) -> ImportedCommand? {
        switch item {
        case .skipped(let reason, let rows): document.skip(reason, rows: rows)
        case .invalid(let line, let reason, let rows):
            document.reject("malformed", rows: rows, line: line, reason: reason)
        case .command(let command):
            let outside = OutsideCommand(command.command, to: command.stream, data: command.data)
            guard let refusal = client.refusal(of: outside) else { return command }
            document.reject(
                refusal.code ?? "rejected", rows: command.rows, stream: command.stream.description,
                reason: refusal.reason ?? "")
        }
        return nil
    }

    private func submit(_ window: inout Window, _ group: inout TaskGroup<Batch>) {
        guard !window.batch.isEmpty else { return }
        let batch = window.batch
        window.batch = []
        window.inFlight += 1
        group.addTask { await send(batch) }
    }

    private func count(
        _ sent: Batch, _ document: inout LoadDocument, _ window: inout Window,
        _ record: (ImportedCommand, CommandAnswer) -> Void
    ) {
        window.inFlight -= 1
        document.countRetries(sent.retries)
        for (command, answer) in sent.results {
            window.free(command.stream)
            record(command, answer)
            let stream = command.stream.description
            let code = answer.code ?? answer.outcome.word
            let reason = answer.reason ?? answer.outcome.word
            switch answer.outcome {
            case .accepted: document.accept(rows: command.rows)
            case .rejected, .conflict: document.reject(code, rows: command.rows, stream: stream, reason: reason)
            case .overloaded, .unavailable, .unknown, .moved:
                document.leaveUnsettled(answer.outcome.word, rows: command.rows, stream: stream, reason: reason)
            }
        }
    }

    /// Sends a batch until every command has an answer that will not change, or the time is over.
    private func send(_ batch: [ImportedCommand]) async -> Batch {
        let clock = ContinuousClock()
        let end = clock.now + configuration.settleWithin
        var results: [(ImportedCommand, CommandAnswer)] = []
        var open = batch
        var retries = 0
        var pause = Duration.milliseconds(20)
        while true {
            let answers = await attempt(open)
            let pairs = zip(open, answers).map { ($0, $1) }
            results += pairs.filter { !$1.outcome.isRetriable }
            let unsettled = pairs.filter { $1.outcome.isRetriable }
            guard !unsettled.isEmpty, clock.now < end, await pauseBriefly(pause) else {
                return Batch(results: results + unsettled, retries: retries)
            }
            open = unsettled.map(\.0)
            retries += open.count
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// False when the task was cancelled.
    private func pauseBriefly(_ pause: Duration) async -> Bool {
        do {
            try await ContinuousClock().sleep(for: pause)
            return true
        } catch {
            return false
        }
    }

    private func attempt(_ commands: [ImportedCommand]) async -> [CommandAnswer] {
        let requests = commands.enumerated().compactMap { index, command in
            client.request(
                for: OutsideCommand(
                    command.command, to: command.stream, data: command.data, occurred: command.occurred,
                    timeout: configuration.attemptTimeout),
                id: command.commandID, number: UInt64(index))
        }
        precondition(requests.count == commands.count, "commands without a partition are refused before")
        let answers = await client.sender.send(requests)
        precondition(answers.count == requests.count, "a sender gives one answer for each request")
        return answers
    }
}

extension Duration {
    /// Seconds with a fraction, for a document.
    package var fractionalSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds / 1_000_000_000_000_000) / 1000
    }
}
