public import RoostCore

/// A command read from a file.
public struct ImportedCommand: Sendable {
    /// The declared name of the command.
    public var command: String
    /// The stream of the aggregate that decides.
    public var stream: StreamName
    /// JSON.
    public var data: Bytes
    /// Derived from the file's content, so that loading the file again changes nothing.
    public var commandID: CommandID
    /// When it happened in the world; nil means when it is sent.
    public var occurred: Timestamp?
    /// How many rows of the file it stands for.
    public var rows: Int

    /// `rows` counts rows of the file, each of them once, so that none is lost from view.
    public init(
        command: String, stream: StreamName, data: Bytes, commandID: CommandID, occurred: Timestamp?, rows: Int
    ) {
        self.command = command
        self.stream = stream
        self.data = data
        self.commandID = commandID
        self.occurred = occurred
        self.rows = rows
    }
}

/// What became of some rows of a file before anything was sent.
public enum ImportItem: Sendable {
    case command(ImportedCommand)
    /// Rows that are no commands by rule; `reason` is a counter's name such as `creditNote`.
    case skipped(reason: String, rows: Int)
    /// Rows that cannot be understood: counted as rejected, shown with the line.
    case invalid(line: Int, reason: String, rows: Int)
}

/// Turns a file of the application's own format into commands.
public protocol CommandImporter: Sendable {
    /// Without the dot: `csv`.
    static var fileExtension: String { get }
    /// All items of a file's content, in order. Throws when the file as a whole is not of this format.
    static func items(in content: Bytes) throws -> [ImportItem]
}
