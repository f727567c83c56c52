import RoostCluster
import RoostNode

extension TransportCounters {
    /// For `ps`: names as they appear there.
    var byName: [String: Int64] {
        let passed = [
            "received": Int64(received), "sent": Int64(sent), "records": Int64(records), "dropped": Int64(dropped),
        ]
        return passed.merging(refusals) { $1 }
    }

    /// Of a publisher, beside what its process counts as a receiver of commands.
    var published: [String: Int64] {
        let passed = [
            "published": Int64(records), "publishedMessages": Int64(sent), "publishDropped": Int64(dropped),
        ]
        return passed.merging(refusals) { $1 }
    }

    /// Only what was refused.
    var refusals: [String: Int64] {
        Dictionary(uniqueKeysWithValues: refused.map { ("refused.\($0.key)", Int64($0.value)) })
    }
}

extension Feed.Counters {
    /// For `ps`: how events reached the reader.
    var byName: [String: Int64] {
        let ofReactor = timers > 0 ? ["timers": Int64(timers)] : [:]
        return ofReactor.merging([
            "messages": Int64(messages), "heartbeats": Int64(heartbeats), "eventsFromBus": Int64(eventsFromBus),
            "eventsFromLog": Int64(eventsFromLog), "gaps": Int64(gaps), "droppedFull": Int64(droppedFull),
            "refusedStale": Int64(refusedStale), "refusedForeign": Int64(refusedForeign),
        ]) { $1 }
    }
}
