import ArgumentParser

/// A directory that a person named.
struct DirectoryArgument: ExpressibleByArgument, Sendable {
    let path: String
    /// nil for an empty text, which would mean the root of all files.
    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        // A name for something beside it is made by adding to it.
        path = argument == "/" ? argument : String(argument.reversed().drop { $0 == "/" }.reversed())
    }
}
