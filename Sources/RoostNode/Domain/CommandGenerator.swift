/// Makes believable commands for a demo without data. The same seed gives the same commands, for ever.
public protocol CommandGenerator: Sendable {
    static func commands(count: Int, seed: UInt64) throws -> [ImportedCommand]
}
