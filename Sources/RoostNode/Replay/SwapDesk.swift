/// Which generation somebody wants to be the live one.
package struct SwapOrder: Codable, Hashable, Sendable {
    package let generation: Int
    /// The code that has made it: other code does not go on with it.
    package let build: String

    package init(generation: Int, build: String) {
        self.generation = generation
        self.build = build
    }
}

/// Why an order to swap was not carried out; the live one has stayed.
package struct SwapRefusal: Codable, Hashable, Sendable, Error {
    package let reason: String
}

/// Where an order to swap lies until the process of the projection has carried it out or refused it.
package struct SwapDesk: Sendable {
    private let directory: String
    private var waiting: DeskFile<SwapOrder> { DeskFile(path: directory + "/swap.json") }
    private var refused: DeskFile<SwapRefusal> { DeskFile(path: directory + "/swap-refused.json") }

    /// `projection` is the directory of one projection.
    package init(projection: String) { directory = projection }

    /// Lays the order down; the process looks within a quarter of a second, and when it starts.
    package func place(_ order: SwapOrder) throws {
        try refused.remove()
        try waiting.write(order)
    }

    /// The order that waits. One that cannot be read is none.
    package func order() throws -> SwapOrder? {
        do {
            return try waiting.read()
        } catch {
            try waiting.remove()
            return nil
        }
    }

    /// Takes the order back, or away when it is carried out.
    package func clear() throws { try waiting.remove() }

    func refuse(_ refusal: SwapRefusal) throws {
        try refused.write(refusal)
        try waiting.remove()
    }

    /// Why the last order was refused; nil when it was not.
    package func refusal() throws -> SwapRefusal? { try refused.read() }
}
