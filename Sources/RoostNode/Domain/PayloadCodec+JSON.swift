import RoostJSON

extension PayloadCodec {
    /// JSON on disk and on the wire.
    package static let json = PayloadCodec(
        makeEncoder: { JSONPayloadEncoder() }, makeDecoder: { JSONPayloadDecoder() })
}
