/// A fault that holds, with what it has done so far.
package struct ActiveFault: Codable, Hashable, Sendable {
    /// What `clear` calls it; never used again while the cluster runs.
    package let id: Int
    package let fault: FaultSpec
    /// What it did, by name, since it was added: `dropped`, `refusedWrites` …
    package var effects: [String: Int64] = [:]

    package init(id: Int, fault: FaultSpec) {
        self.id = id
        self.fault = fault
    }

    /// As a person reads it: `3: drop from orders to dashboard (dropped 12, passed 3)`.
    package var text: String {
        let done = effects.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return "\(id): \(fault.text)" + (done.isEmpty ? "" : " (\(done.joined(separator: ", ")))")
    }
}

/// The faults of a cluster: what its supervisor keeps in `faults.json` and its processes read there.
package struct FaultList: Codable, Hashable, Sendable {
    package static let schema = "roost.faults/1"

    package var schema = FaultList.schema
    /// Whether messages go through the proxy and files through the layer that can break them.
    package var areAllowed: Bool
    /// Grows with every change of `faults`: a process says which it has applied.
    package var version = 0
    package var faults: [ActiveFault] = []

    package init(areAllowed: Bool) { self.areAllowed = areAllowed }

    /// The list in a directory; nil where no supervisor of this version ever ran.
    package static func read(_ directory: ClusterDirectory) throws(ClusterError) -> FaultList? {
        do throws(SystemCallError) {
            guard let bytes = try FileText.contents(of: directory.faultsFile) else { return nil }
            return decode(bytes)
        } catch {
            throw ClusterError(error)
        }
    }

    func write(_ directory: ClusterDirectory) throws {
        try FileText.replace(directory.faultsFile, with: JSONText.line(self), mode: 0o600)
    }

    private static func decode(_ bytes: [UInt8]) -> FaultList? {
        do { return try JSONText.decode(FaultList.self, from: bytes) } catch { return nil }
    }

    /// The faults that a process has by itself.
    package func faults(of instance: String, process: String) -> [ActiveFault] {
        faults.filter {
            !$0.fault.kind.isOfMessages && FaultSpec.name($0.fault.process, means: instance, of: process)
        }
    }

    /// The fault that keeps a process from running, if there is one.
    func pause(of instance: String, process: String) -> ActiveFault? {
        faults(of: instance, process: process).first { $0.fault.kind == .pause }
    }
}

/// The counter by which a process says which version of the list it has applied.
package enum FaultCounters {
    package static let version = "faults.version"

    /// The counter of what a fault did: `fault.3.dropped`.
    package static func name(_ id: Int, _ effect: String) -> String { "fault.\(id).\(effect)" }

    package static func parse(_ name: String) -> (id: Int, effect: String)? {
        let parts = name.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, parts[0] == "fault", let id = Int(parts[1]) else { return nil }
        return (id, String(parts[2]))
    }
}
