package import RoostCore
package import RoostLog
package import RoostTrace

extension PartitionReader {
    /// Which process stored the events of each epoch.
    func processes() throws -> [Epoch: String] {
        Dictionary(try claims().map { ($0.epoch, $0.process) }, uniquingKeysWith: { $1 })
    }
}

extension ClusterClient {
    /// The answers of the partitions that can be read, and those that cannot: a broken file does not hide the others,
    /// and is never passed over in silence.
    package struct Gathered<Value> {
        package var values: [(partition: PartitionID, value: Value)] = []
        package var unreadable: [UnreadablePartition] = []
    }

    /// Asks every partition the same. Throws when none can be read.
    package func gather<Value>(_ question: (any PartitionReader) throws -> Value) throws -> Gathered<Value> {
        var gathered = Gathered<Value>()
        for partition in partitions {
            do {
                gathered.values.append((partition, try question(try log.reader(partition))))
            } catch let error as EventLogError {
                gathered.unreadable.append(UnreadablePartition(partition: partition, reason: error.description))
                if gathered.unreadable.count == partitions.count { throw error }
            }
        }
        return gathered
    }

    /// What was looked for may be where nobody can look.
    package func notFound(
        _ code: String, _ message: String, hint: String, besides unreadable: [UnreadablePartition]
    ) -> ClientError {
        guard !unreadable.isEmpty else { return ClientError(.notFound, code: code, message, hint: hint) }
        let words = unreadable.map(\.text).joined(separator: "; ")
        return ClientError(.failed, code: "unreadable", "\(message), but \(words)", hint: "roost log verify")
    }
}
