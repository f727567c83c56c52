public import RoostCore
public import RoostLog

extension Proposal {
    /// A valid proposal for tests: the same arguments give the same bytes, and other arguments other event IDs.
    public static func sample(
        to stream: String, command: String, expecting expected: ExpectedVersion = .any, events: Int = 1,
        type: String = "SampleHappened", schemaVersion: UInt32 = 1, payload: String = #"{"sample":true}"#,
        fingerprint: UInt64? = nil,
        correlation: UInt64? = nil, causation: EventID? = nil, depth: UInt16 = 0, traceparent: String? = nil,
        subject: String? = nil, isImported: Bool = false, comparedThrough: StreamVersion = .none
    ) -> Proposal {
        let seed = StableHash.folded(command, seed: StableHash.folded(stream))
        let context = CommandContext(
            stream: StreamName(unchecked: stream), commandID: CommandID(unchecked: command),
            fingerprint: fingerprint ?? StableHash.folded(payload, seed: UInt64(events)),
            correlationID: CorrelationID(bits: UInt128(correlation ?? seed) << 64 | 1), causationID: causation,
            depth: depth, traceparent: traceparent, isImported: isImported)
        let body = Bytes(payload)
        let new = (0..<events).map { index in
            NewEvent(
                eventID: EventID(bits: UInt128(seed) << 64 | UInt128(index + 1)), type: type,
                schemaVersion: schemaVersion, payload: body, subject: subject,
                occurred: Timestamp(seconds: 1_700_000_000 + Int64(index)))
        }
        return Proposal(context, expected: expected, events: new, comparedThrough: comparedThrough)
    }
}

extension Claim {
    /// A claim for tests; `number` tells incarnations apart.
    public static func sample(_ number: UInt64 = 1) -> Claim {
        Claim(
            process: "process-\(number)", incarnation: Incarnation(bits: UInt128(number)),
            commandEndpoint: "ipc:///command-\(number)", publishEndpoint: "ipc:///publish-\(number)",
            claimedAt: Timestamp(seconds: 1_700_000_000))
    }
}

extension LogIdentity {
    /// A log for tests: category `cart` on partitions 0 and 1, `stock` on partition 2.
    public static func sample(_ number: UInt64 = 1) -> LogIdentity {
        LogIdentity(
            id: LogID(bits: UInt128(number)),
            placement: Placement(groups: [
                .init(
                    name: "carts", categories: ["cart", "order"], firstPartition: PartitionID(0), partitionCount: 2),
                .init(name: "stock", categories: ["stock"], firstPartition: PartitionID(2), partitionCount: 1),
            ]))
    }
}
