package import RoostLog

/// Where archives are kept. Every call is done when it returns: what was written is durable.
package protocol ArchivePlace: Sendable {
    /// Names the place in the log and in messages; the same place for every process.
    var address: String { get }
    /// The same as SQL engines write it, with a slash at its end.
    var location: String { get }
    /// A whole file; nil when there is none.
    func read(_ name: String) throws(EventLogError) -> [UInt8]?
    /// A part of a file; fewer bytes where it ends before, nil when there is none.
    func read(_ name: String, from offset: Int, bytes: Int) throws(EventLogError) -> [UInt8]?
    /// How long a file is; nil when there is none.
    func size(of name: String) throws(EventLogError) -> Int?
    /// Writes a file whole, in place of what was there.
    func write(_ bytes: [UInt8], to name: String) throws(EventLogError)
    /// The same where nothing is there; false, and nothing written, where something is.
    func create(_ bytes: [UInt8], at name: String) throws(EventLogError) -> Bool
    /// Removes a file; it is no error when there is none.
    func remove(_ name: String) throws(EventLogError)
}
