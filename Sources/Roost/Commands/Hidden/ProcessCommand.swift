import ArgumentParser
import Foundation
import RoostClient
import RoostCluster
import RoostRoles
import RoostWeb

/// One process of a cluster. The supervisor starts it; its standard output is the status channel.
struct ProcessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "_process", shouldDisplay: false)

    @Argument var instance: String

    @Option var directory: String

    @Argument var arguments: [String] = []

    mutating func run() async throws {
        Interruption.restore()
        let process = ProcessRun(
            instance: instance, arguments: arguments, directory: ClusterDirectory(path: directory),
            domain: CommandLineRunner.domain,
            gateway: Self.gateway)
        let code = await process.run()
        if code != 0 { throw ExitCode(code) }
    }

    /// The port that the gateway listens on; any free one unless this says otherwise.
    private static let portVariable = "ROOST_GATEWAY_PORT"

    private static func gateway(_ setting: ProcessSetting) async throws {
        let memory = GatewayPort(directory: setting.directory)
        let wanted = try port()
        do {
            try await gateway(setting, port: wanted == 0 ? memory.last : wanted, memory)
        } catch let error as ClientError where error.code == "portBusy" && wanted == 0 && memory.last != 0 {
            try await gateway(setting, port: 0, memory)
        }
    }

    private static func gateway(_ setting: ProcessSetting, port: Int, _ memory: GatewayPort) async throws {
        let directory = setting.directory
        let configuration = GatewayConfiguration(port: port, token: try directory.token())
        try await ClusterClient.withCluster(
            directory, domain: setting.domain, sending: true, as: setting.name, vault: setting.vault
        ) { client in
            let gateway = Gateway(client: client, configuration: configuration) { try processes(directory) }
            try await gateway.run(
                onReady: { port in
                    memory.keep(port)
                    setting.reporter.update {
                        $0.ready = true
                        $0.endpoints = ["http://127.0.0.1:\(port)"]
                    }
                }, until: { await setting.stop.wait() })
        }
    }

    private static func processes(_ directory: ClusterDirectory) throws -> PsDocument {
        guard let running = try Clusters.running(directory) else {
            throw ClientError(.runState, code: "notRunning", "the supervisor is gone", hint: "roost ps")
        }
        return try PsDocument(running.state, in: directory)
    }

    private static func port() throws -> Int {
        guard let text = ProcessInfo.processInfo.environment[portVariable], !text.isEmpty else { return 0 }
        guard let port = UInt16(text) else {
            throw ClusterError(.topologyInvalid, "\(portVariable) is '\(text)', expected a port from 0 to 65535")
        }
        return Int(port)
    }
}

/// The port the gateway had last: it takes it again when it can, so that an address once copied stays good.
private struct GatewayPort {
    private let path: String

    init(directory: ClusterDirectory) { path = "\(directory.path)/gateway.port" }

    /// 0 when there is none.
    var last: Int {
        guard let data = FileManager.default.contents(atPath: path) else { return 0 }
        return UInt16(String(decoding: data, as: UTF8.self)).map(Int.init) ?? 0
    }

    /// A port that cannot be noted is not worth an error: the next start takes another one.
    func keep(_ port: Int) { _ = FileManager.default.createFile(atPath: path, contents: Data("\(port)".utf8)) }
}
