/// Dictionaries and sets have another order in every process. Their members are sorted by their bytes, so that equal
/// values have equal bytes.
extension EncodingState {
    @inline(never)
    mutating func sortMembers(of container: OpenContainer) {
        var members = memberRanges(from: container.start)
        if container.ordering == .byPair { members = Self.paired(members) }
        guard members.count > 1 else { return }
        let bytes = output.bytes
        members.sort { bytes[$0].lexicographicallyPrecedes(bytes[$1]) }
        var sorted: [UInt8] = []
        sorted.reserveCapacity(bytes.count - container.start)
        for member in members {
            if !sorted.isEmpty { sorted.append(UInt8(ascii: ",")) }
            sorted.append(contentsOf: bytes[member])
        }
        output.replace(from: container.start, with: sorted)
    }

    /// The members between the commas of one level.
    private func memberRanges(from start: Int) -> [Range<Int>] {
        let bytes = output.bytes
        guard start < bytes.count else { return [] }
        var ranges: [Range<Int>] = []
        var memberStart = start
        var nesting = 0
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): index = Self.endOfString(bytes, from: index)
            case UInt8(ascii: "{"), UInt8(ascii: "["): nesting += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): nesting -= 1
            case UInt8(ascii: ",") where nesting == 0:
                ranges.append(memberStart..<index)
                memberStart = index + 1
            default: break
            }
            index += 1
        }
        ranges.append(memberStart..<bytes.count)
        return ranges
    }

    /// The closing quotation mark of the string that opens at `start`.
    private static func endOfString(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start + 1
        while bytes[index] != UInt8(ascii: "\"") { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
        return index
    }

    /// A dictionary whose keys are no strings is an array of keys and values in turn.
    private static func paired(_ members: [Range<Int>]) -> [Range<Int>] {
        stride(from: 0, to: members.count - 1, by: 2).map { members[$0].lowerBound..<members[$0 + 1].upperBound }
    }
}
