/// A fault as somebody asks for it: the same in a topology's `faults`, in a step of a drill and in `roost fault add`.
package struct FaultSpec: Hashable, Sendable {
    package var kind: FaultKind
    /// Whose: an instance such as `orders-0`, or a process such as `orders` for all its instances. nil for messages.
    package var process: String?
    /// Who sends the messages; nil for everybody.
    package var from: String?
    /// Who is to get the messages; nil for everybody.
    package var to: String?
    /// nil for both.
    package var link: FaultLink?
    /// How many of a million messages, or syncs.
    package var ratePerMillion = FaultSpec.always
    /// How many messages of each connection, for `drop-first`.
    package var count = 0
    /// How late, for `delay` and `slow-disk`.
    package var delay = Duration.zero
    /// How much later at most, drawn anew each time.
    package var jitter = Duration.zero
    /// Whether the way back is cut, too.
    package var isBothWays = false
    /// How far ahead the clock is; negative for behind.
    package var clockOffset = Duration.zero
    /// What chance is drawn from.
    package var seed: UInt64 = 1

    /// The rate of what happens every time.
    package static let always = 1_000_000
    /// Who is no process of the topology: commands that people type.
    package static let commandLine = "command-line"

    package init(_ kind: FaultKind, process: String? = nil, from: String? = nil, to: String? = nil) {
        self.kind = kind
        self.process = process
        self.from = from
        self.to = to
    }

    /// Its words, without `kind` and without what is standard; reading them gives the same fault.
    package var fields: [(name: String, text: String)] {
        let all: [(name: String, text: String?)] = [
            ("process", process), ("from", from), ("to", to), ("link", link?.rawValue),
            ("rate", ratePerMillion == Self.always ? nil : FaultText.rate(ratePerMillion)),
            ("count", kind == .dropFirst ? String(count) : nil),
            ("by", delay == .zero ? nil : DurationText.text(delay)),
            ("jitter", jitter == .zero ? nil : DurationText.text(jitter)),
            ("both", isBothWays ? "true" : nil),
            ("offset", kind == .clockOffset ? FaultText.offset(clockOffset) : nil),
            ("seed", seed == 1 ? nil : String(seed)),
        ]
        return all.compactMap { field in field.text.map { (field.name, $0) } }
    }

    /// As a person reads it: `drop from orders to dashboard rate 50%`.
    package var text: String {
        ([kind.rawValue] + fields.map { $0.name == "both" ? "both ways" : "\($0.name) \($0.text)" })
            .joined(separator: " ")
    }

    /// As it is typed: `roost fault add drop --from orders --to dashboard --rate 50%`.
    package var command: String {
        let options = fields.map {
            $0.name == "both" ? "--both" : "--\($0.name)\($0.text.hasPrefix("-") ? "=" : " ")\($0.text)"
        }
        return (["roost fault add \(kind.rawValue)"] + options).joined(separator: " ")
    }

    /// Whether `name` means this instance: by its own name, or by that of its process.
    package static func name(_ name: String?, means instance: String, of process: String?) -> Bool {
        name == nil || name == instance || name == process
    }
}

extension FaultSpec: Codable {
    /// An object of texts, as in a topology: `{"kind":"drop","from":"orders","rate":"50%"}`.
    package func encode(to encoder: any Encoder) throws {
        var values = fields.reduce(into: [String: String]()) { $0[$1.name] = $1.text }
        values["kind"] = kind.rawValue
        try values.encode(to: encoder)
    }

    package init(from decoder: any Decoder) throws {
        let values = try [String: String](from: decoder)
        do throws(TopologyError) {
            self = try FaultSpec.parse(values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        } catch {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: error.description))
        }
    }
}
