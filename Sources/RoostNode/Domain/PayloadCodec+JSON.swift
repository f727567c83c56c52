import RoostJSON

extension PayloadCodec {
    /// JSON on disk and on the wire, for an application without upcasters.
    package static let json = PayloadCodec.json(.none)

    /// JSON on disk and on the wire, in whatever version it was stored.
    package static func json(_ upcasters: UpcasterChain) -> PayloadCodec {
        PayloadCodec(
            upcasters: upcasters, makeEncoder: { JSONPayloadEncoder() }, makeDecoder: { JSONPayloadDecoder() })
    }
}
