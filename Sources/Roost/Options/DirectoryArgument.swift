import ArgumentParser

/// A directory that a person named.
struct DirectoryArgument: ExpressibleByArgument, Sendable {
    let path: String
    /// nil for an empty text, which would mean the root of all files.
    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        path = argument
    }
}
