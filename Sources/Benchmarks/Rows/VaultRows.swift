import Crypto
import Foundation
import RoostCore
import RoostVault

/// Sealing and opening the personal data of an event, two values of it, beside AES-GCM on the same bytes.
enum VaultRows {
    private static let payload = Array(
        """
        {"order":"order/4711","customer":"customer/17850","address":{"name":{"plain":"Northern Rail Freight"},\
        "street":{"plain":"12 Depot Lane"},"country":"United Kingdom"},"lines":[{"number":1,"sku":"85123A","quantity":6}]}
        """.utf8)
    private static let values = [#""Northern Rail Freight""#, #""12 Depot Lane""#].map { Data($0.utf8) }
    private static let event = EventID(bits: 4711)

    static func measure() async throws -> [Row] {
        try await Scratch.with { directory in
            let files = VaultFiles(directory: directory + "/vault")
            try files.prepare()
            let vault = try Vault(files)
            let sealed = try seal(vault)
            let rows = [
                try row("personal data: seal an event", limit: rawSeal) { _ = try seal(vault) },
                try row("personal data: open an event", limit: rawOpen) {
                    _ = try sealed.withUnsafeBytes { try vault.open($0, in: event) }
                },
            ]
            try vault.close()
            return rows
        }
    }

    private static func seal(_ vault: Vault) throws -> [UInt8] {
        try payload.withUnsafeBytes { try vault.seal($0, of: "customer/17850", in: event) } ?? []
    }

    private static func row(
        _ name: String, limit: (SymmetricKey) throws -> () throws -> Void, _ body: () throws -> Void
    ) throws -> Row {
        let raw = try limit(SymmetricKey(size: .bits256))
        var (values, limits): ([Double], [Double]) = ([], [])
        for _ in 0..<Suite.rounds {
            limits.append(try Measure.rate { try raw() })
            values.append(try Measure.rate { try body() })
        }
        return Row(name, unit: "events/s", values, limit: limits, of: "AES-GCM alone", target: nil)
    }

    private static func rawSeal(_ key: SymmetricKey) -> () throws -> Void {
        { for value in values { _ = try AES.GCM.seal(value, using: key) } }
    }

    private static func rawOpen(_ key: SymmetricKey) throws -> () throws -> Void {
        let boxes = try values.map { try AES.GCM.seal($0, using: key) }
        return { for box in boxes { _ = try AES.GCM.open(box, using: key) } }
    }
}
