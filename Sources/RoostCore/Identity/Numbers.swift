/// Where an event stands in its own stream. The first event has version 1; 0 means there is no stream.
public struct StreamVersion: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// 0 for no stream, otherwise counted from 1.
    public let rawValue: UInt64
    /// Takes any number: the log alone decides which versions exist.
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// No event yet.
    public static let none = StreamVersion(0)
    /// The version of the event after this one.
    public var next: StreamVersion { StreamVersion(rawValue + 1) }
    /// The number in decimal.
    public var description: String { String(rawValue) }
    /// The order of the events in their stream.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Where an event stands in its partition. The first event has position 1, and there are no holes.
public struct Position: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// 0 before the first event, otherwise counted from 1.
    public let rawValue: UInt64
    /// Takes any number: the log alone decides which positions exist.
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// Before the first event.
    public static let start = Position(0)
    /// The position of the event after this one.
    public var next: Position { Position(rawValue + 1) }
    /// The number in decimal.
    public var description: String { String(rawValue) }
    /// The order of the events in their partition; between partitions it says nothing.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The number of a partition's current ownership. It only grows; 0 means nobody has owned the partition yet.
public struct Epoch: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// 0 while nobody has owned the partition, otherwise counted from 1.
    public let rawValue: UInt64
    /// Takes any number: only a claim makes an epoch that counts.
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// Nobody has owned the partition yet, or the epoch is not known.
    public static let none = Epoch(0)
    /// The epoch that the next claim gets.
    public var next: Epoch { Epoch(rawValue + 1) }
    /// The number in decimal.
    public var description: String { String(rawValue) }
    /// A smaller epoch is an older ownership.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Names a partition: the unit of ownership, order and parallelism. Numbered from 0 in one log.
public struct PartitionID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// From 0, below the partition count of the log.
    public let rawValue: UInt32
    /// Takes any number: the log's placement says which partitions exist.
    public init(_ rawValue: UInt32) { self.rawValue = rawValue }
    /// The number in decimal.
    public var description: String { String(rawValue) }
    /// Numerical order, for lists that must look the same every time.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension StreamVersion {
    /// Reads a bare number.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(UInt64.self))
    }
    /// Writes a bare number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension Position {
    /// Reads a bare number.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(UInt64.self))
    }
    /// Writes a bare number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension Epoch {
    /// Reads a bare number.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(UInt64.self))
    }
    /// Writes a bare number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension PartitionID {
    /// Reads a bare number.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(UInt32.self))
    }
    /// Writes a bare number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
