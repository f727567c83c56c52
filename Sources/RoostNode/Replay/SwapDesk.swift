#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which generation somebody wants to be the live one.
package struct SwapOrder: Codable, Hashable, Sendable {
    package let generation: Int
    /// The code that has made it: other code does not go on with it.
    package let build: String
    /// The root of its rows when it was made: another one of the same number is not meant.
    package let root: String
    /// It had parked and discarded what the live one had.
    package let isParkedAlike: Bool

    package init(generation: Int, build: String, root: String, isParkedAlike: Bool) {
        self.generation = generation
        self.build = build
        self.root = root
        self.isParkedAlike = isParkedAlike
    }
}

/// Why an order to swap was not carried out; the live one has stayed.
package struct SwapRefusal: Codable, Hashable, Sendable, Error {
    package let reason: String
}

/// Where an order to swap lies until the process of the projection has carried it out or refused it. Before it does what cannot be
/// taken back it takes the order off the desk: whoever laid it down can withdraw it until then, and not after.
package struct SwapDesk: Sendable {
    private let directory: String
    private var waiting: DeskFile<SwapOrder> { DeskFile(path: directory + "/swap.json") }
    private var taken: DeskFile<SwapOrder> { DeskFile(path: directory + "/swap-taken.json") }
    private var refused: DeskFile<SwapRefusal> { DeskFile(path: directory + "/swap-refused.json") }

    /// `projection` is the directory of one projection.
    package init(projection: String) { directory = projection }

    /// Lays the order down; the process looks within a quarter of a second, and when it starts.
    package func place(_ order: SwapOrder) throws {
        try refused.remove()
        try waiting.write(order)
    }

    /// The order that waits, or is being carried out. One that cannot be read is none.
    package func order() throws -> SwapOrder? {
        do {
            // It may be taken between the first two looks.
            return try taken.read() ?? waiting.read() ?? taken.read()
        } catch {
            try taken.remove()
            try waiting.remove()
            return nil
        }
    }

    /// False when it is too late: then it is carried out, or will be.
    package func withdraw() -> Bool { unlink(waiting.path) == 0 }

    /// False when it was withdrawn.
    func take() -> Bool { rename(waiting.path, taken.path) == 0 || taken.exists }

    /// It is carried out.
    func fulfil() throws {
        try waiting.remove()
        try taken.remove()
    }

    func refuse(_ refusal: SwapRefusal) throws {
        try refused.write(refusal)
        try fulfil()
    }

    /// Why the last order was refused; nil when it was not.
    package func refusal() throws -> SwapRefusal? { try refused.read() }
}
