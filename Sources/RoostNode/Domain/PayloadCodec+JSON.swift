package import RoostCore
import RoostJSON

extension PayloadCodec {
    /// JSON on disk and on the wire, for an application without upcasters.
    package static let json = PayloadCodec.json(.none)

    /// JSON on disk and on the wire, in whatever version it was stored; with keys, personal data is sealed on disk.
    package static func json(_ upcasters: UpcasterChain, keys: (any PersonalKeys)? = nil) -> PayloadCodec {
        PayloadCodec(
            upcasters: upcasters, keys: keys, makeEncoder: { JSONPayloadEncoder() },
            makeDecoder: { JSONPayloadDecoder() })
    }
}
