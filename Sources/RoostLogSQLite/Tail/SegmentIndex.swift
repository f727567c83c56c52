import GRDBSQLite
import RoostCore
import RoostLog

/// The format of the two index blobs of a segment: all hashes ascending, 8 bytes each, then in the same order the
/// offsets of the events they lead to, 2 bytes each; little-endian.
enum SegmentIndex {
    private static let entryBytes = 10

    static func encode(_ pairs: [(hash: UInt64, offset: UInt16)]) -> [UInt8] {
        let sorted = sorted(pairs)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sorted.count * entryBytes)
        for pair in sorted { unsafe withUnsafeBytes(of: pair.hash.littleEndian) { unsafe bytes += $0 } }
        for pair in sorted { unsafe withUnsafeBytes(of: pair.offset.littleEndian) { unsafe bytes += $0 } }
        return bytes
    }

    /// Hashes are spread evenly, so a counting sort by their first 16 bits leaves only neighbours to exchange.
    private static func sorted(_ pairs: [(hash: UInt64, offset: UInt16)]) -> [(hash: UInt64, offset: UInt16)] {
        var ends = [Int](repeating: 0, count: 1 << 16)
        for pair in pairs { ends[Int(pair.hash >> 48)] += 1 }
        var sum = 0
        for bucket in ends.indices { (ends[bucket], sum) = (sum, sum + ends[bucket]) }
        var sorted = pairs
        for pair in pairs {
            sorted[ends[Int(pair.hash >> 48)]] = pair
            ends[Int(pair.hash >> 48)] += 1
        }
        for end in sorted.indices {
            var place = end
            while place > 0,
                (sorted[place].hash, sorted[place].offset) < (sorted[place - 1].hash, sorted[place - 1].offset)
            {
                sorted.swapAt(place, place - 1)
                place -= 1
            }
        }
        return sorted
    }

    /// The offsets stored for `hash` in one blob, ascending. Reads only the few pages a binary search needs.
    static func offsets(
        of hash: UInt64, column: String, segment: Position, _ connection: Connection
    ) throws(SQLiteFailure) -> [UInt16] {
        let blob = try SegmentBlob(column: column, segment: segment, connection)
        let count = blob.byteCount / entryBytes
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if try blob.read(UInt64.self, at: middle * 8) < hash { low = middle + 1 } else { high = middle }
        }
        var offsets: [UInt16] = []
        while low < count, try blob.read(UInt64.self, at: low * 8) == hash {
            offsets.append(try blob.read(UInt16.self, at: count * 8 + low * 2))
            low += 1
        }
        return offsets
    }
}

/// A blob of one row of `segments`, read piece by piece.
@safe private struct SegmentBlob: ~Copyable {
    private let handle: OpaquePointer
    private let database: OpaquePointer

    init(column: String, segment: Position, _ connection: Connection) throws(SQLiteFailure) {
        var opened: OpaquePointer?
        let row = Int64(bitPattern: segment.rawValue)
        unsafe database = unsafe connection.handle
        guard unsafe sqlite3_blob_open(database, "main", "segments", column, row, 0, &opened) == SQLITE_OK,
            let opened = unsafe opened
        else {
            throw unsafe SQLiteFailure(of: database)
        }
        unsafe handle = unsafe opened
    }

    deinit { unsafe sqlite3_blob_close(handle) }

    var byteCount: Int { unsafe Int(sqlite3_blob_bytes(handle)) }

    func read<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) throws(SQLiteFailure) -> Value {
        var value = Value.zero
        guard unsafe sqlite3_blob_read(handle, &value, Int32(MemoryLayout<Value>.size), Int32(offset)) == SQLITE_OK
        else {
            throw unsafe SQLiteFailure(of: database)
        }
        return Value(littleEndian: value)
    }
}
