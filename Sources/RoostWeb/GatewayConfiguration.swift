/// How the gateway listens and whom it lets write.
package struct GatewayConfiguration: Sendable {
    /// 0 lets the system choose.
    package var port: Int
    /// What a writer must present as `Authorization: Bearer …`.
    package var token: String
    /// A body may be this long: the largest data of a command, and room for the rest.
    package var bodyBytesMax = (1 << 20) + (1 << 16)

    package init(port: Int, token: String) {
        self.port = port
        self.token = token
    }
}
