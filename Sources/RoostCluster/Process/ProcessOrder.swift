/// What the supervisor tells a process while it runs: one line of JSON on its standard input.
///
/// An order says how things are to be, not what changed: of several of a kind the newest counts.
public enum ProcessOrder: Codable, Hashable, Sendable {
    /// The partitions the process shall own from now on: it opens those it lacks and lets go of the others, and then says
    /// that it has carried out the order of this number.
    case own(partitions: [UInt32], number: Int64)
    /// The list of faults changed: it is to be read anew.
    case faults
}
